"""Choosing, changing and taking away a password on one's account page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.logbook import LogLine
from contest.people.actions import new_sign_in_link
from contest.people.models import Person
from contest.people.passwords import hashed
from contest.web.limits import limiter
from tests.conftest import Clock
from tests.factories import make_person
from tests.visitor import TestVisitor

OLD, NEW = "a few words in a row", "other words in a row"
SignIn = Callable[[Person], TestVisitor]


@pytest.fixture
def lin(session: Session) -> Person:
    """Somebody with a password."""
    person = make_person(session, email="lin@example.org", password_hash=hashed(OLD))
    session.commit()
    return person


@pytest.fixture
def without(session: Session) -> Person:
    """Somebody who signs in by letter."""
    person = make_person(session, email="wen@example.org")
    session.commit()
    return person


@pytest.fixture
def by_letter(app: Flask, session: Session, clock: Clock) -> SignIn:
    """Makes a visitor who has followed the link of a letter just now."""

    def enter(person: Person) -> TestVisitor:
        token = new_sign_in_link(session, person, now=clock())
        session.commit()
        client = app.test_client()
        assert isinstance(client, TestVisitor)
        assert client.post(f"/sign-in/{token}").status_code == 303
        return client

    return enter


def by_password(visitor: TestVisitor, email: str, password: str) -> int:
    return visitor.post("/sign-in", data={"email": email, "password": password}).status_code


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(LogLine.act).order_by(LogLine.id)))


def test_a_password_is_changed_by_who_knows_it_and_all_others_are_out(
    lin: Person, signed_in: SignIn, visitor: TestVisitor, session: Session
) -> None:
    here, phone = signed_in(lin), signed_in(lin)
    response = here.post("/account/password", data={"present": OLD, "password": NEW})
    assert (response.status_code, response.location) == (303, "/account")
    assert "Your password is kept." in here.get("/account").text
    assert phone.get("/account").status_code == 303
    assert by_password(visitor, lin.email, OLD) == 422
    assert by_password(visitor, lin.email, NEW) == 303
    session.refresh(lin)
    assert (lin.password_hash or "").startswith("$argon2id$")
    assert acts(session) == ["person.password_changed", "person.signed_out"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"present": NEW, "password": NEW}, "This is not your present password. Try again."),
        ({"password": NEW}, "This is not your present password. Try again."),
        ({"present": NEW, "act": "take_away"}, "This is not your present password. Try again."),
        ({"present": OLD, "password": "too short"}, "Use at least 10 characters"),
        ({"present": OLD, "password": ""}, "Write a new password of at least 10 characters."),
        ({"present": OLD, "password": "x" * 257}, "Use at least 10 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    lin: Person, signed_in: SignIn, session: Session, typed: dict[str, str], words: str
) -> None:
    here, phone = signed_in(lin), signed_in(lin)
    response = here.post("/account/password", data=typed)
    assert response.status_code == 422
    assert words in response.text
    assert [each.get("/account").status_code for each in (here, phone)] == [200, 200]
    assert by_password(here, lin.email, OLD) == 303
    assert acts(session) == []


def test_a_password_is_taken_away_by_who_knows_it(
    lin: Person, signed_in: SignIn, visitor: TestVisitor, session: Session
) -> None:
    here, phone = signed_in(lin), signed_in(lin)
    typed = {"present": OLD, "password": "", "act": "take_away"}
    assert here.post("/account/password", data=typed).status_code == 303
    assert "You have none: you sign in by letter." in here.get("/account").text
    assert phone.get("/account").status_code == 303
    assert by_password(visitor, lin.email, OLD) == 422
    assert acts(session) == ["person.password_removed", "person.signed_out"]


@pytest.mark.parametrize("name", ["without", "lin"])
def test_a_fresh_letter_stands_for_the_present_password(
    name: str,
    request: pytest.FixtureRequest,
    by_letter: SignIn,
    visitor: TestVisitor,
) -> None:
    person: Person = request.getfixturevalue(name)
    here = by_letter(person)
    page = here.get("/account").text
    assert "New password" in page
    assert "(optional)" not in page
    assert "Present password" not in page
    assert here.post("/account/password", data={"password": NEW}).status_code == 303
    assert by_password(visitor, person.email, NEW) == 303
    again = here.post("/account/password", data={"password": OLD})
    assert again.status_code == 422, "the letter was for one change"


def test_a_letter_of_twenty_minutes_ago_is_fresh_no_more(
    without: Person, by_letter: SignIn, clock: Clock
) -> None:
    here = by_letter(without)
    clock.pass_by(timedelta(minutes=20))
    response = here.post("/account/password", data={"password": NEW})
    assert response.status_code == 422
    assert "after signing in by letter" in response.text
    assert "New password" not in response.text


def test_at_a_browser_left_open_nobody_chooses_a_password_for_its_owner(
    without: Person, signed_in: SignIn, session: Session
) -> None:
    here = signed_in(without)
    assert "New password" not in here.get("/account").text
    assert here.post("/account/password", data={"password": NEW}).status_code == 422
    session.refresh(without)
    assert without.password_hash is None


def test_anothers_fresh_letter_at_the_same_browser_stands_for_nothing(
    lin: Person, without: Person, by_letter: SignIn
) -> None:
    here = by_letter(without)
    assert by_password(here, lin.email, OLD) == 303
    assert here.post("/account/password", data={"password": NEW}).status_code == 422


def test_guesses_at_the_present_password_are_slowed_down(
    app: Flask, lin: Person, signed_in: SignIn
) -> None:
    limiter.enabled = True
    try:
        here = signed_in(lin)
        typed = {"present": "guess", "password": NEW}
        answers = [here.post("/account/password", data=typed).status_code for _ in range(11)]
    finally:
        limiter.enabled = False
        limiter.reset()
    assert answers == [422] * 10 + [429]
