"""What every method's result has in common: judges, parts of the jury, warnings."""

from __future__ import annotations

import numpy as np

from contest.rulebook.scoring import shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.places import exact
from contest.rulebook.statistics.posterior import Posterior
from contest.rulebook.statistics.results import Judge
from contest.rulebook.statistics.scores import Scores

ENOUGH_TO_BE_FLAT = 3
"""Scores after which one mark for all is worth a word."""
FAR = 2.0
"""Standard errors, and standard deviations of the jury, from the mean judge that are worth one."""


def figure(value: float, decimals: int | None) -> str:
    """A number in a sentence: as published, or with two decimals."""
    return shown(exact(value), 2 if decimals is None else decimals)


def judges_of(posterior: Posterior) -> list[Judge]:
    """Every judge whose scores count, in the order of their names."""
    scores = posterior.scores
    lowest = np.full(len(scores.judges), np.inf)
    highest = -lowest
    np.minimum.at(lowest, scores.judge, scores.value)
    np.maximum.at(highest, scores.judge, scores.value)
    flat = (lowest == highest) & (scores.per_judge >= ENOUGH_TO_BE_FLAT)
    spread = posterior.variance.judge**0.5
    found = []
    for at, name in enumerate(scores.judges):
        severity, se = float(posterior.severity[at]), float(posterior.severity_se[at])
        flags = [*_flat(bool(flat[at]), float(lowest[at])), *_far(severity, se, spread)]
        scale = float(posterior.scale[at])
        found.append(Judge(name, severity, se, scale, int(scores.per_judge[at]), tuple(flags)))
    return sorted(found, key=lambda judge: judge.judge)


def _flat(flat: bool, mark: float) -> list[Sentence]:
    if not flat:
        return []
    return [Sentence("Gave every film the same: %(mark)s.", mark=shown(exact(mark), None))]


def _far(severity: float, se: float, spread: float) -> list[Sentence]:
    if not abs(severity) > FAR * max(se, spread):
        return []
    points = figure(abs(severity), None)
    if severity > 0:
        return [Sentence("Milder than most, by %(points)s points.", points=points)]
    return [Sentence("Stricter than most, by %(points)s points.", points=points)]


def of_parts(scores: Scores) -> list[Sentence]:
    """A warning where no juror connects some of the items with the others."""
    parts = int(scores.parts.max()) + 1
    if parts == 1:
        return []
    return [
        Sentence(
            "No juror connects %(parts)s parts of the jury, so their films can't be compared: each"
            " part is ranked by itself. Let some jurors score films of several parts.",
            parts=parts,
        )
    ]


def of_gaps(marks: Marks) -> list[Sentence]:
    """A warning where ballots lack marks on some criteria."""
    ballots = len(marks.ballots[0])
    lacking = ballots * len(marks.criteria) - len(marks.value)
    if lacking <= 0:
        return []
    return [
        Sentence(
            "Marks missing on ballots that have others: %(lacking)s. Such a ballot counts with the"
            " criteria it has.",
            lacking=lacking,
        )
    ]
