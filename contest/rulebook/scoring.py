"""Marks against a score sheet, and what each outcome of a screening does to a film's result.

A mark is an exact number; nothing in a verdict passes through a binary float. Means, sums and
weights are `Fraction`s, and are rounded only where the rules publish them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import Criterion, RoundRules
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import ScreeningStage

Mark = int | Fraction
"""A juror's mark on one criterion: whole on a score sheet, any exact number in outside data."""

Weights = Mapping[str, Mark]
"""How much each criterion weighs, by its key; only their proportions matter to a mean."""

LONGEST_EXACT = 6
"""Decimals shown of a number that the rules publish without rounding."""


@dataclass(frozen=True)
class Effect:
    """What a screening counts towards."""

    mean: bool
    """Its marks, if any, are part of the film's score."""
    quorum: bool
    """It is one of the scores the film needs to be ranked."""
    load: bool
    """It fills one of the film's places and is part of the juror's load."""
    owed: bool
    """The juror still has to act on it."""


EFFECTS: Mapping[ScreeningStage, Effect] = {
    # dealt, nothing said yet; when the round closes, a no-show
    ScreeningStage.WAITING: Effect(mean=False, quorum=False, load=True, owed=True),
    # put off: it comes back at the end of the juror's queue
    ScreeningStage.SKIPPED: Effect(mean=False, quorum=False, load=True, owed=True),
    # marked on a signed ballot
    ScreeningStage.SCORED: Effect(mean=True, quorum=True, load=True, owed=False),
    # seen, and deliberately not marked
    ScreeningStage.ABSTAINED: Effect(mean=False, quorum=False, load=True, owed=False),
    # stepped aside for a conflict: as if never dealt, so the film may be dealt to another
    ScreeningStage.RECUSED: Effect(mean=False, quorum=False, load=False, owed=False),
}


@dataclass(frozen=True)
class ScoreSheet:
    """The criteria of a round, and the lowest and highest whole mark a juror may give."""

    weights: Weights
    lowest: int
    highest: int

    @classmethod
    def of(cls, judged: RoundRules) -> ScoreSheet:
        """The sheet that a round's rules describe."""
        return cls(weights_of(judged.criteria), judged.scale_min, judged.scale_max)


def weights_of(criteria: Iterable[Criterion]) -> dict[str, Mark]:
    """The weight of each criterion, by its key."""
    return {criterion.key: criterion.weight for criterion in criteria}


def check_marks(marks: Mapping[str, int], sheet: ScoreSheet, complete: bool) -> list[Finding]:
    """What keeps `marks` from standing on `sheet`; an empty list when nothing does.

    A sheet that is being filled in may lack marks; one to be signed (`complete`) may not.
    Findings are about a criterion's key, in the order of the sheet.
    """
    findings = [_unknown(key) for key in sorted(marks.keys() - sheet.weights.keys())]
    for key in sheet.weights:
        if key in marks:
            if not sheet.lowest <= marks[key] <= sheet.highest:
                findings.append(_off_scale(key, marks[key], sheet))
        elif complete:
            findings.append(_missing(key, sheet))
    return findings


def weighted_total(marks: Mapping[str, Mark], weights: Weights) -> Fraction:
    """One ballot's weighted mean over the criteria it marks, on the scale of the marks, exact.

    Raises ValueError when it marks none of them: no number would be honest.
    """
    marked = [key for key in weights if key in marks]
    heaviness = sum((Fraction(weights[key]) for key in marked), Fraction(0))
    if not heaviness:
        raise ValueError("a ballot without a mark on a weighted criterion has no total")
    return sum((weights[key] * Fraction(marks[key]) for key in marked), Fraction(0)) / heaviness


def published(value: Fraction, decimals: int | None) -> Fraction:
    """`value` as the rules publish it: halves rounded up; untouched when `decimals` is None."""
    if decimals is None:
        return value
    unit = 10**decimals
    return Fraction(floor(value * unit + Fraction(1, 2)), unit)


def shown(value: Fraction, decimals: int | None) -> str:
    """`value` in digits: all published decimals, or up to six where the rules don't round."""
    if decimals is not None:
        return _digits(value, decimals)
    return _digits(value, LONGEST_EXACT).rstrip("0").rstrip(".")


def _digits(value: Fraction, decimals: int) -> str:
    units = int(published(value, decimals) * 10**decimals)
    whole, rest = divmod(abs(units), 10**decimals)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"


def _unknown(key: str) -> Finding:
    return Finding(
        code="marks.unknown_criterion",
        about=key,
        severity=Severity.BLOCK,
        advice=Sentence("This round has no criterion called %(criterion)s.", criterion=key),
    )


def _off_scale(key: str, mark: int, sheet: ScoreSheet) -> Finding:
    return Finding(
        code="marks.off_scale",
        about=key,
        severity=Severity.BLOCK,
        measured=Sentence("%(mark)s", mark=mark),
        allowed=_scale(sheet),
        advice=Sentence(
            "Choose a mark from %(lowest)s to %(highest)s.",
            lowest=sheet.lowest,
            highest=sheet.highest,
        ),
    )


def _missing(key: str, sheet: ScoreSheet) -> Finding:
    return Finding(
        code="marks.missing",
        about=key,
        severity=Severity.BLOCK,
        allowed=_scale(sheet),
        advice=Sentence("Mark every criterion before you sign, or abstain from this film."),
    )


def _scale(sheet: ScoreSheet) -> Sentence:
    return Sentence("%(lowest)s to %(highest)s", lowest=sheet.lowest, highest=sheet.highest)
