"""Who gives the same mark to all, or nearly all, films?

A juror whose severity is taken out might as well have given, on each film, the mark of anybody on
its panel: how often would those marks lie so close together?
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.audit.chance import Asked, Candidate, Found, judged
from contest.rulebook.statistics.audit.model import Model
from contest.rulebook.statistics.audit.sheets import Picking, Sheets

FEWEST = 5
SAME = 0.8
"""A share of films with one and the same score that is worth speaking of."""
CLOSE = 0.2
"""Scores that lie so much closer together than the jury's are worth speaking of, too."""


@dataclass(frozen=True)
class Line:
    """How flat a juror's scores lie.

    `usual` is the score they give most often, to `times` films; `spread` is the mean distance of
    their scores from their median, in points.
    """

    usual: float
    times: int
    spread: float


def lines(sheets: Sheets) -> list[Line]:
    """One for each juror."""
    found = []
    for judge in range(len(sheets.scores.judges)):
        given = sheets.scores.value[sheets.panel.ballots(judge)]
        values, times = np.unique(given, return_counts=True)
        most = int(times.argmax())
        found.append(Line(float(values[most]), int(times[most]), float(_spread(given[None])[0])))
    return found


def tested(sheets: Sheets) -> int:
    """How many jurors have ballots enough."""
    return int((sheets.scores.per_judge >= FEWEST).sum())


def ask(sheets: Sheets, model: Model, drawn: list[Line], asked: Asked) -> Found:
    """The statistic is the spread; the less, the flatter."""
    scores = sheets.scores
    fair = scores.value - model.severity[scores.judge]
    usual = float(_spread(fair[None])[0])
    candidates = []
    for judge, line in enumerate(drawn):
        ballots = sheets.panel.ballots(judge)
        flat = line.times >= SAME * len(ballots) or line.spread <= CLOSE * usual
        if flat and len(ballots) >= FEWEST:
            pick = sheets.panel.picking(ballots)

            def deal(count: int, chance: np.random.Generator, pick: Picking = pick) -> Floats:
                return -_spread(fair[pick(count, chance)])

            candidates.append(Candidate(judge, -line.spread, len(ballots), deal))
    return judged(candidates, len(drawn), asked, sheets.judge_twins)


def _spread(given: Floats) -> Floats:
    """The mean distance from the median of each row: (rows, scores) -> (rows)."""
    middle = np.median(given, axis=1, keepdims=True)
    return np.asarray(np.abs(given - middle).mean(1))
