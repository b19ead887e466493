"""Work behind the pages: each office sees its edition's, administrators see the house's."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from contest.db import Database
from contest.editions.models import Edition
from contest.letters.actions import write_letter
from contest.letters.models import Letter
from contest.machines.queue import Job
from contest.people.actions import send_sign_in_link
from contest.people.models import Person
from tests.counting import statements
from tests.factories import (
    NOON,
    make_edition,
    make_organizer,
    make_person,
    make_submitted_entry,
)
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

PROBLEM = "TimeoutError: it took too long"


@pytest.fixture
def ours(session: Session) -> Edition:
    return make_edition(session, "ours")


@pytest.fixture
def theirs(session: Session) -> Edition:
    return make_edition(session, "theirs")


@pytest.fixture
def office(session: Session, signed_in: SignIn, ours: Edition) -> TestVisitor:
    """An organizer of ours."""
    organizer = make_organizer(session, ours)
    session.commit()
    return signed_in(organizer)


@pytest.fixture
def chief(session: Session, signed_in: SignIn) -> TestVisitor:
    administrator = make_person(session, "Ida Haus", is_administrator=True)
    session.commit()
    return signed_in(administrator)


def give_up(session: Session, name: str, thing: int) -> Job:
    job = Job(
        name=name,
        ids=[thing],
        asked_at=NOON,
        due_at=NOON,
        attempts=6,
        problem=f"{PROBLEM}: {name} {thing}",
        given_up_at=NOON,
    )
    session.add(job)
    session.flush()
    return job


def given_up_on_all(session: Session, edition: Edition) -> list[Job]:
    """Each kind of work, given up, on the edition's letters and films."""
    entry = make_submitted_entry(session, edition)
    master = entry.master
    assert master is not None
    letter = write_letter(
        session,
        "sign_in",
        address="lin@example.org",
        language="en",
        about=f"entry:{entry.id}",
        now=NOON,
        edition_id=edition.id,
        held=True,
        name="Lin",
        link="https://localhost/",
        minutes=20,
    )
    things = {
        "send_letter": letter.id,
        "inspect_master": master.id,
        "decode_master": master.id,
        "make_rendition": master.renditions[0].id,
        "end_idle_upload": entry.reels[0].upload_id,
        "clear_upload": entry.reels[0].upload_id,
    }
    return [give_up(session, name, thing) for name, thing in things.items()]


def on_page(page: str, jobs: list[Job]) -> list[bool]:
    return [f"{each.problem} " in page for each in jobs]


def test_an_office_sees_the_work_on_its_edition_and_no_other(
    session: Session, office: TestVisitor, ours: Edition, theirs: Edition
) -> None:
    others = given_up_on_all(session, theirs)
    own = given_up_on_all(session, ours)
    session.commit()
    page = office.get("/office/ours/jobs").text
    assert "Decode a film to its last frame" in page
    assert on_page(page, own) == [True] * 6
    assert on_page(page, others) == [False] * 6
    today = office.get("/office/ours").text
    assert '<span class="agenda-count">5</span> <span class="agenda-words">pieces of work' in today


def test_work_that_was_given_up_is_tried_again_when_asked_by_its_own_office(
    session: Session, office: TestVisitor, ours: Edition, theirs: Edition
) -> None:
    own, other = given_up_on_all(session, ours)[2], given_up_on_all(session, theirs)[2]
    session.commit()
    assert office.post(f"/office/ours/jobs/{own.id}").status_code == 303
    assert office.post(f"/office/ours/jobs/{other.id}").status_code == 404
    assert office.post(f"/office/theirs/jobs/{other.id}").status_code == 404
    session.expire_all()
    assert (own.given_up_at, own.attempts) == (None, 0)
    assert (other.given_up_at, other.attempts) == (NOON, 6)


def test_work_of_no_edition_is_the_administrators(
    session: Session, office: TestVisitor, chief: TestVisitor, ours: Edition, author: Person
) -> None:
    send_sign_in_link(session, author, public_url="https://localhost", now=NOON)
    job = give_up(session, "send_letter", session.query(Letter).one().id)
    own = given_up_on_all(session, ours)
    session.commit()
    assert on_page(office.get("/office/ours/jobs").text, [job]) == [False]
    assert office.get("/office/jobs").status_code == 404
    assert office.post(f"/office/jobs/{job.id}").status_code == 404
    assert on_page(chief.get("/office/jobs").text, [job, *own]) == [True] * 7
    answer = chief.post(f"/office/jobs/{job.id}")
    assert (answer.status_code, answer.location) == (303, "/office/jobs")
    session.refresh(job)
    assert (job.given_up_at, job.attempts) == (None, 0)
    assert 'href="/office/jobs"' in chief.get("/office").text


def test_the_page_asks_the_database_as_often_for_much_work_as_for_little(
    session: Session, database: Database, office: TestVisitor, ours: Edition
) -> None:
    counts = []
    for _ in range(2):
        given_up_on_all(session, ours)
        session.commit()
        with statements(database.engine) as sent:
            assert office.get("/office/ours/jobs").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]
