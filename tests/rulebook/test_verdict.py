"""The verdict by each method, what it tells beside the places, and bundles that don't fit."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from random import Random
from tomllib import loads
from typing import Any

import numpy as np
import pytest

from contest.cli import main
from contest.rulebook.bundle_parts import BundleRefused, rule_of
from contest.rulebook.bundles import Bundle, ballot_of, digest, recompute, rule_to_json
from contest.rulebook.jury_told import JuryTold
from contest.rulebook.method_words import METHOD_WORDS
from contest.rulebook.rules_reading import read_rules
from contest.rulebook.stages import ScreeningStage
from contest.rulebook.statistics.settling import settle
from contest.rulebook.tallies import Ballot
from contest.rulebook.verdict import METHODS, VerdictRule, reach

PRESET = Path(__file__).parents[2] / "config" / "editions" / "ai-short-film.toml"
WORTH = {"#1": 8, "#2": 7, "#3": 5, "#4": 3}


def rule(method: str, **others: Any) -> VerdictRule:
    given = {"weights": {"story": 60, "craft": 40}, "quorum": 2, "decimals": 2, **others}
    return VerdictRule(method=method, **given)


def ballots(seed: int = 3) -> list[Ballot]:
    """Five jurors, the first milder by a point than the last, on films that are worlds apart."""
    chance = Random(seed)
    return [
        Ballot(
            str(juror),
            film,
            {
                key: Fraction(f"{worth + 1 - juror / 4 + chance.random() / 2:.2f}")
                for key in ("story", "craft")
            },
        )
        for film, worth in WORTH.items()
        for juror in range(5)
    ]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_places_films_that_are_worlds_apart_alike(method: str) -> None:
    verdict = reach(ballots(), rule(method), films=WORTH, top=2, seed=1)
    assert [(each.entry, each.place) for each in verdict.placings] == [
        ("#1", 1),
        ("#2", 2),
        ("#3", 3),
        ("#4", 4),
    ]
    film, jury = verdict.films["#1"], verdict.jury
    assert film.raw is not None
    assert film.corrected is not None
    assert jury is not None
    assert [each.seat for each in jury.seats] == list("01234")
    severities = [each.severity or 0 for each in jury.seats]
    assert severities == sorted(severities, reverse=True)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_parts_equal_films_by_the_published_chain(method: str) -> None:
    sheets = {"#1": {"story": 7, "craft": 7}, "#2": {"story": 8, "craft": 6}}
    given = [Ballot(juror, film, sheet) for juror in "123" for film, sheet in sheets.items()]
    equal = {"weights": {"story": 1, "craft": 1}, "tie_chain": ("countback", "criterion:story")}
    verdict = reach(given, rule(method, **equal), films=sheets, top=1, seed=1)
    assert [(each.entry, each.place) for each in verdict.placings] == [("#2", 1), ("#1", 2)]
    told = " ".join(str(each) for each in verdict.placings[0].why)
    assert told.endswith("Count-back of the best marks: 3×8; #1 0×8.")


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_ballots_changes_nothing(method: str) -> None:
    given = ballots(5)
    turned = reach(given[::-1], rule(method), films=sorted(WORTH, reverse=True), top=2, seed=4)
    assert turned == reach(given, rule(method), films=WORTH, top=2, seed=4)


@pytest.mark.parametrize("method", METHODS)
def test_a_round_that_nobody_marked_ranks_no_film_and_says_why(method: str) -> None:
    silent = [Ballot("1", "#1", {}, ScreeningStage.WAITING)]
    verdict = reach(silent, rule(method), films=WORTH, top=2, seed=1)
    assert [each.place for each in verdict.placings] == [None] * 4
    assert (verdict.films, verdict.jury) == ({}, None)
    assert str(verdict.placings[0].why[0]).startswith("Not ranked: scores received: 0")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "odd",
    [
        [Ballot("1", "#1", {"story": 5})],
        [Ballot(str(juror), "#1", {"story": 5, "craft": 5}) for juror in range(3)],
        [Ballot("1", film, {"story": worth, "craft": 5}) for film, worth in WORTH.items()],
        [Ballot(film, film, {"story": worth, "craft": 5}) for film, worth in WORTH.items()],
        [Ballot(str(juror), film, {"story": 5, "craft": 5}) for juror in "ab" for film in WORTH],
    ],
    ids=["one mark", "one film", "one juror", "strangers", "all equal"],
)
def test_odd_juries_get_a_verdict_that_can_be_kept(method: str, odd: list[Ballot]) -> None:
    verdict = reach(odd, rule(method, quorum=1), films=WORTH, top=2, seed=1)
    assert {each.entry for each in verdict.placings} == set(WORTH)
    assert verdict.jury is not None
    kept = json.loads(json.dumps(verdict.jury.to_json(), allow_nan=False))
    assert JuryTold.from_json(kept) == verdict.jury


def test_two_jurors_with_the_same_marks_are_each_told_so_once() -> None:
    chance = Random(1)
    given = []
    for film in range(12):
        sheets = [{key: chance.randint(1, 10) for key in ("story", "craft")} for _ in range(5)]
        sheets[4] = sheets[3]
        given += [Ballot(str(seat), f"#{film}", sheet) for seat, sheet in enumerate(sheets)]
    films = sorted({each.entry for each in given})
    jury = reach(given, rule("mixed"), films=films, top=5, seed=1).jury
    assert jury is not None
    alike = "24 of 24 marks are the same"
    said = {each.seat: sum(alike in str(flag) for flag in each.flags) for each in jury.seats}
    assert said == {"0": 0, "1": 0, "2": 0, "3": 1, "4": 1}


def test_every_method_is_explained_to_whoever_enters_a_film() -> None:
    assert tuple(METHOD_WORDS) == METHODS


def test_a_rule_says_what_is_wrong_with_it() -> None:
    with pytest.raises(ValueError, match="no method is called median"):
        rule("median")
    with pytest.raises(ValueError, match="no tie rule is called coin"):
        rule("mean", tie_chain=("coin",))


def test_the_rules_of_a_round_become_the_rule_of_its_verdict() -> None:
    final = read_rules(loads(PRESET.read_text())).round("final")
    assert VerdictRule.of(final) == VerdictRule(
        method="mean",
        weights={"story": 25, "creativity": 25, "narration": 20, "craft": 15, "ai": 15},
        quorum=3,
        decimals=2,
        tie_chain=("criterion:story", "countback", "head_to_head"),
        highest=10,
    )


def test_a_rule_comes_back_from_what_is_kept_of_it() -> None:
    given = rule("mixed", tie_chain=("criterion:story", "countback"), highest=10)
    assert rule_of(json.loads(json.dumps(rule_to_json(given)))) == given


@pytest.mark.parametrize(
    ("estimates", "more", "too_close"),
    [
        # the cut lies at 6; half a point from it at an error of 1 takes 1.2816² / .25 - 1 = 5.57
        # scores of variance 1 to either side, so 6
        ([6.5, 5.5], 12, 0),
        ([9.0, 3.0], 0, 0),
        ([6.0, 6.0], 0, 2),
    ],
)
def test_the_cut_is_settled_by_so_many_scores(
    estimates: list[float], more: int, too_close: int
) -> None:
    apart = abs(estimates[0] - estimates[1])
    p_top = np.array([0.999, 0.001] if apart > 2 else [0.7, 0.3])
    found = settle(np.array(estimates), np.ones(2), p_top, top=1, noise=1.0)
    assert (found.more_scores, found.too_close) == (more, too_close)


def bundle() -> dict[str, Any]:
    """A bundle as a closed round writes it."""
    given = rule("mean", tie_chain=("countback",), highest=10)
    marks = enumerate((9, 8, 5, 3), 1)
    lines = [
        (seat, film, "scored", {"story": mark, "craft": mark - seat})
        for film, mark in marks
        for seat in (1, 2, 3)
    ]
    verdict = reach([ballot_of(line) for line in lines], given, films=WORTH, top=2, seed=1)
    return {
        "palmares": 1,
        "rule": rule_to_json(given),
        "top": 2,
        "seed": 1,
        "films": [1, 2, 3, 4],
        "ballots": [list(line) for line in lines],
        "ballots_digest": digest(lines),
        "standings": [
            {
                "film": int(each.entry[1:]),
                "place": each.place,
                "score": each.shown,
                "model": verdict.films[each.entry].to_json(),
            }
            for each in verdict.placings
        ],
    }


def differences(told: dict[str, Any]) -> list[str]:
    return [str(each) for each in recompute(Bundle.from_json(json.loads(json.dumps(told))))]


def test_what_is_no_bundle_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.json"
    for text in ("", "[]", "{}", '{"palmares": 1}', '{"palmares": 2}', "[" * 5000, "\x00\xff"):
        path.write_text(text)
        assert main(["recompute", str(path)]) == 2
        assert capsys.readouterr().err.startswith(f"contest recompute: {path}: ")
    assert main(["recompute", str(tmp_path / "none.json")]) == 2


ODD: tuple[object, ...] = (
    None,
    True,
    "x",
    -1,
    1.5,
    1e308,
    10**30,
    [1],
    [None],
    [[]],
    {"a": 1},
    "1e99999999",
)


@pytest.mark.parametrize("odd", ODD, ids=ascii)
@pytest.mark.parametrize(
    "path",
    [
        *("top", "seed", "films", "ballots", "standings", "rule"),
        *("rule/weights", "rule/weights/story", "rule/quorum", "rule/precision", "rule/method"),
        *("films/0", "ballots/0", "ballots/0/0", "ballots/0/1", "ballots/0/2", "ballots/0/3/story"),
        *("standings/0", "standings/0/film"),
    ],
)
def test_whatever_a_bundle_holds_is_told_or_refused_in_words(path: str, odd: object) -> None:
    told = bundle()
    part: Any = told
    *way, last = [int(key) if key.isdecimal() else key for key in path.split("/")]
    for key in way:
        part = part[key]
    part[last] = odd
    try:
        told_apart = differences(told)
    except BundleRefused as refusal:
        told_apart = [str(refusal)]
    assert told_apart
    assert all(each.endswith(".") for each in told_apart)


def test_a_bundle_is_the_same_only_with_every_standing() -> None:
    told = bundle()
    assert differences(told) == []
    *others, last = told["standings"]
    assert differences({**told, "standings": others}) == [
        f"Film {last['film']} took part, and has no standing."
    ]


@pytest.mark.parametrize("key", ["films", "ballots", "standings"])
def test_what_a_bundle_holds_twice_is_refused(key: str) -> None:
    told = bundle()
    told[key].append(told[key][0])
    with pytest.raises(BundleRefused, match="twice"):
        differences(told)


def test_a_ballot_on_a_film_that_took_no_part_is_refused() -> None:
    told = bundle()
    told["films"].remove(4)
    with pytest.raises(BundleRefused, match="Film 4 has a ballot, and is not among its films"):
        differences(told)


def test_a_standing_of_a_film_that_took_no_part_is_told() -> None:
    told = bundle()
    told["standings"].append({"film": 9, "place": 1, "score": "5.00", "model": None})
    assert differences(told) == ["Film 9 has a place, and is not among the films."]
