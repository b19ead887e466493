"""Who marks all criteria alike, as if one impression had decided them all?

For each juror, the correlation between criteria over their films, once their severity on each
criterion is taken out. Whole ballots may be dealt anew among those who judged a film: where a film
is good or bad in everything, everybody's marks are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Flags, Floats, summed
from contest.rulebook.statistics.audit.chance import Asked, Candidate, Found, judged
from contest.rulebook.statistics.audit.sheets import Picking, Sheets

FEWEST = 6
MATTERS = 0.5
"""What the others' criteria lack to agreeing entirely, times this: worth speaking of if less."""


@dataclass(frozen=True)
class Likeness:
    """Sums over a ballot (n) and over a juror's ballots (judges).

    `pair` is the mean product of two criteria, `alone` the mean square of one, both of marks less
    the juror's mean on that criterion and in units of its spread; their ratio, summed, is the mean
    correlation `own` of a juror's criteria, and `others` that of all others' (NaN where unknown).
    """

    pair: Floats
    alone: Floats
    own: Floats
    others: Floats
    enough: Flags

    @property
    def tested(self) -> int:
        """How many jurors have enough ballots, and criteria that differ."""
        return int(self.enough.sum())

    @property
    def beyond(self) -> Floats:
        """How much more alike a juror's criteria are than the others' (judges), -2 to 2."""
        return self.own - self.others


def likeness(sheets: Sheets) -> Likeness | None:
    """How alike criteria are marked; None where ballots have only one."""
    if sheets.marks.shape[1] < 2:
        return None
    off = _off(sheets)
    known = ~np.isnan(off)
    number = known.sum(1)
    filled = np.where(known, off, 0.0)
    squares = (filled**2).sum(1)
    several = number > 1
    ways = np.where(several, number * (number - 1), 1)
    pair = np.where(several, filled.sum(1) ** 2 - squares, 0.0) / ways
    alone = np.where(several, squares / np.maximum(number, 1), 0.0)
    judge, judges = sheets.scores.judge, len(sheets.scores.judges)
    together, apart = summed(pair, judge, judges), summed(alone, judge, judges)
    counted = summed(several.astype(np.float64), judge, judges)
    return Likeness(
        pair=pair,
        alone=alone,
        own=_ratio(together, apart),
        others=_ratio(together.sum() - together, apart.sum() - apart),
        enough=(counted >= FEWEST) & (apart > 0),
    )


def ask(sheets: Sheets, likeness: Likeness, asked: Asked) -> Found:
    """The statistic is the juror's own correlation."""
    alike = (1 - likeness.own) <= MATTERS * (1 - likeness.others)
    candidates = []
    for judge in np.flatnonzero(likeness.enough & alike).tolist():
        ballots = sheets.panel.ballots(judge)
        pick = sheets.panel.picking(ballots)

        def deal(count: int, chance: np.random.Generator, pick: Picking = pick) -> Floats:
            dealt = pick(count, chance)
            return _ratio(likeness.pair[dealt].sum(1), likeness.alone[dealt].sum(1))

        candidates.append(Candidate(judge, float(likeness.own[judge]), len(ballots), deal))
    return judged(candidates, len(likeness.own), asked, sheets.judge_twins)


def _off(sheets: Sheets) -> Floats:
    """Marks less the juror's mean on the criterion, in units of the criterion's spread."""
    judge, judges = sheets.scores.judge, len(sheets.scores.judges)
    columns = []
    for marks in sheets.marks.T:
        known = ~np.isnan(marks)
        number = np.maximum(np.bincount(judge, known, judges), 1)
        mean = summed(np.where(known, marks, 0.0), judge, judges) / number
        off = marks - mean[judge]
        width = float(np.sqrt(np.nanmean(off**2))) if known.any() else 0.0
        columns.append(off / width if width > 0 else off)
    return np.column_stack(columns)


def _ratio(part: Floats, whole: Floats) -> Floats:
    found = np.full(len(whole), np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found
