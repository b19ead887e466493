"""Real juries: official sums of the 2000 Olympic diving finals and placements of 2002 skating.

Skipped where the data do not lie beside the checkout.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contest.rulebook.ranking import Ballot, Method, RankingRule, rank

DATA = Path(__file__).parents[3] / "shared" / "jury-data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no jury data beside the checkout")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def reference(name: str) -> Any:
    return json.loads((DATA / f"{name}.reference.json").read_text())


def test_diving_means_of_every_dive_are_those_of_plain_arithmetic() -> None:
    dives: dict[str, list[Fraction]] = defaultdict(list)
    given = []
    for row in rows("diving2000"):
        dives[row["item"]].append(Fraction(row["score"]))
        given.append(Ballot(row["judge"], row["item"], {"execution": Fraction(row["score"])}))
    ranking = rank(given, RankingRule({"execution": 1}, quorum=7, decimals=None))
    means = {dive: sum(marks) / len(marks) for dive, marks in dives.items()}
    assert len(means) == 1541
    assert {each.entry: each.score for each in ranking.standings} == means
    assert {each.entry: each.place for each in ranking.standings} == {
        dive: 1 + sum(other > mean for other in means.values()) for dive, mean in means.items()
    }


@pytest.mark.parametrize("event", ["M10mPF", "M3mSB", "W10mPF", "W3mSB"])
def test_diving_sums_without_the_highest_and_lowest_mark_give_the_official_places(
    event: str,
) -> None:
    official = reference("diving2000")["official_rule"]["classification"][event]
    finalists = {each["diver"] for each in official}
    marks: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(dict)
    for row in rows("diving2000"):
        if row["event"] == event and row["round"] in {"Semi", "Final"}:
            dive = f"{row['round']} {row['dive_no']}"
            worth = Fraction(row["score"]) * Fraction("0.6") * Fraction(row["difficulty"])
            marks[row["judge"], row["diver"]][dive] = worth
    given = [
        Ballot(judge, diver, sheet) for (judge, diver), sheet in marks.items() if diver in finalists
    ]
    dives = {dive: 1 for ballot in given for dive in ballot.marks}
    ranking = rank(given, RankingRule(dives, method=Method.SUM, drop=1, decimals=2))
    assert [(each.place, each.entry, each.shown) for each in ranking.standings] == [
        (each["official_rank"], each["diver"], f"{each['total']:.2f}") for each in official
    ]
    assert len(official) == 12


def test_skating_mean_placements_tie_at_the_top_and_are_those_of_the_reference() -> None:
    expected = reference("skating2002_ladies_free")["borda_mean_rank"]
    ranking = rank(skating_ballots(), RankingRule({"placement": 1}, lower_wins=True, decimals=3))
    assert {each.entry: each.shown for each in ranking.standings} == {
        skater: f"{mean:.3f}" for skater, mean in expected.items()
    }
    assert [(each.place, each.entry, each.shown) for each in ranking.standings[:3]] == [
        (1, "hughes", "2.000"),
        (1, "slutskaya", "2.000"),
        (3, "kwan", "2.444"),
    ]


def test_skating_tie_at_the_top_is_decided_head_to_head_by_five_judges_to_four() -> None:
    rule = RankingRule({"placement": 1}, lower_wins=True, tie_chain=("head_to_head",))
    [first, second, *_] = rank(skating_ballots(), rule).standings
    official = reference("skating2002_ladies_free")
    assert [first.entry, second.entry] == official["official_order"][:2]
    assert str(first.why[-1]) == (
        "Head to head (duels won / jurors in favour): 1 / 5; slutskaya 0 / 4."
    )
    assert official["hughes_vs_slutskaya_judges"] == 5


def test_textbook_ratings_rank_by_their_raw_means() -> None:
    expected = reference("shrout_fleiss_1979")["raw_mean"]
    given = [
        Ballot(row["judge"], row["item"], {"overall": int(row["score"])})
        for row in rows("shrout_fleiss_1979")
    ]
    ranking = rank(given, RankingRule({"overall": 1}))
    assert [each.entry for each in ranking.standings] == expected["ranking"]
    assert {each.entry: each.score for each in ranking.standings} == {
        item: Fraction(mean) for item, mean in expected["mean"].items()
    }


def skating_ballots() -> list[Ballot]:
    return [
        Ballot(row["judge"], row["item"], {"placement": int(row["rank"])})
        for row in rows("skating2002_ladies_free")
    ]
