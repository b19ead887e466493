"""What an audit looks at: ballots as arrays, in an order that neither rows nor names decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from contest.rulebook.jury_told import Met
from contest.rulebook.statistics.arrays import Flags, Floats, Whole, summed
from contest.rulebook.statistics.audit.chance import Deal
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.scores import Scores

MOST = 20_000_000
"""Marks that are held as one table of ballots and criteria."""
LARGEST = 1e12
CLOSEST = 1e-12


@dataclass(frozen=True)
class Facts:
    """What is known of ballots beside their marks.

    `own` holds those of jurors and films that share what is asked for, such as a country;
    `order` says when each ballot was given, as any number that grows. None: not asked.
    """

    own: Collection[Met] | None = None
    order: Mapping[Met, float] | None = None


@dataclass(frozen=True)
class Sheets:
    """n ballots of jurors on films; a greater mark is always a better one.

    Placements (`lower_wins`) are held with the opposite sign.

    `scores` has one score for each ballot, the weighted mean of its marks; `marks` (n, criteria)
    its marks, NaN where there is none; `own` (n) whether juror and film share what was asked for;
    `place` (n) the ballot's place in its juror's own order, from 1, NaN where it isn't known.
    """

    scores: Scores
    marks: Floats
    own: Flags | None
    place: Floats | None
    lower_wins: bool

    @classmethod
    def of(
        cls, marks: Marks, weights: Mapping[str, float], facts: Facts, lower_wins: bool = False
    ) -> Sheets:
        """The ballots that mark a criterion of some weight; `lower_wins`: marks are placements.

        Raises ValueError for marks that are no numbers or out of all scale, and for a table too
        large to hold.
        """
        _check(marks)
        weight = np.array([weights.get(key, 0.0) for key in marks.criteria], np.float64)
        item, judge, at = marks.ballots
        if len(item) * len(weight) > MOST:
            raise ValueError(
                f"{len(item)} ballots on {len(weight)} criteria are more than an audit can hold;"
                " name the criteria that count"
            )
        table = np.full((len(item), len(weight)), np.nan)
        table[at, marks.criterion] = -marks.value if lower_wins else marks.value
        table, weight = _in_order(table[:, weight > 0], weight[weight > 0])
        kept = ~np.isnan(table).all(1)
        met = _Met(marks.items, marks.judges, item[kept], judge[kept])
        return replace(_sheets(met, table[kept], weight, facts), lower_wins=lower_wins)

    @cached_property
    def panel(self) -> Panels:
        """The films' panels."""
        return Panels(self.scores)

    @cached_property
    def judge_twins(self) -> Whole:
        """One number for jurors that the scores can't tell apart (judges)."""
        scores = self.scores
        size = int(scores.twins.max(initial=0)) + 1
        mark = np.unique(scores.value, return_inverse=True)[1]
        given = np.unique(mark * size + scores.twins[scores.item], return_inverse=True)[1]
        bits = np.random.default_rng(0).integers(
            0, 2**64, int(given.max(initial=0)) + 1, np.uint64, endpoint=False
        )
        signed = np.zeros(len(scores.judges), np.uint64)
        np.add.at(signed, scores.judge, bits[given])
        return np.unique(signed, return_inverse=True)[1]


class Panels:
    """Who judged what, for dealing a film's marks anew among those who judged it."""

    def __init__(self, scores: Scores) -> None:
        counts = scores.per_item
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.size: Whole = counts[scores.item]
        """How many judged the film of each ballot (n)."""
        self._first: Whole = starts[scores.item]
        order = np.argsort(scores.judge, kind="stable")
        self._by_judge = np.split(order, np.cumsum(scores.per_judge)[:-1])

    def ballots(self, judge: int) -> Whole:
        """The ballots of a juror: indices in the order of films."""
        return self._by_judge[judge]

    def deal(self, ballots: Whole, values: Floats) -> Deal:
        """Sums over the ballots, each with a value of anybody on its film's panel.

        `values` (n) must be exchangeable within a film once it is known who judged it.
        """
        pick = self.picking(ballots)

        def sums(count: int, chance: np.random.Generator) -> Floats:
            return np.asarray(values[pick(count, chance)].sum(1))

        return sums

    def picking(self, ballots: Whole) -> Picking:
        """Draws of ballots (count, ballots): on each ballot's film, that of anybody."""
        first, size = self._first[ballots], self.size[ballots]

        def pick(count: int, chance: np.random.Generator) -> Whole:
            drawn = chance.random((count, len(ballots)))
            return np.asarray(first + (drawn * size).astype(np.int64))

        return pick


