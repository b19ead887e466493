"""Rules in the office: what a form gives back, who overtook whom, and what changed in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from contest.editions.actions import save_rules
from contest.editions.models import Edition
from contest.people.models import Person
from contest.rulebook.rules_reading import RulesRefused, read_rules
from contest.web.organizer.rules_changes import changes_between
from contest.web.organizer.rules_form import (
    in_gib,
    local,
    marks_in_order,
    rearranged,
    tongues_of,
    typed_into,
)
from contest.web.organizer.rules_shape import (
    SECTIONS,
    Field,
    Rows,
    section_at,
    section_of,
    words_of,
)
from tests.conftest import NOON
from tests.factories import document, make_edition, make_organizer
from tests.visitor import TestVisitor


def section(key: str) -> Any:
    found = section_of(key)
    assert found is not None
    return found


@pytest.fixture
def edition(session: Session) -> Edition:
    made = make_edition(session, "first")
    session.commit()
    return made


@pytest.fixture
def organizer(
    session: Session, edition: Edition, signed_in: Callable[[Person], TestVisitor]
) -> TestVisitor:
    person = make_organizer(session, edition)
    session.commit()
    return signed_in(person)


CALENDAR = {
    "calendar.time_zone": "Asia/Shanghai",
    "calendar.opens_at": "2026-10-01T00:00",
    "calendar.closes_at": "2026-12-01T23:59:59",
    "calendar.announces_at": "2027-01-15T20:00",
    "calendar.late_upload_minutes": "60",
}


def test_whoever_was_overtaken_is_told_and_loses_nothing(
    organizer: TestVisitor, edition: Edition, session: Session
) -> None:
    changed = document()
    changed["facts"]["year_min"] = 2020
    save_rules(session, edition, changed, by_id=None, now=NOON)
    session.commit()
    address = "/office/first/rules/calendar"
    mine = CALENDAR | {"calendar.announces_at": "2027-02-01T20:00"}
    first = organizer.post(address, data=mine | {"version": "1"})
    assert first.status_code == 422
    assert "Somebody saved version 2 while you were typing" in first.text
    assert 'value="2027-02-01T20:00:00"' in first.text
    assert 'name="version" value="2"' in first.text
    assert organizer.post(address, data=mine | {"version": "2"}).status_code == 303
    session.expire_all()
    assert (edition.current.number, edition.rules.facts.year_min) == (3, 2020)


def test_seconds_a_browser_leaves_out_change_no_rules(
    organizer: TestVisitor, edition: Edition, session: Session
) -> None:
    sent = organizer.post("/office/first/rules/calendar", data=CALENDAR | {"version": "1"})
    assert sent.status_code == 303
    session.expire_all()
    assert edition.current.number == 1


def largest_file(typed: str) -> Any:
    """What the document holds after somebody typed that."""
    sent = MultiDict({"film.size_max_bytes": typed})
    return typed_into(document(), section("film"), sent)["film"]["size_max_bytes"]


@pytest.mark.parametrize(("typed", "kept"), [("4", 1 << 32), ("2,5", 2_684_354_560)])
def test_the_largest_file_is_typed_in_gib(typed: str, kept: int) -> None:
    assert largest_file(typed) == kept
    assert in_gib(kept) == typed.replace(",", ".")


def test_a_size_that_is_no_number_stands_as_it_was_typed() -> None:
    assert largest_file("much") == "much"
    assert in_gib("much") == "much"


@given(st.integers(1, 1 << 42))
def test_a_size_shown_and_sent_back_is_the_same_to_the_byte(size: int) -> None:
    assert largest_file(in_gib(size)) == size


def test_an_instant_with_an_offset_is_shown_in_the_editions_zone_and_kept() -> None:
    found = document(opens_at="2026-09-30T16:00:00+00:00")
    assert local(found["calendar"]["opens_at"], found) == "2026-10-01T00:00:00"
    typed = typed_into(found, section("calendar"), MultiDict(CALENDAR))
    assert typed == found


def test_words_in_a_language_this_house_does_not_speak_are_kept() -> None:
    found = document()
    found["languages"], found["texts"]["title"]["es"] = ["es", "en"], "Cortos"
    assert tongues_of(found) == ["es", "en", "fr", "zh"]
    form = MultiDict({"languages": "es, en", "texts.title.es": "Cortos IA", "accent": "petrol"})
    typed = typed_into(found, section("texts"), form)
    assert typed["texts"]["title"] == {"es": "Cortos IA"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("rounds.1.criteria.0.weight", "round 2, criterion 1, Weight in percent"),
        ("rounds.0.criteria", "round 1, Criteria"),
        ("rounds.0.criteria.2.marks.7", "round 1, criterion 3, Marks in words (7)"),
        ("texts.title.fr", "Title (fr)"),
        ("declaration.stages.3.label", "stage 4, Name"),
        ("slate.one_prize_per_film", "One prize a film"),
        ("nowhere.at.all", "nowhere.at.all"),
    ],
)
def test_a_path_is_named_as_its_page_names_it(app: Flask, path: str, words: str) -> None:
    with app.test_request_context():
        assert words_of(path) == words


def test_every_fault_of_an_empty_document_has_a_section_to_mend_it_in() -> None:
    with pytest.raises(RulesRefused) as refused:
        read_rules({"rounds": [{}], "awards": [{}], "categories": [{}], "rights": [{}]})
    lost = [each.path for each in refused.value.faults if section_at(each.path) is None]
    tables = {"texts", "calendar", "film", "facts", "declaration", "slate"}
    assert set(lost) <= tables, "whole tables, which no form can leave out"


WORDS = {"title", "tagline", "about", "label", "question", "text", "marks"}
"""Values that are words in several languages."""


def values_of(found: Any, path: str = "") -> set[str]:
    """The paths of a document's values, with 0 for any place in a list of tables."""
    if isinstance(found, list) and found and isinstance(found[0], dict):
        return {each for item in found for each in values_of(item, f"{path}.0")}
    if not isinstance(found, dict) or path.rpartition(".")[2] in WORDS:
        return {path}
    return {each for key in found for each in values_of(found[key], f"{path}.{key}".strip("."))}


