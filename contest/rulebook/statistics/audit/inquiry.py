"""All questions put to one jury: what is measured first, then what of it chance can't explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.audit import copies, drift, flat, halo, noise, own, repeats
from contest.rulebook.statistics.audit import severity as severities
from contest.rulebook.statistics.audit.chance import FALSE, Asked, Found
from contest.rulebook.statistics.audit.copies import Copies
from contest.rulebook.statistics.audit.drift import Drift
from contest.rulebook.statistics.audit.flat import Line
from contest.rulebook.statistics.audit.halo import Likeness
from contest.rulebook.statistics.audit.model import Model, fitted
from contest.rulebook.statistics.audit.own import Bonus
from contest.rulebook.statistics.audit.repeats import Repeats
from contest.rulebook.statistics.audit.results import Test
from contest.rulebook.statistics.audit.severity import Distance
from contest.rulebook.statistics.audit.sheets import Sheets

SHARES = {
    "noise": 2,
    "flat": 1,
    "halo": 2,
    "copies": 1,
    "repeats": 1,
    "drift": 4,
    "own": 6,
    "severity": 2,
}
"""How the questions share the flags that may be false: more for those whose traces are faint."""
QUESTIONS = tuple(SHARES)

EXACT = ("copies", "severity")
"""Questions whose chances are reckoned, not dealt."""


@dataclass(frozen=True)
class Evidence:
    """What was measured; None where it can't be, or wasn't asked for."""

    sheets: Sheets
    model: Model | None
    lines: list[Line]
    likeness: Likeness | None
    near: list[tuple[int, int]]
    pairs: int
    repeated: list[Repeats | None]
    drift: Drift | None
    bonus: Bonus | None
    distance: Distance | None


@dataclass(frozen=True)
class Answers:
    """What was found for each question that could be asked, and how it was tested."""

    found: Mapping[str, Found]
    copies: Copies
    tests: tuple[Test, ...]


def gathered(sheets: Sheets) -> Evidence:
    """Everything measured, nothing judged."""
    model = fitted(sheets.scores)
    near, pairs = copies.count(sheets) if model else ([], 0)
    enough = model is not None and len(sheets.scores.judges) >= severities.FEWEST
    return Evidence(
        sheets=sheets,
        model=model,
        lines=flat.lines(sheets),
        likeness=halo.likeness(sheets),
        near=near,
        pairs=pairs,
        repeated=[] if sheets.place is None else repeats.repeats(sheets, sheets.place),
        drift=_drift(sheets, model),
        bonus=None if sheets.own is None else own.bonuses(sheets, sheets.own),
        distance=severities.distances(model) if model and enough else None,
    )


def _drift(sheets: Sheets, model: Model | None) -> Drift | None:
    if model is None or sheets.place is None:
        return None
    return drift.drift(sheets.scores, model, sheets.place)


def answered(evidence: Evidence, seed: int) -> Answers:
    """The questions that can be asked share the false flags that an audit may raise.

    So each question's flags are false at most to its share, and a jury in which nothing is odd is
    left in peace, by all questions together, at least 9 times out of 10.
    """
    tested = {key: number for key, number in _tested(evidence).items() if number}
    shares = sum(SHARES[key] for key in tested)
    asked = {
        key: Asked(number, FALSE * SHARES[key] / shares, (seed, QUESTIONS.index(key)))
        for key, number in tested.items()
    }
    found = {key: ask(asked[key]) for key, ask in _asking(evidence).items() if key in asked}
    pairs = Copies((), 0)
    if "copies" in asked:
        pairs = copies.ask(evidence.sheets, asked["copies"], evidence.near)
    tests = tuple(
        Test(key, each.tested, 0 if key in EXACT else each.most, each.level)
        for key, each in asked.items()
    )
    return Answers(found, pairs, tests)


def _tested(evidence: Evidence) -> dict[str, int]:
    """How many jurors or pairs each question is about."""
    numbers = dict.fromkeys(QUESTIONS, 0)
    numbers["repeats"] = repeats.tested(evidence.repeated)
    if evidence.model is None:
        return numbers
    numbers["noise"] = noise.tested(evidence.sheets)
    numbers["flat"] = flat.tested(evidence.sheets)
    numbers["copies"] = evidence.pairs
    if evidence.likeness:
        numbers["halo"] = evidence.likeness.tested
    if evidence.drift:
        numbers["drift"] = drift.tested(evidence.drift)
    if evidence.bonus:
        numbers["own"] = int(evidence.bonus.enough.sum())
    if evidence.distance:
        numbers["severity"] = len(evidence.lines)
    return numbers


def _asking(evidence: Evidence) -> dict[str, Callable[[Asked], Found]]:
    """How each question is asked, of those that can be."""
    sheets, model = evidence.sheets, evidence.model
    ways: dict[str, Callable[[Asked], Found]] = {
        "repeats": lambda asked: repeats.ask(sheets, evidence.repeated, asked)
    }
    if model is None:
        return ways
    ways["noise"] = lambda asked: noise.ask(sheets, model, asked)
    ways["flat"] = lambda asked: flat.ask(sheets, model, evidence.lines, asked)
    if likeness := evidence.likeness:
        ways["halo"] = lambda asked: halo.ask(sheets, likeness, asked)
    if drifted := evidence.drift:
        ways["drift"] = lambda asked: drift.ask(sheets, model, drifted, asked)
    if (bonus := evidence.bonus) and (shared := sheets.own) is not None:
        ways["own"] = lambda asked: own.ask(sheets, shared, bonus, asked)
    if distance := evidence.distance:
        ways["severity"] = lambda asked: severities.ask(distance, asked)
    return ways


def excused(answers: Answers) -> set[int]:
    """Jurors whose marks are flat: that explains what else is odd in them."""
    if "flat" not in answers.found:
        return set()
    return set(np.flatnonzero(answers.found["flat"].flagged).tolist())
