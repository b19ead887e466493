"""Marks by criterion as arrays, and the scores that models and chances are reckoned from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from contest.rulebook.scoring import EFFECTS
from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.tallies import Ballot

SUMMED = 12
"""Decimals of a total; beyond them, sums of the same marks in another order differ."""


@dataclass(frozen=True)
class Marks:
    """The n marks that count: `item`, `judge` and `criterion` (n) are indices into the names."""

    items: tuple[str, ...]
    judges: tuple[str, ...]
    criteria: tuple[str, ...]
    item: Whole
    judge: Whole
    criterion: Whole
    value: Floats

    @classmethod
    def of(cls, ballots: Iterable[Ballot], criteria: Iterable[str]) -> Marks:
        """The marks on these criteria, of ballots whose state counts in a mean."""
        on = {key: at for at, key in enumerate(criteria)}
        items: dict[str, int] = {}
        judges: dict[str, int] = {}
        rows = [
            (
                items.setdefault(ballot.entry, len(items)),
                judges.setdefault(ballot.juror, len(judges)),
                on[key],
                float(mark),
            )
            for ballot in ballots
            if EFFECTS[ballot.state].mean
            for key, mark in ballot.marks.items()
            if key in on
        ]
        columns = np.array(rows, np.float64).reshape(-1, 4).T
        item, judge, criterion = (column.astype(np.int64) for column in columns[:3])
        return cls(tuple(items), tuple(judges), tuple(on), item, judge, criterion, columns[3])

    @cached_property
    def ballots(self) -> tuple[Whole, Whole, Whole]:
        """The item and the judge of each ballot, and the ballot of each mark (n)."""
        met = self.item * len(self.judges) + self.judge
        ballots, at = np.unique(met, return_inverse=True)
        return ballots // len(self.judges), ballots % len(self.judges), at

    def totals(self, weights: Mapping[str, float]) -> Scores:
        """One score for each ballot: the weighted mean of the criteria it marks."""
        weight = np.array([weights.get(key, 0.0) for key in self.criteria])[self.criterion]
        item, judge, at = self.ballots
        heaviness = summed(weight, at, len(item))
        total = summed(weight * self.value, at, len(item)) / heaviness
        return self._scores(item, judge, np.round(total, SUMMED))

    def on(self, criterion: str) -> Scores:
        """The marks on one criterion."""
        kept = self.criterion == self.criteria.index(criterion)
        return self._scores(self.item[kept], self.judge[kept], self.value[kept])

    def _scores(self, item: Whole, judge: Whole, value: Floats) -> Scores:
        items, item = np.unique(item, return_inverse=True)
        judges, judge = np.unique(judge, return_inverse=True)
        return Scores.of_codes(
            [self.items[at] for at in items],
            [self.judges[at] for at in judges],
            item,
            judge,
            value,
        )
