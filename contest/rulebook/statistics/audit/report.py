"""An audit of a jury: each juror in numbers, and what is worth talking about. It changes nothing.

The same marks, facts and seed give the same audit whatever anybody is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.audit import flags, own, without
from contest.rulebook.statistics.audit.inquiry import Answers, Evidence, answered, gathered
from contest.rulebook.statistics.audit.results import Audit, Effect, Flag, Judge, Own
from contest.rulebook.statistics.audit.sheets import Facts, Sheets
from contest.rulebook.statistics.audit.without import Without
from contest.rulebook.statistics.common import of_gaps, of_parts
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.results import SEED

LARGEST = 3000
"""Films or jurors, whichever are fewer, beyond which the models' equations take minutes."""


@dataclass(frozen=True)
class _Told:
    """All that a juror's line is made of, one for each juror (index)."""

    evidence: Evidence
    numbers: Mapping[str, Floats]
    flags: Sequence[Sequence[Flag]]
    whole: Without
    without: Sequence[Without]


def audit(
    marks: Marks,
    weights: Mapping[str, float],
    facts: Facts | None = None,
    *,
    top: int = 1,
    seed: int = SEED,
    lower_wins: bool = False,
) -> Audit:
    """Put all questions to the jury that gave these marks, one at least on a criterion of weight.

    `top` films reach the cut; `facts` that are given ask for favouring and for drift. Raises
    ValueError for a mark that is no number, and for a jury too large.
    """
    sheets = Sheets.of(marks, weights, facts or Facts(), lower_wins)
    if min(len(sheets.scores.items), len(sheets.scores.judges)) > LARGEST:
        raise ValueError(
            f"{len(sheets.scores.items)} films by {len(sheets.scores.judges)} jurors are more than"
            f" an audit can hold, which is {LARGEST} of either; audit a part of the jury"
        )
    evidence = gathered(sheets)
    answers = answered(evidence, seed)
    whole, each = _without(evidence, top)
    told = _Told(
        evidence, _numbers(evidence, answers), flags.of_judges(evidence, answers), whole, each
    )
    found = [_judge(told, at) for at in range(len(sheets.scores.judges))]
    return Audit(
        judges=sorted(found, key=lambda judge: judge.judge),
        pairs=flags.of_pairs(evidence, answers),
        favouritism=_favouritism(sheets),
        drift=_drift(sheets),
        first=_named(sheets, whole.first),
        top=_named(sheets, whole.top),
        tests=answers.tests,
        warnings=[*_warnings(evidence), *of_gaps(marks), *of_parts(sheets.scores)],
    )


def _without(evidence: Evidence, top: int) -> tuple[Without, Sequence[Without]]:
    if evidence.model is None:
        return Without((), ()), [Without((), ())] * len(evidence.lines)
    return without.each(evidence.model.fit, top)


def _numbers(evidence: Evidence, answers: Answers) -> dict[str, Floats]:
    """What is told of each juror as a number (judges), NaN where it isn't known."""
    model, alike, drift, bonus = (
        evidence.model,
        evidence.likeness,
        evidence.drift,
        evidence.bonus,
    )
    unknown = np.full(len(evidence.lines), nan)
    own_p = drift_p = unknown
    if "own" in answers.found and bonus:
        own_p = np.where(bonus.enough, answers.found["own"].p, nan)
    if "drift" in answers.found and drift:
        drift_p = np.where(np.isnan(drift.rise), nan, answers.found["drift"].p)
    return {
        "severity": model.severity if model else unknown,
        "se": model.severity_se if model else unknown,
        "scale": model.scale if model else unknown,
        "noise": model.noise if model else unknown,
        "infit": model.infit if model else unknown,
        "outfit": model.outfit if model else unknown,
        "halo": alike.beyond if alike else unknown,
        "drift": drift.rise if drift else unknown,
        "drift_p": drift_p,
        "own_p": own_p,
    }


def _judge(told: _Told, at: int) -> Judge:
    sheets, bonus, alone = told.evidence.sheets, told.evidence.bonus, told.without[at]
    numbers = {key: float(values[at]) for key, values in told.numbers.items()}
    own_p = numbers.pop("own_p")
    own_films = None
    if bonus:
        estimate, se = float(bonus.estimate[at]), float(bonus.se[at])
        own_films = Own(estimate, se, own_p, int(bonus.number[at]))
    return Judge(
        judge=sheets.scores.judges[at],
        number=int(sheets.scores.per_judge[at]),
        **numbers,
        own=own_films,
        first=_named(sheets, alone.first),
        top=_named(sheets, alone.top),
        changes_winner=alone.first != told.whole.first,
        changes_top=alone.top != told.whole.top,
        flags=tuple(told.flags[at]),
    )


def _named(sheets: Sheets, films: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(sorted(sheets.scores.items[film] for film in films))


def _favouritism(sheets: Sheets) -> Effect | None:
    if sheets.own is None:
        return None
    return _effect(sheets, sheets.own.astype(np.float64), int(sheets.own.sum()))


def _drift(sheets: Sheets) -> Effect | None:
    """Points for each film further on in a juror's order, over the ballots whose place is known."""
    if sheets.place is None:
        return None
    known = ~np.isnan(sheets.place)
    if not known.any():
        return Effect(None, None, 0)
    middle = float(sheets.place[known].mean())
    return _effect(sheets, np.where(known, sheets.place, middle), int(known.sum()))


def _effect(sheets: Sheets, covariate: Floats, number: int) -> Effect:
    scores = sheets.scores
    return Effect(
        own.overall_mixed(scores, covariate), own.overall_fixed(scores, covariate), number
    )


def _warnings(evidence: Evidence) -> list[Sentence]:
    """What could not be asked, and why."""
    sheets, found = evidence.sheets, []
    if evidence.model is None:
        found.append(
            Sentence(
                "No film has two scores, or all scores are equal: there is nothing to compare"
                " jurors by. Let each film be judged by several."
            )
        )
    if sheets.own is not None and not sheets.own.any():
        found.append(
            Sentence("No juror judged a film of their own: favouring can't be asked about.")
        )
    if sheets.place is not None and np.isnan(sheets.place).all():
        found.append(Sentence("No score says when it was given: drift can't be asked about."))
    return found
