"""Forms no page of ours sends: they are refused with a page, and nothing breaks."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from contest.db import Database
from contest.entries.models import Entry
from tests.factories import make_edition, make_juror, make_organizer, make_person
from tests.juries import make_sitting, screening
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

HUGE = "9" * 30


@pytest.mark.parametrize("back", ["//[", "//evil.example", "/\\evil.example", "https://[::1"])
def test_the_way_back_never_leads_out_of_the_house(visitor: TestVisitor, back: str) -> None:
    answer = visitor.post("/language", data={"language": "fr", "back": back})
    assert (answer.status_code, answer.location) == (303, "/")


def test_signing_in_without_a_password_field_is_refused(visitor: TestVisitor) -> None:
    assert visitor.post("/sign-in", data={"email": "lin@example.org"}).status_code == 422


def test_a_nesting_deeper_than_any_form_is_refused(visitor: TestVisitor) -> None:
    deep = "[" * 100_000
    answer = visitor.post("/sign-in", data=deep, content_type="application/json")
    assert answer.status_code == 422


def test_numbers_no_row_can_have_are_refused(session: Session, signed_in: SignIn) -> None:
    edition = make_edition(session, "first")
    juror, organizer = make_juror(session, edition), make_organizer(session, edition)
    session.commit()
    desk = signed_in(organizer)
    conflict = {"juror": juror.id, "number": HUGE, "reason": "A friend"}
    assert desk.post("/office/first/jury/conflicts", data=conflict).status_code == 422
    chosen = desk.post("/office/first/entries/accepted", data={"entry": HUGE})
    assert chosen.status_code == 422


@pytest.mark.parametrize("revision", [float("inf"), 10**30, None, {}])
def test_a_revision_that_is_no_count_breaks_nothing(
    filmmaker: TestVisitor, draft: Entry, revision: object
) -> None:
    told = json.dumps({"revision": revision, "fields": {}})
    answer = filmmaker.post(
        f"/entries/{draft.id}/facts", data=told, content_type="application/json"
    )
    assert answer.status_code == (200 if revision == 10**30 else 422)


def test_half_a_character_in_a_remark_is_refused(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session)
    film = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    session.commit()
    answer = signed_in(sitting.jurors[0]).post(
        f"/jury/screenings/{film.id}/marks", json={"marks": {}, "remark": "\ud800"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("told", [1.5, True, "words", {"at": 1, "text": 1, "reason": 1}])
def test_json_where_a_form_is_expected_is_refused(
    session: Session, signed_in: SignIn, told: object
) -> None:
    sitting = make_sitting(session)
    film = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    session.commit()
    juror = signed_in(sitting.jurors[0])
    assert juror.post(f"/jury/screenings/{film.id}/notes", json=told).status_code == 422
    assert juror.post(f"/jury/rounds/{sitting.round.id}/conflicts", json=told).status_code == 422
    assert juror.post("/account", json=told).status_code == 422


@pytest.mark.parametrize("number", [2**31, 2**63, 10**40])
def test_a_number_larger_than_any_row_has_is_no_address(
    filmmaker: TestVisitor, number: int
) -> None:
    assert filmmaker.get(f"/entries/{number}").status_code == 404


def test_what_the_database_itself_cannot_take_is_refused_with_a_page(
    database: Database, session: Session, signed_in: SignIn
) -> None:
    organizer = make_organizer(session, make_edition(session, "first"))
    session.commit()

    def take_little(connection: sqlite3.Connection, _record: Any) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 3000)  # as PostgreSQL's columns have one

    event.listen(database.engine, "connect", take_little)
    database.engine.dispose()
    asked = {"category": "a" * 3500}
    answer = signed_in(organizer).get("/office/first/entries", query_string=asked)
    assert answer.status_code == 422


@pytest.mark.parametrize("words", ["a" * 60_000, "%" * 60_000, "\0"])
def test_words_too_long_to_look_for_are_looked_for_as_far_as_they_go(
    session: Session, signed_in: SignIn, words: str
) -> None:
    make_edition(session, "first")
    administrator = make_person(session, is_administrator=True)
    session.commit()
    for page in ("/office/people", "/office/first/entries"):
        answer = signed_in(administrator).get(page, query_string={"search": words})
        assert answer.status_code == 200


@pytest.mark.parametrize("digits", ["²", "٣", "9" * 5000, "--1"])
def test_what_only_looks_like_a_number_is_no_year_and_no_row(
    filmmaker: TestVisitor, draft: Entry, digits: str
) -> None:
    page = f"/entries/{draft.id}"
    assert filmmaker.post(f"{page}/facts", data={"year": digits}).status_code == 422
    row = filmmaker.post(f"{page}/credits", data={f"people-{digits}-name": "Lin"})
    assert row.status_code == 422


@pytest.mark.parametrize("digits", ["²", "٣", "9" * 5000, "--1"])
def test_what_only_looks_like_a_number_is_no_mark_and_no_row_of_the_rules(
    session: Session, signed_in: SignIn, digits: str
) -> None:
    organizer = make_organizer(session, make_edition(session, "first"))
    session.commit()
    marks = "rounds.0.criteria.0.marks"
    typed = {
        "rounds.count": "1",
        "rounds.0.criteria.count": "1",
        f"{marks}.count": digits,
        f"{marks}.0.mark": digits,
        f"{marks}.0.en": "Odd",
    }
    desk = signed_in(organizer)
    for odd in ({}, {f"{marks}.count": "1"}, {"act": f"remove:rounds.{digits}"}):
        assert desk.post("/office/first/rules/rounds", data=typed | odd).status_code == 422
