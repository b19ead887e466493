"""Who watches what: hard rules, even loads, top-ups, reproducibility, and honest refusals."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations, product
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.assignment import Film, Infeasible, Juror, Pair, Plan, Problem, deal

FILMS = [f"film {at}" for at in range(12)]
JURORS = ["Ann", "Ben", "Cleo", "Dai", "Eve"]
Thing = TypeVar("Thing")


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
    """Deal as evenly as conflicts allow."""
    problem = Problem(
        films=tuple(Film(entry) for entry in entries),
        jurors=tuple(Juror(juror) for juror in jurors),
        per_film=per_film,
        conflicts=frozenset(conflicts),
        given=frozenset(existing),
        within=None,
        film_names=names or {},
    )
    return deal(problem, seed)


def planned(*args: object, **options: object) -> Plan:
    plan = assign(*args, **options)  # type: ignore[arg-type]  # each test names what it needs
    assert isinstance(plan, Plan)
    return plan


def refused(*args: object, **options: object) -> Infeasible:
    refusal = assign(*args, **options)  # type: ignore[arg-type]  # each test names what it needs
    assert isinstance(refusal, Infeasible)
    return refusal


# --- examples ----------------------------------------------------------------------------------


def test_each_film_gets_its_jurors_and_loads_differ_by_one_at_most() -> None:
    plan = planned(FILMS, JURORS, 3, [], [], seed=7)
    assert Counter(film for _, film in plan.pairs) == dict.fromkeys(FILMS, 3)
    assert sorted(plan.loads.values()) == [7, 7, 7, 7, 8]
    assert plan.loads == {juror: len(queue) for juror, queue in plan.queues.items()}
    assert (plan.balanced, plan.notes) == (True, ())


def test_a_juror_never_gets_a_film_in_conflict() -> None:
    conflicts = [("Ann", film) for film in FILMS[:5]] + [("Ben", FILMS[0])]
    plan = planned(FILMS, JURORS, 3, conflicts, [], seed=7)
    assert plan.pairs & set(conflicts) == set()
    assert plan.balanced


def test_a_greedy_deal_that_went_wrong_is_mended_by_handing_films_on() -> None:
    """Only Ann and Ben may see the first films; whoever gets the last ones, both end even."""
    conflicts = [(juror, film) for juror in ["Cleo", "Dai"] for film in FILMS[:4]]
    conflicts += [("Ann", film) for film in FILMS[4:8]]
    for seed in range(20):
        plan = planned(FILMS, JURORS[:4], 1, conflicts, [], seed=seed)
        assert sorted(plan.loads.values()) == [3, 3, 3, 3]


def test_uneven_loads_that_conflicts_force_are_the_evenest_possible_and_said() -> None:
    conflicts = [(juror, film) for juror in ["Ann", "Ben"] for film in FILMS[:10]]
    plan = planned(FILMS, JURORS[:4], 2, conflicts, [], seed=1)
    assert plan.loads == {"Ann": 2, "Ben": 2, "Cleo": 10, "Dai": 10}
    assert not plan.balanced
    uneven, apart = (str(note) for note in plan.notes)
    assert uneven == (
        "Loads range from 2 to 10 films: who may see what, what jurors take at least and at most,"
        " and films dealt earlier leave no evener plan."
    )
    assert apart == (
        "Not all scores can be compared: these groups of jurors have no film in common, directly"
        " or by way of others: Ann, Ben | Cleo, Dai."
    )


def test_topping_up_keeps_what_was_dealt_and_gives_a_late_juror_a_fair_part() -> None:
    first = planned(FILMS, JURORS[:4], 2, [], [], seed=3)
    assert sorted(first.loads.values()) == [6, 6, 6, 6]
    second = planned(FILMS, JURORS, 3, [], first.pairs, seed=4)
    assert second.pairs & first.pairs == set()
    assert Counter(film for _, film in second.pairs | first.pairs) == dict.fromkeys(FILMS, 3)
    assert sorted(second.loads.values()) == [7, 7, 7, 7, 8]


def test_nothing_is_dealt_where_every_place_is_filled() -> None:
    first = planned(FILMS, JURORS, 3, [], [], seed=3)
    again = planned(FILMS, JURORS, 3, [], first.pairs, seed=9)
    assert (again.pairs, again.loads) == (frozenset(), first.loads)


def test_scores_of_a_juror_who_left_still_fill_a_place() -> None:
    plan = planned(FILMS[:1], JURORS, 3, [], [("Gone", FILMS[0]), ("Ann", FILMS[0])], seed=1)
    [(juror, film)] = plan.pairs
    assert film == FILMS[0]
    assert juror in {"Ben", "Cleo", "Dai", "Eve"}


def test_a_recused_juror_s_place_is_dealt_to_another() -> None:
    given_ = [(juror, FILMS[0]) for juror in ["Ann", "Ben"]]
    plan = planned(FILMS[:1], JURORS[:3], 2, [("Ann", FILMS[0])], given_, seed=1)
    assert plan.pairs == {("Cleo", FILMS[0])}
    assert plan.loads == {"Ann": 0, "Ben": 1, "Cleo": 1}


def test_orders_differ_between_jurors_and_between_seeds() -> None:
    one = planned(FILMS, JURORS, 5, [], [], seed=1)
    other = planned(FILMS, JURORS, 5, [], [], seed=2)
    assert all(sorted(queue) == sorted(FILMS) for queue in one.queues.values())
    assert len({*one.queues.values(), *other.queues.values()}) == 10


# --- refusals ----------------------------------------------------------------------------------


def test_a_film_with_too_few_possible_jurors_is_named_with_the_reason() -> None:
    conflicts = [(juror, FILMS[2]) for juror in JURORS[:3]]
    refusal = refused(FILMS, JURORS, 3, conflicts, [], seed=1, names={FILMS[2]: "Aube"})
    assert refusal.entries == (FILMS[2],)
    lacking, barred = (str(reason) for reason in refusal.reasons)
    assert lacking == (
        "Jurors still needed for each of these films: 3; jurors who may see them and can take"
        " more films: 2. Films: Aube. Jurors: Dai, Eve."
    )
    assert barred == (
        "What keeps the other jurors from them, counted film by film: conflicts 3, something in"
        " common 0, refusals 0, languages (-) 0, dealt it already 0."
    )


def test_a_panel_smaller_than_the_jurors_per_film_is_said_once() -> None:
    refusal = refused(FILMS, JURORS[:2], 3, [], [], seed=1)
    assert refusal.entries == tuple(sorted(FILMS))
    [reason] = refusal.reasons
    assert str(reason) == (
        "Jurors still needed for each film: 3; jurors on the panel: 2."
        " Invite at least 1 more, or let fewer jurors see each film."
    )


def test_a_film_needs_at_least_one_juror() -> None:
    with pytest.raises(ValueError, match="at least one juror"):
        assign(FILMS, JURORS, 0, [], [], seed=1)


# --- properties --------------------------------------------------------------------------------

SOME_FILMS = st.integers(0, 6).map(lambda count: FILMS[:count])
SOME_JURORS = st.integers(1, 4).map(lambda count: JURORS[:count])
SOME_PAIRS = st.sets(
    st.tuples(st.sampled_from(JURORS[:4]), st.sampled_from(FILMS[:6])), max_size=12
)


def spread(loads: list[int]) -> tuple[int, ...]:
    """Loads from the greatest down: the smaller this is, the evener the plan."""
    return tuple(sorted(loads, reverse=True))


def evenest(
    films: list[str], panel: list[str], per_film: int, barred: set[Pair], kept: set[Pair]
) -> tuple[int, ...] | None:
    """The evenest loads of all plans there are, by trying every one; None when there is none."""
    choices = []
    for film in films:
        need = max(0, per_film - sum(pair[1] == film for pair in kept))
        free = [j for j in panel if (j, film) not in barred | kept]
        choices.append(list(combinations(free, need)))
    start = Counter(juror for juror, _ in kept)
    return min(
        (
            spread([start[j] + sum(j in group for group in plan) for j in panel])
            for plan in product(*choices)
        ),
        default=None,
    )


@given(SOME_FILMS, SOME_JURORS, st.integers(1, 3), SOME_PAIRS, SOME_PAIRS, st.integers(0, 99))
def test_small_cases_are_solved_exactly_when_brute_force_solves_them_and_as_evenly(
    films: list[str],
    panel: list[str],
    per_film: int,
    conflicts: set[Pair],
    existing: set[Pair],
    seed: int,
) -> None:
    kept = existing - conflicts
    best = evenest(films, panel, per_film, conflicts, kept)
    plan = assign(films, panel, per_film, conflicts, existing, seed)
    if best is None:
        assert isinstance(plan, Infeasible)
        assert plan.reasons
        return
    assert isinstance(plan, Plan)
    assert spread(list(plan.loads.values())) == best
    assert plan.balanced == (best[0] - best[-1] <= 1)


@given(SOME_FILMS, SOME_JURORS, st.integers(1, 3), SOME_PAIRS, SOME_PAIRS, st.integers(0, 99))
def test_no_plan_ever_breaks_a_hard_rule(
    films: list[str],
    panel: list[str],
    per_film: int,
    conflicts: set[Pair],
    existing: set[Pair],
    seed: int,
) -> None:
    plan = assign(films, panel, per_film, conflicts, existing, seed)
    if isinstance(plan, Infeasible):
        return
    dealt = [(juror, film) for juror, queue in plan.queues.items() for film in queue]
    assert len(dealt) == len(set(dealt))
    assert set(dealt) & (conflicts | existing) == set()
    assert {juror for juror, _ in dealt} <= set(panel)
    places = Counter(film for _, film in [*dealt, *(existing - conflicts)])
    before = Counter(film for _, film in existing - conflicts)
    assert all(places[film] == max(per_film, before[film]) for film in films)


@given(SOME_FILMS, SOME_JURORS, SOME_PAIRS, SOME_PAIRS, st.integers(0, 99), st.randoms())
def test_the_order_of_the_input_changes_nothing(
    films: list[str],
    panel: list[str],
    conflicts: set[Pair],
    existing: set[Pair],
    seed: int,
    chance: Random,
) -> None:
    def mixed(things: Iterable[Thing]) -> list[Thing]:
        found = list(things)
        chance.shuffle(found)
        return found

    plan = assign(films, panel, 2, conflicts, existing, seed)
    assert plan == assign(mixed(films), mixed(panel), 2, mixed(conflicts), mixed(existing), seed)


def test_the_plan_does_not_depend_on_the_process_that_makes_it() -> None:
    """Sets of text come in another order in each process; the plan must not."""
    script = (
        "from contest.rulebook.assignment import Film, Juror, Problem, deal\n"
        "films = {f'film {at}' for at in range(40)}\n"
        "jurors = {f'juror {at}' for at in range(9)}\n"
        "conflicts = {(j, f) for j in jurors for f in films if j > 'juror 4' and f < 'film 25'}\n"
        "panel = tuple(Juror(each) for each in jurors)\n"
        "problem = Problem(tuple(Film(each) for each in films), panel, 3, frozenset(conflicts))\n"
        "print(sorted(deal(problem, 5).queues.items()))\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ["1", "2"]
    }
    assert len(seen) == 1


def test_a_process_that_deals_nothing_holds_nothing_of_what_deals() -> None:
    script = (
        "import sys\n"
        "from contest import create_app\n"
        "import contest.web.organizer.rounds\n"
        "print('scipy' in sys.modules, 'contest.rulebook.assignment' in sys.modules)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout == "False False\n"


def test_a_round_of_2300_films_by_200_jurors_is_dealt_within_seconds() -> None:
    films = [f"film {at}" for at in range(2300)]
    panel = [f"juror {at}" for at in range(200)]
    chance = Random(11)
    conflicts = [(juror, film) for juror in panel for film in films if chance.random() < 0.05]
    # a tenth of the panel reads one language, in which half of the films are: uneven by need
    conflicts += [(juror, film) for juror in panel[:20] for film in films[:1150]]
    started = time.perf_counter()
    plan = planned(films, panel, 5, conflicts, [], seed=1)
    assert time.perf_counter() - started < 10
    assert sorted(set(plan.loads.values())) == [57, 58]
    assert Counter(film for _, film in plan.pairs) == dict.fromkeys(films, 5)
