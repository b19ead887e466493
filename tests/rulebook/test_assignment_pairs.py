"""Pairs of jurors spread as an exact solver spreads them, and one comparison for all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from contest.rulebook.assignment import Film, Infeasible, Juror, Plan, Problem, deal


def planned(problem: Problem, seed: int = 1) -> Plan:
    plan = deal(problem, seed)
    assert isinstance(plan, Plan)
    return plan


def panel(films: int, jurors: int, per_film: int) -> Problem:
    return Problem(
        films=tuple(Film(f"f{at:03}") for at in range(films)),
        jurors=tuple(Juror(f"j{at:02}") for at in range(jurors)),
        per_film=per_film,
    )


def shared(plan: Plan, given: frozenset[tuple[str, str]] = frozenset()) -> Counter[tuple[str, str]]:
    """Films that each two jurors both have."""
    of: dict[str, list[str]] = {}
    for juror, film in sorted(plan.pairs | given):
        of.setdefault(film, []).append(juror)
    return Counter(pair for jurors in of.values() for pair in combinations(jurors, 2))


# --- pairs ---------------------------------------------------------------------------------------


def a_panel(seed: int) -> Problem:
    """Four to seven films, four or five jurors, a fifth of them barred and a fifth wished for."""
    chance = Random(seed)
    films = [f"f{at}" for at in range(chance.randint(4, 7))]
    return Problem(
        films=tuple(Film(film) for film in films),
        jurors=tuple(
            Juror(
                f"j{at}",
                refuses=frozenset(film for film in films if chance.random() < 0.2),
                wishes=frozenset(film for film in films if chance.random() < 0.2),
            )
            for at in range(chance.randint(4, 5))
        ),
        per_film=chance.randint(2, 3),
    )


def least_price(problem: Problem) -> float:
    """Squared pairs less wishes granted, at least, by an integer programme.

    Variables: x (film, juror), both (film, pair) and, for each pair, one for each film they may
    share; the t-th of these costs 2t - 1, so that the first n cost n squared.
    """
    films, jurors = len(problem.films), len(problem.jurors)
    pairs = list(combinations(range(jurors), 2))
    both = films * jurors
    steps = both + films * len(pairs)
    size = steps + len(pairs) * films
    rules: list[tuple[dict[int, float], float, float]] = []
    for film in range(films):
        wanted = problem.per_film
        rules.append(({film * jurors + each: 1 for each in range(jurors)}, wanted, wanted))
        for at, (one, other) in enumerate(pairs):
            row = {both + film * len(pairs) + at: 1.0}
            row |= {film * jurors + one: -1, film * jurors + other: -1}
            rules.append((row, -1, np.inf))
    least, over = divmod(films * problem.per_film, jurors)
    for juror in range(jurors):
        row = {film * jurors + juror: 1.0 for film in range(films)}
        rules.append((row, least, least + (over > 0)))
    for at in range(len(pairs)):
        row = {both + film * len(pairs) + at: -1.0 for film in range(films)}
        row |= {steps + at * films + step: 1.0 for step in range(films)}
        rules.append((row, 0, np.inf))
    matrix = lil_array((len(rules), size))
    for number, (row, _, _) in enumerate(rules):
        for column, factor in row.items():
            matrix[number, column] = factor
    price, most, whole = np.zeros(size), np.ones(size), np.zeros(size)
    whole[:both] = 1
    price[steps:] = np.tile(2 * np.arange(films) + 1, len(pairs))
    for at, (seen, by) in enumerate((f, j) for f in problem.films for j in problem.jurors):
        price[at] = -(seen.key in by.wishes)
        most[at] = problem.bar(seen, by) is None
    bounds = [low for _, low, _ in rules], [high for _, _, high in rules]
    found = milp(
        price,
        constraints=LinearConstraint(matrix.tocsr(), *bounds),
        bounds=Bounds(0, most),
        integrality=whole,
    )
    return float(found.fun)


@pytest.mark.parametrize("seed", range(40))
def test_small_panels_are_spread_within_two_percent_of_an_exact_solver(seed: int) -> None:
    problem = a_panel(seed)
    plan = deal(problem, 1)
    if isinstance(plan, Infeasible):
        return
    wished = {(juror.key, film) for juror in problem.jurors for film in juror.wishes}
    assert plan.wishes == len(plan.pairs & wished)
    squares = sum(films**2 for films in shared(plan).values())
    assert plan.pair_squares == squares
    best = least_price(problem)
    assert squares - plan.wishes <= best + 0.02 * (best + plan.wishes) + 1e-6


def test_in_a_large_panel_two_jurors_share_nearly_as_few_films_as_can_be() -> None:
    plan = planned(panel(300, 30, 5))
    counts = shared(plan)
    pairs = list(combinations(plan.loads, 2))
    assert sum(counts.values()) == 300 * 10
    assert plan.shared == tuple(
        sum(counts[pair] == films for pair in pairs) for films in range(len(plan.shared))
    )
    least, over = divmod(300 * 10, len(pairs))
    evenly = len(pairs) * least**2 + over * (2 * least + 1)
    assert plan.pair_squares <= 1.02 * evenly


def test_pairs_given_earlier_count_when_more_is_dealt() -> None:
    problem = panel(6, 6, 3)
    circles = {("j00", "j01", "j02"): "f000 f001 f002", ("j03", "j04", "j05"): "f003 f004 f005"}
    given = {
        (juror, film)
        for jurors, films in circles.items()
        for film in films.split()
        for juror in jurors[:2]
    }
    plan = planned(replace(problem, given=frozenset(given)))
    assert set(plan.loads.values()) == {3}
    met = shared(plan, frozenset(given))
    assert met["j00", "j01"] == 3
    # the late two see two films of one circle and one of the other: 9 + 4 + 4 + 1 + 1, twice
    assert plan.pair_squares == sum(films**2 for films in met.values()) == 38


# --- one comparison for all ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_all_are_linked_where_screenings_suffice_and_nothing_bars(seed: int) -> None:
    chance = Random(seed)
    jurors = chance.randint(2, 9)
    per_film = chance.randint(2, min(4, jurors))
    films = -(-jurors // (per_film - 1)) + chance.randint(0, 5)
    plan = planned(panel(films, jurors, per_film), seed)
    assert len(plan.pieces) == 1
    assert plan.notes == ()
    assert plan.fiedler > 1e-9


def test_two_fixed_circles_are_joined_by_what_is_dealt_more() -> None:
    problem = panel(8, 6, 3)
    given = frozenset(
        (f"j{juror:02}", film.key)
        for at, film in enumerate(problem.films)
        for juror in ((0, 1) if at < 4 else (3, 4))
    )
    assert len(planned(replace(problem, given=given)).pieces) == 1


def test_an_exchange_joins_what_spreading_left_apart() -> None:
    """Wishes that keep to two circles gain more than one exchange between them costs."""
    films = [f"f{at}" for at in range(4)]
    problem = Problem(
        films=tuple(Film(film) for film in films),
        jurors=tuple(
            Juror(f"j{at}", wishes=frozenset(films[:2] if at < 2 else films[2:])) for at in range(4)
        ),
        per_film=2,
    )
    plan = planned(problem)
    assert plan.pieces == (("j0", "j1", "j2", "j3"),)
    assert sorted(plan.loads.values()) == [2, 2, 2, 2]


def test_groups_that_bars_keep_apart_are_named() -> None:
    problem = Problem(
        films=tuple(
            Film(f"{language}{at}", frozenset([language]))
            for language in ["fr", "ko"]
            for at in range(3)
        ),
        jurors=tuple(
            Juror(f"{name} {language}", frozenset([language]))
            for language in ["fr", "ko"]
            for name in ["Ann", "Bo", "Cy"]
        ),
        per_film=2,
    )
    plan = planned(problem)
    assert plan.pieces == (("Ann fr", "Bo fr", "Cy fr"), ("Ann ko", "Bo ko", "Cy ko"))
    assert plan.fiedler == 0
    [note] = plan.notes
    assert str(note) == (
        "Not all scores can be compared: these groups of jurors have no film in common, directly or"
        " by way of others: Ann fr, Bo fr, Cy fr | Ann ko, Bo ko, Cy ko."
    )


def test_one_juror_a_film_links_nobody_and_the_plan_says_how_many_screenings_would() -> None:
    plan = planned(panel(4, 2, 1))
    assert len(plan.pieces) == 2
    assert str(plan.notes[1]) == (
        "To link them all takes at least 5 screenings, and there are 4. Deal each film to more"
        " jurors, or let fewer jurors sit."
    )


@pytest.mark.parametrize(("films", "jurors"), [(12, 5), (120, 12), (400, 15)])
def test_the_fiedler_value_is_that_of_the_whole_graph(films: int, jurors: int) -> None:
    plan = planned(panel(films, jurors, 3))
    keys = sorted({key for pair in plan.pairs for key in pair})
    adjacent = np.zeros((len(keys), len(keys)))
    for juror, film in plan.pairs:
        adjacent[keys.index(juror), keys.index(film)] = 1
    adjacent += adjacent.T
    spectrum = np.linalg.eigvalsh(np.diag(adjacent.sum(axis=0)) - adjacent)
    assert plan.fiedler == pytest.approx(spectrum[1], rel=1e-6)
