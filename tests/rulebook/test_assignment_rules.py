"""Dealing against solvers that know nothing of it: random small panels, each rule on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from contest.rulebook.assignment import Bar, Film, Infeasible, Juror, Plan, Problem, deal

TONGUES = ["en", "fr", "ko"]
SCHOOLS = [("school", "north"), ("school", "south")]


def some(chance: Random, things: list[str], share: float) -> frozenset[str]:
    return frozenset(each for each in things if chance.random() < share)


def a_problem(seed: int, *, capacities: bool = False, within: int | None = None) -> Problem:
    """Two to eight films and jurors, with everything that may bar one from the other."""
    chance = Random(seed)
    films = [f"f{at}" for at in range(chance.randint(2, 8))]
    jurors = [f"j{at}" for at in range(chance.randint(2, 6))]
    rare = chance.choice([0.0, 0.1, 0.3])
    pairs = [f"{juror} {film}" for juror in jurors for film in films]
    given = some(chance, pairs, chance.choice([0, 0.2]))
    return Problem(
        films=tuple(
            Film(
                key=film,
                languages=some(chance, TONGUES, rare),
                subtitles=some(chance, TONGUES, 0.3),
                ties=frozenset(chance.sample(SCHOOLS, chance.random() < rare)),
                per_film=chance.choice([None, None, None, 1, 2]),
            )
            for film in films
        ),
        jurors=tuple(
            Juror(
                key=juror,
                languages=chance.choice([None, some(chance, TONGUES, 0.7)]),
                ties=frozenset(chance.sample(SCHOOLS, chance.random() < rare)),
                refuses=some(chance, films, rare / 2),
                wishes=some(chance, films, 0.2),
                minimum=chance.choice([0, 0, 1, 2]) if capacities else 0,
                maximum=chance.choice([None, 2, 4, 6]) if capacities else None,
            )
            for juror in jurors
        ),
        per_film=chance.randint(1, 3),
        conflicts=_pairs(some(chance, pairs, rare)),
        given=_pairs(given),
        waiting=_pairs(some(chance, sorted(given), 0.5)),
        within=within,
    )


def _pairs(texts: frozenset[str]) -> frozenset[tuple[str, str]]:
    return frozenset((juror, film) for juror, _, film in (each.partition(" ") for each in texts))


SEEDS = range(150)


def problems(**options: object) -> Iterator[Problem]:
    for seed in SEEDS:
        yield a_problem(seed, **options)  # type: ignore[arg-type]  # as each test names them


def wanted(problem: Problem, film: Film) -> int:
    """How many jurors the film must still get."""
    kept = problem.given - problem.conflicts
    return max(0, problem.jurors_for(film) - sum(each == film.key for _, each in kept))


def room(problem: Problem, juror: Juror, per_juror: int | None = None) -> int:
    """How many films the juror can still take, with at most `per_juror` in all."""
    kept = problem.given - problem.conflicts
    had = sum(each == juror.key for each, _ in kept)
    most = [each for each in (juror.maximum, per_juror) if each is not None]
    return max(0, min(most, default=len(problem.films)) - had)


def solved(problem: Problem, loads: list[tuple[int, int]]) -> bool:
    """Whether an integer programme finds new screenings with each juror's load within bounds."""
    films, jurors = len(problem.films), len(problem.jurors)
    free = [
        [problem.bar(film, juror) is None for juror in problem.jurors] for film in problem.films
    ]
    ones = np.eye(films).repeat(jurors, axis=1), np.tile(np.eye(jurors), films)
    need = [wanted(problem, film) for film in problem.films]
    found = milp(
        np.zeros(films * jurors),
        constraints=[
            LinearConstraint(ones[0], need, need),
            LinearConstraint(ones[1], [least for least, _ in loads], [most for _, most in loads]),
        ],
        bounds=Bounds(0, np.array(free, dtype=float).ravel()),
        integrality=np.ones(films * jurors),
    )
    return bool(found.status == 0)


# --- hard rules ----------------------------------------------------------------------------------


