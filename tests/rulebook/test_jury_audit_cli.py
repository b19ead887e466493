"""`contest jury-audit`: a real jury's figures, invitations to talk, plain words for odd files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from contest.cli import main
from tests.odd_juries import Jury, fair_jury, planted, rounded

DATA = Path(__file__).parents[3] / "shared" / "jury-data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no jury data beside the checkout")
HEADER = ("judge", "item", "criterion", "score", "judge_country", "country", "watched")
CLOSE = 1e-4


def call(*words: str | Path) -> int:
    return main(["jury-audit", *(str(word) for word in words)])


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def written(path: Path, rows: Iterable[Iterable[object]], header: Iterable[str] = HEADER) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def rows_of(jury: Jury) -> list[list[object]]:
    """Own films are those of one's own country; all other films are from elsewhere."""
    rows = []
    for (juror, film), marks in jury.marks.items():
        hour, minute = divmod(jury.place[juror, film], 60)
        for criterion, mark in zip(("story", "craft", "idea"), marks, strict=True):
            country = f"land {juror} ; Utopia" if (juror, film) in jury.own else "Utopia"
            when = f"2026-05-03T{20 + hour}:{minute:02}"
            rows.append(
                [f"juror {juror}", f"film {film}", criterion, mark, f"Land {juror}", country, when]
            )
    return rows


@needs_data
def test_the_own_country_bonus_of_sydney_is_that_of_independent_software(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(DATA / "diving2000.csv", "--by", "country", "--json") == 0
    told = printed(capsys)
    accepted = json.loads((DATA / "diving2000.reference.json").read_text())["own_country"]
    found = told["favouritism"]
    assert (found["column"], found["n_same"]) == ("country", accepted["n_same"])
    for kind in ("mixed", "fixed"):
        for key in ("estimate", "se"):
            assert found[kind][key] == pytest.approx(accepted[kind][key], abs=CLOSE)
    assert found["fixed"]["p"] == pytest.approx(accepted["fixed"]["p"], rel=1e-3)
    judges = {judge["judge"]: judge["own"] for judge in told["judges"]}
    assert sum(own["n"] > 0 for own in judges.values()) == len(accepted["by_judge"]) == 17
    for each in accepted["by_judge"]:
        own = judges[each["judge"]]
        assert own["n"] == each["n_same"]
        assert own["bonus"] == pytest.approx(each["extra_for_own"], abs=CLOSE)
        if each["p_perm"] is None:
            assert own["p"] is None
        else:
            assert own["p"] == pytest.approx(each["p_perm"], abs=0.02)


@needs_data
def test_the_judges_of_sydney_who_favoured_most_are_asked_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(DATA / "diving2000.csv", "--by", "country", "--top", "12", "--json") == 0
    told = printed(capsys)
    flagged = {judge["judge"] for judge in told["judges"] if judge["flags"]}
    assert {"ALT Walter", "MENA Jesus", "ZAITSEV Oleg", "BARNETT Madeleine"} <= flagged
    assert {"WANG Facheng", "BOUSSARD Michel", "GEAR Dennis"} & flagged == set()
    assert len(told["top"]) == 12


def test_json_says_everything_of_judges_pairs_effects_and_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "scores.csv", rows_of(rounded(fair_jury(1, 5, 20, 5))))
    assert call(path, "--by", "country", "--order", "watched", "--top", "3", "--json") == 0
    told = printed(capsys)
    assert list(told) == [
        *("judges", "pairs", "favouritism", "order", "winner", "top", "warnings", "tests", "seed")
    ]
    assert [list(judge) for judge in told["judges"]] == 5 * [
        [
            *("judge", "n", "severity", "se", "scale", "noise", "infit", "outfit", "halo"),
            *("drift", "drift_p", "own", "changes_winner", "winner_without", "changes_top"),
            "flags",
        ]
    ]
    assert [judge["n"] for judge in told["judges"]] == [20] * 5
    assert list(told["judges"][0]["own"]) == ["bonus", "se", "p", "n"]
    assert (told["favouritism"]["column"], told["order"]["column"]) == ("country", "watched")
    assert (told["order"]["n"], len(told["top"]), told["seed"]) == (100, 3, 1)
    assert [list(test) for test in told["tests"]] == 8 * [
        ["question", "tested", "permutations", "fdr"]
    ]
    assert told["warnings"] == []


def test_without_columns_to_ask_by_nothing_is_said_of_favouring_or_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "scores.csv", rows_of(rounded(fair_jury(1, 5, 20, 5))))
    assert call(path, "--json") == 0
    told = printed(capsys)
    assert (told["favouritism"], told["order"]) == (None, None)
    assert {(judge["own"], judge["drift"]) for judge in told["judges"]} == {(None, None)}


def test_who_favours_their_own_is_asked_about_it_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jury = planted(fair_jury(2, 5, 20, 5, noise=0.3), "own")
    path = written(tmp_path / "scores.csv", rows_of(jury))
    assert call(path, "--by", "judge_Country", "--json") == 0
    [flag] = [each for each in printed(capsys)["judges"][0]["flags"] if each["question"] == "own"]
    number = sum(juror == 0 for juror, _ in jury.own)
    assert flag["says"].startswith(f"Their own {number} films got 0.")
    assert flag["says"].endswith("ask whether they would rather leave those films to others.")


