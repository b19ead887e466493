"""Results of every method: places, chances, reasons; what may never matter; what can't be known."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from math import inf, isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.rulebook.elections import Election, preferences
from contest.rulebook.ranking import Method, RankingRule
from contest.rulebook.stages import ScreeningStage
from contest.rulebook.statistics import by_ballot, by_model, by_rule, chances
from contest.rulebook.statistics.chances import Field
from contest.rulebook.statistics.criteria import Criteria
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.posterior import Model, of_scores
from contest.rulebook.statistics.results import Item, Result, Settings
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.tallies import Ballot

DATA = Path(__file__).parents[3] / "shared" / "jury-data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no jury data beside the checkout")
ONE = {"overall": 1}
Table = Iterable[tuple[str, str, int]]


def ballots(table: Table) -> list[Ballot]:
    return [Ballot(juror, film, {"overall": mark}) for juror, film, mark in table]


def of(given_: list[Ballot]) -> Any:
    def some(items: Collection[str]) -> list[Ballot]:
        return [ballot for ballot in given_ if ballot.entry in items]

    return some


def modelled(given_: list[Ballot], settings_: Settings | None = None, **how: Any) -> Result:
    told = settings_ or Settings(ONE)
    films = {ballot.entry for ballot in given_}
    return by_model.place(Marks.of(given_, told.weights), of(given_), films, told, **how)


def ruled(given_: list[Ballot], rule: RankingRule, top: int = 1) -> Result:
    told = Settings(rule.weights, top=top, decimals=rule.decimals)
    films = {ballot.entry for ballot in given_}
    return by_rule.place(given_, Marks.of(given_, rule.weights), films, told, rule)


def elected(given_: list[Ballot], election: Election) -> Result:
    marks = Marks.of(given_, ONE)
    sheets: dict[str, dict[str, Any]] = {}
    for ballot in given_:
        sheets.setdefault(ballot.juror, {})[ballot.entry] = ballot.marks["overall"]
    films = {ballot.entry for ballot in given_}
    orders, scores = preferences(sheets, lower_wins=False), marks.totals({"overall": 1.0})
    return by_ballot.place(orders, scores, films, Settings(ONE), election, of(given_))


EVERY_METHOD: dict[str, Callable[[list[Ballot]], Result]] = {
    "mixed": modelled,
    "robust": lambda given_: modelled(given_, model=Model.ROBUST),
    "mean": lambda given_: ruled(given_, RankingRule(ONE)),
    "trimmed": lambda given_: ruled(given_, RankingRule(ONE, drop=1)),
    "sum": lambda given_: ruled(given_, RankingRule(ONE, method=Method.SUM)),
    "copeland": lambda given_: elected(given_, Election.COPELAND),
    "schulze": lambda given_: elected(given_, Election.SCHULZE),
    "irv": lambda given_: elected(given_, Election.IRV),
}
MILD_AND_STRICT = [
    *(("Ann", "A", 9), ("Ann", "B", 7), ("Ann", "C", 5)),
    *(("Ben", "A", 6), ("Ben", "B", 4), ("Ben", "C", 3)),
    *(("Cleo", "B", 9), ("Cleo", "C", 8), ("Cleo", "D", 9)),
    *(("Dai", "A", 7), ("Dai", "C", 4), ("Dai", "D", 6)),
]


def place_of(result: Result) -> dict[str, int | None]:
    return {item.item: item.place for item in result.items}


def item_of(result: Result, name: str) -> Item:
    return next(item for item in result.items if item.item == name)


# --- one result ----------------------------------------------------------------------------------


def test_a_reason_leads_from_the_raw_mean_to_the_estimate_in_numbers_that_add_up() -> None:
    result = modelled(ballots(MILD_AND_STRICT))
    assert [str(sentence) for sentence in item_of(result, "A").why] == [
        "Place 1.",
        "Mean 7.33 from jurors 0.88 stricter than the rest (jurors: 3), so 8.21 on equal terms.",
        "As so few scores are, drawn towards the mean film: 8.16 corrected.",
    ]


def test_chances_of_first_and_of_the_top_add_up() -> None:
    for name, method in EVERY_METHOD.items():
        result = method(ballots(MILD_AND_STRICT))
        ranked = [item for item in result.items if item.place is not None]
        if name == "trimmed":
            continue
        assert sum(item.p_first for item in ranked) == pytest.approx(1)
        assert sum(item.p_top for item in ranked) == pytest.approx(1)
        assert [isnan(item.p_above_next) for item in ranked] == [False] * (len(ranked) - 1) + [True]


@needs_data
def test_chances_of_the_textbook_table_are_those_of_200_000_draws() -> None:
    posterior = json.loads((DATA / "shrout_fleiss_1979.reference_py.json").read_text())["posterior"]
    lines = (DATA / "shrout_fleiss_1979.csv").read_text().splitlines()[1:]
    table = [(line.split(",")[0], line.split(",")[1], int(line.split(",")[3])) for line in lines]
    result = modelled(ballots(table), Settings(ONE, top=3))
    assert [item.item for item in result.items] == posterior["ranking"]
    assert {item.item: item.p_first for item in result.items} == pytest.approx(
        posterior["p_top1"], abs=0.02
    )
    assert {item.item: item.p_top for item in result.items} == pytest.approx(
        posterior["p_top3"], abs=0.02
    )


def test_equals_share_place_and_chances_and_a_chain_may_part_them() -> None:
    table = [
        *(("Ann", "A", 7), ("Ann", "B", 7), ("Ben", "A", 8), ("Ben", "B", 8)),
        *(("Ann", "C", 3), ("Ben", "C", 5), ("Cleo", "C", 3)),
    ]
    result = modelled(ballots(table))
    assert place_of(result) == {"A": 1, "B": 1, "C": 3}
    a, b = item_of(result, "A"), item_of(result, "B")
    assert (a.p_first, a.p_top, a.estimate, a.se) == (b.p_first, b.p_top, b.estimate, b.se)
    assert str(a.why[0]) == "Place 1, shared with B."
    close = [*table, ("Cleo", "A", 6), ("Cleo", "B", 6), ("Dai", "B", 7)]
    tied = Settings(ONE, decimals=0, tie_chain=("more_ballots",))
    parted = modelled(ballots(close), tied)
    assert place_of(parted) == {"B": 1, "A": 2, "C": 3}
    assert str(item_of(parted, "A").why[-1]) == "Number of ballots: 3; B 4."


def test_films_below_the_quorum_have_no_place_and_leave_the_chances_to_the_others() -> None:
    result = modelled(ballots(MILD_AND_STRICT), Settings(ONE, quorum=3))
    assert place_of(result) == {"A": 1, "B": 2, "C": 3, "D": None}
    d = item_of(result, "D")
    assert isnan(d.p_first)
    assert [str(reason) for reason in d.why] == [
        "Not ranked: scores received: 2; the rules ask for at least 3."
    ]
    assert sum(item.p_first for item in result.items if item.place) == pytest.approx(1)


def test_only_scores_count_and_films_that_have_none_are_named() -> None:
    others = [
        Ballot("Eve", "A", {"overall": 1}, ScreeningStage.RECUSED),
        Ballot("Eve", "B", {}, ScreeningStage.ABSTAINED),
        Ballot("Eve", "E", {}, ScreeningStage.SKIPPED),
    ]
    with_them = modelled([*ballots(MILD_AND_STRICT), *others])
    without = modelled(ballots(MILD_AND_STRICT))
    assert [told(item) for item in with_them.items[:4]] == [told(item) for item in without.items]
    assert (with_them.items[4].item, with_them.items[4].place) == ("E", None)
    assert with_them.judges == without.judges


def test_parts_that_no_juror_connects_are_ranked_apart_and_a_warning_says_so() -> None:
    table = [
        *(("Ann", "A", 5), ("Ann", "B", 6), ("Ben", "A", 4), ("Ben", "B", 7)),
        *(("Cleo", "P", 9), ("Cleo", "Q", 3), ("Dai", "P", 8), ("Dai", "Q", 5)),
    ]
    result = modelled(ballots(table))
    assert [(item.item, item.place, item.part) for item in result.items] == [
        *(("B", 1, 1), ("A", 2, 1), ("P", 1, 2), ("Q", 2, 2))
    ]
    assert str(result.warnings[0]).startswith("No juror connects 2 parts of the jury")
    assert sum(item.p_first for item in result.items) == pytest.approx(2)
    assert str(ruled(ballots(table), RankingRule(ONE)).warnings[0]).startswith(
        "No juror connects 2 parts of the jury: the rule compares films"
    )


def test_a_juror_who_gives_every_film_the_same_is_flagged() -> None:
    table = [*MILD_AND_STRICT, *(("Eve", film, 5) for film in "ABCD")]
    flags = {judge.judge: judge.flags for judge in modelled(ballots(table)).judges}
    assert [str(flag) for flag in flags["Eve"]] == ["Gave every film the same: 5."]


def test_ways_to_count_ballots_that_differ_on_the_winner_are_told() -> None:
    orders = (["MNCK"] * 42, ["NCKM"] * 26, ["CKNM"] * 15, ["KCNM"] * 17)
    table = [
        (f"J{at}", film, 9 - place)
        for at, order in enumerate(each for group in orders for each in group)
        for place, film in enumerate(order)
    ]
    [warning] = elected(ballots(table), Election.COPELAND).warnings
    assert str(warning) == (
        "Ways to count these ballots differ on the winner (copeland: N; schulze: N; irv: K;"
        " mean place: N)."
    )


def test_a_trimmed_mean_of_few_is_warned_of() -> None:
    table = [(f"J{at}", film, at) for at in range(5) for film in "AB"]
    result = ruled(ballots(table), RankingRule(ONE, drop=1))
    [warning] = result.warnings
    assert result.method == "trimmed"
    assert str(warning) == (
        "Films with fewer than 7 scores: 2. Leaving out the highest and lowest of so few loses more"
        " than it protects."
    )


def test_criteria_modelled_each_add_up_by_their_weights() -> None:
    chance = np.random.default_rng(5)
    films, jurors = chance.normal(size=12), chance.normal(size=6)
    given_ = [
        Ballot(
            f"J{juror}",
            f"F{film:02}",
            {
                key: int(np.clip(round(6 + films[film] + jurors[juror] + noise), 1, 10))
                for key, noise in zip(("story", "craft"), chance.normal(size=2), strict=True)
            },
        )
        for film in range(12)
        for juror in range(6)
        if (film + juror) % 3
    ]
    weights = {"story": 60, "craft": 40}
    each = modelled(given_, Settings(weights), criteria=Criteria.EACH)
    total = modelled(given_, Settings(weights), criteria=Criteria.TOTAL)
    alone = [modelled(given_, Settings({key: 1})) for key in weights]
    for item in each.items:
        story, craft = (item_of(result, item.item).estimate for result in alone)
        assert item.estimate == pytest.approx(0.6 * story + 0.4 * craft)
        assert item.se == pytest.approx(item_of(total, item.item).se, rel=0.35)
    assert sum(item.p_first for item in each.items) == pytest.approx(1)


# --- what may never matter -----------------------------------------------------------------------

NAMES = ["A", "B", "C", "D", "E"]
JUDGES = ["Ann", "Ben", "Cleo", "Dai"]
SOME_TABLE = st.dictionaries(
    st.tuples(st.sampled_from(JUDGES), st.sampled_from(NAMES)),
    st.integers(1, 5),
    min_size=1,
    max_size=20,
).map(lambda found: [(juror, film, mark) for (juror, film), mark in found.items()])


def told(item: Item, film: dict[str, str] | None = None) -> tuple[Any, ...]:
    name = film[item.item] if film else item.item
    numbers = (item.estimate, item.se, item.p_first, item.p_top, item.p_above_next, item.raw)
    shown = tuple(None if isnan(number) else round(number, 4) for number in numbers)
    return (name, item.place, item.shared, item.n, *shown)


@settings(deadline=None, max_examples=12)
@pytest.mark.parametrize("method", EVERY_METHOD)
@given(
    table=SOME_TABLE,
    films=st.permutations(NAMES),
    jurors=st.permutations(JUDGES),
    chance=st.randoms(use_true_random=False),
)
def test_rows_in_another_order_and_other_names_change_nothing(
    method: str, table: list[tuple[str, str, int]], films: list[str], jurors: list[str], chance: Any
) -> None:
    film, juror = dict(zip(NAMES, films, strict=True)), dict(zip(JUDGES, jurors, strict=True))
    renamed = [(juror[one], film[other], mark) for one, other, mark in table]
    chance.shuffle(renamed)
    before = EVERY_METHOD[method](ballots(table))
    after = EVERY_METHOD[method](ballots(renamed))
    assert {told(item, film) for item in before.items} == {told(item) for item in after.items}
    assert len(before.warnings) == len(after.warnings)


@settings(deadline=None, max_examples=25)
@pytest.mark.parametrize("method", EVERY_METHOD)
@given(table=SOME_TABLE)
def test_whatever_the_table_every_film_has_a_place_or_a_reason(
    method: str, table: list[tuple[str, str, int]]
) -> None:
    result = EVERY_METHOD[method](ballots(table))
    assert {item.item for item in result.items} == {film for _, film, _ in table}
    for item in result.items:
        assert item.why
        for number in (item.p_first, item.p_top, item.p_above_next):
            assert isnan(number) or 0 <= number <= 1
        assert isnan(item.se) or 0 <= item.se < inf
    assert {judge.judge for judge in result.judges} == {juror for juror, _, _ in table}


# --- what can't be known -------------------------------------------------------------------------


ONE_JUROR = (
    "No film has scores from two jurors, so a film can't be told from its juror's taste: films"
    " stand by their raw means, and how sure that is can't be known."
)
EQUAL = "All scores are equal: nothing tells one film from another."
NO_DIFFERENCE = (
    "The films' means differ no more than chance makes them differ: the model holds all films"
    " equal. More scores may part them."
)
NOTHING_LEFT = (
    "There are no more scores than films and jurors to tell apart: what is chance, and so every"
    " error, is little more than a guess."
)
NO_CHANCE = (
    "The scores are exactly film plus juror, with nothing left to chance; the errors say no more"
    " than that."
)


@pytest.mark.parametrize(
    ("table", "warning"),
    [
        ([("Ann", "A", 5), ("Ann", "B", 6)], ONE_JUROR),
        ([(juror, film, 5) for juror in JUDGES for film in NAMES], EQUAL),
        ([("Ann", "A", 1), ("Ann", "B", 2), ("Ben", "A", 2), ("Ben", "B", 1)], NO_DIFFERENCE),
        ([("Ann", "A", 5), ("Ann", "B", 3), ("Ben", "A", 6)], NOTHING_LEFT),
    ],
)
@pytest.mark.parametrize("model", Model)
def test_what_can_not_be_known_is_said(
    model: Model, table: list[tuple[str, str, int]], warning: str
) -> None:
    result = modelled(ballots(table), model=model)
    assert [str(each) for each in result.warnings] == [warning]


def test_scores_without_a_grain_of_chance_are_said_to_be_so() -> None:
    marks = [("Ann", "A", 2), ("Ann", "B", 5), ("Ann", "C", 7)]
    table = [*marks, *(("Ben", film, mark + 1) for _, film, mark in marks)]
    assert [str(each) for each in modelled(ballots(table)).warnings] == [NO_CHANCE]


def test_one_film_stands_first_whatever_it_was_given() -> None:
    result = modelled(ballots([("Ann", "A", 5), ("Ben", "A", 6), ("Cleo", "A", 9)]))
    [item] = result.items
    assert (item.place, item.p_first, round(item.estimate, 6)) == (1, 1.0, 6.666667)
    assert item.se == pytest.approx(np.std([5, 6, 9], ddof=1) / np.sqrt(3))


# --- chances -------------------------------------------------------------------------------------


def test_equal_values_share_the_places_they_stand_on() -> None:
    scores = Marks.of(ballots([("Ann", film, 5) for film in "ABC"]), ONE).totals({"overall": 1.0})
    field = Field(np.zeros(3, np.int64), np.array([1, 2, -1]), 2, 50, 3)
    found = chances.count(lambda count, _: np.ones((3, count)), scores, field, 1)
    assert found.first.tolist() == pytest.approx([1 / 3] * 3)
    assert found.top.tolist() == pytest.approx([2 / 3] * 3)
    assert found.above_next[:2].tolist() == [0.5, 0.5]
    assert isnan(found.above_next[2])


def test_of_films_given_a_chance_of_eight_in_ten_about_eighty_in_a_hundred_are_there() -> None:
    given_, there = [], []
    for run in range(200):
        chance = np.random.default_rng([7, run])
        film, severity = chance.normal(size=20), chance.normal(0, 0.5, 8)
        scores = Scores.of(
            (f"{at}", f"J{juror}", film[at] + severity[juror] + noise)
            for at in range(20)
            for juror, noise in zip(chance.permutation(8)[:5], chance.normal(size=5), strict=True)
        )
        draw = of_scores(scores, Model.MIXED).draw
        assert draw is not None
        field = Field(scores.parts, np.full(20, -1), top=5, draws=chances.FEWEST, size=20)
        best = {str(at) for at in np.argsort(-film)[:5]}
        given_ += chances.count(draw, scores, field, run).top.tolist()
        there += [item in best for item in scores.items]
    chances_, happened = np.array(given_), np.array(there)
    for low, high in ((0.05, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.95)):
        those = (chances_ >= low) & (chances_ < high)
        assert happened[those].mean() == pytest.approx(chances_[those].mean(), abs=0.06)
