"""An entry names everything it lacks, each at its field, in the order of its page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.declaration import Declaration
from contest.rulebook.eligibility import EntrySheet, missing
from contest.rulebook.findings import Severity
from tests.rulebook.test_declaration import LINE, RULES

WHOLE = EntrySheet(
    category="fiction",
    original_title="烟火下的港湾",
    title_language="zh-Hans",
    english_title="The Harbour under Fireworks",
    synopsis="A harbour remembers a house nobody can return to, one firework at a time.",
    languages=("zh",),
    countries=("CN",),
    year=2026,
    credits=(("林安琪", "Director"),),
    declaration=Declaration((LINE,), 8800),
    affirmed=frozenset(each.key for each in RULES.rights),
)
EMPTY = EntrySheet("", "", "", "", "", (), (), None, (), Declaration((), None), frozenset())

LACKS: list[tuple[dict[str, Any], str]] = [
    ({"category": ""}, "facts.category"),
    ({"category": "opera"}, "facts.category"),
    ({"original_title": "  "}, "facts.original_title"),
    ({"title_language": ""}, "facts.title_language"),
    ({"english_title": ""}, "facts.english_title"),
    ({"languages": ()}, "facts.languages"),
    ({"countries": ()}, "facts.countries"),
    ({"year": None}, "facts.year"),
    ({"year": 2024}, "facts.year"),
    ({"synopsis": "Too short."}, "facts.synopsis"),
    ({"synopsis": "x" * 601}, "facts.synopsis"),
    ({"credits": ()}, "credits"),
    ({"credits": (("林安琪", ""),)}, "credits"),
    ({"declaration": Declaration((LINE,), None)}, "declaration.share"),
    ({"affirmed": frozenset({"author", "licences", "screening"})}, "rights.likeness"),
]


def abouts(sheet: EntrySheet) -> list[str]:
    found = missing(sheet, RULES)
    assert {each.severity for each in found} <= {Severity.BLOCK}
    return [each.about for each in found]


def test_a_whole_entry_lacks_nothing() -> None:
    assert abouts(WHOLE) == []


@pytest.mark.parametrize(("change", "about"), LACKS)
def test_one_thing_missing_is_named_alone(change: dict[str, Any], about: str) -> None:
    assert abouts(replace(WHOLE, **change)) == [about]


@given(st.lists(st.sampled_from(LACKS), unique_by=lambda lack: lack[1]))
def test_things_missing_are_all_named_whatever_else_is(lacks: list[Any]) -> None:
    changes = {name: value for change, _about in lacks for name, value in change.items()}
    assert sorted(abouts(replace(WHOLE, **changes))) == sorted(about for _change, about in lacks)


def test_an_empty_entry_lacks_everything_in_the_order_of_the_page() -> None:
    assert abouts(EMPTY) == [
        "facts.category",
        "facts.original_title",
        "facts.title_language",
        "facts.english_title",
        "facts.synopsis",
        "facts.languages",
        "facts.countries",
        "facts.year",
        "credits",
        "declaration.share",
        "declaration.lines",
        "rights.author",
        "rights.licences",
        "rights.likeness",
        "rights.screening",
    ]


@pytest.mark.parametrize("length", [40, 600])
def test_the_ends_of_the_synopsis_length_are_allowed(length: int) -> None:
    assert abouts(replace(WHOLE, synopsis="字" * length)) == []
