"""What dealing comes to: a plan, or what stands in the way of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import numpy as np

from contest.rulebook.assignment.connecting import fiedler, pieces
from contest.rulebook.assignment.problem import Pair, Problem
from contest.rulebook.assignment.table import Table, standing
from contest.rulebook.sentences import Sentence


@dataclass(frozen=True)
class Plan:
    """Films newly dealt: each juror's `queues` in viewing order, to follow what they have already.

    `loads` counts all a juror watches, films dealt earlier included. `balanced` says whether no
    two loads differ by more than one film. `withdrawn` are waiting screenings taken back, because
    their film has jurors enough without or their juror left. `shared` counts pairs of jurors by how
    many films both have, from none; so many `wishes` were granted. `pieces` are the jurors of each
    piece of the graph of jurors and films, the largest first, and `fiedler` is its algebraic
    connectivity. `notes` say what could not be had.
    """

    queues: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, int]
    balanced: bool
    notes: tuple[Sentence, ...] = ()
    withdrawn: frozenset[Pair] = frozenset()
    shared: tuple[int, ...] = ()
    wishes: int = 0
    pieces: tuple[tuple[str, ...], ...] = ()
    fiedler: float = 0.0

    @property
    def pairs(self) -> frozenset[Pair]:
        """The new screenings, without their order."""
        return frozenset((juror, entry) for juror, queue in self.queues.items() for entry in queue)

    @property
    def pair_squares(self) -> int:
        """Over all pairs of jurors, the square of how many films both have, summed."""
        return sum(films**2 * pairs for films, pairs in enumerate(self.shared))


@dataclass(frozen=True)
class Blocking:
    """Films that need `needed` screenings together, and all `jurors` who may see any of them.

    These can take `available` of them. `alike` are further films that are blocked just so.
    `smallest`: no fewer films block each other; else only that none of these can be left out.
    """

    films: tuple[str, ...]
    jurors: tuple[str, ...]
    needed: int
    available: int
    alike: tuple[str, ...] = ()
    smallest: bool = True


@dataclass(frozen=True)
class Infeasible:
    """No plan keeps the hard rules: the `entries` that can't get their jurors, and why.

    `blocking` are sets that are in each other's way, the smallest first. `evenest` is how many
    films loads must be allowed to differ by, where that alone is what stands in the way.
    """

    entries: tuple[str, ...]
    reasons: tuple[Sentence, ...]
    blocking: tuple[Blocking, ...] = ()
    evenest: int | None = None


def planned(problem: Problem, table: Table, seed: int | str) -> Plan:
    """The plan that lies on the table."""
    sitting = sorted(each.key for each in problem.jurors)
    fixed, held = _screenings(table)
    kept = standing(problem)
    loads = dict.fromkeys(sitting, 0)
    for juror, _ in fixed | held:
        if juror in loads:
            loads[juror] += 1
    wishes = {(each.key, film) for each in problem.jurors for film in each.wishes}
    return Plan(
        queues=_queues(sitting, held - kept, seed),
        loads=loads,
        balanced=max(loads.values(), default=0) - min(loads.values(), default=0) <= 1,
        withdrawn=(problem.given - problem.conflicts) - held - fixed,
        shared=tuple(np.bincount(table.pairs[np.triu_indices(len(table.jurors), 1)]).tolist()),
        wishes=len(wishes & (held - kept)),
        pieces=_groups(table),
        fiedler=fiedler(table),
    )


def _screenings(table: Table) -> tuple[set[Pair], set[Pair]]:
    """What stands from earlier, and what is dealt now."""
    fixed = {
        (table.jurors[juror], film)
        for film, members in zip(table.films, table.fixed, strict=True)
        for juror in members
    }
    held = {
        (juror, table.films[film])
        for juror, films in zip(table.jurors, table.held, strict=True)
        for film in films
    }
    return fixed, held


def _queues(jurors: list[str], dealt: set[Pair], seed: int | str) -> dict[str, tuple[str, ...]]:
    """Each juror's new films in an order of their own."""
    films: dict[str, list[str]] = {juror: [] for juror in jurors}
    for juror, film in sorted(dealt):
        films[juror].append(film)
    for juror, queue in films.items():
        Random(f"{seed}/order/{juror}").shuffle(queue)  # noqa: S311  # reproducible, and no secret
    return {juror: tuple(queue) for juror, queue in films.items()}


def _groups(table: Table) -> tuple[tuple[str, ...], ...]:
    """The jurors of each piece of the graph, the largest first."""
    count, _, of_juror = pieces(table)
    groups = [
        tuple(table.jurors[at] for at in np.flatnonzero(of_juror == piece))
        for piece in range(count)
    ]
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))
