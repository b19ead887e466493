"""Whose marks are less steady than those of the others on the same films?

Once film and juror are taken out, what is left may be dealt anew among those who judged a film:
a film on which all disagree excuses each of them. A panel of two can't tell which of them it was.
"""

from __future__ import annotations

import numpy as np

from contest.rulebook.statistics.arrays import Floats, summed
from contest.rulebook.statistics.audit.chance import Asked, Candidate, Found, judged
from contest.rulebook.statistics.audit.model import Model
from contest.rulebook.statistics.audit.sheets import Sheets

SMALLEST_PANEL = 3
FEWEST = 5
"""Ballots without which nobody is asked."""
MATTERS = 1.4
"""Noise so many times that of the others is worth speaking of."""


def tested(sheets: Sheets) -> int:
    """How many jurors have ballots enough on films that others judged too."""
    return int((_counts(sheets) >= FEWEST).sum())


def against_others(sheets: Sheets, model: Model) -> Floats:
    """How many times the others' a juror's strangeness is (judges); NaN where there is none."""
    scores = sheets.scores
    squares = summed(model.strange**2, scores.judge, len(scores.judges))
    others = (squares.sum() - squares) / np.maximum(len(scores.value) - scores.per_judge, 1)
    found = np.full(len(squares), np.nan)
    np.divide(squares / scores.per_judge, others, out=found, where=others > 0)
    return np.asarray(np.sqrt(found))


def ask(sheets: Sheets, model: Model, asked: Asked) -> Found:
    """The statistic is the sum of the absolute strangeness: a single strange mark is no unrest."""
    size = np.abs(model.strange)
    enough = _counts(sheets) >= FEWEST
    loud = enough & (against_others(sheets, model) >= MATTERS)
    candidates = []
    for judge in np.flatnonzero(loud).tolist():
        ballots = sheets.panel.ballots(judge)
        ballots = ballots[sheets.panel.size[ballots] >= SMALLEST_PANEL]
        deal = sheets.panel.deal(ballots, size)
        candidates.append(Candidate(judge, float(size[ballots].sum()), len(ballots), deal))
    return judged(candidates, len(enough), asked, sheets.judge_twins)


def _counts(sheets: Sheets) -> Floats:
    wide = (sheets.panel.size >= SMALLEST_PANEL).astype(np.float64)
    return summed(wide, sheets.scores.judge, len(sheets.scores.judges))