def fields_of(shape: Field | Rows, path: str) -> set[str]:
    if isinstance(shape, Field):
        return {path}
    return {leaf for each in shape.fields for leaf in fields_of(each, f"{path}.0.{each.key}")}


def test_every_value_of_the_preset_can_be_edited_and_nothing_else() -> None:
    editable = {
        leaf
        for each in SECTIONS
        for shape in each.fields
        for leaf in fields_of(shape, f"{each.at}.{shape.key}".strip("."))
    }
    assert editable == values_of(document())


TYPED = st.text(max_size=12) | st.sampled_from(
    ["-1", "1e400", "nan", "٣", "0x1", "2026-13-01T00:00"]
)
ACTS = st.sampled_from(["add:", "remove:", "up:", "", "add", "sort:"])
PATHS = st.sampled_from(
    [
        "rounds",
        "rounds.0.criteria",
        "rounds.9.criteria",
        "rounds.x",
        "rounds.²",
        "rounds.0",
        "awards.1",
        "",
        ".",
        "0",
    ]
)


@given(
    key=st.sampled_from([each.key for each in SECTIONS]),
    values=st.lists(TYPED, min_size=1, max_size=8),
    count=st.sampled_from(["0", "1", "3", "-1", "²", "many", "1000000"]),
    act=st.builds(str.__add__, ACTS, PATHS),
)
def test_whatever_is_typed_or_pressed_rules_are_read_or_refused(
    key: str, values: list[str], count: str, act: str
) -> None:
    shape, form = section(key), MultiDict[str, str]()
    names = [f"{shape.at}.{each.key}".strip(".") for each in shape.fields]
    rows = [
        f"{name}.0.{inner}" for name in names for inner in ("key", "weight", "places", "title.en")
    ]
    for at, name in enumerate([*names, *rows]):
        form[name] = values[at % len(values)]
        form[f"{name}.count"] = count
    typed = typed_into(document(), shape, form)
    rearranged(typed, shape, act)
    json.dumps(typed, allow_nan=False)
    with suppress(RulesRefused):
        read_rules(typed)


def test_marks_are_shown_from_the_lowest_up_and_what_is_no_mark_last() -> None:
    marks = {"10": {"en": "Ten"}, "-1": {"en": "Less"}, "x": {"en": "What?"}, "2": {"en": "Two"}}
    assert [mark for mark, _words in marks_in_order(marks)] == ["-1", "2", "10", "x"]


def test_changes_name_what_was_added_what_went_and_what_differs() -> None:
    old, new = document(), document()
    new["film"]["duration_max_s"] = 240
    new["languages"] = ["en"]
    new["awards"] = new["awards"][:2]
    del new["texts"]["title"]["zh"]
    told = [(each.path, each.before, each.after) for each in changes_between(old, new)]
    assert told == [
        ("awards", "5 ×", "2 ×"),
        ("film.duration_max_s", "300", "240"),
        ("languages", "en, fr, zh", "en"),
        ("texts.title.zh", "AI 短片", None),
    ]
    assert changes_between(None, new) == []
