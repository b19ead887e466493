"""More jurors where they decide most, with every hard rule still hard."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from contest.rulebook.assignment import (
    Belief,
    Film,
    Infeasible,
    Juror,
    Plan,
    Problem,
    believed,
    deal,
    deal_more,
)
from contest.rulebook.statistics.scores import Scores

Score = tuple[str, str, float]


def panel(films: int, jurors: int, per_film: int) -> Problem:
    return Problem(
        films=tuple(Film(f"f{at:02}") for at in range(films)),
        jurors=tuple(Juror(f"j{at:02}") for at in range(jurors)),
        per_film=per_film,
    )


def dealt(problem: Problem, seed: int = 1) -> Problem:
    """The problem after a first, ordinary dealing."""
    plan = deal(problem, seed)
    assert isinstance(plan, Plan)
    return replace(problem, given=problem.given | plan.pairs)


def more(
    problem: Problem,
    beliefs: dict[str, Belief],
    extra: int,
    telling: dict[str, float] | None = None,
) -> Plan:
    plan = deal_more(problem, beliefs, telling or {}, extra, 1)
    assert isinstance(plan, Plan)
    return plan


def settled(problem: Problem) -> dict[str, Belief]:
    """Beliefs that leave nothing to decide."""
    return {film.key: Belief(0.2, 0.0, 0.0) for film in problem.films}


def per_film(plan: Plan) -> Counter[str]:
    return Counter(film for _, film in plan.pairs)


# --- where scores go -----------------------------------------------------------------------------


def test_scores_go_to_films_near_the_cut_and_to_those_that_may_be_first() -> None:
    problem = dealt(panel(20, 10, 3))
    beliefs = settled(problem)
    beliefs |= {"f03": Belief(0.2, 0.5, 0.0), "f04": Belief(0.2, 0.9999, 0.2)}
    beliefs |= {"f05": Belief(0.2, 0.9999, 0.0), "f06": Belief(0.2, 0.0001, 0.0)}
    plan = more(problem, beliefs, 8)
    assert set(per_film(plan)) == {"f03", "f04"}
    assert per_film(plan)["f03"] > per_film(plan)["f04"] > 0  # the more doubtful first


def test_each_score_dealt_takes_from_the_doubt_that_the_next_is_weighed_by() -> None:
    problem = dealt(panel(20, 20, 3))
    beliefs = settled(problem) | {f"f{at:02}": Belief(0.2, 0.5, 0.0) for at in range(4)}
    assert per_film(more(problem, beliefs, 12)) == {f"f{at:02}": 3 for at in range(4)}
    beliefs["f00"] = Belief(0.02, 0.5, 0.0)  # known far better than the others already
    assert per_film(more(problem, beliefs, 3))["f00"] == 0


def test_what_is_dealt_and_not_scored_yet_counts_as_a_score_to_come() -> None:
    problem = replace(
        panel(4, 6, 1), given=frozenset((f"j{at:02}", f"f{at:02}") for at in range(4))
    )
    problem = replace(problem, waiting=frozenset([("j00", "f00")]))
    beliefs = {f"f{at:02}": Belief(0.5, 0.5, 0.0) for at in range(4)}
    plan = more(problem, beliefs, 3)
    assert per_film(plan) == {"f01": 1, "f02": 1, "f03": 1}


def test_what_waits_from_an_earlier_batch_is_not_taken_back() -> None:
    problem = dealt(panel(6, 6, 2))
    beliefs = settled(problem) | {"f00": Belief(0.3, 0.5, 0.1)}
    first = more(problem, beliefs, 2)
    assert per_film(first)["f00"] == 2
    after = replace(problem, given=problem.given | first.pairs, waiting=first.pairs)
    second = more(after, beliefs, 2)
    assert second.withdrawn == frozenset()
    assert len(second.pairs) == 2


def test_who_tells_most_sees_the_film_with_most_to_decide() -> None:
    problem = dealt(panel(20, 10, 3))
    assert len(set(Counter(juror for juror, _ in problem.given).values())) == 1
    beliefs = settled(problem) | {"f00": Belief(0.3, 0.5, 0.1)}
    seen = {juror for juror, film in problem.given if film == "f00"}
    tells = [juror.key for juror in problem.jurors if juror.key not in seen]
    for best in tells:
        telling = {juror.key: 2.0 if juror.key == best else 1.0 for juror in problem.jurors}
        assert more(problem, beliefs, 1, telling).pairs == {(best, "f00")}


def test_films_first_get_what_they_lack() -> None:
    problem = panel(6, 6, 2)
    first = deal(problem, 1)
    assert isinstance(first, Plan)
    gone = replace(
        problem,
        jurors=problem.jurors[1:],
        given=frozenset(pair for pair in first.pairs if pair[0] != "j00"),
    )
    beliefs = settled(problem) | {"f05": Belief(0.3, 0.5, 0.2)}
    plan = more(gone, beliefs, 1)
    lacking = Counter(film for juror, film in first.pairs if juror == "j00")
    assert per_film(plan) == lacking + Counter(["f05"])


# --- hard rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_no_hard_rule_is_broken_loads_stay_even_and_order_changes_nothing(seed: int) -> None:
    chance = Random(seed)
    films = [f"f{at:02}" for at in range(24)]
    languages = ["en", "fr"]
    jurors = tuple(
        Juror(
            f"j{at:02}",
            languages=frozenset(chance.sample(languages, chance.choice([1, 2, 2, 2]))),
            refuses=frozenset(film for film in films if chance.random() < 0.1),
        )
        for at in range(10)
    )
    problem = Problem(
        films=tuple(Film(film, frozenset(chance.sample(languages, 1))) for film in films),
        jurors=jurors,
        per_film=3,
        conflicts=frozenset(
            (j.key, film) for j in jurors for film in films if chance.random() < 0.03
        ),
        within=None,
    )
    problem = dealt(problem)
    beliefs = {
        film: Belief(chance.random(), chance.random(), chance.random() / 9) for film in films
    }
    telling = {juror.key: 0.2 + chance.random() for juror in jurors}
    plan = deal_more(problem, beliefs, telling, 20, seed)
    assert isinstance(plan, Plan)
    assert len(plan.pairs) == 20
    by_film = {film.key: film for film in problem.films}
    by_juror = {juror.key: juror for juror in jurors}
    assert {problem.bar(by_film[film], by_juror[juror]) for juror, film in plan.pairs} == {None}
    assert plan.withdrawn == frozenset()
    most = max(plan.loads[juror] for juror, _ in plan.pairs)
    after = replace(problem, given=problem.given | plan.pairs)
    for juror in jurors:
        free = [film.key for film in problem.films if after.bar(film, juror) is None]
        assert plan.loads[juror.key] >= most - 1 or free == []
    mixed = replace(
        problem,
        films=tuple(chance.sample(problem.films, 24)),
        jurors=tuple(chance.sample(jurors, 10)),
    )
    turned = dict(reversed(beliefs.items()))
    assert deal_more(mixed, turned, dict(reversed(telling.items())), 20, seed) == plan


def test_maximums_hold_and_no_more_is_dealt_than_there_is_room_for() -> None:
    problem = panel(5, 4, 2)
    problem = replace(problem, jurors=tuple(replace(each, maximum=3) for each in problem.jurors))
    given = dealt(problem)
    beliefs = {film.key: Belief(0.5, 0.5, 0.0) for film in problem.films}
    plan = more(given, beliefs, 50)
    assert sorted(plan.loads.values()) == [3, 3, 3, 3]
    assert len(plan.pairs) == 2


def test_where_films_can_not_have_what_they_lack_the_reason_is_told() -> None:
    refusal = deal_more(panel(2, 2, 3), {}, {}, 5, 1)
    assert isinstance(refusal, Infeasible)
    assert refusal.entries == ("f00", "f01")


# --- what is believed ----------------------------------------------------------------------------


def marks(films: int, jurors: int, seed: int, careless: int) -> list[Score]:
    """Everybody scores everything; the first jurors at random."""
    chance = np.random.default_rng(seed)
    return [
        (
            f"f{film:02}",
            f"j{juror:02}",
            chance.normal(6, 2) if juror < careless else film / 3 + chance.normal(0, 0.4),
        )
        for film in range(films)
        for juror in range(jurors)
    ]


def test_doubt_is_greatest_at_the_cut_and_careless_jurors_tell_least() -> None:
    found = believed(Scores.of(marks(20, 8, 4, 2)), [f"f{at:02}" for at in range(20)], 5, 1)
    tells = found.telling
    assert max(tells["j00"], tells["j01"]) < min(tells[f"j{at:02}"] for at in range(2, 8))
    chances = [found.beliefs[f"f{at:02}"] for at in range(20)]
    assert chances[0].p_top < 0.01
    assert chances[19].p_top > 0.99
    assert chances[19].p_first > chances[17].p_first
    nearest = max(range(20), key=lambda at: chances[at].p_top * (1 - chances[at].p_top))
    assert nearest in {14, 15}
    assert sum(each.p_top for each in chances) == pytest.approx(5)
    assert sum(each.p_first for each in chances) == pytest.approx(1)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("f0", "a", 5.0), ("f1", "b", 7.0)],
        [("f0", "a", 5.0), ("f0", "b", 5.0), ("f1", "a", 5.0)],
    ],
    ids=["no score", "one score a film", "all equal"],
)
def test_where_scores_tell_nothing_all_films_are_equally_doubtful(rows: list[Score]) -> None:
    found = believed(Scores.of(rows), ["f0", "f1", "f2", "f3"], 2, 1)
    assert found.telling == {}
    assert set(found.beliefs.values()) == {Belief(1.0, 0.5, 0.25)}


def test_a_film_nobody_scored_is_as_doubtful_as_films_are_different() -> None:
    rows = [row for row in marks(10, 6, 2, 0) if row[0] != "f04"]
    found = believed(Scores.of(rows), [f"f{at:02}" for at in range(10)], 3, 1)
    assert found.beliefs["f04"].p_top == 0.3
    others = [each.variance for key, each in found.beliefs.items() if key != "f04"]
    assert found.beliefs["f04"].variance > 5 * max(others)
    left = believed(Scores.of(rows), ["f00", "f01"], 1, 1)  # films that left are none's concern
    assert set(left.beliefs) == {"f00", "f01"}
