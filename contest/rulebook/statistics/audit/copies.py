"""Which two jurors gave the same marks to nearly all films they both saw?

On each film, any two members of its panel may as well have been those two: how often would so many
marks be equal? The chance is exact: the distribution of the number of equal marks is the product
over films, without any deal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from contest.rulebook.statistics.arrays import Floats, Whole
from contest.rulebook.statistics.audit.chance import Asked, named
from contest.rulebook.statistics.audit.sheets import Sheets

FEWEST = 5
"""Films in common without which no pair is asked."""
SMALLEST_PANEL = 3
SAME = 0.6
"""Less than this share of equal marks is no identical string."""
MATTERS = 0.5
"""What panels usually lack to being equal, times this: worth speaking of if less."""
LARGEST_PANEL = 120
"""Members of a panel that are compared with each other; of more, so many, evenly spread."""
AT_ONCE = 500
"""Jurors whose pairs are counted at a time."""


@dataclass(frozen=True)
class Pair:
    """Two jurors (indices) and their `films` in common, of panels of three at least.

    `equal` of their `marks` there are the same; `usual` is the share among any two of the panels;
    `p` how often chance has as many equal.
    """

    one: int
    other: int
    films: int
    marks: int
    equal: int
    usual: float
    p: float


@dataclass(frozen=True)
class Copies:
    """The pairs worth speaking of, and how many were tested."""

    pairs: tuple[Pair, ...]
    tested: int


def ask(sheets: Sheets, asked: Asked, near: list[tuple[int, int]]) -> Copies:
    """The statistic is the number of equal marks."""
    panels = _Films(sheets)
    several = [_compared(sheets, panels, *pair) for pair in near]
    apart = [pair for pair in several if _share_lacking(pair) <= MATTERS * (1 - pair.usual)]
    flagged = named(np.array([pair.p for pair in apart]), asked.tested, asked.level)
    found = [pair for pair, kept in zip(apart, flagged, strict=True) if kept]
    return Copies(tuple(found), asked.tested)


def count(sheets: Sheets) -> tuple[list[tuple[int, int]], int]:
    """Pairs of jurors with most marks equal, and how many pairs have films enough in common."""
    films, cells, strings = _incidences(sheets)
    found: list[tuple[int, int]] = []
    tested = 0
    for low in range(0, films.shape[0], AT_ONCE):
        rows = slice(low, low + AT_ONCE)
        enough = np.triu((films[rows] @ films.T).toarray() >= FEWEST, low + 1)
        tested += int(enough.sum())
        if enough.any():
            equal = (strings[rows] @ strings.T).toarray()
            both = (cells[rows] @ cells.T).toarray()
            near = enough & (both > 0) & (equal >= SAME * both)
            found += [(one + low, other) for one, other in np.argwhere(near).tolist()]
    return found, tested


def _incidences(sheets: Sheets) -> tuple[csr_array, csr_array, csr_array]:
    """Who has which films, which marks of films, and which values of those (judges, …)."""
    wide = sheets.panel.size >= SMALLEST_PANEL
    ballot, criterion = np.nonzero(~np.isnan(sheets.marks) & wide[:, None])
    scores = sheets.scores
    value = np.unique(sheets.marks[ballot, criterion], return_inverse=True)[1]
    cell = scores.item[ballot] * sheets.marks.shape[1] + criterion
    string = np.unique(cell * (int(value.max(initial=0)) + 1) + value, return_inverse=True)[1]
    judges = len(scores.judges)
    return (
        _table(scores.judge[wide], scores.item[wide], judges),
        _table(scores.judge[ballot], cell, judges),
        _table(scores.judge[ballot], string, judges),
    )


def _table(judge: Whole, column: Whole, judges: int) -> csr_array:
    size = (judges, int(column.max(initial=0)) + 1)
    return csr_array((np.ones(len(judge), np.int32), (judge, column)), shape=size)


class _Films(dict[int, Floats]):
    """The chances that two of a film's panel have 0, 1 … marks equal: film -> (criteria + 1)."""

    def __init__(self, sheets: Sheets) -> None:
        super().__init__()
        self._sheets = sheets

    def __missing__(self, film: int) -> Floats:
        low, high = np.searchsorted(self._sheets.scores.item, [film, film + 1])
        members = np.arange(low, high)
        if len(members) > LARGEST_PANEL:
            members = members[np.linspace(0, len(members) - 1, LARGEST_PANEL).astype(np.int64)]
        marks = self._sheets.marks[members]
        one, other = np.triu_indices(len(members), 1)
        equal = (marks[one] == marks[other]).sum(1)
        self[film] = chances = np.bincount(equal, minlength=marks.shape[1] + 1) / len(equal)
        return chances


def _compared(sheets: Sheets, panels: _Films, one: int, other: int) -> Pair:
    """A pair with the exact chance of so many equal marks."""
    at = [sheets.panel.ballots(judge) for judge in (one, other)]
    at = [ballots[sheets.panel.size[ballots] >= SMALLEST_PANEL] for ballots in at]
    seen, known = (sheets.scores.item[ballots] for ballots in at)
    films, first, second = np.intersect1d(seen, known, assume_unique=True, return_indices=True)
    here, there = sheets.marks[at[0][first]], sheets.marks[at[1][second]]
    equal = int((here == there).sum())
    usual, mean = np.ones(1), 0.0
    for film in films.tolist():
        chances = panels[film]
        mean += float(chances @ np.arange(len(chances)))
        usual = np.convolve(usual, chances)
    marks = int((~np.isnan(here) & ~np.isnan(there)).sum())
    return Pair(one, other, len(films), marks, equal, mean / marks, float(usual[equal:].sum()))


def _share_lacking(pair: Pair) -> float:
    return 1 - pair.equal / pair.marks