Picking = Callable[[int, np.random.Generator], Whole]


def _check(marks: Marks) -> None:
    """Numbers so large or so close that their squares are lost are no marks."""
    low, high = float(marks.value.min()), float(marks.value.max())
    if not max(-low, high) <= LARGEST:
        raise ValueError(f"a mark is beyond {LARGEST:,.0f} points; write marks on a smaller scale")
    if 0 < high - low < CLOSEST:
        raise ValueError(f"no two marks are {CLOSEST:g} apart; write marks on a larger scale")


def _in_order(marks: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Criteria in an order that their marks make; names only part those marked alike."""
    sorted_marks = np.sort(marks, axis=0)
    keys = [(-weight[at], sorted_marks[:, at].tobytes()) for at in range(marks.shape[1])]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return marks[:, order], weight[order]


@dataclass(frozen=True)
class _Met:
    """Who and what of each ballot: indices into the names."""

    items: Sequence[str]
    judges: Sequence[str]
    item: Whole
    judge: Whole

    def named(self) -> list[Met]:
        """The names of juror and film of each ballot."""
        return [
            (self.judges[judge], self.items[item])
            for judge, item in zip(self.judge.tolist(), self.item.tolist(), strict=True)
        ]


def _sheets(met: _Met, marks: Floats, weight: Floats, facts: Facts) -> Sheets:
    given = ~np.isnan(marks)
    total = np.where(given, marks, 0.0) @ weight / (given @ weight)
    columns = [np.where(given, marks, 0.0), given] if marks.shape[1] > 1 else []
    if facts.own is not None:
        columns.append(np.array([pair in facts.own for pair in met.named()], bool)[:, None])
    if facts.order is not None:
        columns.append(_places(met, facts.order)[:, None])
    told = np.column_stack([np.empty((len(total), 0)), *columns])
    items, item = np.unique(met.item, return_inverse=True)
    judges, judge = np.unique(met.judge, return_inverse=True)
    scores = Scores.of_codes(
        [met.items[at] for at in items],
        [met.judges[at] for at in judges],
        item,
        judge,
        total,
        told,
    )
    return _parted(scores, marks.shape[1], facts)


def _parted(scores: Scores, criteria: int, facts: Facts) -> Sheets:
    """The facts that made the order, back in columns of their own."""
    told = scores.covariates
    bare = replace(scores, covariates=np.empty((len(scores.value), 0)))
    marks = scores.value[:, None]
    if criteria > 1:
        given = told[:, criteria : 2 * criteria] > 0
        marks = np.where(given, told[:, :criteria], np.nan)
        told = told[:, 2 * criteria :]
    own = told[:, 0] > 0 if facts.own is not None else None
    place = told[:, -1] if facts.order is not None else None
    if place is not None:
        place = np.where(place > 0, place, np.nan)
    return Sheets(bare, np.asarray(marks), own, place, lower_wins=False)


def _places(met: _Met, order: Mapping[Met, float]) -> Floats:
    """Each ballot's place in its juror's order, from 1, the same for equals; 0 where unknown."""
    judge = met.judge
    when = np.array([order.get(pair, np.nan) for pair in met.named()], np.float64)
    known = np.flatnonzero(np.isfinite(when))
    rows = known[np.lexsort((when[known], judge[known]))]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = np.diff(judge[rows]) != 0
    start = np.maximum.accumulate(np.where(fresh, np.arange(len(rows)), 0))
    apart = fresh.copy()
    apart[1:] |= np.diff(when[rows]) != 0
    group = np.cumsum(apart) - 1
    rank = (np.arange(len(rows)) - start + 1).astype(np.float64)
    size = int(group.max(initial=-1)) + 1
    mean = summed(rank, group, size) / np.bincount(group, minlength=size)
    found = np.zeros(len(when))
    found[rows] = mean[group]
    return found