def test_no_plan_breaks_a_hard_rule_or_touches_what_was_given() -> None:
    plans = 0
    for problem in problems(capacities=True, within=None):
        plan = deal(problem, 7)
        if isinstance(plan, Infeasible):
            continue
        plans += 1
        films = {film.key: film for film in problem.films}
        jurors = {juror.key: juror for juror in problem.jurors}
        kept = problem.given - problem.conflicts - plan.withdrawn
        assert [problem.bar(films[film], jurors[juror]) for juror, film in plan.pairs] == [
            None for _ in plan.pairs
        ]
        assert plan.withdrawn <= problem.waiting
        places = Counter(film for _, film in plan.pairs | kept)
        before = Counter(film for _, film in kept)
        assert {film: places[film] for film in films} == {
            key: max(before[key], problem.jurors_for(film)) for key, film in films.items()
        }
        loads = Counter(juror for juror, _ in plan.pairs | kept)
        assert dict(plan.loads) == {key: loads[key] for key in jurors}
        new = Counter(juror for juror, _ in plan.pairs)
        for key, juror in jurors.items():
            assert loads[key] >= juror.minimum
            most = len(films) if juror.maximum is None else juror.maximum
            assert new[key] == 0 or loads[key] <= most
    assert plans > 60


def test_there_is_a_plan_exactly_where_an_integer_programme_finds_one() -> None:
    seen = Counter[bool]()
    for each in problems(capacities=True, within=None):
        problem = replace(each, waiting=frozenset())
        had = Counter(juror for juror, _ in problem.given - problem.conflicts)
        bounds = [
            (max(0, juror.minimum - had[juror.key]), room(problem, juror))
            for juror in problem.jurors
        ]
        possible = all(low <= high for low, high in bounds) and solved(problem, bounds)
        assert isinstance(deal(problem, 1), Plan) == possible
        seen[possible] += 1
    assert min(seen.values()) > 20


def test_loads_are_as_close_as_asked_or_the_least_distance_there_is_is_told() -> None:
    told = 0
    for each in problems(within=1):
        problem = replace(each, given=frozenset(), waiting=frozenset())
        plan = deal(problem, 1)
        if isinstance(plan, Plan):
            assert max(plan.loads.values()) - min(plan.loads.values()) <= 1
        elif plan.evenest is not None:
            told += 1
            most = len(problem.films)
            closer = [
                [(low, low + plan.evenest - 1)] * len(problem.jurors) for low in range(most + 1)
            ]
            assert [solved(problem, bounds) for bounds in closer] == [False for _ in closer]
            allowed = deal(replace(problem, within=plan.evenest), 1)
            assert isinstance(allowed, Plan)
            assert max(allowed.loads.values()) - min(allowed.loads.values()) == plan.evenest
    assert told > 4


def test_the_order_of_films_jurors_and_pairs_changes_nothing() -> None:
    for seed, problem in enumerate(problems(capacities=True, within=None)):
        chance = Random(seed)
        mixed = replace(
            problem,
            films=tuple(chance.sample(problem.films, len(problem.films))),
            jurors=tuple(chance.sample(problem.jurors, len(problem.jurors))),
        )
        assert deal(problem, seed) == deal(mixed, seed)


def test_fewer_jurors_a_film_take_waiting_screenings_from_those_with_most_films() -> None:
    films = tuple(Film(f"f{at}") for at in range(6))
    given = {(juror, film.key) for film in films for juror in ["a", "b", "c"]}
    problem = Problem(
        films=films,
        jurors=(Juror("a"), Juror("b"), Juror("c")),
        per_film=2,
        given=frozenset(given),
        waiting=frozenset(pair for pair in given if pair[0] != "a"),
    )
    plan = deal(problem, 1)
    assert isinstance(plan, Plan)
    assert plan.loads == {"a": 6, "b": 3, "c": 3}
    assert plan.pairs == frozenset()


def test_a_juror_with_too_few_films_to_see_is_named_with_what_they_asked_for() -> None:
    films = tuple(Film(f"f{at}", frozenset(["ko"])) for at in range(4))
    jurors = (
        Juror("ana", frozenset(["en"]), minimum=1),
        Juror("bo", frozenset(["ko"])),
        Juror("cy", None, minimum=5),
    )
    refusal = deal(Problem(films, jurors, 1, within=None), 1)
    assert isinstance(refusal, Infeasible)
    [block] = refusal.blocking
    assert (block.films, block.jurors, block.needed, block.available) == ((), ("cy",), 5, 4)
    fewer = (jurors[0], jurors[1], Juror("cy"))
    refusal = deal(Problem(films, fewer, 1, within=None), 1)
    assert isinstance(refusal, Infeasible)
    assert [each.jurors for each in refusal.blocking] == [("ana",)]


# --- what blocks ---------------------------------------------------------------------------------


