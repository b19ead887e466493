"""Whose marks rise or fall as they go on, beyond the films' own worth?

What film and juror leave of a juror's marks may be dealt anew among the places in their order: had
the order nothing to say, any other would do as well. Where all see the films in one and the same
order, a drift of all can't be told from the films' worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.audit.chance import Asked, Candidate, Found, judged
from contest.rulebook.statistics.audit.model import Model
from contest.rulebook.statistics.audit.sheets import Sheets
from contest.rulebook.statistics.scores import Scores

FEWEST = 6


@dataclass(frozen=True)
class Drift:
    """How marks rise or fall with their place, beyond the films' own worth (judges).

    `rise` is what a juror's last film got more than their first would have, `se` its standard
    error, in points; `number` the ballots whose place is known.
    """

    rise: Floats
    se: Floats
    number: Whole
    off: Floats
    """Each ballot's place less the mean of its juror's (n), NaN where it isn't known."""


def drift(scores: Scores, model: Model, place: Floats) -> Drift:
    """The slope of what film and juror leave of each mark on its place (n, NaN where unknown)."""
    judge, judges = scores.judge, len(scores.judges)
    known = ~np.isnan(place)
    number = np.bincount(judge, known, judges).astype(np.int64)
    at = np.where(known, place, 0.0)
    mean = summed(at, judge, judges) / np.maximum(number, 1)
    off = np.where(known, at - mean[judge], 0.0)
    told = summed(off**2 * model.freedom, judge, judges)
    slope, se = np.full(judges, np.nan), np.full(judges, np.nan)
    np.divide(summed(off * model.left, judge, judges), told, out=slope, where=told > 0)
    np.divide(model.fit.variance.residual, told, out=se, where=told > 0)
    steps = number - 1
    return Drift(slope * steps, np.sqrt(se) * steps, number, np.where(known, off, np.nan))


def tested(found: Drift) -> int:
    """How many jurors have marks enough with a place."""
    return int(((found.number >= FEWEST) & (found.se > 0)).sum())


def ask(sheets: Sheets, model: Model, found: Drift, asked: Asked) -> Found:
    """The statistic is the slope's size, up or down."""
    enough = (found.number >= FEWEST) & (found.se > 0)
    candidates = []
    for judge in np.flatnonzero(enough).tolist():
        ballots = sheets.panel.ballots(judge)
        ballots = ballots[~np.isnan(found.off[ballots])]
        off, left = found.off[ballots], model.strange[ballots]
        observed = abs(float(off @ left))

        def deal(
            count: int, chance: np.random.Generator, off: Floats = off, left: Floats = left
        ) -> Floats:
            dealt = chance.permuted(np.broadcast_to(left, (count, len(left))), axis=1)
            return np.asarray(np.abs(dealt @ off))

        candidates.append(Candidate(judge, observed, len(ballots), deal))
    return judged(candidates, len(enough), asked, sheets.judge_twins)
