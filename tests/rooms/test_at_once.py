"""The same button pressed twice at once: it does its work once, and both presses get an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.awards.models import Conferral
from contest.db import Base, Database
from contest.editions.models import Edition
from contest.entries.models import Decision, Entry, Receipt
from contest.jury.models import Ballot
from contest.letters.models import Letter
from contest.logbook import broken_seals
from contest.people.actions import invite, send_sign_in_link
from contest.people.models import Appointment, Person, Role
from contest.programme.models import Snapshot
from tests.conftest import NOON, Clock
from tests.factories import make_edition, make_organizer, make_submitted_entry
from tests.judged import crown, make_judged_edition
from tests.juries import make_sitting, screening
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

Press = Callable[[], int]


def pressed_twice(*hands: Press) -> list[int]:
    """The statuses of presses at the same instant, lowest first."""
    starting, told = threading.Barrier(len(hands)), [0] * len(hands)

    def press(at: int) -> None:
        starting.wait()
        told[at] = hands[at]()

    threads = [threading.Thread(target=press, args=(at,)) for at in range(len(hands))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sorted(told)


def posts(browser: TestVisitor, address: str, **typed: object) -> Press:
    return lambda: browser.post(address, data=typed).status_code


@pytest.fixture
def count(database: Database) -> Callable[[type[Base]], int]:
    """How many rows there are of a kind, in a record whose seals hold."""

    def rows(kind: type[Base]) -> int:
        with database.reading() as fresh:
            assert list(broken_seals(fresh)) == []
            return fresh.scalar(select(func.count()).select_from(kind)) or 0

    return rows


Count = Callable[[type[Base]], int]


def test_an_entry_is_begun_once(
    session: Session, signed_in: SignIn, author: Person, count: Count
) -> None:
    make_edition(session, "shorts")
    session.commit()
    address = "/editions/shorts/enter"
    hands = [posts(signed_in(author), address) for _ in range(2)]
    assert pressed_twice(*hands) == [303, 303]
    assert count(Entry) == 1


def test_an_entry_is_submitted_once(signed_in: SignIn, draft: Entry, count: Count) -> None:
    hands = [posts(signed_in(draft.person), f"/entries/{draft.id}/submit") for _ in range(3)]
    assert pressed_twice(*hands) == [303, 303, 303]
    assert (count(Receipt), count(Letter)) == (1, 1)


def test_an_entry_is_decided_once(session: Session, signed_in: SignIn, count: Count) -> None:
    edition = make_edition(session, "first")
    entry = make_submitted_entry(session, edition)
    organizers = [make_organizer(session, edition) for _ in range(2)]
    session.commit()
    address = f"/office/first/entries/{entry.id}/decision"
    hands = [posts(signed_in(each), address, kind="accept") for each in organizers]
    assert pressed_twice(*hands) == [303, 422]
    assert (count(Decision), count(Letter)) == (1, 1)


def test_a_ballot_is_signed_once(session: Session, signed_in: SignIn, count: Count) -> None:
    sitting = make_sitting(session)
    juror = sitting.jurors[0]
    film = screening(session, juror, sitting.entries[0], sitting.round)
    session.commit()
    marks = {f"mark-{each.key}": 7 for each in sitting.round.rules.criteria}
    address = f"/jury/screenings/{film.id}/sign"
    hands = [posts(signed_in(juror), address, **marks) for _ in range(2)]
    assert pressed_twice(*hands) == [303, 303]
    assert count(Ballot) == 1


def test_a_prize_is_conferred_once(session: Session, signed_in: SignIn, count: Count) -> None:
    judged = make_judged_edition(session, "first")
    number = judged.entries[0].number
    session.commit()
    address = "/office/first/awards/first/films"
    hands = [posts(signed_in(judged.organizer), address, entry=number) for _ in range(2)]
    assert pressed_twice(*hands) == [303, 422]
    assert count(Conferral) == 1


def test_a_palmares_is_published_once(session: Session, signed_in: SignIn, count: Count) -> None:
    judged = make_judged_edition(session, "first")
    crown(session, judged)
    session.commit()
    address = "/office/first/awards/publish"
    hands = [posts(signed_in(judged.organizer), address) for _ in range(2)]
    assert pressed_twice(*hands) == [303, 303]
    assert count(Snapshot) == 1


def test_an_edition_is_made_once(session: Session, signed_in: SignIn, count: Count) -> None:
    organizer = make_organizer(session, make_edition(session, "first"))
    session.commit()
    typed = {
        "preset": "ai-short-film",
        "title": "AI Shorts",
        "slug": "second",
        "time_zone": "UTC",
        "opens_at": "2026-12-01T00:00",
        "closes_at": "2027-01-01T00:00",
        "announces_at": "2027-02-01T00:00",
    }
    hands = [posts(signed_in(organizer), "/office/new", **typed) for _ in range(2)]
    assert pressed_twice(*hands) == [303, 422]
    assert count(Edition) == 2


def test_an_account_is_opened_once(app: Flask, visitor: TestVisitor, count: Count) -> None:
    typed = {
        "name": "Lin Anqi",
        "email": "lin@example.org",
        "password": "a few words in a row",
        "country": "CN",
        "language": "zh",
        "time_zone": "Asia/Shanghai",
    }
    hands = [posts(visitor, "/register", **typed), posts(_another(app), "/register", **typed)]
    assert pressed_twice(*hands) == [200, 303]
    assert count(Person) == 1


def test_an_invitation_is_accepted_once(
    session: Session, app: Flask, visitor: TestVisitor, count: Count
) -> None:
    edition = make_edition(session)
    token = invite(
        session,
        edition_id=edition.id,
        edition_title="AI Shorts",
        role=Role.JUROR,
        email="juror@example.org",
        name="Amara Diallo",
        language="en",
        by=make_organizer(session, edition),
        public_url="https://localhost",
        now=NOON,
    )
    session.commit()
    address = f"/invitations/{token}"
    typed = {"name": "Amara Diallo", "country": "SN", "language": "fr", "time_zone": "UTC"}
    hands = [posts(visitor, address, **typed), posts(_another(app), address, **typed)]
    assert pressed_twice(*hands) == [303, 404]
    assert (count(Person), count(Appointment)) == (2, 2), "the organizer and the juror"


def test_a_link_by_letter_signs_in_once(
    session: Session, app: Flask, visitor: TestVisitor, author: Person, clock: Clock
) -> None:
    token = send_sign_in_link(session, author, public_url="https://localhost", now=clock())
    session.commit()
    clock.pass_by(timedelta(minutes=1))
    address, other = f"/sign-in/{token}", _another(app)
    assert pressed_twice(posts(visitor, address), posts(other, address)) == [303, 410]
    reached = [each.get("/account").status_code for each in (visitor, other)]
    assert sorted(reached) == [200, 303]
    assert "This link is spent" in visitor.post(address).text


def _another(app: Flask) -> TestVisitor:
    """Another browser at the same house."""
    found = app.test_client()
    assert isinstance(found, TestVisitor)
    return found
