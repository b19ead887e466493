"""The declared AI share is kept as typed and cut off; the tool chain names what it lacks."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.declaration import Declaration, ToolLine, share_from, share_percent, unsaid
from contest.rulebook.findings import Severity
from contest.rulebook.inspection import ai_share_finding
from contest.rulebook.rules_reading import read_rules
from contest.settings import HOME

RULES = read_rules(tomllib.loads((HOME / "config/editions/ai-short-film.toml").read_text()))
LINE = ToolLine("video", "Seedance", "All shots", "Chosen by hand")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("70", 7000),
        ("69.99", 6999),
        ("69.999", 6999),
        ("69,99 %", 6999),
        (" 88% ", 8800),
        ("0", 0),
        ("100", 10_000),
        ("100.00001", None),
        ("-1", None),
        ("about half", None),
        ("", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e1", 1000),
    ],
)
def test_a_share_is_cut_off_after_two_decimals(typed: str, kept: int | None) -> None:
    assert share_from(typed) == kept


@given(st.decimals(0, 100, allow_nan=False, places=6))
def test_no_share_is_ever_rounded_up(typed: Decimal) -> None:
    kept = share_from(str(typed))
    assert kept is not None
    assert 0 <= Fraction(typed) - share_percent(kept) < Fraction(1, 100)


@given(st.decimals(0, 100, allow_nan=False, places=6))
def test_a_share_below_the_least_is_never_enough(typed: Decimal) -> None:
    kept = share_from(str(typed))
    assert kept is not None
    severity = ai_share_finding(share_percent(kept), RULES.film).severity
    assert (severity is Severity.OK) == (Fraction(typed) >= RULES.film.ai_share_min_percent)


def lacking(*lines: ToolLine, share_bp: int | None = 7000) -> list[tuple[str, str]]:
    found = unsaid(Declaration(lines, share_bp), RULES)
    assert {each.severity for each in found} <= {Severity.BLOCK}
    return [(each.about, str(each.advice)) for each in found]


def test_a_whole_declaration_lacks_nothing() -> None:
    assert lacking(LINE) == []


def test_an_empty_declaration_lacks_a_tool_and_the_share() -> None:
    assert lacking(share_bp=None) == [
        ("declaration.share", "Say which share of the film AI made, in percent."),
        ("declaration.lines", "Name at least one AI tool and what it made."),
    ]


def test_each_line_names_what_it_lacks() -> None:
    lines = (
        ToolLine("", "Veo", "Shots", ""),
        ToolLine("music", " ", "The song", ""),
        ToolLine("music", "Suno", "", ""),
        ToolLine("cooking", "Veo", "Shots", ""),
    )
    assert lacking(*lines) == [
        ("declaration.lines", "Choose a stage for tool 1."),
        ("declaration.lines", "Name the tool of line 2."),
        ("declaration.lines", "Say what Suno made."),
        ("declaration.lines", "Choose a stage for tool 4."),
    ]
