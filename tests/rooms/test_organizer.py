"""The office: editions from presets, rules by section, entries, decisions, letters, logbook."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.entries.models import Entry
from contest.letters.models import Letter, LetterState
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from contest.web.organizer.rules_shape import SECTIONS as SHAPES
from tests.counting import statements
from tests.factories import (
    document,
    make_edition,
    make_organizer,
    make_person,
    make_submitted_entry,
)
from tests.visitor import TestVisitor


@dataclass(frozen=True)
class Office:
    """An edition, its organizer at the desk, and a stranger who organizes another edition."""

    edition: Edition
    organizer: TestVisitor
    stranger: TestVisitor


@pytest.fixture
def office(session: Session, signed_in: Callable[[Person], TestVisitor]) -> Office:
    edition, other = make_edition(session, "first"), make_edition(session, "other")
    organizer, stranger = make_organizer(session, edition), make_organizer(session, other)
    session.commit()
    return Office(edition, signed_in(organizer), signed_in(stranger))


NEW = {
    "preset": "ai-short-film",
    "title": "Shorts of Lyon",
    "slug": "lyon",
    "time_zone": "Europe/Paris",
    "opens_at": "2026-12-01T10:00",
    "closes_at": "2027-02-01T23:59",
    "announces_at": "2027-03-01T20:00",
}


def test_an_edition_begins_from_a_preset_in_the_browser(office: Office, session: Session) -> None:
    response = office.organizer.post("/office/new", data=NEW)
    assert (response.status_code, response.location) == (303, "/office/lyon")
    edition = edition_by_slug(session, "lyon")
    assert edition is not None
    assert edition.rules.title == {"en": "Shorts of Lyon"}
    assert edition.rules.calendar.time_zone == "Europe/Paris"
    assert edition.rules.awarded_films == 11
    assert office.organizer.get("/office/lyon").status_code == 200
    assert office.stranger.get("/office/lyon").status_code == 404


def test_dates_out_of_order_are_refused_at_their_field_and_nothing_typed_is_lost(
    office: Office,
) -> None:
    response = office.organizer.post("/office/new", data=NEW | {"closes_at": "2026-11-01T10:00"})
    assert response.status_code == 422
    field = response.text[response.text.index('id="closes_at"') :]
    assert "The closing must come after the opening." in field[:600]
    assert 'value="Shorts of Lyon"' in response.text


def test_an_address_that_is_taken_is_said_at_its_field(office: Office) -> None:
    response = office.organizer.post("/office/new", data=NEW | {"slug": "first"})
    assert response.status_code == 422
    assert "This address is taken already." in response.text


def fields_of(page: str) -> list[tuple[str, str]]:
    """Everything a browser would send of the rules form, but for the button."""
    import html5lib

    tree = html5lib.parse(page, namespaceHTMLElements=False)
    form = next(
        each for each in tree.iter("form") if each.find(".//button[@name='act']") is not None
    )
    found = []
    for each in form.iter():
        name = each.get("name")
        if each.tag == "input" and name and name != "csrf_token":
            if each.get("type") != "checkbox" or each.get("checked") is not None:
                found.append((name, each.get("value", "")))
        elif each.tag == "textarea" and name:
            found.append((name, each.text or ""))
        elif each.tag == "select" and name:
            chosen = each.find("option[@selected]")
            found.append((name, chosen.get("value", "") if chosen is not None else ""))
    return found


def send(visitor: TestVisitor, section: str, act: str, **changed: str) -> Any:
    address = f"/office/first/rules/{section}"
    typed = dict(fields_of(visitor.get(address).text)) | changed | {"act": act}
    return visitor.post(address, data=typed)


SECTIONS = [section.key for section in SHAPES]


@pytest.mark.parametrize("section", SECTIONS)
def test_saving_a_section_untouched_changes_nothing(
    office: Office, session: Session, section: str
) -> None:
    response = send(office.organizer, section, "save")
    assert response.status_code == 303, re.findall(r'class="wrong"[^>]*>([^<]*)', response.text)
    edition = edition_by_slug(session, "first")
    assert edition is not None
    assert json.loads(edition.current.text) == document()
    assert edition.current.number == 1


def test_a_changed_section_is_a_new_version_that_says_what_changed(office: Office) -> None:
    changed = {"film.duration_max_s": "240", "film.ai_share_min_percent": "75,5"}
    assert send(office.organizer, "film", "save", **changed).status_code == 303
    page = office.organizer.get("/office/first/rules").text
    assert "Version 2 is in force." in page
    assert "Longest film, in seconds: <del>300</del> <ins>240</ins>" in page
    assert "Least AI share, in percent: <del>70</del> <ins>75.5</ins>" in page


@pytest.mark.parametrize(
    ("section", "changed", "said"),
    [
        ("film", {"film.duration_min_s": "about a minute"}, "Give a number."),
        ("film", {"film.duration_max_s": "10"}, "must be longer than the shortest"),
        ("calendar", {"calendar.closes_at": "2026-01-01T00:00:00"}, "must come after the opening"),
        ("rounds", {"rounds.0.criteria.0.weight": "20"}, "they must make 100 %"),
        ("awards", {"awards.2.places": "50"}, "The slate needs 56 films"),
    ],
)
def test_nonsense_is_refused_at_its_field_with_everything_typed_still_there(
    office: Office, session: Session, section: str, changed: dict[str, str], said: str
) -> None:
    response = send(office.organizer, section, "save", **changed)
    assert response.status_code == 422
    assert response.text.count(said) >= 2, "in the summary and at the field"
    for value in changed.values():
        assert f'value="{value}"' in response.text
    edition = edition_by_slug(session, "first")
    assert edition is not None
    assert edition.current.number == 1


def test_rows_are_added_moved_and_removed_without_saving(office: Office, session: Session) -> None:
    added = send(office.organizer, "categories", "add:categories")
    assert added.status_code == 422
    assert 'name="categories.4.key" value=""' in added.text
    moved = send(office.organizer, "categories", "up:categories.1")
    assert 'name="categories.0.key" value="animation"' in moved.text
    removed = send(office.organizer, "rounds", "remove:rounds.0.criteria.3")
    assert 'name="rounds.0.criteria.3.key"' not in removed.text
    edition = edition_by_slug(session, "first")
    assert edition is not None
    assert edition.current.number == 1


def test_a_decision_is_made_with_a_letter_that_waits_to_be_read(
    office: Office, session: Session, run_jobs: Callable[[], int]
) -> None:
    entry = make_submitted_entry(session, office.edition)
    session.commit()
    address = f"/office/first/entries/{entry.id}"
    assert "Submitted" in office.organizer.get(address).text
    missing = office.organizer.post(f"{address}/decision", data={"kind": "refuse", "reason": " "})
    assert missing.status_code == 422
    assert "Write the reason" in missing.text
    typed = {"kind": "refuse", "reason": "The music is not licensed."}
    assert office.organizer.post(f"{address}/decision", data=typed).status_code == 303
    session.expire_all()
    letter = session.scalars(select(Letter)).one()
    assert (entry.stage, letter.state) == (EntryStage.REFUSED, LetterState.HELD)
    assert "The music is not licensed." in letter.text
    page = office.organizer.get(f"/office/first/letters/{letter.id}")
    assert "The music is not licensed." in page.text
    words = {"subject": letter.subject, "text": "Dear Lin, not this time.", "act": "send"}
    assert (
        office.organizer.post(f"/office/first/letters/{letter.id}", data=words).status_code == 303
    )
    run_jobs()
    session.expire_all()
    assert (letter.state, letter.text) == (LetterState.SENT, "Dear Lin, not this time.\n")
    assert "Dear Lin, not this time." in letter.html


def test_chosen_entries_are_accepted_at_once_and_others_left_alone(
    office: Office, session: Session
) -> None:
    entries = [make_submitted_entry(session, office.edition) for _ in range(3)]
    refused = make_submitted_entry(session, office.edition, stage=EntryStage.WITHDRAWN)
    session.commit()
    chosen = [str(each.id) for each in (entries[0], entries[1], refused)]
    response = office.organizer.post("/office/first/entries/accepted", data={"entry": chosen})
    assert response.status_code == 303
    session.expire_all()
    stages = [each.stage.value for each in (*entries, refused)]
    assert stages == ["accepted", "accepted", "submitted", "withdrawn"]


def test_the_list_is_searched_and_filtered(office: Office, session: Session) -> None:
    make_submitted_entry(session, office.edition, original_title="Salt", category="documentary")
    author = make_person(session, "Noor Haddad", country="MA")
    make_submitted_entry(session, office.edition, author, EntryStage.ACCEPTED)
    session.commit()
    for query, shown in (
        ("", ["Salt", "Noor"]),
        ("?search=salt", ["Salt"]),
        ("?search=haddad", ["Noor"]),
        ("?search=0002", ["Noor"]),
        ("?stage=accepted", ["Noor"]),
        ("?category=documentary", ["Salt"]),
        ("?country=MA", ["Noor"]),
        ("?search=nothing+like+it", []),
    ):
        page = office.organizer.get(f"/office/first/entries{query}").text
        rows = page.partition("<tbody>")[2].partition("</tbody>")[0]
        assert [name for name in ("Salt", "Noor") if name in rows] == shown, query


def count_queries(database: Database, visitor: TestVisitor, address: str) -> int:
    with statements(database.engine) as sent:
        assert visitor.get(address).status_code == 200
    return len(sent)


@pytest.mark.parametrize("part", ["", "/entries", "/letters", "/logbook", "/jobs"])
def test_pages_ask_the_database_as_often_for_three_rows_as_for_one(
    database: Database, office: Office, session: Session, part: str
) -> None:
    make_submitted_entry(session, office.edition)
    session.commit()
    once = count_queries(database, office.organizer, f"/office/first{part}")
    for _ in range(2):
        make_submitted_entry(session, office.edition)
    session.commit()
    assert count_queries(database, office.organizer, f"/office/first{part}") == once


def test_strangers_find_nothing_in_an_office_that_is_not_theirs(
    office: Office, session: Session, visitor: TestVisitor
) -> None:
    entry = make_submitted_entry(session, office.edition)
    session.commit()
    pages = [
        "",
        "/entries",
        f"/entries/{entry.id}",
        "/letters",
        "/logbook",
        "/rules",
        "/rules/film",
    ]
    for page in pages:
        assert office.stranger.get(f"/office/first{page}").status_code == 404, page
        assert visitor.get(f"/office/first{page}").location.startswith("/sign-in?back="), page
    decision = {"kind": "accept", "reason": ""}
    crossed = office.stranger.post(f"/office/other/entries/{entry.id}/decision", data=decision)
    assert crossed.status_code == 404
    assert session.get_one(Entry, entry.id).stage is EntryStage.SUBMITTED


def test_only_an_administrator_runs_the_house(
    office: Office, session: Session, signed_in: Callable[[Person], TestVisitor]
) -> None:
    chief = make_person(session, "Ida Haus", is_administrator=True)
    session.commit()
    assert office.organizer.get("/office/people").status_code == 404
    assert "Olga Orlova" in signed_in(chief).get("/office/people").text
