"""Feasible and even: films handed on along chains of jurors until nothing is gained any more.

First every film gets its jurors (augmenting paths: where some plan keeps the hard rules, one is
found, and where none does, the jurors and films that are in each other's way are what the last
search reached). Then loads are made even. Loads that keep the rules form a base of a polymatroid,
where a state that no single chain improves has the smallest greatest load and the greatest
smallest load at once (Harvey, Ladner, Lovasz and Tamir, "Semi-matchings for bipartite graphs",
2003; with bounds: Frank and Murota, "Decreasing minimization on M-convex sets", 2018).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from random import Random

import numpy as np

from contest.rulebook.assignment.table import NO_LIMIT, Amounts, Flags, Table

Hop = tuple[int, int, int]
"""A hand-over: giver, film, taker. Chains of them run from their end to their start."""


@dataclass(frozen=True)
class Stuck:
    """Screenings that no juror can take, by film; and the films and jurors in each other's way."""

    short: dict[int, int]
    films: frozenset[int]
    jurors: frozenset[int]


def fill(table: Table, chance: Random) -> Stuck | None:
    """Deal until every film has its jurors; tells what is in the way where that can't be."""
    _deal(table, chance)
    alive = np.ones(len(table.jurors), dtype=bool)
    short: dict[int, int] = {}
    for film in range(len(table.films)):
        lacking = int(table.need[film]) - len(table.dealt[film])
        while lacking and _squeeze_in(table, film, alive):
            lacking -= 1
        if lacking:
            short[film] = lacking
    if not short:
        return None
    dead = np.flatnonzero(~alive)
    films = set(short).union(*(table.held[juror] for juror in dead))
    return Stuck(short, frozenset(films), frozenset(dead.tolist()))


def even_out(table: Table) -> None:
    """Hand films on from the fullest jurors until no chain of hand-overs evens the loads further.

    When no chain leads from a juror to one who should rather have the film, all that the search
    reached is settled: no later chain that enters it could leave it or end there.
    """
    unsettled = np.ones(len(table.jurors), dtype=bool)
    while unsettled.any():
        gives = np.where(unsettled, table.gives, -2 * NO_LIMIT)
        fullest = int(gives.argmax())
        goals = unsettled & (table.takes < gives[fullest])
        if not goals.any():
            return
        chain, reached = search(table, [fullest], goals, unsettled.copy())
        if not chain:
            unsettled &= ~reached
        hand_on(table, chain)


def _deal(table: Table, chance: Random) -> None:
    """Films with the fewest possible jurors first, each to jurors with least to watch so far.

    Among these, to those who shared fewest films with its other jurors.
    """
    wanted = np.flatnonzero(table.need).tolist() if table.jurors else []
    chance.shuffle(wanted)
    free = table.open.sum(axis=1)
    wanted.sort(key=lambda film: int(free[film] - table.need[film]))
    count = len(table.jurors)
    for film in wanted:
        luck = np.frombuffer(chance.randbytes(2 * count), dtype=np.uint16) / 65536
        cost = _costs(table, film) + luck
        for _ in range(int(table.need[film])):
            juror = int(cost.argmin())
            if not np.isfinite(cost[juror]):
                break
            table.give(juror, film)
            cost += 2 * table.pairs[juror]
            cost[juror] = np.inf


def _costs(table: Table, film: int) -> Amounts:
    """What the film costs each juror: the load first, then pairs; infinite where it is barred."""
    takes = table.takes
    cost: Amounts = takes * 16.0 + 2.0 * table.pairs[table.fixed[film]].sum(axis=0)
    cost[~table.open[film] | (takes >= NO_LIMIT)] = np.inf
    return cost


def _squeeze_in(table: Table, film: int, alive: Flags) -> bool:
    """Find the film one more juror, whoever must hand on what; else mark who can't take more."""
    ready = alive & table.open[film]
    roomy = alive & (table.takes < NO_LIMIT)
    starts = np.flatnonzero(ready).tolist()
    direct = np.flatnonzero(ready & roomy)
    if direct.size:
        table.give(int(direct[table.takes[direct].argmin()]), film)
        return True
    chain, reached = search(table, starts, roomy, alive)
    if not chain:
        alive &= ~reached
        return False
    hand_on(table, chain)
    table.give(chain[-1][0], film)
    return True


def search(table: Table, starts: list[int], goals: Flags, among: Flags) -> tuple[list[Hop], Flags]:
    """The shortest chain of hand-overs from one of `starts` to one of `goals`, if there is any.

    Also tells who was reached.
    """
    came: dict[int, Hop] = {}
    reached = np.zeros(len(table.jurors), dtype=bool)
    reached[starts] = True
    unseen = among & ~reached
    looked_at: set[int] = set()
    waiting = deque(starts)
    while waiting:
        giver = waiting.popleft()
        films = sorted(table.held[giver] - looked_at)
        looked_at.update(films)
        ways = table.open[films] & unseen
        takers = np.flatnonzero(ways.any(axis=0))
        for taker in takers.tolist():
            came[taker] = (giver, films[int(ways[:, taker].argmax())], taker)
        ends = takers[goals[takers]]
        if ends.size:
            return _traced(came, int(ends[table.takes[ends].argmin()])), reached
        unseen[takers] = False
        reached[takers] = True
        waiting.extend(takers.tolist())
    return [], reached


def _traced(came: dict[int, Hop], end: int) -> list[Hop]:
    chain = []
    while end in came:
        chain.append(came[end])
        end = came[end][0]
    return chain


def hand_on(table: Table, chain: list[Hop]) -> None:
    """Make the hand-overs of a chain, from its end to its start."""
    for giver, film, taker in chain:
        table.take(giver, film)
        table.give(taker, film)
