"""Ranked ballots: known elections, truncated ballots, ties, recusals, and what may never matter."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.elections import (
    Election,
    Outcome,
    Preference,
    hold,
    mean_ranks,
    places,
    preferences,
)

DATA = Path(__file__).parents[3] / "shared" / "jury-data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no jury data beside the checkout")


def skating() -> tuple[list[Preference], Any]:
    marks: dict[str, dict[str, int]] = defaultdict(dict)
    with (DATA / "skating2002_ladies_free.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            marks[row["judge"]][row["item"]] = int(row["rank"])
    reference = json.loads((DATA / "skating2002_ladies_free.reference.json").read_text())
    return preferences(marks, lower_wins=True), reference


def ballots(*orders: tuple[int, str]) -> list[Preference]:
    """`(3, "A>B=C")`: three jurors who hold A first, B and C equal after it."""
    return [
        Preference(str(at), tuple(tuple(tier.split("=")) for tier in order.split(">")), times)
        for at, (times, order) in enumerate(orders)
    ]


def keys(outcome: Outcome) -> dict[str, list[float]]:
    return {item: [float(part) for part in count.key] for item, count in outcome.items()}


def order(election: Election, given_: list[Preference], items: str) -> list[list[str]]:
    return places(hold(election, given_, items))


@needs_data
def test_copeland_gives_the_23_official_places_of_2002() -> None:
    given_, reference = skating()
    outcome = hold(Election.COPELAND, given_, reference["official_order"])
    assert places(outcome) == [[skater] for skater in reference["official_order"]]
    assert {skater: count.score for skater, count in outcome.items()} == reference["copeland"]
    assert {skater: count.key[1] for skater, count in outcome.items()} == (
        reference["pairwise_judges_in_favour"]
    )


@needs_data
def test_schulze_and_instant_runoff_have_the_same_winner_in_2002_and_mean_places_have_two() -> None:
    given_, reference = skating()
    items = reference["official_order"]
    schulze = hold(Election.SCHULZE, given_, items)
    assert {skater: count.score for skater, count in schulze.items()} == reference["schulze_wins"]
    assert order(Election.IRV, given_, items)[0] == [reference["condorcet_winner"]]
    assert {skater: float(rank or 0) for skater, rank in mean_ranks(given_, items).items()} == (
        pytest.approx(reference["borda_mean_rank"], abs=1e-12)
    )


def test_schulze_decides_the_example_of_his_paper() -> None:
    given_ = ballots(
        *((5, "A>C>B>E>D"), (5, "A>D>E>C>B"), (8, "B>E>D>A>C"), (3, "C>A>B>E>D")),
        *((7, "C>A>E>B>D"), (2, "C>B>A>D>E"), (7, "D>C>E>B>A"), (8, "E>B>A>D>C")),
    )
    assert order(Election.SCHULZE, given_, "ABCDE") == [["E"], ["A"], ["C"], ["B"], ["D"]]


def test_instant_runoff_passes_ballots_on_and_can_pass_over_the_film_that_wins_every_duel() -> None:
    tennessee = ballots((42, "M>N>C>K"), (26, "N>C>K>M"), (15, "C>K>N>M"), (17, "K>C>N>M"))
    assert order(Election.IRV, tennessee, "MNCK") == [["K"], ["M"], ["N"], ["C"]]
    assert order(Election.COPELAND, tennessee, "MNCK") == [["N"], ["C"], ["K"], ["M"]]
    assert order(Election.SCHULZE, tennessee, "MNCK")[0] == ["N"]


def test_equal_duels_are_decided_by_judges_in_favour_and_then_shared() -> None:
    circle = ballots((4, "A>B>C"), (3, "B>C>A"), (2, "C>A>B"))
    outcome = hold(Election.COPELAND, circle, "ABC")
    assert keys(outcome) == {"A": [1, 10], "B": [1, 10], "C": [1, 7]}
    assert places(outcome) == [["A", "B"], ["C"]]


def test_films_a_juror_was_free_to_rank_and_left_out_stand_below_as_equals() -> None:
    marks = {"Ann": {"A": 1, "B": 2}, "Ben": {"A": 1}, "Cleo": {"C": 1, "A": 2}}
    free = dict.fromkeys(marks, "ABC")
    given_ = preferences(marks, lower_wins=True, free=free)
    assert [ballot.tiers for ballot in given_] == [
        (("A",), ("B",), ("C",)),
        (("A",), ("B", "C")),
        (("C",), ("A",), ("B",)),
    ]
    outcome = hold(Election.COPELAND, given_, "ABC")
    assert keys(outcome) == {"A": [2, 5], "B": [0.5, 1], "C": [0.5, 2]}


def test_a_juror_has_no_say_in_duels_of_a_film_they_never_saw() -> None:
    marks = {"Ann": {"A": 9, "B": 5}, "Ben": {"B": 8, "C": 6}, "Cleo": {"A": 4, "C": 3}}
    given_ = preferences(marks, lower_wins=False)
    outcome = hold(Election.COPELAND, given_, "ABCD")
    assert keys(outcome) == {"A": [2.5, 2], "B": [1.5, 1], "C": [0.5, 0], "D": [1.5, 0]}


def test_equals_on_a_ballot_favour_neither_and_share_the_mean_place() -> None:
    given_ = ballots((1, "A=B>C"))
    outcome = hold(Election.COPELAND, given_, "ABC")
    assert keys(outcome) == {"A": [1.5, 1], "B": [1.5, 1], "C": [0, 0]}
    assert mean_ranks(given_, "ABCD") == {
        "A": Fraction(3, 2),
        "B": Fraction(3, 2),
        "C": 3,
        "D": None,
    }


def test_one_film_or_no_ballot_is_an_election_too() -> None:
    for election in Election:
        assert order(election, ballots((1, "A")), "A") == [["A"]]
        assert order(election, [], "AB") == [["A", "B"]]


ORDERS = st.lists(st.permutations("ABCDE").map(tuple), min_size=1, max_size=7)


@given(ORDERS, st.sampled_from(Election), st.randoms(), st.permutations("ABCDE"))
def test_neither_the_order_of_ballots_nor_names_matter(
    orders: list[tuple[str, ...]], election: Election, chance: Random, other: list[str]
) -> None:
    given_ = [Preference(str(at), tuple((x,) for x in each)) for at, each in enumerate(orders)]
    new = dict(zip("ABCDE", other, strict=True))
    renamed = [Preference(each.judge, tuple((new[x],) for (x,) in each.tiers)) for each in given_]
    chance.shuffle(renamed)
    before, after = hold(election, given_, "ABCDE"), hold(election, renamed, "ABCDE")
    assert {new[item]: count for item, count in before.items()} == after


@given(ORDERS)
def test_a_film_that_wins_every_duel_comes_first_by_copeland_and_by_schulze(
    orders: list[tuple[str, ...]],
) -> None:
    def beats(one: str, other: str) -> bool:
        return 2 * sum(each.index(one) < each.index(other) for each in orders) > len(orders)

    given_ = [Preference(str(at), tuple((x,) for x in each)) for at, each in enumerate(orders)]
    winners = [x for x in "ABCDE" if all(beats(x, y) for y in "ABCDE" if y != x)]
    for election in (Election.COPELAND, Election.SCHULZE):
        assert not winners or order(election, given_, "ABCDE")[0] == winners


@given(ORDERS, st.sampled_from(Election), st.integers(2, 4))
def test_a_ballot_of_several_jurors_is_as_good_as_their_own(
    orders: list[tuple[str, ...]], election: Election, times: int
) -> None:
    tiers = [tuple((x,) for x in each) for each in orders]
    weighed = [Preference(str(at), each, times) for at, each in enumerate(tiers)]
    repeated = [
        Preference(f"{at} {n}", each) for at, each in enumerate(tiers) for n in range(times)
    ]
    assert places(hold(election, weighed, "ABCDE")) == places(hold(election, repeated, "ABCDE"))