def test_the_blocking_set_blocks_and_no_smaller_one_does() -> None:
    sizes = Counter[int]()
    for seed in range(200):
        problem = replace(
            a_problem(seed, capacities=True),
            jurors=tuple(
                replace(juror, minimum=0) for juror in a_problem(seed, capacities=True).jurors
            ),
            waiting=frozenset(),
        )
        refusal = deal(problem, 1)
        smallest = smallest_block(problem)
        if smallest is None:
            assert isinstance(refusal, Plan)
            continue
        assert isinstance(refusal, Infeasible)
        first = refusal.blocking[0]
        assert (len(first.films), len(first.jurors)) == smallest
        assert first.smallest
        assert want(problem, first.films)[:2] == (first.needed, first.available)
        assert first.needed > first.available
        for alike in first.alike:
            assert want(problem, (alike,)) == want(problem, first.films)
        sizes[len(first.films)] += 1
    assert set(sizes) >= {1, 2, 3}


def want(problem: Problem, films: tuple[str, ...]) -> tuple[int, int, int]:
    """Screenings these films need, what jurors can take of them, and jurors who may see any."""
    chosen = [film for film in problem.films if film.key in films]
    need = sum(wanted(problem, film) for film in chosen)
    could = [
        (sum(problem.bar(film, juror) is None for film in chosen), room(problem, juror))
        for juror in problem.jurors
    ]
    return need, sum(min(each) for each in could), sum(seen > 0 for seen, _ in could)


def smallest_block(problem: Problem) -> tuple[int, int] | None:
    """Films and jurors of the smallest set that needs more than it can get, by trying all."""
    keys = [film.key for film in problem.films if wanted(problem, film)]
    for size in range(1, len(keys) + 1):
        found = [want(problem, films) for films in combinations(keys, size)]
        if blocked := [jurors for need, can, jurors in found if need > can]:
            return size, min(blocked)
    return None


def test_bars_are_told_with_the_plainest_reason_first() -> None:
    film = Film("f", frozenset(["ko"]), ties=frozenset([("school", "north")]))
    juror = Juror("j", frozenset(["en"]), frozenset([("school", "north")]), frozenset(["f"]))
    problem = Problem((film,), (juror,), 1, frozenset([("j", "f")]))
    assert problem.bar(film, juror) is Bar.CONFLICT
    problem = replace(problem, conflicts=frozenset(), given=frozenset([("j", "f")]))
    assert problem.bar(film, juror) is Bar.GIVEN
    problem = replace(problem, given=frozenset())
    assert problem.bar(film, juror) is Bar.TIE
    assert problem.bar(film, replace(juror, ties=frozenset())) is Bar.REFUSAL
    plain = replace(juror, ties=frozenset(), refuses=frozenset())
    assert problem.bar(film, plain) is Bar.LANGUAGE
    assert problem.bar(replace(film, subtitles=frozenset(["en-US"])), plain) is None


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("a film can't have fewer than no jurors", {"films": (Film("f", per_film=-1),)}),
        ("loads can't be asked to be closer", {"within": 0}),
        ("what waits must have been given", {"waiting": frozenset([("a", "f")])}),
        ("a can't take at least more", {"jurors": (Juror("a", minimum=2, maximum=1),)}),
        ("the film f is there twice", {"films": (Film("f"), Film("f"))}),
        ("the juror a is there twice", {"jurors": (Juror("a"), Juror("a"))}),
    ],
)
def test_numbers_that_make_no_sense_are_refused(words: str, change: dict[str, object]) -> None:
    problem = Problem((Film("f"),), (Juror("a"),), 1)
    with pytest.raises(ValueError, match=words):
        replace(problem, **change)  # type: ignore[arg-type]  # on purpose


def test_many_kinds_of_blocked_film_are_told_in_part_and_counted() -> None:
    """Each film is free to another pair of eight jurors, and needs three."""
    pairs = list(combinations([f"j{at}" for at in range(8)], 2))[:14]
    films = [f"f{at:02}" for at in range(14)]
    barred = {
        (f"j{at}", film)
        for film, pair in zip(films, pairs, strict=True)
        for at in range(8)
        if f"j{at}" not in pair
    }
    jurors = tuple(Juror(f"j{at}") for at in range(8))
    problem = Problem(tuple(map(Film, films)), jurors, 3, frozenset(barred))
    refusal = deal(problem, 1)
    assert isinstance(refusal, Infeasible)
    assert refusal.entries == tuple(films)
    assert len(refusal.blocking) == 14
    assert str(refusal.reasons[-1]) == "Further films that can't get their jurors: 4."
    assert str(refusal.reasons[1]) == (
        "What keeps the other jurors from them, counted film by film: conflicts 6, something in"
        " common 0, refusals 0, languages (-) 0, dealt it already 0."
    )
