"""`contest rank`: standings from a file, and plain words where the file doesn't fit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contest.cli import main
from contest.settings import HOME

DATA = Path(__file__).parents[3] / "shared" / "jury-data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no jury data beside the checkout")

SCORES = """judge,item,criterion,score
Ann,Aube,story,8
Ann,Aube,craft,7
Ben,Aube,story,7
Ben,Aube,craft,9
Ann,Brume,story,6.5
Ann,Brume,craft,9
"""


def call(*words: str | Path) -> int:
    return main(["rank", *(str(word) for word in words)])


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(SCORES)
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_json_says_everything_of_items_judges_variance_and_reliability(
    scores: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(scores, "--json", "--method", "mean", "--precision", "2") == 0
    told = printed(capsys)
    assert list(told) == [
        *("method", "items", "judges", "mean", "variance", "reliability", "warnings"),
    ]
    assert told["method"] == "mean"
    [aube, brume] = told["items"]
    assert list(aube) == [
        *("item", "place", "estimate", "effect", "se", "p_first", "p_top", "p_above_next"),
        *("n", "raw", "why"),
    ]
    assert aube["effect"] is None, "a rule tells no distance from a mean film"
    assert [(each["place"], each["estimate"], each["n"]) for each in (aube, brume)] == [
        (1, 7.75, 2),
        (1, 7.75, 1),
    ]
    assert aube["why"] == (
        "Place 1, shared with Brume. Weighted mean 7.75; jurors who scored: 2."
        " Equal at 7.75 with Brume."
    )
    assert [(each["judge"], each["n"]) for each in told["judges"]] == [("Ann", 2), ("Ben", 1)]
    assert list(told["judges"][0]) == ["judge", "severity", "se", "scale", "n", "flags"]
    assert list(told["variance"]) == ["item", "judge", "residual"]
    assert list(told["reliability"]) == ["single", "jurors_needed"]


@needs_data
def test_effects_are_those_of_lme4(capsys: pytest.CaptureFixture[str]) -> None:
    expected = json.loads((DATA / "shrout_fleiss_1979.reference.json").read_text())["mixed"]
    assert call(DATA / "shrout_fleiss_1979.csv", "--json") == 0
    told = printed(capsys)
    effects = {each["item"]: each["effect"] for each in told["items"]}
    assert effects == pytest.approx(expected["item_blup"], abs=1e-4)
    assert told["mean"] == pytest.approx(expected["mu"], abs=1e-4)


def test_without_json_a_person_reads_the_same_with_errors_drawn(
    scores: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(scores, "--method", "mean", "--quorum", "2", "--precision", "2", "--top", "1") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].split() == ["item", "score", "±", "se", "raw", "first", "top", "1"]
    assert told[1].split()[:3] == ["1", "Aube", "7.75"]
    assert told[1].rstrip("─")[-1] == "●"
    assert told[2] == "       Place 1. Weighted mean 7.75; jurors who scored: 2."
    assert told[3].split() == ["-", "Brume", "-", "-", "7.75", "-", "-"]
    assert told[4] == "       Not ranked: scores received: 1; the rules ask for at least 2."


def test_the_default_is_the_mixed_model_and_for_placements_copeland(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "places.csv").write_text("judge,item,rank\nAnn,x,1\nAnn,y,2\nBen,x,2\nBen,y,1\n")
    assert [call(scores, "--json"), call(tmp_path / "places.csv", "--json")] == [0, 0]
    first, _, second = capsys.readouterr().out.partition("\n}\n")
    assert json.loads(first + "}")["method"] == "mixed"
    assert json.loads(second)["method"] == "copeland"


def test_options_choose_method_weights_and_tie_chain(
    scores: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--json", "--weights", "story=2,craft=1", "--ties", "criterion:story"]
    assert call(scores, *options, "--method", "sum") == 0
    assert [(each["item"], each["estimate"]) for each in printed(capsys)["items"]] == [
        ("Aube", 46),
        ("Brume", 22),
    ]
    assert call(scores, "--json", "--method", "mean", "--ties", "more_ballots") == 0
    assert [(each["item"], each["place"]) for each in printed(capsys)["items"]] == [
        ("Aube", 1),
        ("Brume", 2),
    ]
    assert (
        call(scores, "--json", "--method", "mean", "--weights", "craft=1", "--precision", "1") == 0
    )
    assert [(each["item"], each["estimate"]) for each in printed(capsys)["items"]] == [
        ("Brume", 9.0),
        ("Aube", 8.0),
    ]


def test_marks_can_be_left_out_at_either_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dive.csv"
    lines = [f"J{at},dive,execution,{mark}" for at, mark in enumerate([2, 8, 8.5, 9, 10])]
    path.write_text("\n".join(["judge,item,criterion,score", *lines]))
    assert call(path, "--json", "--method", "sum", "--drop", "1") == 0
    assert [(each["estimate"], each["n"]) for each in printed(capsys)["items"]] == [(25.5, 5)]


def test_other_columns_their_order_a_byte_order_mark_and_blank_lines_do_not_matter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(
        "\ufeffScore,country, Item ,criterion,judge\r\n"
        '7.5,FR,"Aube, la nuit",story,Ann\r\n\r\n,,,,\r\n'
        "2e0,CN,短片,story,Ann\r\n",
        encoding="utf-8",
    )
    assert call(path, "--json", "--method", "mean") == 0
    assert [(each["item"], each["estimate"]) for each in printed(capsys)["items"]] == [
        ("Aube, la nuit", 7.5),
        ("短片", 2.0),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "judge,film,score\nAnn,Aube,7\n",
            (
                "the first line lacks the columns item; it has: judge, film, score."
                " Separate columns by commas."
            ),
        ),
        (
            "",
            (
                "the first line lacks the columns judge, item, score; it has: none."
                " Separate columns by commas."
            ),
        ),
        ("judge,item,criterion,score\n", "holds no scores below its first line."),
        (
            "judge,item,criterion,score\nAnn,Aube,story,good\n",
            "line 2: 'good' is not a number. Write numbers like 7 or 7.5.",
        ),
        (
            "judge,item,criterion,score\nAnn,Aube,story,nan\n",
            "line 2: 'nan' is not a number. Write numbers like 7 or 7.5.",
        ),
        (
            "judge,item,criterion,score\nAnn,Aube,story,1e999999\n",
            "line 2: '1e999999' is not a number. Write numbers like 7 or 7.5.",
        ),
        (
            "judge,item,criterion,score\nAnn,Aube,story,\n",
            "line 2 has no score. Leave out the line of a judge who gave none.",
        ),
        (
            "judge,item,criterion,score\nAnn,Aube,story,7\nAnn,Aube,story,8\n",
            "line 3: Ann has scored Aube on story before. Keep the line that counts.",
        ),
        (
            "judge,item,criterion,score\nAnn,Aube\n",
            "line 2 has fewer columns than the first line.",
        ),
        (
            "judge,item,criterion,score\n,Aube,story,7\n",
            "line 2 names no judge, no item or no criterion.",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_words_with_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(text)
    assert call(path) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"contest rank: {path}: {words}\n")


def test_files_that_can_not_be_read_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.csv").write_bytes("judge,item,criterion,score\nRené".encode("latin-1"))
    (tmp_path / "torn.csv").write_text('judge,item,criterion,score\nAnn,"Aube,story,7\n')
    told = []
    for name in ["absent.csv", "latin.csv", "torn.csv", "."]:
        assert call(tmp_path / name) == 2
        told.append(capsys.readouterr().err.removeprefix(f"contest rank: {tmp_path / name}: "))
    assert told == [
        "can't be opened: No such file or directory.\n",
        "is not text in UTF-8. Save it as CSV in UTF-8.\n",
        "is not a CSV table: unexpected end of data.\n",
        "can't be opened: Is a directory.\n",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--weights", "humour=1"],
            "nothing is scored on humour; --weights may name craft, story.",
        ),
        (["--weights", "story=0"], "each criterion needs a weight above 0"),
        (["--clip", "1"], "--drop, --clip and --rounds are for mean, trimmed and sum."),
        (
            ["--method", "mean", "--clip", "humour=1"],
            "nothing is scored on humour; --clip may name craft, story.",
        ),
        (
            ["--method", "mean", "--rounds", "craft"],
            "each of craft, story must be named once as a round",
        ),
        (
            ["--method", "mean", "--clip", "-1"],
            "marks can't be clipped to less than 0 from the mean",
        ),
        (["--top", "0"], "--top counts places from the first: 1 or more."),
        (["--seed", "-1"], "--seed is a whole number from 0."),
        (["--quorum", "0"], "a film needs at least 1 score to be ranked"),
        (["--method", "mean", "--drop", "-1"], "the number of marks left out can't be below 0"),
        (
            ["--ties", "lots"],
            (
                "no tie rule is called lots; there are criterion:craft, criterion:story,"
                " countback, more_ballots, head_to_head"
            ),
        ),
    ],
)
def test_options_that_do_not_fit_the_scores_are_refused_in_words(
    scores: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert call(scores, *options) == 2
    assert capsys.readouterr().err == f"contest rank: {scores}: {words}\n"


@pytest.mark.parametrize("options", [["--weights", "story"], ["--weights", "story=x"]])
def test_weights_that_can_not_be_read_are_explained(
    scores: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        call(scores, *options)
    assert refused.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith(f"write criterion=weight, such as story=30, not {options[1]!r}")


def written(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def found(capsys: pytest.CaptureFixture[str], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(each[key] for key in keys) for each in printed(capsys)["items"]]


def test_rounds_are_weighed_clipped_and_stand_above_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        tmp_path / "piano.csv",
        "judge,item,criterion,score",
        *("Ann,A,first,20", "Ben,A,first,20", "Cleo,A,first,26", "Ann,A,final,24"),
        *("Ann,B,first,21", "Ben,B,first,23", "Ben,B,final,24", "Cleo,B,final,22"),
        *("Ann,C,first,25", "Ben,C,first,25"),
    )
    options = ("--rounds", "first,final", "--weights", "first=1,final=2", "--clip", "first=3")
    assert call(path, "--json", "--method", "mean", *options) == 0
    assert found(capsys, "item", "place", "estimate", "raw") == [
        (
            *("A", 1, pytest.approx(float((Fraction(65, 3) + 48) / 3))),
            pytest.approx(float((Fraction(20 + 48, 3) + 20 + 26) / 3)),
        ),
        (
            *("B", 2, pytest.approx(float(Fraction(22 + 46, 3)))),
            pytest.approx(float((21 + Fraction(23 + 48, 3) + 22) / 3)),
        ),
        ("C", 3, 25.0, 25.0),
    ]


def test_the_state_of_a_score_decides_what_it_counts_towards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        tmp_path / "states.csv",
        "judge,item,score,state",
        *("Ann,A,8,scored", "Ben,A,2,recused", "Cleo,A,,abstained", "Dai,A,6,"),
        *("Ann,B,,no_show", "Ben,B,,skipped"),
    )
    assert call(path, "--json", "--method", "mean") == 0
    assert found(capsys, "item", "place", "estimate", "n") == [
        ("A", 1, 7.0, 2),
        ("B", None, None, 0),
    ]


def test_a_state_nobody_knows_is_refused_and_so_is_a_table_without_a_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = written(tmp_path / "odd.csv", "judge,item,score,state", "Ann,A,8,asleep")
    none = written(tmp_path / "none.csv", "judge,item,score,state", "Ann,A,,recused")
    assert [call(odd), call(none)] == [2, 2]
    assert capsys.readouterr().err == (
        f"contest rank: {odd}: line 2: 'asleep' is no state of a score. There are scored,"
        " abstained, recused, skipped and no_show.\n"
        f"contest rank: {none}: holds no score that counts: no judge scored anything.\n"
    )


def test_films_that_a_ballot_leaves_out_stand_last_or_were_not_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        tmp_path / "final.csv",
        "judge,item,rank",
        *("Ann,A,1", "Ann,B,2", "Ben,A,1", "Cleo,C,1", "Cleo,A,2"),
    )
    assert call(path, "--json") == 0
    assert found(capsys, "item", "place", "estimate") == [
        *(("A", 1, 2.0), ("C", 2, 0.5), ("B", 3, 0.5))
    ]
    assert call(path, "--json", "--unranked", "unseen") == 0
    assert found(capsys, "item", "place", "estimate") == [
        *(("C", 1, 1.5), ("A", 2, 1.0), ("B", 3, 0.5))
    ]


def test_points_do_for_scores_and_criteria_can_be_modelled_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        f"J{judge},F{film},{key},{5 + film + judge % 2 + (film * judge * at) % 3}"
        for film in range(4)
        for judge in range(4)
        for at, key in enumerate(("story", "craft"), 1)
    ]
    path = written(tmp_path / "points.csv", "judge,item,criterion,points", *rows)
    assert call(path, "--json", "--criteria", "each", "--weights", "story=2,craft=1") == 0
    each = printed(capsys)
    assert [item["place"] for item in each["items"]] == [1, 2, 3, 4]
    assert [item["item"] for item in each["items"]] == ["F3", "F2", "F1", "F0"]
    assert len(each["judges"]) == 4


def test_parts_of_a_jury_are_labelled_in_both_forms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ("A,x,5", "A,y,6", "B,x,4", "B,y,7", "C,p,9", "C,q,3", "D,p,8", "D,q,5")
    path = written(tmp_path / "parts.csv", "judge,item,score", *rows)
    assert [call(path, "--json"), call(path)] == [0, 0]
    both = capsys.readouterr().out
    told = json.loads(both[: both.index("\n}\n") + 2])
    assert [(each["part"], each["place"], each["item"]) for each in told["items"]] == [
        *((1, 1, "p"), (1, 2, "q"), (2, 1, "y"), (2, 2, "x"))
    ]
    assert told["warnings"][0].startswith("No juror connects 2 parts of the jury")
    assert "-- part 2 of the jury --" in both


def test_a_wide_name_takes_its_room_and_a_long_one_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "wide.csv", "judge,item,score", f"A,短片,5\nB,短片,6\nA,{'x' * 40},7")
    assert call(path, "--method", "mean") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[1] == "x" * 27 + "…"
    assert lines[3].split()[1] == "短片"


@needs_data
def test_diving_sums_per_dive_come_out_of_the_file_as_plain_arithmetic_has_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for line in (DATA / "diving2000.csv").read_text().splitlines()[1:]:
        cells = line.split(",")
        sums[cells[2]] += Fraction(cells[-1])
    assert call(DATA / "diving2000.csv", "--method", "sum", "--json") == 0
    found = printed(capsys)["items"]
    assert {each["item"]: each["estimate"] for each in found} == sums
    assert {each["item"]: each["place"] for each in found} == {
        dive: 1 + sum(other > total for other in sums.values()) for dive, total in sums.items()
    }
    assert {each["n"] for each in found} == {7}


@needs_data
def test_a_table_of_placements_ranks_the_lowest_mean_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(DATA / "skating2002_ladies_free.csv", "--json", "--method", "mean") == 0
    found = printed(capsys)["items"]
    reference = json.loads((DATA / "skating2002_ladies_free.reference.json").read_text())
    assert {each["item"]: each["estimate"] for each in found} == pytest.approx(
        reference["borda_mean_rank"], abs=1e-12
    )
    assert [(each["item"], each["place"]) for each in found[:3]] == [
        ("hughes", 1),
        ("slutskaya", 1),
        ("kwan", 3),
    ]


@needs_data
def test_who_reads_only_the_first_lines_is_told_no_traceback() -> None:
    command = [sys.executable, "-m", "contest.cli", "rank", str(DATA / "diving2000.csv")]
    reader = subprocess.Popen(
        [*command, "--method", "mean"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HOME
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    reader.stdout.readline()
    reader.stdout.close()
    assert reader.stderr.read() == b""
    reader.stderr.close()
    assert reader.wait() == 141
