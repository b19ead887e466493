"""Prizes: what the standings propose, and what keeps a choice from being published."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from tomllib import loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.awarding import (
    WAITS,
    Conferral,
    Contender,
    Proposal,
    Slate,
    propose,
)
from contest.rulebook.conferring import check_conferrals
from contest.rulebook.findings import Finding, blocks
from contest.rulebook.rules import AwardRules
from contest.rulebook.rules_reading import read_rules

PRESET = Path(__file__).parents[2] / "config" / "editions" / "ai-short-film.toml"
AWARDS = (
    AwardRules("first", {}, 1, "standing"),
    AwardRules("second", {}, 2, "standing"),
    AwardRules("creativity", {}, 1, "criterion:creativity"),
    AwardRules("narration", {}, 1, "criterion:narration"),
)
SLATE = Slate(AWARDS, one_prize_per_film=True)
STACKING = Slate(AWARDS, one_prize_per_film=False)


def film(entry: str, place: int, creativity: int = 5, narration: int = 5) -> Contender:
    means = {"creativity": Fraction(creativity), "narration": Fraction(narration)}
    return Contender(entry, place, means)


FIELD = (
    film("A", 1, creativity=10),
    film("B", 2, narration=9),
    film("C", 3),
    film("D", 4, creativity=7),
    film("E", 5, creativity=8, narration=3),
    film("F", 6, narration=7),
)
FITTING = [
    Conferral("first", "A"),
    Conferral("second", "B"),
    Conferral("second", "C"),
    Conferral("creativity", "E"),
    Conferral("narration", "F"),
]


def named(proposals: tuple[Proposal, ...]) -> dict[str, tuple[str, ...]]:
    return {each.award: each.entries for each in proposals}


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.about) for finding in findings]


# --- proposals ---------------------------------------------------------------------------------


def test_prizes_follow_the_standings_and_special_ones_go_to_films_without_a_prize() -> None:
    assert named(propose(SLATE, FIELD)) == {
        "first": ("A",),
        "second": ("B", "C"),
        "creativity": ("E",),
        "narration": ("F",),
    }


def test_where_prizes_may_stack_special_ones_go_to_the_best_film_whatever_it_holds() -> None:
    assert named(propose(STACKING, FIELD)) == {
        "first": ("A",),
        "second": ("B", "C"),
        "creativity": ("A",),
        "narration": ("B",),
    }


def test_films_that_tie_across_the_edge_of_a_prize_are_for_the_jury_to_choose_from() -> None:
    field = (film("A", 1), film("B", 2), film("C", 3), film("D", 3, creativity=9), film("E", 5))
    first, second, creativity, narration = propose(SLATE, field)
    assert first == Proposal("first", 1, ("A",), (), None)
    assert (second.entries, second.contested) == (("B",), ("C", "D"))
    assert str(second.why) == ("Equal films: 2; places left for them: 1. The choice is the jury's.")
    assert creativity == Proposal("creativity", 1, (), (), WAITS)
    assert narration == Proposal("narration", 1, (), (), WAITS)


def test_once_the_jury_has_chosen_the_prizes_that_waited_are_proposed() -> None:
    field = (film("A", 1), film("B", 1, creativity=9), film("C", 3), film("D", 4, creativity=8))
    waiting = propose(SLATE, field)
    assert [each.contested for each in waiting] == [("A", "B"), (), (), ()]
    assert named(propose(SLATE, field, [Conferral("first", "A")])) == {
        "first": (),
        "second": ("B", "C"),
        "creativity": ("D",),
        "narration": (),
    }


def test_a_choice_among_the_standings_does_not_hold_up_prizes_that_may_stack() -> None:
    field = (film("A", 1), film("B", 1, creativity=9), film("C", 3), film("D", 4))
    first, second, creativity, narration = propose(STACKING, field)
    assert first.contested == ("A", "B")
    assert second.why == WAITS
    assert creativity.entries == ("B",)
    assert narration.contested == ("A", "B", "C", "D")


def test_a_film_nobody_marked_on_a_criterion_does_not_win_its_prize() -> None:
    field = (*FIELD[:3], Contender("Z", 4, {}), film("D", 5))
    assert named(propose(SLATE, field))["creativity"] == ("D",)


def test_the_preset_slate_names_eleven_films() -> None:
    slate = Slate.of(read_rules(loads(PRESET.read_text())))
    field = [
        Contender(f"film {at:02}", at, {key: Fraction(at) for key in ["creativity", "narration"]})
        for at in range(1, 13)
    ]
    proposals = propose(slate, field)
    assert [len(each.entries) for each in proposals] == [1, 3, 5, 1, 1]
    assert [each.entries for each in proposals[3:]] == [("film 12",), ("film 11",)]
    given_ = [Conferral(each.award, entry) for each in proposals for entry in each.entries]
    assert check_conferrals(slate, given_, field) == []


# --- conferrals --------------------------------------------------------------------------------


def test_conferrals_that_follow_the_order_and_fill_the_slate_may_be_published() -> None:
    assert check_conferrals(SLATE, FITTING, FIELD) == []


def test_every_place_of_the_slate_must_be_conferred() -> None:
    findings = check_conferrals(SLATE, FITTING[:2], FIELD)
    assert told(findings) == [
        ("award.incomplete", "second"),
        ("award.incomplete", "creativity"),
        ("award.incomplete", "narration"),
    ]
    assert (str(findings[0].measured), str(findings[0].allowed)) == ("films: 1", "places: 2")


def test_a_place_stays_empty_where_no_ranked_film_is_left_for_it() -> None:
    field = FIELD[:3]
    findings = check_conferrals(SLATE, FITTING[:3], field)
    assert told(findings) == [
        ("award.unfillable", "creativity"),
        ("award.unfillable", "narration"),
    ]
    assert not blocks(findings)


def test_more_films_than_places_are_too_many() -> None:
    findings = check_conferrals(SLATE, [*FITTING, Conferral("first", "D", "so moved")], FIELD)
    assert told(findings) == [("award.too_many", "first")]


def test_one_film_holds_one_prize() -> None:
    given_ = [*FITTING[:3], Conferral("creativity", "A"), FITTING[4]]
    findings = check_conferrals(SLATE, given_, FIELD, names={"A": "Aube"})
    assert told(findings) == [("award.second_prize", "creativity")]
    assert str(findings[0].advice) == (
        "Aube already holds a prize that excludes this one. Choose another film for one of the two."
    )


def test_where_prizes_may_stack_a_film_still_stands_on_one_place_only() -> None:
    given_ = [*FITTING[:3], Conferral("creativity", "A"), Conferral("narration", "B")]
    assert check_conferrals(STACKING, given_, FIELD) == []
    twice = [Conferral("second", "A") if each.entry == "C" else each for each in given_]
    assert told(check_conferrals(STACKING, twice, FIELD)) == [("award.second_prize", "second")]


def test_only_ranked_films_and_known_prizes_are_conferred() -> None:
    given_ = [*FITTING, Conferral("costume", "D"), Conferral("costume", "Z")]
    assert told(check_conferrals(SLATE, given_, FIELD)) == [
        ("award.unknown", "costume"),
        ("award.unknown", "costume"),
        ("award.not_ranked", "costume"),
    ]


def test_passing_over_a_better_film_needs_a_reason() -> None:
    swapped = [Conferral("first", "B"), Conferral("second", "A"), *FITTING[2:]]
    [finding] = check_conferrals(SLATE, swapped, FIELD)
    assert (finding.code, finding.about) == ("award.out_of_order", "first")
    assert str(finding.advice) == (
        "Better placed for this prize than B: A. Choose from these, or write down the reason."
    )
    reasoned = [Conferral("first", "B", "Unanimous after deliberation."), *swapped[1:]]
    assert check_conferrals(SLATE, reasoned, FIELD) == []
    blank = [Conferral("first", "B", "  "), *swapped[1:]]
    assert told(check_conferrals(SLATE, blank, FIELD)) == [("award.out_of_order", "first")]


def test_a_better_film_with_a_prize_of_lower_precedence_counts_as_passed_over() -> None:
    given_ = [
        Conferral("first", "B"),
        Conferral("second", "C"),
        Conferral("second", "D"),
        Conferral("creativity", "A"),
        Conferral("narration", "F"),
    ]
    findings = check_conferrals(SLATE, given_, FIELD)
    assert (
        told(findings) == [("award.out_of_order", "first")] + [("award.out_of_order", "second")] * 2
    )


def test_passing_over_a_better_mean_for_a_special_prize_needs_a_reason() -> None:
    given_ = [*FITTING[:3], Conferral("creativity", "D"), FITTING[4]]
    assert told(check_conferrals(SLATE, given_, FIELD)) == [("award.out_of_order", "creativity")]


def test_choosing_among_equals_needs_no_reason() -> None:
    field = (film("A", 1), film("B", 1), film("C", 3), film("D", 4), film("E", 5))
    for winner, other in [("A", "B"), ("B", "A")]:
        given_ = [
            Conferral("first", winner),
            Conferral("second", other),
            Conferral("second", "C"),
            Conferral("creativity", "E"),
            Conferral("narration", "D"),
        ]
        assert check_conferrals(SLATE, given_, field) == []


# --- properties --------------------------------------------------------------------------------

SOME_FIELDS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)), max_size=9
).map(
    lambda marks: tuple(
        film(f"F{at}", 1 + sum(other[0] > mark[0] for other in marks), mark[1], mark[2])
        for at, mark in enumerate(marks)
    )
)
SLATES = st.sampled_from([SLATE, STACKING])


@given(SOME_FIELDS, SLATES, st.randoms())
def test_following_the_proposals_step_by_step_always_ends_without_a_block(
    field: tuple[Contender, ...], slate: Slate, chance: Random
) -> None:
    given_: list[Conferral] = []
    for _ in range(len(slate.awards) + 1):
        for proposal in propose(slate, field, given_):
            free = proposal.open_places - len(proposal.entries)
            chosen = list(proposal.contested)
            chance.shuffle(chosen)
            given_ += [
                Conferral(proposal.award, entry) for entry in [*proposal.entries, *chosen[:free]]
            ]
            if chosen:
                break
    found = {each.code for each in check_conferrals(slate, given_, field)}
    assert found == (set() if len(given_) == 5 else {"award.unfillable"})


@given(SOME_FIELDS, SLATES, st.randoms())
def test_the_order_in_which_films_are_listed_changes_no_proposal(
    field: tuple[Contender, ...], slate: Slate, chance: Random
) -> None:
    mixed = list(field)
    chance.shuffle(mixed)
    assert propose(slate, mixed) == propose(slate, field)


@pytest.mark.parametrize("slate", [SLATE, STACKING])
def test_without_ranked_films_nothing_is_proposed(slate: Slate) -> None:
    assert [each.entries + each.contested for each in propose(slate, [])] == [()] * 4
