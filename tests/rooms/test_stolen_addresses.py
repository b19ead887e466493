"""Who registers somebody else's address gains nothing by it, before or after they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.people.actions import invite, send_sign_in_link
from contest.people.models import Person, Role
from tests.conftest import NOON
from tests.factories import make_edition, make_organizer, make_person
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

PASSWORD = "a few words in a row"
TAKEN = {
    "name": "Lin Anqi",
    "email": "lin@example.org",
    "password": PASSWORD,
    "country": "CN",
    "language": "en",
    "time_zone": "UTC",
}
FORGOTTEN = "The password chosen for it before is forgotten"


@pytest.fixture
def stranger(app: Flask) -> TestVisitor:
    """Somebody who has registered Lin's address and is signed in."""
    client = app.test_client()
    assert isinstance(client, TestVisitor)
    assert client.post("/register", data=TAKEN).status_code == 303
    return client


def by_password(visitor: TestVisitor) -> int:
    typed = {name: TAKEN[name] for name in ("email", "password")}
    return visitor.post("/sign-in", data=typed).status_code


def link(session: Session) -> str:
    """The address of a sign-in letter's link, sent to Lin."""
    lin = session.scalars(select(Person).where(Person.email == TAKEN["email"])).one()
    token = send_sign_in_link(session, lin, public_url="https://localhost", now=NOON)
    session.commit()
    return f"/sign-in/{token}"


def invitation(session: Session) -> str:
    """The address of an invitation to the jury, sent to Lin."""
    edition = make_edition(session)
    told: dict[str, Any] = {
        "edition_title": "AI Shorts",
        "email": TAKEN["email"],
        "name": "Lin",
        "language": "en",
        "public_url": "https://localhost",
    }
    organizer = make_organizer(session, edition)
    token = invite(session, edition_id=edition.id, role=Role.JUROR, by=organizer, now=NOON, **told)
    session.commit()
    return f"/invitations/{token}"


@pytest.mark.parametrize(("letter", "room"), [(link, "/account"), (invitation, "/jury")])
def test_who_reads_the_letters_has_the_address_for_good(
    session: Session,
    stranger: TestVisitor,
    visitor: TestVisitor,
    letter: Callable[[Session], str],
    room: str,
) -> None:
    assert visitor.post(letter(session)).status_code == 303
    assert FORGOTTEN in visitor.get(room).text
    assert stranger.get("/account").status_code == 303, "signed out"
    assert by_password(stranger) == 422
    assert visitor.get(room).status_code == 200


@pytest.mark.parametrize("letter", [link, invitation])
def test_who_is_signed_in_where_they_read_the_letter_keeps_their_password(
    session: Session, stranger: TestVisitor, letter: Callable[[Session], str]
) -> None:
    lin = stranger  # who registered was Lin
    assert lin.post(letter(session)).status_code == 303
    assert FORGOTTEN not in lin.get("/account").text
    lin.post("/sign-out")
    assert by_password(lin) == 303


def test_a_password_chosen_with_the_invitation_stays(
    session: Session, visitor: TestVisitor
) -> None:
    address = invitation(session)
    assert visitor.post(address, data=TAKEN).status_code == 303
    visitor.post("/sign-out")
    assert by_password(visitor) == 303


def test_an_address_once_confirmed_keeps_its_password(
    session: Session, stranger: TestVisitor, visitor: TestVisitor
) -> None:
    lin = stranger
    lin.post(link(session))
    assert visitor.post(link(session)).status_code == 303
    assert lin.get("/account").status_code == 200
    assert by_password(lin) == 303


def test_only_a_confirmed_address_is_let_run_the_house(
    session: Session, stranger: TestVisitor, signed_in: SignIn
) -> None:
    chief = make_person(session, "Ida Haus", is_administrator=True)
    session.commit()
    lin = session.scalars(select(Person).where(Person.email == TAKEN["email"])).one()
    answer = signed_in(chief).post(f"/office/people/{lin.id}/administrator")
    assert answer.status_code == 409
    assert "Lin Anqi has not confirmed this e-mail address yet." in answer.text
    session.refresh(lin)
    assert not lin.is_administrator
    assert stranger.get("/office/people").status_code == 404
