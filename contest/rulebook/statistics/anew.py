"""Chances of a rule that only adds and divides: its jurors are weighed anew, again and again.

The Bayesian bootstrap (Rubin 1981) over jurors, not over marks: a juror who is milder stays so in
everything they marked. Marks that the rule clips or leaves out are clipped or left out each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.ranking import Method, RankingRule
from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.chances import Draw
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.scores import Scores

LATER_ROUND = 1e9
"""More than any score: what a film gains by reaching a later round."""
LEAST_SHAPE = 0.2


@dataclass(frozen=True)
class _Cells:
    """Marks by item and criterion: rows sorted by cell and mark; `start` is each cell's first."""

    item: Whole
    criterion: Whole
    size: Whole
    start: Whole
    of_row: Whole
    judge: Whole
    value: Floats


def jurors_anew(marks: Marks, scores: Scores, rule: RankingRule) -> Draw | None:
    """Draws of each item's score under the rule, in the order of `scores`; greater is better.

    Weights come from a gamma distribution whose shape makes the variance of the mean of as many
    marks as usual come out unbiased. An item with one mark on a criterion, which says nothing of
    its chance, is given that of the others. None where no item has two.
    """
    cells = _cells(marks, scores, rule)
    several = cells.size > 1
    if not several.any():
        return None
    usual = float(np.median(cells.size[several]))
    shape = max((usual - 2) / usual, LEAST_SHAPE)
    mean = summed(cells.value, cells.of_row, len(cells.size)) / cells.size
    off = cells.value - mean[cells.of_row]
    pooled = float(np.sqrt(off @ off / (len(off) - len(cells.size))))
    into = _IntoScores(cells, len(scores.items), marks, rule)

    def draw(count: int, chance: np.random.Generator) -> Floats:
        weight = chance.standard_gamma(shape, (len(scores.judges), count)) + 1e-12
        found = _means(cells, weight[cells.judge], rule.drop)
        alone = int((~several).sum())
        found[~several] += pooled * chance.standard_normal((alone, count))
        totals = into(found)
        return -totals if rule.lower_wins else totals

    return draw


def _cells(marks: Marks, scores: Scores, rule: RankingRule) -> _Cells:
    to_item = {name: at for at, name in enumerate(scores.items)}
    to_judge = {name: at for at, name in enumerate(scores.judges)}
    item = np.array([to_item.get(name, -1) for name in marks.items])[marks.item]
    judge = np.array([to_judge.get(name, -1) for name in marks.judges])[marks.judge]
    cell = item * len(marks.criteria) + marks.criterion
    rows = np.lexsort((judge, marks.value, cell))
    codes, start, of_row, size = np.unique(
        cell[rows], return_index=True, return_inverse=True, return_counts=True
    )
    criterion = codes % len(marks.criteria)
    value = marks.value[rows]
    most = np.array([float(rule.clip.get(key, np.inf)) for key in marks.criteria])[criterion]
    mean = summed(value, of_row, len(size)) / size
    value = np.clip(value, (mean - most)[of_row], (mean + most)[of_row])
    return _Cells(codes // len(marks.criteria), criterion, size, start, of_row, judge[rows], value)


def _means(cells: _Cells, weight: Floats, drop: int) -> Floats:
    """Each cell's weighted mean, with `drop` marks' worth of weight cut from either end."""
    weight *= (cells.size[:, None] / np.add.reduceat(weight, cells.start))[cells.of_row]
    if drop:
        trim = np.where(cells.size > 2 * drop, drop, 0)
        until = np.cumsum(weight, axis=0)
        before = until[cells.start] - weight[cells.start]
        until -= before[cells.of_row]
        low, high = trim[cells.of_row][:, None], (cells.size - trim)[cells.of_row][:, None]
        weight = np.clip(until, low, high) - np.clip(until - weight, low, high)
    total = np.add.reduceat(weight * cells.value[:, None], cells.start)
    return np.asarray(total / np.add.reduceat(weight, cells.start))


class _IntoScores:
    """From means by cell to scores by item, as the rule adds them up."""

    def __init__(self, cells: _Cells, items: int, marks: Marks, rule: RankingRule) -> None:
        weight = np.array([float(rule.weights.get(key, 0)) for key in marks.criteria])
        share = weight[cells.criterion]
        if rule.method is Method.SUM:
            share = share * np.maximum(cells.size - 2 * rule.drop, 0)
        else:
            share = share / summed(share, cells.item, items)[cells.item]
        self._share, self._item, self._items = share[:, None], cells.item, items
        self._bonus = np.zeros(items)
        if rule.rounds:
            round_of = np.array([rule.rounds.index(key) for key in marks.criteria])
            np.maximum.at(self._bonus, cells.item, round_of[cells.criterion])
        self._bonus *= -LATER_ROUND if rule.lower_wins else LATER_ROUND

    def __call__(self, means: Floats) -> Floats:
        starts = np.searchsorted(self._item, np.arange(self._items))
        return np.asarray(np.add.reduceat(means * self._share, starts) + self._bonus[:, None])
