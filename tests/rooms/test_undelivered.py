"""Letters that could not be delivered, as the office finds them and sends them again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.letters.actions import fail, write_letter
from contest.letters.models import Letter, LetterState
from contest.machines.queue import Job
from contest.people.actions import send_sign_in_link
from contest.people.models import Person
from tests.factories import NOON, make_edition, make_organizer, make_person
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

PROBLEM = "ConnectionRefusedError: [Errno 111] Connection refused"
FAILED = '<span class="agenda-count">1</span> <span class="agenda-words">letter could not be'


@pytest.fixture
def letter(session: Session) -> Letter:
    """A letter of an edition, tried in vain."""
    edition = make_edition(session, "shorts")
    written = write_letter(
        session,
        "sign_in",
        address="lin@example.org",
        language="en",
        about="person:1",
        now=NOON,
        edition_id=edition.id,
        name="Lin",
        link="https://localhost/",
        minutes=20,
    )
    give_up(session, written)
    return written


def give_up(session: Session, letter: Letter) -> None:
    """What is left when a letter was tried in vain."""
    fail(letter, PROBLEM)
    job = session.query(Job).one()
    job.attempts, job.problem, job.given_up_at = 6, PROBLEM, NOON
    session.commit()


@pytest.fixture
def office(session: Session, signed_in: SignIn, letter: Letter) -> TestVisitor:
    """An organizer of the letter's edition."""
    organizer = make_organizer(session, session.get_one(Edition, letter.edition_id))
    session.commit()
    return signed_in(organizer)


def state(session: Session) -> LetterState:
    session.expire_all()
    return session.query(Letter).one().state


def test_the_office_is_told_once_and_reads_why(office: TestVisitor, letter: Letter) -> None:
    today = office.get("/office/shorts").text
    assert FAILED in today
    assert "given up after several tries" not in today
    page = office.get(f"/office/shorts/letters/{letter.id}").text
    assert "This letter was not delivered." in page
    assert PROBLEM in page


@pytest.mark.parametrize(
    ("address", "typed"),
    [("letters/{letter}", {"act": "send"}), ("jobs/{job}", {})],
    ids=["letter", "work"],
)
def test_an_organizer_sends_it_again_from_its_page_or_from_the_works(
    session: Session,
    office: TestVisitor,
    letter: Letter,
    run_jobs: Callable[[], int],
    address: str,
    typed: dict[str, str],
) -> None:
    where = address.format(letter=letter.id, job=session.query(Job).one().id)
    assert office.post(f"/office/shorts/{where}", data=typed).status_code == 303
    assert state(session) is LetterState.QUEUED
    assert FAILED not in office.get("/office/shorts").text
    assert run_jobs() == 1
    assert state(session) is LetterState.SENT
    assert session.query(Job).one().done_at == NOON


def test_a_letter_of_no_edition_is_sent_again_by_an_administrator_who_does_not_read_it(
    session: Session, signed_in: SignIn, author: Person, run_jobs: Callable[[], int]
) -> None:
    chief = signed_in(make_person(session, "Ida Haus", is_administrator=True))
    send_sign_in_link(session, author, public_url="https://localhost", now=NOON)
    give_up(session, session.query(Letter).one())
    page = chief.get("/office/jobs").text
    assert PROBLEM in page
    assert "/sign-in/" not in page
    job = session.query(Job).one()
    assert chief.post(f"/office/jobs/{job.id}").status_code == 303
    assert run_jobs() == 1
    assert state(session) is LetterState.SENT
