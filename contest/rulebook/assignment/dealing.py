"""Who watches what, in which order: conflicts kept, loads even, reproducible from a seed.

Hard rules: no juror sees a film they conflict with or a film twice, and each film is seen by
`per_film` different jurors. Films are first dealt to the jurors with least to watch; then films
are handed on along chains of jurors (augmenting paths) until no chain can make the loads more
even. That end state is the evenest there is: such loads form a base of a polymatroid, where a
state no single chain improves has the smallest greatest load and the greatest smallest load at
once (Harvey, Ladner, Lovasz and Tamir, "Semi-matchings for bipartite graphs", 2003).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from contest.rulebook.sentences import Sentence

Pair = tuple[str, str]
"""A juror and an entry."""


@dataclass(frozen=True)
class Plan:
    """Films newly dealt: each juror's `queues` in viewing order, to follow what they have already.

    `loads` counts all a juror watches, films dealt earlier included. `balanced` says whether no
    two loads differ by more than one film; where they do, `notes` says why.
    """

    queues: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, int]
    balanced: bool
    notes: tuple[Sentence, ...]

    @property
    def pairs(self) -> frozenset[Pair]:
        """The new screenings, without their order."""
        return frozenset((juror, entry) for juror, queue in self.queues.items() for entry in queue)


@dataclass(frozen=True)
class Infeasible:
    """No plan keeps the hard rules: the `entries` that can't get their jurors, and why."""

    entries: tuple[str, ...]
    reasons: tuple[Sentence, ...]


class _Table:
    """The dealing table. Jurors and entries are numbers here, in the order of their keys.

    `needed` is how many more jurors each entry must get. `closed` holds, for each entry, the
    jurors who can't receive it: in conflict, or dealt it. `dealt` holds, for each juror, the
    entries dealt now, which may still be handed on.
    """

    def __init__(self, films: list[str], panel: list[str], per_film: int) -> None:
        self.films, self.panel = films, panel
        self.needed = [per_film for _ in films]
        self.loads = [0 for _ in panel]
        self.dealt: list[set[int]] = [set() for _ in panel]
        self.closed: list[set[int]] = [set() for _ in films]

    def free(self, entry: int) -> list[int]:
        """The jurors who may receive the entry."""
        return [juror for juror in range(len(self.loads)) if juror not in self.closed[entry]]

    def give(self, juror: int, entry: int) -> None:
        """Deal the entry to the juror."""
        self.dealt[juror].add(entry)
        self.closed[entry].add(juror)
        self.loads[juror] += 1

    def take(self, juror: int, entry: int) -> None:
        """Take back an entry dealt now."""
        self.dealt[juror].remove(entry)
        self.closed[entry].remove(juror)
        self.loads[juror] -= 1


def assign(
    entries: Iterable[str],
    jurors: Iterable[str],
    per_film: int,
    conflicts: Iterable[Pair],
    existing: Iterable[Pair],
    seed: int | str,
    *,
    names: Mapping[str, str] | None = None,
) -> Plan | Infeasible:
    """Deal every entry to jurors until `per_film` of them have it.

    `existing` pairs stay as they are and fill places, whether or not their juror still sits on
    the panel; one that is also a conflict (a recusal) fills none. The same input and seed give
    the same plan, in whatever order the input comes. `names` are what reasons call the entries.
    Raises ValueError when `per_film` is below 1.
    """
    if per_film < 1:
        raise ValueError("each film needs at least one juror")
    barred = set(conflicts)
    kept = set(existing) - barred
    table = _Table(sorted(set(entries)), sorted(set(jurors)), per_film)
    _lay(table, barred, kept)
    if lacking := [at for at, need in enumerate(table.needed) if len(table.free(at)) < need]:
        return _infeasible(lacking, table, kept, names or {})
    _deal(table, Random(f"{seed}/deal"))  # noqa: S311  # reproducible, and no secret
    _even_out(table)
    return _plan(table, seed)


def _lay(table: _Table, barred: set[Pair], kept: set[Pair]) -> None:
    """Mark who has what already, and who must not have what."""
    film_at = {film: at for at, film in enumerate(table.films)}
    juror_at = {juror: at for at, juror in enumerate(table.panel)}
    for juror, film in barred | kept:
        if juror in juror_at and film in film_at:
            table.closed[film_at[film]].add(juror_at[juror])
    for juror, film in kept:
        if juror in juror_at:
            table.loads[juror_at[juror]] += 1
        if film in film_at:
            table.needed[film_at[film]] = max(0, table.needed[film_at[film]] - 1)