def test_people_read_a_table_and_what_is_worth_a_talk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "scores.csv", rows_of(planted(fair_jury(4, 5, 20, 5), "flat")))
    assert call(path, "--by", "country", "--order", "watched", "--top", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        *("judge", "n", "above", "±", "se", "scale", "noise", "infit", "outfit", "halo", "drift"),
        *("own", "±", "se", "n", "own"),
    ]
    assert lines[1].startswith("juror 0       20")
    assert lines[1].endswith("the same mark for all")
    [flag] = [line for line in lines if line.startswith("  juror 0: ")]
    assert flag.startswith("  juror 0: Of 20 films, ")
    assert "Worth a talk (each may be innocent; no result is changed):" in lines
    assert [line for line in lines if line.startswith("Own country: ")]
    assert [line for line in lines if line.startswith("First by the mixed model: film ")]


def test_a_fair_jury_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "scores.csv", rows_of(rounded(fair_jury(1, 5, 20, 5))))
    assert call(path) == 0
    assert "Nothing here that chance doesn't explain." in capsys.readouterr().out.splitlines()


SMALL = [("Ann", "Aube", "all", 7, "FR", "FR", "1"), ("Ben", "Aube", "all", 8, "DE", "FR", "2")]


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (SMALL, ["--by", "school"], "no column judge_school or juror_school"),
        (SMALL, ["--order", "day"], "no column day."),
        (
            [(*SMALL[0][:6], "soon"), SMALL[1]],
            ["--order", "watched"],
            "line 2: 'soon' is neither a number nor a time.",
        ),
        (
            [(*SMALL[0][:6], "20:15"), SMALL[1]],
            ["--order", "watched"],
            "'watched' holds a time of day in line 2 and a number in line 3",
        ),
        (
            [(*SMALL[0][:3], "1e20", *SMALL[0][4:]), SMALL[1]],
            [],
            "too small to be compared with other marks",
        ),
        ([(*SMALL[0][:3], "nan", *SMALL[0][4:]), SMALL[1]], [], "line 2: 'nan' is not a number"),
        ([], [], "holds no scores below its first line."),
        (SMALL, ["--top", "0"], "--top counts items from the first: 1 or more."),
        (SMALL, ["--seed", "-1"], "--seed is a whole number from 0."),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    rows: list[tuple[object, ...]],
    options: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = written(tmp_path / "scores.csv", rows)
    assert call(path, *options) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"contest jury-audit: {path}: ")
    assert said in told.err


def grid(mark: Any, judges: int = 6, items: int = 12) -> list[list[object]]:
    return [
        [f"j{judge}", f"f{item}", "all", mark(judge, item), "FR", "FR", item]
        for judge in range(judges)
        for item in range(items)
    ]


@pytest.mark.parametrize(
    "rows",
    [
        SMALL[:1],
        SMALL,
        grid(lambda *_: 7),
        grid(lambda judge, item: judge + item),
        grid(lambda *seat: seat[1]),
        grid(lambda *seat: seat[0]),
        grid(lambda judge, item: (7 * item + 3 * judge) % 2),
        grid(lambda judge, item: (7 * item + 3 * judge) % 5, judges=1),
        grid(lambda judge, item: (7 * item + 3 * judge) % 5, items=1),
        grid(lambda judge, item: 10**8 + (7 * item + 3 * judge) % 5),
        grid(lambda judge, item: (item * 5 + judge) % 7, judges=3, items=40)[::3],
    ],
    ids=[
        *("one score", "one film", "all equal", "no chance", "all alike", "flat all", "votes"),
        *("one judge", "one item", "far from 0", "parts alone"),
    ],
)
@pytest.mark.parametrize("shape", [[], ["--json"]], ids=["table", "json"])
def test_a_jury_of_any_shape_gets_an_answer(
    rows: list[list[object]], shape: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "scores.csv", rows)
    assert call(path, "--by", "country", "--order", "watched", *shape) == 0
    told = capsys.readouterr()
    assert (told.out != "", told.err) == (True, "")
    assert "nan" not in told.out.lower().split()


def test_parts_that_no_juror_connects_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        row
        for row in grid(lambda judge, item: (item * 5 + judge) % 7)
        if (int(str(row[0])[1:]) < 3) == (int(str(row[1])[1:]) < 6)
    ]
    assert call(written(tmp_path / "scores.csv", rows), "--json") == 0
    [warning] = printed(capsys)["warnings"]
    assert warning.startswith("No juror connects 2 parts of the jury")


def test_rows_and_names_in_any_order_print_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(planted(fair_jury(3, 8, 24, 4), "noise"))
    outputs = []
    for order in (rows, rows[::-1], sorted(rows, key=lambda row: str(row[3]))):
        path = written(tmp_path / "scores.csv", order)
        assert call(path, "--by", "country", "--order", "watched", "--json") == 0
        outputs.append(capsys.readouterr().out)
    assert outputs == [outputs[0]] * 3
