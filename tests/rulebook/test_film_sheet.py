"""What `contest check` prints of a film at a terminal: its moments as players count them."""

from __future__ import annotations

from dataclasses import replace

from contest.cli.film_sheet import sheet
from contest.rulebook.film_facts import PictureFacts
from contest.rulebook.inspection import inspect
from tests.rulebook.test_inspection import FILM, RULES


def lines_of(*black: tuple[float, float]) -> list[str]:
    facts = replace(FILM, picture=PictureFacts(black=black))
    return list(sheet("film.mp4", facts, inspect(facts, RULES), RULES))


def test_a_finding_is_followed_by_its_moments() -> None:
    (told,) = (at for at, line in enumerate(lines_of((5, 59.96))) if "The picture is black" in line)
    assert lines_of((5, 59.96))[told + 1] == "        0:05 to 1:00"
    assert lines_of((0, 7.04), (61.25, 70.5))[told + 1] == "        0:00 to 0:07, 1:01.2 to 1:10.5"


def test_a_film_of_many_moments_names_some_and_counts_the_rest() -> None:
    told = next(
        line for line in lines_of(*((at, at + 6.0) for at in range(0, 80, 10))) if "more" in line
    )
    assert told.split(", ")[0] == "        0:00 to 0:06"
    assert told.split(", ")[5:] == ["0:50 to 0:56", "and 2 more"]


def test_what_has_no_moment_is_followed_by_nothing() -> None:
    assert not [line for line in lines_of() if line.startswith("        ") and " to " in line]
