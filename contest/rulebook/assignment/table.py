"""The dealing table: films and jurors as numbers, so that whole panels are reckoned at once.

Films and jurors are numbered in the order of their keys: nothing depends on the order in which
they come. Who judged earlier and left has a number too, and can be dealt nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contest.rulebook.assignment.problem import Pair, Problem, Tie, understands

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
Amounts = NDArray[np.float64]
NO_LIMIT = 1 << 30


@dataclass
class Table:
    """Who has what. Arrays are by film (n), by juror (m), or films by jurors (n x m).

    `open` says who may still be dealt the film; `need` how many more jurors it must get; `fixed`
    holds each film's jurors of earlier dealings, `dealt` those of this one. `loads` counts what
    each juror has, with `least` and `most` as its bounds. `pairs` (m x m) counts films that two
    jurors both have. `held` lists each juror's films dealt now, which may still be handed on;
    `wishes` by film the jurors who wish for it.
    """

    films: list[str]
    jurors: list[str]
    open: Flags
    need: Counts
    fixed: list[list[int]]
    dealt: list[list[int]]
    held: list[set[int]]
    loads: Counts
    least: Counts
    most: Counts
    pairs: NDArray[np.int64]
    wishes: list[list[int]]

    def members(self, film: int) -> list[int]:
        """All jurors of the film."""
        return self.fixed[film] + self.dealt[film]

    def give(self, juror: int, film: int) -> None:
        """Deal the film to the juror."""
        others = self.members(film)
        self.pairs[juror, others] += 1
        self.pairs[others, juror] += 1
        self.dealt[film].append(juror)
        self.held[juror].add(film)
        self.open[film, juror] = False
        self.loads[juror] += 1

    def take(self, juror: int, film: int) -> None:
        """Take back a film dealt now."""
        self.dealt[film].remove(juror)
        self.held[juror].remove(film)
        self.open[film, juror] = True
        self.loads[juror] -= 1
        others = self.members(film)
        self.pairs[juror, others] -= 1
        self.pairs[others, juror] -= 1

    @property
    def gives(self) -> Counts:
        """What each juror's last film costs: the load it makes, next to nothing up to `least`."""
        return self.loads - np.where(self.loads > self.least, 1, 1 + NO_LIMIT)

    @property
    def takes(self) -> Counts:
        """What one more film would cost each juror, on the same scale as `gives`."""
        hungry = np.where(self.loads < self.least, self.loads + 1 - NO_LIMIT, self.loads + 1)
        return np.where(self.loads < self.most, hungry - 1, NO_LIMIT)


def laid(problem: Problem) -> Table:
    """The table before anything is dealt."""
    sitting = {each.key for each in problem.jurors}
    kept = standing(problem)
    films = sorted({each.key for each in problem.films} | {film for _, film in kept})
    jurors = sorted(sitting | {juror for juror, _ in kept})
    film_at = {key: at for at, key in enumerate(films)}
    juror_at = {key: at for at, key in enumerate(jurors)}
    loose = _loose(problem, kept)
    fixed: list[list[int]] = [[] for _ in films]
    for juror, film in sorted(kept - loose):
        fixed[film_at[film]].append(juror_at[juror])
    table = Table(
        films=films,
        jurors=jurors,
        open=np.zeros((len(films), len(jurors)), dtype=bool),
        need=np.zeros(len(films), dtype=np.int64),
        fixed=fixed,
        dealt=[[] for _ in films],
        held=[set() for _ in jurors],
        loads=np.zeros(len(jurors), dtype=np.int64),
        least=np.zeros(len(jurors), dtype=np.int64),
        most=np.zeros(len(jurors), dtype=np.int64),
        pairs=_pairs(fixed, len(jurors)),
        wishes=[[] for _ in films],
    )
    _admit(table, problem, film_at, juror_at)
    _hold(table, problem, {(juror_at[juror], film_at[film]) for juror, film in loose}, film_at)
    _bound(table, problem, juror_at)
    return table


