"""Standings: scores, quorum, shared places, tie chains, and what may never matter."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.ranking import Ballot, Method, Ranking, RankingRule, rank
from contest.rulebook.rules_sense import TIE_RULES
from contest.rulebook.stages import ScreeningStage
from contest.rulebook.ties import RULES

ONE = {"overall": 1}
TWO = {"story": 60, "craft": 40}


def ballots(marks: dict[str, list[int]], criterion: str = "overall") -> list[Ballot]:
    """One ballot for each mark; the nth mark of each film is from the nth juror."""
    return [
        Ballot(f"juror {at}", film, {criterion: mark})
        for film, given_ in marks.items()
        for at, mark in enumerate(given_, start=1)
    ]


def places(ranking: Ranking) -> dict[str, int | None]:
    return {each.entry: each.place for each in ranking.standings + ranking.unranked}


def why(ranking: Ranking, entry: str) -> list[str]:
    [found] = [each for each in ranking.standings + ranking.unranked if each.entry == entry]
    return [str(sentence) for sentence in found.why]


# --- scores ------------------------------------------------------------------------------------


def test_the_mean_is_weighted_by_criterion_and_exact() -> None:
    given_ = [
        Ballot("Ann", "A", {"story": 8, "craft": 7}),
        Ballot("Ben", "A", {"story": 7, "craft": 9}),
        Ballot("Cleo", "A", {"story": 9, "craft": 6}),
    ]
    [standing] = rank(given_, RankingRule(TWO, highest=10)).standings
    assert standing.score == Fraction(60 * 24 + 40 * 22, 300)
    assert standing.means == {"story": Fraction(8), "craft": Fraction(22, 3)}
    assert (standing.shown, standing.jurors, standing.shared) == ("7.73", 3, 1)
    assert [str(sentence) for sentence in standing.why] == [
        "Place 1.",
        "Weighted mean 7.73 of 10; jurors who scored: 3.",
    ]


def test_the_sum_adds_marks_times_their_weight() -> None:
    given_ = [
        Ballot("Ann", "A", {"story": 8, "craft": 7}),
        Ballot("Ben", "A", {"story": 7, "craft": 9}),
    ]
    ranking = rank(given_, RankingRule({"story": 2, "craft": 1}, method=Method.SUM))
    assert ranking.standings[0].score == 2 * 15 + 16
    assert why(ranking, "A") == ["Place 1.", "Sum of marks 46.00; jurors who scored: 2."]


def test_marks_can_be_left_out_at_either_end() -> None:
    rule = RankingRule(ONE, drop=1)
    ranking = rank(ballots({"A": [1, 5, 6, 10], "B": [5, 5, 5, 10]}), rule)
    assert [each.score for each in ranking.standings] == [Fraction(11, 2), Fraction(5)]
    assert why(ranking, "A") == [
        "Place 1.",
        "Mean 5.50; jurors who scored: 4.",
        "Left out at either end of each criterion's marks: 1.",
    ]


def test_an_entry_with_too_few_marks_to_leave_any_out_is_not_ranked() -> None:
    mean = rank(ballots({"A": [5, 6]}), RankingRule(ONE, drop=1))
    assert why(mean, "A") == ["Not ranked: too few marks on overall to make a mean."]
    total = rank(ballots({"A": [5, 6]}), RankingRule(ONE, drop=1, method=Method.SUM))
    assert why(total, "A") == ["Not ranked: too few marks to leave out the highest and the lowest."]


def test_a_criterion_nobody_marked_keeps_a_film_from_a_mean() -> None:
    ranking = rank([Ballot("Ann", "A", {"story": 8})], RankingRule(TWO))
    assert ranking.standings == ()
    assert why(ranking, "A") == ["Not ranked: too few marks on craft to make a mean."]


def test_placements_rank_the_lowest_first() -> None:
    ranking = rank(ballots({"A": [3, 2], "B": [1, 1]}), RankingRule(ONE, lower_wins=True))
    assert places(ranking) == {"B": 1, "A": 2}


# --- who counts --------------------------------------------------------------------------------


def test_below_the_quorum_a_film_is_listed_with_the_reason_and_no_place() -> None:
    ranking = rank(ballots({"A": [5, 6, 7], "B": [9, 9]}), RankingRule(ONE, quorum=3), entries="C")
    assert places(ranking) == {"A": 1, "B": None, "C": None}
    assert why(ranking, "B") == ["Not ranked: scores received: 2; the rules ask for at least 3."]
    assert [each.score for each in ranking.unranked] == [None, None]


@pytest.mark.parametrize("state", [each for each in ScreeningStage if each.value != "scored"])
def test_only_scored_ballots_count_in_mean_and_quorum(state: ScreeningStage) -> None:
    other = Ballot("juror 9", "A", {"overall": 1}, state)
    ranking = rank([*ballots({"A": [7, 8]}), other], RankingRule(ONE, quorum=2))
    assert ranking == rank(ballots({"A": [7, 8]}), RankingRule(ONE, quorum=2))
    short = rank([*ballots({"A": [7, 8]}), other], RankingRule(ONE, quorum=3))
    assert places(short) == {"A": None}


def test_two_ballots_of_one_juror_for_one_film_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="Ann has two ballots for A"):
        rank([Ballot("Ann", "A", {"overall": 1})] * 2, RankingRule(ONE))


# --- places and ties ---------------------------------------------------------------------------


def test_equal_scores_share_a_place_and_the_next_places_are_passed_over() -> None:
    ranking = rank(ballots({"D": [6], "B": [8], "C": [8], "A": [9]}), RankingRule(ONE))
    assert places(ranking) == {"A": 1, "B": 2, "C": 2, "D": 4}
    assert [each.shared for each in ranking.standings] == [1, 2, 2, 1]
    assert why(ranking, "B") == [
        "Place 2, shared with C.",
        "Mean 8.00; jurors who scored: 1.",
        "Equal at 8.00 with C.",
    ]


def test_scores_that_differ_only_beyond_the_published_decimals_are_a_tie() -> None:
    marks = {"A": [8, 8, 7], "B": [8, 8, 8, 7, 7, 8, 8, 8, 7, 7]}
    assert places(rank(ballots(marks), RankingRule(ONE, decimals=0))) == {"A": 1, "B": 1}
    assert places(rank(ballots(marks), RankingRule(ONE, decimals=2))) == {"A": 1, "B": 2}


def test_without_rounding_the_smallest_difference_decides() -> None:
    marks = {"A": [8] * 999 + [9], "B": [8] * 1000}
    assert places(rank(ballots(marks), RankingRule(ONE, decimals=2))) == {"A": 1, "B": 1}
    assert places(rank(ballots(marks), RankingRule(ONE, decimals=None))) == {"A": 1, "B": 2}


def test_a_tie_can_be_decided_by_the_mean_on_a_named_criterion() -> None:
    given_ = [
        Ballot("Ann", "A", {"story": 8, "craft": 6}),
        Ballot("Ann", "B", {"story": 6, "craft": 9}),
    ]
    rule = RankingRule(TWO, tie_chain=("criterion:story",))
    ranking = rank(given_, rule, names={"A": "Aube", "B": "Brume"})
    assert places(ranking) == {"A": 1, "B": 2}
    assert why(ranking, "B") == [
        "Place 2.",
        "Weighted mean 7.20; jurors who scored: 1.",
        "Equal at 7.20 with Aube.",
        "Mean on story: 6.00; Aube 8.00.",
    ]


def test_countback_prefers_more_of_the_best_mark_then_of_the_next() -> None:
    marks = {"A": [9, 6, 6], "B": [8, 8, 5], "C": [9, 7, 5]}  # 21 each
    ranking = rank(ballots(marks), RankingRule(ONE, tie_chain=("countback",)))
    assert places(ranking) == {"C": 1, "A": 2, "B": 3}
    assert why(ranking, "A")[-1] == (
        "Count-back of the best marks: 1×9 0×8 0×7; B 0×9 2×8 0×7, C 1×9 0×8 1×7."
    )


def test_countback_knows_marks_below_zero() -> None:
    ranking = rank(
        ballots({"A": [-2, -2], "B": [-1, -3]}), RankingRule(ONE, tie_chain=("countback",))
    )
    assert places(ranking) == {"B": 1, "A": 2}
    assert why(ranking, "B")[-1] == "Count-back of the best marks: 1×-1; A 0×-1."


def test_countback_on_placements_counts_first_places() -> None:
    rule = RankingRule(ONE, lower_wins=True, tie_chain=("countback",))
    ranking = rank(ballots({"A": [2, 2, 2], "B": [1, 1, 4]}), rule)
    assert places(ranking) == {"B": 1, "A": 2}
    assert why(ranking, "B")[-1] == "Count-back of the best marks: 2×1; A 0×1."


def test_more_ballots_can_decide() -> None:
    ranking = rank(
        ballots({"A": [8, 8], "B": [8, 8, 8]}), RankingRule(ONE, tie_chain=("more_ballots",))
    )
    assert places(ranking) == {"B": 1, "A": 2}
    assert why(ranking, "A")[-1] == "Number of ballots: 2; B 3."


def test_head_to_head_asks_the_jurors_who_scored_both() -> None:
    marks = {"A": [8, 8, 5], "B": [7, 7, 7]}
    ranking = rank(ballots(marks), RankingRule(ONE, tie_chain=("head_to_head",)))
    assert places(ranking) == {"A": 1, "B": 2}
    assert why(ranking, "A")[-1] == "Head to head (duels won / jurors in favour): 1 / 2; B 0 / 1."


def test_head_to_head_leaves_a_circle_of_equals_together() -> None:
    marks = {"A": [9, 7, 8], "B": [8, 9, 7], "C": [7, 8, 9]}
    ranking = rank(ballots(marks), RankingRule(ONE, tie_chain=("head_to_head",)))
    assert places(ranking) == {"A": 1, "B": 1, "C": 1}
    assert why(ranking, "A")[-1] == (
        "Head to head leaves the tie (duels won / jurors in favour: 1 / 3)."
    )


def test_what_one_rule_leaves_equal_goes_on_to_the_next() -> None:
    marks = {"A": [9, 6, 6], "B": [7, 7, 7, 7], "C": [8, 8, 5], "D": [8, 8, 5]}
    rule = RankingRule(ONE, decimals=None, tie_chain=("more_ballots", "countback"))
    ranking = rank(ballots(marks), rule)
    assert places(ranking) == {"B": 1, "A": 2, "C": 3, "D": 3}
    assert why(ranking, "C") == [
        "Place 3, shared with D.",
        "Mean 7; jurors who scored: 3.",
        "Equal at 7 with A, B, D.",
        "Number of ballots: 3; A 3, B 4, D 3.",
        "Count-back of the best marks: 0×9; A 1×9, D 0×9.",
    ]


def test_many_films_on_one_place_are_named_a_few_at_most() -> None:
    ranking = rank(ballots({f"F{at}": [5] for at in range(8)}), RankingRule(ONE))
    assert why(ranking, "F0")[0] == "Place 1, shared with F1, F2, F3, F4, F5, …."


def test_every_tie_rule_an_edition_may_name_is_known_to_the_ranking() -> None:
    assert set(TIE_RULES) == set(RULES)


# --- clipping, and rounds ------------------------------------------------------------------------


def test_marks_far_from_the_mean_count_as_far_as_the_rules_allow() -> None:
    rule = RankingRule(ONE, decimals=None, clip={"overall": Fraction(3, 2)})
    ranking = rank(ballots({"A": [10, 7, 7, 4], "B": [1, 8, 9, 6]}), rule)
    assert {each.entry: each.score for each in ranking.standings} == {
        "A": 7,
        "B": Fraction(9, 2) / 4 + Fraction(15, 2) / 4 + Fraction(15, 2) / 4 + Fraction(6, 4),
    }
    assert why(ranking, "A")[-1] == ("On overall, marks count as at most 1.5 from the film's mean.")


ROUNDS = ("first", "final")


def sheets(marks: dict[str, list[dict[str, int]]]) -> list[Ballot]:
    return [
        Ballot(f"juror {at}", film, sheet)
        for film, given_ in marks.items()
        for at, sheet in enumerate(given_)
    ]


def test_films_of_a_later_round_stand_before_the_others_and_rounds_are_weighed() -> None:
    rule = RankingRule({"first": 1, "final": 3}, rounds=ROUNDS)
    ranking = rank(
        sheets(
            {
                "A": [{"first": 6, "final": 9}, {"first": 7, "final": 6}],
                "B": [{"first": 6, "final": 8}, {"first": 9, "final": 9}],
                "C": [{"first": 10}, {"first": 10}],
            }
        ),
        rule,
    )
    assert [(each.place, each.entry, each.shown) for each in ranking.standings] == [
        (1, "B", "8.25"),
        (2, "A", "7.25"),
        (3, "C", "10.00"),
    ]
    assert why(ranking, "C") == [
        "Place 3.",
        "Weighted mean 10.00; jurors who scored: 2.",
        "Last round: first.",
    ]


def test_a_juror_who_recused_in_one_round_leaves_the_others_to_make_its_mean() -> None:
    rule = RankingRule({"first": 1, "final": 1}, rounds=ROUNDS, decimals=None)
    given_ = [
        Ballot("Ann", "A", {"first": 6}),
        Ballot("Ben", "A", {"first": 9, "final": 8}),
        Ballot("Cleo", "A", {"final": 1}, ScreeningStage.RECUSED),
    ]
    [standing] = rank(given_, rule).standings
    assert standing.score == Fraction(Fraction(15, 2) + 8, 2)


def test_a_film_that_skipped_a_round_it_needed_is_not_ranked() -> None:
    rule = RankingRule({"first": 1, "final": 1}, rounds=ROUNDS)
    [standing] = rank([Ballot("Ann", "A", {"final": 8})], rule).unranked
    assert [str(reason) for reason in standing.why] == [
        "Not ranked: too few marks on first to make a mean."
    ]


# --- rules that can't rank ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"weights": {}}, "each criterion needs a weight above 0"),
        ({"weights": {"a": 0}}, "each criterion needs a weight above 0"),
        ({"weights": ONE, "quorum": 0}, "at least 1 score"),
        ({"weights": ONE, "drop": -1}, "can't be below 0"),
        ({"weights": ONE, "clip": {"overall": -1}}, "can't be clipped to less than 0"),
        ({"weights": TWO, "rounds": ("story",)}, "each of story, craft must be named once"),
        ({"weights": ONE, "tie_chain": ("lottery",)}, "no tie rule is called lottery"),
        ({"weights": ONE, "tie_chain": ("criterion:story",)}, "called criterion:story"),
    ],
)
def test_a_rule_that_can_not_rank_is_refused(rule: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        RankingRule(**rule)  # type: ignore[arg-type]  # rules that make no sense, on purpose


# --- properties --------------------------------------------------------------------------------

JURORS = st.sampled_from(["Ann", "Ben", "Cleo", "Dai", "Eve"])
FILMS = st.sampled_from(["A", "B", "C", "D", "E", "F"])
MARKS = st.fixed_dictionaries({"story": st.integers(1, 5), "craft": st.integers(1, 5)})
SOME_BALLOTS = st.dictionaries(
    st.tuples(JURORS, FILMS),
    st.tuples(MARKS, st.sampled_from([*ScreeningStage, *[ScreeningStage.SCORED] * 10])),
    max_size=30,
).map(
    lambda found: [
        Ballot(juror, film, marks, state) for (juror, film), (marks, state) in found.items()
    ]
)
SOME_RULES = st.builds(
    RankingRule,
    weights=st.just(TWO),
    method=st.sampled_from(Method),
    quorum=st.integers(1, 3),
    decimals=st.sampled_from([None, 0, 1, 2]),
    tie_chain=st.lists(
        st.sampled_from(["criterion:story", *TIE_RULES]), unique=True, max_size=4
    ).map(tuple),
    drop=st.integers(0, 1),
    lower_wins=st.booleans(),
)


@given(SOME_BALLOTS, SOME_RULES, st.randoms())
def test_the_order_of_ballots_changes_nothing(
    given_: list[Ballot], rule: RankingRule, chance: Random
) -> None:
    shuffled = list(given_)
    chance.shuffle(shuffled)
    assert rank(shuffled, rule) == rank(given_, rule)


@given(SOME_BALLOTS, SOME_RULES, st.permutations("ABCDEF"), st.permutations("vwxyz"))
def test_other_keys_for_films_and_jurors_change_no_place(
    given_: list[Ballot], rule: RankingRule, films: list[str], jurors: list[str]
) -> None:
    film = dict(zip("ABCDEF", films, strict=True))
    juror = dict(zip(["Ann", "Ben", "Cleo", "Dai", "Eve"], jurors, strict=True))
    renamed = [Ballot(juror[b.juror], film[b.entry], b.marks, b.state) for b in given_]
    before, after = rank(given_, rule), rank(renamed, rule)
    assert {film[key]: place for key, place in places(before).items()} == places(after)


@given(SOME_BALLOTS, SOME_RULES)
def test_jurors_who_recused_might_as_well_not_have_been_there(
    given_: list[Ballot], rule: RankingRule
) -> None:
    heard = [ballot for ballot in given_ if ballot.state is not ScreeningStage.RECUSED]
    films = {ballot.entry for ballot in given_}
    assert rank(given_, rule) == rank(heard, rule, entries=films)


@given(SOME_BALLOTS, SOME_RULES)
def test_a_place_is_one_more_than_the_films_above_and_says_how_many_share_it(
    given_: list[Ballot], rule: RankingRule
) -> None:
    standings = rank(given_, rule).standings
    for each in standings:
        above = [other for other in standings if (other.place or 0) < (each.place or 0)]
        beside = [other for other in standings if other.place == each.place]
        assert (each.place, each.shared) == (len(above) + 1, len(beside))


@given(SOME_BALLOTS, SOME_RULES)
def test_a_better_published_score_always_stands_above(
    given_: list[Ballot], rule: RankingRule
) -> None:
    standings = rank(given_, rule).standings
    scores = [
        Fraction(each.shown) if rule.decimals is not None else each.score for each in standings
    ]
    assert scores == sorted(scores, key=lambda score: score or 0, reverse=not rule.lower_wins)


@given(SOME_BALLOTS, SOME_RULES)
def test_without_a_tie_chain_equal_scores_share_a_place(
    given_: list[Ballot], rule: RankingRule
) -> None:
    bare = RankingRule(rule.weights, rule.method, rule.quorum, rule.decimals)
    standings = rank(given_, bare).standings
    assert len({each.place for each in standings}) == len(
        {each.score if bare.decimals is None else each.shown for each in standings}
    )


@given(SOME_BALLOTS, st.integers(0, 29), st.sampled_from(["story", "craft"]), st.integers(1, 3))
def test_raising_a_mark_never_lowers_its_film_under_the_mean(
    given_: list[Ballot], at: int, criterion: str, by: int
) -> None:
    if not given_:
        return
    old = given_[at % len(given_)]
    better = Ballot(
        old.juror, old.entry, {**old.marks, criterion: old.marks[criterion] + by}, old.state
    )
    raised = [better if ballot is old else ballot for ballot in given_]
    rule = RankingRule(TWO, decimals=1)
    before, after = places(rank(given_, rule)), places(rank(raised, rule))
    assert (after[old.entry] or 0) <= (before[old.entry] or 0)