def _deal(table: _Table, chance: Random) -> None:
    """Films with the fewest possible jurors first, each to those with least to watch so far."""
    order = list(range(len(table.films)))
    chance.shuffle(order)
    order.sort(key=lambda entry: len(table.closed[entry]), reverse=True)
    for entry in order:
        free = [(table.loads[juror], chance.random(), juror) for juror in table.free(entry)]
        for _, _, juror in sorted(free)[: table.needed[entry]]:
            table.give(juror, entry)


def _even_out(table: _Table) -> None:
    """Hand films on from the fullest jurors until no chain of hand-overs evens the loads further.

    When no chain leads from a juror to one with two films fewer, all that the search reached is
    settled: no later chain can enter it, for its loads are all too great to be an end.
    """
    unsettled = set(range(len(table.loads)))
    while unsettled:
        fullest = max(unsettled, key=lambda juror: (table.loads[juror], -juror))
        if table.loads[fullest] - min(table.loads[juror] for juror in unsettled) <= 1:
            return
        chain, reached = _search(table, fullest, unsettled)
        unsettled -= reached
        for giver, entry, taker in chain:
            table.take(giver, entry)
            table.give(taker, entry)


def _search(
    table: _Table, start: int, open_to: set[int]
) -> tuple[list[tuple[int, int, int]], set[int]]:
    """The shortest chain of hand-overs from `start` to a juror with at least two films fewer.

    Gives the chain as (giver, entry, taker) and no jurors; or no chain and the jurors reached.
    """
    came: dict[int, tuple[int, int, int]] = {}
    unseen = open_to - {start}
    looked_at: set[int] = set()
    waiting = deque([start])
    while waiting:
        giver = waiting.popleft()
        for entry in sorted(table.dealt[giver] - looked_at):
            looked_at.add(entry)
            for taker in sorted(unseen - table.closed[entry]):
                came[taker] = (giver, entry, taker)
                if table.loads[taker] <= table.loads[start] - 2:
                    return _traced(came, start, taker), set()
                unseen.discard(taker)
                waiting.append(taker)
    return [], {start, *came}


def _traced(
    came: Mapping[int, tuple[int, int, int]], start: int, end: int
) -> list[tuple[int, int, int]]:
    chain = []
    while end != start:
        chain.append(came[end])
        end = came[end][0]
    return chain


def _plan(table: _Table, seed: int | str) -> Plan:
    queues = {}
    for juror, dealt in zip(table.panel, table.dealt, strict=True):
        queue = [table.films[entry] for entry in sorted(dealt)]
        Random(f"{seed}/order/{juror}").shuffle(queue)  # noqa: S311  # reproducible, and no secret
        queues[juror] = tuple(queue)
    least, most = min(table.loads, default=0), max(table.loads, default=0)
    uneven = Sentence(
        "Loads range from %(least)s to %(most)s films: conflicts and films dealt earlier"
        " leave no evener plan.",
        least=least,
        most=most,
    )
    balanced = most - least <= 1
    loads = dict(zip(table.panel, table.loads, strict=True))
    return Plan(queues, loads, balanced, () if balanced else (uneven,))


def _infeasible(
    lacking: list[int], table: _Table, kept: set[Pair], names: Mapping[str, str]
) -> Infeasible:
    entries = tuple(table.films[at] for at in lacking)
    needed, panel = max(table.needed), len(table.panel)
    if needed > panel:
        reason = Sentence(
            "Jurors still needed for each film: %(needed)s; jurors on the panel: %(panel)s."
            " Invite at least %(lacking)s more, or let fewer jurors see each film.",
            needed=needed,
            panel=panel,
            lacking=needed - panel,
        )
        return Infeasible(entries, (reason,))
    return Infeasible(entries, tuple(_lack(at, table, kept, names) for at in lacking))


def _lack(at: int, table: _Table, kept: set[Pair], names: Mapping[str, str]) -> Sentence:
    film, free = table.films[at], len(table.free(at))
    dealt = sum((juror, film) in kept for juror in table.panel)
    return Sentence(
        "%(entry)s can't get enough jurors: still needed %(needed)s, free to see it %(free)s,"
        " in conflict %(barred)s, dealt it already %(dealt)s.",
        entry=names.get(film, film),
        needed=table.needed[at],
        free=free,
        barred=len(table.panel) - free - dealt,
        dealt=dealt,
    )
