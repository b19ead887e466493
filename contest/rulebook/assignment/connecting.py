"""One comparison for all: the graph of jurors and the films they see should be in one piece.

Films of two pieces were seen by nobody in common, so no score says which is better, however strict
either side is. Changing one juror of a film for one of another piece joins the two, unless it
tears its own piece: so only screenings that may lie on a cycle are changed.
"""

from __future__ import annotations

from random import Random

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, eigsh

from contest.rulebook.assignment.flow import Hop, hand_on, search
from contest.rulebook.assignment.table import Counts, Flags, Table

TRIES = 200
"""Changes tried for each join before the pieces are left apart."""

SMALL = 256
"""Graphs of so few nodes are reckoned whole."""


def pieces(table: Table) -> tuple[int, Counts, Counts]:
    """How many pieces; and by film and by juror which it belongs to, -1 where nobody sees it."""
    graph = _graph(table)
    seen = np.flatnonzero(graph.sum(axis=0))
    piece = np.full(graph.shape[0], -1)
    if not seen.size:
        return 0, piece[: len(table.films)], piece[len(table.films) :]
    count, labels = connected_components(graph[seen][:, seen], directed=False)
    piece[seen] = labels
    return int(count), piece[: len(table.films)], piece[len(table.films) :]


def connect(table: Table, chance: Random) -> None:
    """Join pieces by changing jurors, as far as that goes without breaking a hard rule."""
    count, of_film, of_juror = pieces(table)
    while count > 1:
        changes = _changes(table, of_film, of_juror)
        chance.shuffle(changes)
        if not any(_joins(table, change, count) for change in changes[:TRIES]):
            return
        count, of_film, of_juror = pieces(table)


def fiedler(table: Table) -> float:
    """The second smallest eigenvalue of the graph's Laplacian: 0 in pieces, else how tightly knit.

    The graph has a node for each film that anybody sees and each juror who sees any (Fiedler,
    "Algebraic connectivity of graphs", 1973). 0 as well where there are fewer than two nodes.
    """
    graph = _graph(table)
    seen = np.flatnonzero(graph.sum(axis=0))
    if seen.size < 2 or pieces(table)[0] > 1:
        return 0.0
    films = int((seen < len(table.films)).sum())
    graph = graph[seen][:, seen]
    laplacian = (diags_array(graph.sum(axis=0)) - graph).tocsr()
    if seen.size <= SMALL:
        return float(np.linalg.eigvalsh(laplacian.toarray())[1])
    start = np.cos(np.arange(seen.size))  # eigsh would take one at random
    inverse = _inverse(laplacian, films)
    found = eigsh(laplacian, k=2, sigma=-1.0, OPinv=inverse, v0=start, return_eigenvectors=False)
    return float(max(found))


def _inverse(laplacian: csr_array, films: int) -> LinearOperator:
    """Solves (laplacian + 1) x = y: no two films are linked, so they drop out of the equations."""
    raised = laplacian + diags_array(np.ones(laplacian.shape[0]))
    of_films = raised.diagonal()[:films]
    across = raised[:films, films:]
    rest = raised[films:, films:].toarray()
    rest -= (across.T @ diags_array(1 / of_films) @ across).toarray()
    factor = cho_factor(rest)

    def solve(wanted: np.ndarray[tuple[int], np.dtype[np.float64]]) -> object:
        scaled = wanted[:films] / of_films
        jurors = cho_solve(factor, wanted[films:] - across.T @ scaled)
        return np.concatenate([scaled - (across @ jurors) / of_films, jurors])

    return LinearOperator(laplacian.shape, matvec=solve)


def _links(table: Table) -> tuple[Counts, Counts]:
    """Every screening's film and juror, given and dealt."""
    members = [table.members(film) for film in range(len(table.films))]
    films = np.repeat(np.arange(len(members)), [len(each) for each in members])
    return films, np.array([juror for each in members for juror in each], dtype=np.int64)


def _graph(table: Table) -> csr_array:
    """Films, then jurors, by the same: 1 where one sees the other."""
    films, jurors = _links(table)
    size = len(table.films) + len(table.jurors)
    ones = np.ones(len(films))
    half = coo_array((ones, (films, jurors + len(table.films))), shape=(size, size))
    return (half + half.T).tocsr()


def _changes(table: Table, of_film: Counts, of_juror: Counts) -> list[Hop]:
    """Hand-overs to a juror of another piece that need not tear the piece they leave."""
    found = []
    for film, giver in _on_cycles(*_links(table)):
        if film in table.held[giver]:
            strangers: Flags = table.open[film] & (of_juror != of_film[film])
            found += [(film, giver, taker) for taker in np.flatnonzero(strangers).tolist()]
    return [(giver, film, taker) for film, giver, taker in found]


def _on_cycles(films: Counts, jurors: Counts) -> list[tuple[int, int]]:
    """The screenings that are left when what hangs on by one link is taken away, again and again.

    Those on cycles are among them, and others between cycles.
    """
    while True:
        inner = (np.bincount(films)[films] > 1) & (np.bincount(jurors)[jurors] > 1)
        if inner.all():
            return list(zip(films.tolist(), jurors.tolist(), strict=True))
        films, jurors = films[inner], jurors[inner]


def _joins(table: Table, change: Hop, count: int) -> bool:
    """Make the change, and others that keep loads as they were; undo all that joined nothing."""
    giver, film, taker = change
    even = table.gives[giver] == table.takes[taker]
    hand_on(table, [change])
    chain: list[Hop] = []
    if not even:
        row = table.open[film].copy()
        table.open[film] = False  # the film itself stays where it is now
        goals = np.zeros(len(table.jurors), dtype=bool)
        goals[giver] = True
        chain, _ = search(table, [taker], goals, ~goals | goals)
        hand_on(table, chain)
        table.open[film] = row
    if (even or chain) and pieces(table)[0] < count:
        return True
    back = [(after, shown, before) for before, shown, after in reversed([*([change]), *chain])]
    hand_on(table, back)
    return False
