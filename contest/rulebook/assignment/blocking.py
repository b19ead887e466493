"""Why there is no plan: the smallest set of films that together ask for more than anybody can give.

By Hall's theorem, extended to jurors who take several films, a plan exists unless some set of
films needs more screenings than the jurors can take of it, each juror no more than they have room
for and no film twice. Of such sets the one with fewest films is named, and of these the one that
concerns fewest jurors. It lies within every set whose want is greatest (want is supermodular), so
only the films are looked at that the search for a plan found in each other's way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from contest.rulebook.assignment.flow import Stuck
from contest.rulebook.assignment.table import Counts, Flags, Table

EXACT = 2_000
"""Up to so many kinds of film times jurors the smallest set is found; above, one none can leave."""

NODES = 2_000
"""Where the exact search for the smallest set ends, at the latest."""


@dataclass(frozen=True)
class Blockage:
    """Films (by number) that need more screenings than `jurors`, all who may see any, can take.

    `alike` are further films that are blocked just so. `smallest` says whether no fewer films
    block each other; else it is only known that none can be left out.
    """

    films: tuple[int, ...]
    jurors: tuple[int, ...]
    needed: int
    available: int
    alike: tuple[int, ...] = ()
    smallest: bool = True


@dataclass(frozen=True)
class _Want:
    """The films in question: what each `needs`, who may see it, and each juror's `room`."""

    films: Counts
    needs: Counts
    free: Flags
    room: Counts

    def of(self, chosen: Flags) -> tuple[int, int]:
        """Screenings these films need, and screenings the jurors can take of them."""
        could = self.free[chosen].sum(axis=0)
        return int(self.needs[chosen].sum()), int(np.minimum(could, self.room).sum())


def blockages(table: Table, stuck: Stuck) -> tuple[Blockage, ...]:
    """What is in the way, the smallest first: each film that alone can't be dealt, or one set."""
    want = _want(table, stuck)
    singles = _singles(want)
    if singles:
        return singles
    chosen, smallest = _smallest(want)
    return (_blockage(want, chosen, smallest=smallest),)


def _want(table: Table, stuck: Stuck) -> _Want:
    films = np.array(sorted(film for film in stuck.films if table.need[film]), dtype=np.int64)
    free = table.open[films]
    for row, film in enumerate(films.tolist()):
        free[row, table.dealt[film]] = True
    held = np.array([len(each) for each in table.held])
    room = np.minimum(table.most - table.loads + held, len(table.films))
    return _Want(films, table.need[films], free, room)


def _singles(want: _Want) -> tuple[Blockage, ...]:
    """Films that alone need more jurors than may see them, those alike together."""
    can = (want.free & (want.room > 0)).sum(axis=1)
    kinds: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for row in np.flatnonzero(can < want.needs).tolist():
        kinds[int(want.needs[row]), want.free[row].tobytes()].append(row)
    found = []
    for rows in kinds.values():
        chosen = np.zeros(len(want.films), dtype=bool)
        chosen[rows[0]] = True
        alike = tuple(want.films[rows[1:]].tolist())
        found.append(_blockage(want, chosen, alike=alike))
    return tuple(sorted(found, key=lambda each: (len(each.jurors), each.films)))


def _blockage(
    want: _Want, chosen: Flags, *, alike: tuple[int, ...] = (), smallest: bool = True
) -> Blockage:
    needed, available = want.of(chosen)
    jurors = np.flatnonzero(want.free[chosen].any(axis=0))
    return Blockage(
        films=tuple(want.films[chosen].tolist()),
        jurors=tuple(jurors.tolist()),
        needed=needed,
        available=available,
        alike=alike,
        smallest=smallest,
    )


def _smallest(want: _Want) -> tuple[Flags, bool]:
    """The fewest films that block each other; and whether that is certain."""
    kinds: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for row in range(len(want.films)):
        kinds[int(want.needs[row]), want.free[row].tobytes()].append(row)
    rows = list(kinds.values())
    if len(rows) * len(want.room) <= EXACT:
        counts = _exact(want, rows)
        if counts is not None:
            chosen = np.zeros(len(want.films), dtype=bool)
            for kind, count in zip(rows, counts, strict=True):
                chosen[kind[:count]] = True
            return chosen, True
    return _shrunk(want), False


