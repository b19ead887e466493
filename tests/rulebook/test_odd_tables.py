"""Tables of scores that nobody should write: each is answered, or refused in words."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from contest.cli import main
from contest.cli.columns import padded

FEW = "judge,item,score\nAnn,Aube,8\nAnn,Brume,6\nBen,Aube,7\nBen,Brume,9\nBen,Crue,5\nAnn,Crue,4\n"


def refused(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `contest rank` says of a table it can't use."""
    assert main(["rank", str(path), *words]) == 2
    return capsys.readouterr().err


def table(folder: Path, text: str = FEW) -> Path:
    path = folder / "scores.csv"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("mark", ["1e99", "-1e99", "9" * 39, "1000000001", "1e-99", "-1e-7"])
@pytest.mark.parametrize("command", ["rank", "jury-audit"])
def test_marks_that_no_float_can_hold_beside_others_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, mark: str
) -> None:
    path = table(tmp_path, FEW + f"Cle,Aube,{mark}\nCle,Brume,3\n")
    assert main([command, str(path)]) == 2
    assert capsys.readouterr().err == (
        f"contest {command}: {path}: line 8: {mark} is too great or too small to be compared with"
        " other marks. Write marks between 0.000001 and 1000000000, in a unit of their size.\n"
    )


def test_the_greatest_and_least_marks_are_ranked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "Ann,Aube,1e9\nAnn,Brume,-1e9\nBen,Aube,0\nBen,Brume,1e-6\n"
    assert main(["rank", str(table(tmp_path, "judge,item,score\n" + rows)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["item"], each["raw"]) for each in told["items"]] == [
        ("Aube", 5e8),
        ("Brume", -499999999.9999995),
    ]


def test_a_file_without_line_breaks_is_read_no_further_than_a_line_may_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scores.csv"
    path.touch()
    os.truncate(path, 1 << 40)
    assert "field larger than field limit" in refused(path, capsys)


def test_thousands_of_equal_films_are_compared_head_to_head_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "judge,item,score\n"
    chain = ("--method", "mean", "--ties", "head_to_head")
    rows = [f"J{film % 100},F{film},5\n" for film in range(3000)]
    assert main(["rank", str(table(tmp_path, head + "".join(rows))), "--json", *chain]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["place"] for each in told["items"]} == {1}
    rows = [f"Ann,F{film},5\n" for film in range(5000)]
    assert refused(table(tmp_path, head + "".join(rows)), capsys, *chain).endswith(
        ": 5000 films are equal, too many to compare head to head; publish more decimals, or let"
        " another rule part them\n"
    )


def test_more_marks_can_be_left_out_than_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(table(tmp_path)), "--json", "--method", "mean", "--drop", "9" * 30)
    assert main(["rank", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["place"] for each in told["items"]] == [None, None, None]


@pytest.mark.parametrize("option", ["--weights", "--clip"])
def test_a_criterion_named_twice_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rank", str(table(tmp_path)), option, "overall=1,overall=2"])
    assert capsys.readouterr().err.endswith(
        f"argument {option}: overall is named twice; name each criterion once\n"
    )


@pytest.mark.parametrize("column", ["judge", "score", "criterion", "state"])
def test_a_column_that_is_there_twice_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    path = table(tmp_path, f"judge,item,score,{column},{column.upper()}\nAnn,Aube,1,2,3\n")
    assert refused(path, capsys) == (
        f"contest rank: {path}: has two columns {column}. Rename the one that doesn't count.\n"
    )


@pytest.mark.parametrize("command", ["rank", "jury-audit"])
def test_names_neither_break_lines_nor_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    head, name = "judge,item,score\n", "Aube\x1b]0;x\x07\u202e"
    rows = f'"An\nn",{name},8\n"An\nn",Brume,6\nBen,{name},7\nBen,Brume,2\n'
    path = table(tmp_path, head + rows)
    assert main([command, str(path)]) == 0
    told = capsys.readouterr().out
    assert "Aube\ufffd]0;x\ufffd\ufffd" in told
    assert "An\ufffdn" in told
    assert main([command, str(table(tmp_path, head + rows + f"Ben,{name},7\n"))]) == 2
    assert capsys.readouterr().err == (
        f"contest {command}: {path}: line 8: Ben has scored Aube\ufffd]0;x\ufffd\ufffd on overall"
        " before. Keep the line that counts.\n"
    )


def test_accents_that_stand_by_themselves_take_no_column() -> None:
    assert padded("e\u0301t", 3) == "e\u0301t "
    assert padded("e\u0301te\u0301s", 3) == "e\u0301t…"


def test_names_of_any_length_are_cut_to_their_column() -> None:
    assert padded("国" * 100_000, 6) == "国国… "


def test_a_table_from_a_pipe_is_audited_but_asked_no_questions_of_its_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for words, code in (((), 0), (("--order", "score"), 2)):
        writer = threading.Thread(target=pipe.write_text, args=(FEW,))
        writer.start()
        assert main(["jury-audit", str(pipe), *words]) == code
        writer.join()
    assert capsys.readouterr().err == (
        f"contest jury-audit: {pipe}: can be read only once, and --by and --order read it again."
        " Save it as a file first.\n"
    )
