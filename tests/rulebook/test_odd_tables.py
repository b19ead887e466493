"""Tables of scores that nobody should write: each is answered, or refused in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from contest.cli import main

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