def _exact(want: _Want, kinds: list[list[int]]) -> list[int] | None:
    """How many films of each kind make the smallest set; None where that takes too long.

    An integer programme: z films of a kind, full(j) whether juror j's room counts rather than the
    films they may see, seen(t, j) the films of kind t counted for j, met(j) whether j sees any.
    """
    firsts = [kind[0] for kind in kinds]
    sizes = np.array([len(kind) for kind in kinds])
    of, who = np.nonzero(want.free[firsts])
    types, jurors, links = len(kinds), len(want.room), len(of)
    full, seen, met = types, types + jurors, types + jurors + links
    across = np.arange(links)
    cells = [  # row, column, factor: one row for the want, then two for each link
        (np.zeros(types), np.arange(types), want.needs[firsts]),
        (np.zeros(jurors), full + np.arange(jurors), -want.room),
        (np.zeros(links), seen + across, -np.ones(links)),
        (1 + across, seen + across, np.ones(links)),
        (1 + across, of, -np.ones(links)),
        (1 + across, full + who, sizes[of]),
        (1 + links + across, met + who, sizes[of]),
        (1 + links + across, of, -np.ones(links)),
    ]
    row, column, factor = (np.concatenate(each) for each in zip(*cells, strict=True))
    size = (1 + 2 * links, met + jurors)
    rules = coo_array((factor, (row.astype(int), column.astype(int))), shape=size)
    least = np.concatenate([[1.0], np.zeros(2 * links)])
    price = np.concatenate(
        [np.full(types, jurors + 1.0), np.zeros(jurors + links), np.ones(jurors)]
    )
    top = np.concatenate([sizes, np.ones(jurors), sizes[of], np.ones(jurors)])
    whole = np.concatenate([np.ones(types + jurors), np.zeros(links), np.ones(jurors)])
    found = milp(
        price,
        constraints=LinearConstraint(rules.tocsr(), least, np.inf),
        bounds=Bounds(0, top),
        integrality=whole,
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    return np.rint(found.x[:types]).astype(int).tolist() if found.status == 0 else None


def _shrunk(want: _Want) -> Flags:
    """Films that block each other and none of which can be left out."""
    chosen = np.ones(len(want.films), dtype=bool)
    could = want.free.sum(axis=0)
    lack = want.of(chosen)
    spare = lack[0] - lack[1]
    order = np.argsort(want.needs - want.free.sum(axis=1), kind="stable").tolist()
    shrinking = True
    while shrinking:
        shrinking = False
        for row in order:
            if not chosen[row]:
                continue
            loss = int(want.needs[row] - (want.free[row] & (could <= want.room)).sum())
            if loss < spare:
                chosen[row] = False
                could = could - want.free[row]
                spare -= loss
                shrinking = True
    return chosen


@dataclass(frozen=True)
class Hunger:
    """Jurors (by number) who ask for more films than there are for them: `asked`, `available`."""

    jurors: tuple[int, ...]
    asked: int
    available: int


def hungry(table: Table) -> Hunger | None:
    """Jurors whose least can't be met, on a table evened out; none that could be left out."""
    chosen: Flags = np.less(table.loads, table.least)
    if not chosen.any():
        return None
    free = table.open.copy()
    for juror, films in enumerate(table.held):
        free[list(films), juror] = True
    free &= (table.need > 0)[:, None]
    grown = 0
    while grown < chosen.sum():  # and all who could hand them films, had they any to spare
        grown = int(chosen.sum())
        wanted = set(np.flatnonzero(table.open[:, chosen].any(axis=1)).tolist())
        chosen |= np.array([not wanted.isdisjoint(films) for films in table.held])
    had = table.loads - np.array([len(each) for each in table.held])
    ask = np.maximum(table.least - had, 0)

    def spare(jurors: Flags) -> int:
        return int(ask[jurors].sum() - np.minimum(table.need, free[:, jurors].sum(axis=1)).sum())

    for juror in np.flatnonzero(chosen).tolist():
        chosen[juror] = False
        if spare(chosen) <= 0:
            chosen[juror] = True
    asked = int(ask[chosen].sum())
    return Hunger(tuple(np.flatnonzero(chosen).tolist()), asked, asked - spare(chosen))