def standing(problem: Problem) -> frozenset[Pair]:
    """The screenings of earlier dealings that fill a place.

    None that is a conflict, nor one that waits for a juror who doesn't sit any more.
    """
    sitting = {each.key for each in problem.jurors}
    gone = {pair for pair in problem.waiting if pair[0] not in sitting}
    return problem.given - problem.conflicts - gone


def _loose(problem: Problem, kept: frozenset[Pair]) -> frozenset[Pair]:
    """Waiting screenings of films that have more jurors than they shall have."""
    filled = Counter(film for _, film in kept)
    over = {each.key for each in problem.films if filled[each.key] > problem.jurors_for(each)}
    return frozenset(pair for pair in problem.waiting & kept if pair[1] in over)


def _pairs(fixed: Iterable[list[int]], jurors: int) -> Counts:
    pairs = np.zeros((jurors, jurors), dtype=np.int64)
    for members in fixed:
        pairs[np.ix_(members, members)] += 1
    np.fill_diagonal(pairs, 0)
    return pairs


def _admit(
    table: Table, problem: Problem, film_at: dict[str, int], juror_at: dict[str, int]
) -> None:
    """Open each film to the jurors whom nothing bars from it."""
    rows = [film_at[each.key] for each in problem.films]
    columns = [juror_at[each.key] for each in problem.jurors]
    if not (rows and columns):
        return
    table.open[np.ix_(rows, columns)] = _understood(problem)
    for film, juror in _tied(problem):
        table.open[film_at[film], juror_at[juror]] = False
    for each in problem.jurors:
        seat = juror_at[each.key]
        table.open[[film_at[key] for key in each.refuses if key in film_at], seat] = False
        for key in each.wishes & film_at.keys():
            table.wishes[film_at[key]].append(seat)
    for who, what in problem.conflicts | problem.given:
        if who in juror_at and what in film_at:
            table.open[film_at[what], juror_at[who]] = False


def _understood(problem: Problem) -> Flags:
    """Films by jurors, in the problem's order: whether the juror can follow the film."""
    heard: dict[Hashable, int] = {}
    spoken: dict[Hashable, int] = {}
    seats = [heard.setdefault(each.languages, len(heard)) for each in problem.jurors]
    kinds = [
        spoken.setdefault((each.languages, each.subtitles), len(spoken)) for each in problem.films
    ]
    firsts = [problem.films[kinds.index(kind)] for kind in range(len(spoken))]
    panel = [problem.jurors[seats.index(kind)] for kind in range(len(heard))]
    by_kind = np.array(
        [[understands(juror.languages, film) for juror in panel] for film in firsts], dtype=bool
    )
    return by_kind[np.ix_(kinds, seats)]


def _tied(problem: Problem) -> Iterator[tuple[str, str]]:
    """Films and jurors that have a tie in common."""
    having: dict[Tie, list[str]] = defaultdict(list)
    for juror in problem.jurors:
        for tie in juror.ties:
            having[tie].append(juror.key)
    for film in problem.films:
        for tie in film.ties:
            for key in having.get(tie, ()):
                yield film.key, key


def _hold(
    table: Table, problem: Problem, loose: set[tuple[int, int]], film_at: dict[str, int]
) -> None:
    """How many jurors each film lacks. Of loose screenings as many stay as it has places for."""
    for film in problem.films:
        at = film_at[film.key]
        table.need[at] = max(0, problem.jurors_for(film) - len(table.fixed[at]))
    for _, at in loose:
        table.open[at] = False
    for juror, at in loose:
        table.open[at, juror] = True


def _bound(table: Table, problem: Problem, juror_at: dict[str, int]) -> None:
    """What each juror has and may have. A maximum takes back nothing that was given."""
    had = np.zeros(len(table.jurors), dtype=np.int64)
    for members in table.fixed:
        had[members] += 1
    counted = np.zeros_like(had) if problem.from_now else had
    table.loads += counted
    table.least += counted
    table.most += counted
    for juror in problem.jurors:
        at = juror_at[juror.key]
        most = NO_LIMIT if juror.maximum is None else juror.maximum
        table.least[at] += max(0, juror.minimum - had[at])
        table.most[at] += max(0, most - had[at])
