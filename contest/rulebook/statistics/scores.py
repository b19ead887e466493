"""Scores as arrays, in an order that neither rows nor names decide; and which can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from contest.rulebook.statistics.arrays import Flags, Floats, Hashes, Whole, summed
from contest.rulebook.statistics.signatures import signed


@dataclass(frozen=True)
class Scores:
    """n scores of items by judges.

    `item` and `judge` (n) are indices into `items` and `judges`, `value` (n) the scores on their
    own scale, `covariates` (n, p) known facts of each score, p often 0. Items and judges stand in
    an order made of the scores alone, so that what is reckoned from here on is the same to the
    last bit whatever they are called; `twins` (items) is one number for items that the scores
    can't tell apart.
    """

    items: tuple[str, ...]
    judges: tuple[str, ...]
    item: Whole
    judge: Whole
    value: Floats
    covariates: Floats
    twins: Whole

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, float]]) -> Scores:
        """From rows of item, judge and score. Raises ValueError for a score that is no number."""
        items: dict[str, int] = {}
        judges: dict[str, int] = {}
        found = [
            (items.setdefault(item, len(items)), judges.setdefault(judge, len(judges)), value)
            for item, judge, value in rows
        ]
        codes = np.array([row[:2] for row in found], np.int64).reshape(-1, 2)
        values = np.array([row[2] for row in found], np.float64)
        return cls.of_codes(tuple(items), tuple(judges), codes[:, 0], codes[:, 1], values)

    @classmethod
    def of_codes(
        cls,
        items: Sequence[str],
        judges: Sequence[str],
        item: Whole,
        judge: Whole,
        value: Floats,
        covariates: Floats | None = None,
    ) -> Scores:
        """From indices into names in any order. Raises ValueError for a score that is no number."""
        facts = np.empty((len(value), 0)) if covariates is None else covariates
        if not (np.isfinite(value).all() and np.isfinite(facts).all()):
            raise ValueError("a score is not a finite number")
        marks = _coded(value, facts)
        of_item, of_judge, twins = signed(item, judge, marks, len(items), len(judges))
        item_order, judge_order = _order(of_item, items), _order(of_judge, judges)
        item, judge = _places(item_order)[item], _places(judge_order)[judge]
        rows = np.lexsort((marks, judge, item))
        return cls(
            items=tuple(items[at] for at in item_order),
            judges=tuple(judges[at] for at in judge_order),
            item=item[rows],
            judge=judge[rows],
            value=value[rows].astype(np.float64),
            covariates=facts[rows].astype(np.float64),
            twins=np.unique(twins, return_inverse=True)[1][item_order],
        )

    def only(self, kept: Flags) -> Scores:
        """The scores for which `kept` (n) is true, with no item or judge that has none of them."""
        items, item = np.unique(self.item[kept], return_inverse=True)
        judges, judge = np.unique(self.judge[kept], return_inverse=True)
        return Scores.of_codes(
            [self.items[at] for at in items],
            [self.judges[at] for at in judges],
            item,
            judge,
            self.value[kept],
            self.covariates[kept],
        )

    @cached_property
    def per_item(self) -> Whole:
        """How many scores each item has."""
        return np.bincount(self.item, minlength=len(self.items))

    @cached_property
    def per_judge(self) -> Whole:
        """How many scores each judge gave."""
        return np.bincount(self.judge, minlength=len(self.judges))

    @cached_property
    def item_mean(self) -> Floats:
        """The raw mean of each item's scores."""
        return summed(self.value, self.item, len(self.items)) / self.per_item

    @cached_property
    def judge_mean(self) -> Floats:
        """The raw mean of each judge's scores."""
        return summed(self.value, self.judge, len(self.judges)) / self.per_judge

    @cached_property
    def parts(self) -> Whole:
        """The part of the jury each item belongs to: 0 for the largest, then 1 and so on.

        Items of different parts have no chain of jurors between them, so that nothing says
        whether one part has better films or milder jurors.
        """
        edges = (np.ones(len(self.value), np.int8), (self.item, len(self.items) + self.judge))
        size = len(self.items) + len(self.judges)
        graph = csr_array(edges, shape=(size, size))
        label = connected_components(graph, directed=False)[1][: len(self.items)]
        sizes = np.bincount(label)
        names: dict[int, str] = {}
        for part, name in zip(label.tolist(), self.items, strict=True):
            names[part] = min(names.get(part, name), name)
        order = sorted(names, key=lambda part: (-sizes[part], names[part]))
        place = np.zeros(len(sizes), np.int64)
        place[order] = np.arange(len(order))
        return np.asarray(place[label])


def _coded(value: Floats, facts: Floats) -> Whole:
    """One number for each distinct score with its facts, in the order of their values."""
    if not facts.shape[1]:
        return np.unique(value, return_inverse=True)[1]
    whole = np.column_stack([value, facts])
    return np.unique(whole, axis=0, return_inverse=True)[1].ravel()


def _order(signatures: Hashes, names: Sequence[str]) -> Whole:
    """Positions in the order of signatures; of names where twins are too many to be parted."""
    if len(np.unique(signatures)) == len(signatures):
        return np.argsort(signatures)
    return np.array(sorted(range(len(names)), key=lambda at: (signatures[at], names[at])))


def _places(order: Whole) -> Whole:
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places
