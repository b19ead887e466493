"""Spread pairs: the same two jurors should not share film after film.

Who shares films with many others is compared with all of them; a fixed circle only with itself.
So the sum over all pairs of jurors of (films both have) squared is made small by exchanging films
between jurors, never touching what was given, any hard rule, or how even the loads are. A wish
granted weighs half as much as the least difference an exchange can make.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from random import Random

import numpy as np

from contest.rulebook.assignment.table import Amounts, Counts, Table

TRIED = 6
"""How many of a film's most promising changes of jurors are looked at for an exchange."""

STIRRED = 4_000
"""Small tables are stirred and settled again: so many times, divided by their films."""

LOOKS = 25_000
"""In a large table every film is looked at once, and again only while there were fewer looks."""

WEIGHED = 64
"""So many films of one juror are weighed for an exchange, others at another look."""

NEVER = 1e9


def spread(table: Table, chance: Random) -> None:
    """Exchange films between jurors until pairs are spread as well as this finds."""
    order = [film for film, dealt in enumerate(table.dealt) if dealt]
    chance.shuffle(order)
    spreading = _Spreading(table)
    spreading.settle(order)
    screenings = sum(len(dealt) for dealt in table.dealt)
    for _ in range(min(2 * screenings, STIRRED // max(1, len(order)))):
        if price(table) <= _ideal(table):
            return
        spreading.stir(order, chance)


def _ideal(table: Table) -> int:
    """What the price can't be below: all pairs alike, and every wish granted that can be."""
    jurors = len(table.jurors)
    pairs = max(1, jurors * (jurors - 1) // 2)
    each, over = divmod(int(table.pairs.sum()) // 2, pairs)
    wishes = sum(
        min(len(dealt), len(wishing))
        for dealt, wishing in zip(table.dealt, table.wishes, strict=True)
    )
    return pairs * each**2 + over * (2 * each + 1) - wishes


def price(table: Table) -> int:
    """What is made small: squared pairs, less the wishes granted."""
    granted = sum(
        len(set(wishing).intersection(dealt))
        for wishing, dealt in zip(table.wishes, table.dealt, strict=True)
    )
    return int((table.pairs**2).sum()) // 2 - granted


class _Spreading:
    """Changes of jurors on a table, each of which can be undone.

    `rows` (films by most jurors a film has) holds each film's jurors, filled up with `nobody`.
    `gained` is how much lower the price is than when `done`, the changes so far, began.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.nobody = len(table.jurors)
        films = range(len(table.films))
        width = max((len(table.members(film)) for film in films), default=0)
        self.rows = np.full((len(films), width), self.nobody)
        for film in films:
            members = table.members(film)
            self.rows[film, : len(members)] = members
        self.done: list[tuple[int, int, int]] = []
        self.gained = 0.0
        self.looks = 0

    def settle(self, films: Iterable[int]) -> None:
        """Change jurors of these films, and of those they exchange with, while that gains."""
        waiting = deque(films)
        inside = set(waiting)
        until = self.looks + max(LOOKS, len(inside))
        while waiting and self.looks < until:
            film = waiting.popleft()
            while changed := self._improve(film):
                fresh = [each for each in changed if each not in inside]
                inside.update(fresh)
                waiting.extend(fresh)
            inside.discard(film)

    def stir(self, films: list[int], chance: Random) -> None:
        """Make some changes at random and settle again; what lost by it is undone."""
        self.done, self.gained = [], 0.0
        kicked = [self._kick(films, chance) for _ in range(chance.randint(1, 3))]
        self.settle(film for touched in kicked for film in touched)
        if self.gained < 0:
            for film, giver, taker in reversed(self.done):
                self._hand(film, taker, giver)

    def _kick(self, films: list[int], chance: Random) -> list[int]:
        """One change or exchange that keeps the rules, whatever it costs."""
        film = chance.choice(films)
        giver = chance.choice(self.table.dealt[film])
        takers = np.flatnonzero(self.table.open[film]).tolist()
        if not takers:
            return []
        taker = chance.choice(takers)
        if self._evenly(giver, taker):
            self._hand(film, giver, taker)
            return [film]
        others = [each for each in sorted(self.table.held[taker]) if self.table.open[each, giver]]
        if not others:
            return []
        other = chance.choice(others)
        self._hand(film, giver, taker)
        self._hand(other, taker, giver)
        return [film, other]

    def _improve(self, film: int) -> list[int]:
        """Make the first change found that gains; the films it touched."""
        self.looks += 1
        dealt = self.table.dealt[film]
        changes = self._changes(film).ravel()
        for at in _lowest(changes, TRIED):
            cost = float(changes[at])
            if cost >= NEVER:
                break
            giver, taker = dealt[at // self.nobody], int(at % self.nobody)
            if cost < 0 and self._evenly(giver, taker):
                self._hand(film, giver, taker)
                return [film]
            other = self._partner(film, giver, taker, cost)
            if other is not None:
                self._hand(film, giver, taker)
                self._hand(other, taker, giver)
                return [film, other]
        return []

    def _evenly(self, giver: int, taker: int) -> bool:
        """Whether handing one film on leaves loads as even as they are, and within bounds."""
        table = self.table
        return bool(
            table.loads[giver] - 1 == table.loads[taker]
            and table.loads[giver] > table.least[giver]
            and table.loads[taker] < table.most[taker]
        )

    def _changes(self, film: int) -> Amounts:
        """What it costs, halved, to have each juror (column) in place of each dealt it (row)."""
        table = self.table
        members, dealt = table.members(film), table.dealt[film]
        shared = table.pairs[members].sum(axis=0)
        left = shared - table.pairs[dealt]
        costs: Amounts = left - shared[dealt][:, None] + (len(members) - 1.0)
        if wishing := table.wishes[film]:
            costs[:, wishing] -= 0.5
            costs[[giver in wishing for giver in dealt]] += 0.5
        costs[:, ~table.open[film]] = NEVER
        return costs

    def _partner(self, film: int, giver: int, taker: int, cost: float) -> int | None:
        """The film the taker best gives back for this one, where the exchange gains."""
        table = self.table
        held = sorted(table.held[taker])
        skipped = self.looks % (len(held) // WEIGHED + 1)
        films = np.array(held[skipped :: len(held) // WEIGHED + 1], dtype=np.int64)
        films = films[table.open[films, giver]]
        if not films.size:
            return None
        rows = self.rows[films]
        difference = np.zeros(self.nobody + 1)
        difference[:-1] = table.pairs[giver] - table.pairs[taker]
        difference[table.members(film)] -= 2  # with jurors of both films nothing changes
        difference[giver] += 2
        seated = (rows != self.nobody).sum(axis=1)
        back = difference[rows].sum(axis=1) - table.pairs[giver, taker] + seated - 1
        if any(table.wishes[each] for each in films.tolist()):
            back += [self._wishing(each, taker) - self._wishing(each, giver) for each in films]
        best = int(back.argmin())
        return int(films[best]) if cost + back[best] < 0 else None

    def _wishing(self, film: int, juror: int) -> float:
        return 0.5 if juror in self.table.wishes[film] else 0.0

    def _hand(self, film: int, giver: int, taker: int) -> None:
        """Have the taker see the film in place of the giver."""
        table = self.table
        table.take(giver, film)
        members = table.members(film)
        rise = table.pairs[taker, members].sum() - table.pairs[giver, members].sum()
        self.gained -= float(rise) + self._wishing(film, giver) - self._wishing(film, taker)
        table.give(taker, film)
        row = self.rows[film]
        row[row == giver] = taker
        self.done.append((film, giver, taker))


def _lowest(amounts: Amounts, count: int) -> Counts:
    """Where the lowest amounts stand, the lowest first; of equal ones the first."""
    if len(amounts) > count:
        some = np.sort(np.argpartition(amounts, count)[:count])
    else:
        some = np.arange(len(amounts))
    return some[np.argsort(amounts[some], kind="stable")]
