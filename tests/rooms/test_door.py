"""Registering, signing in by password and by letter, invitations, languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.people.actions import invite, sign_out_everywhere
from contest.people.models import Person, Role
from contest.people.passwords import hashed
from contest.settings import Settings
from tests.conftest import NOON, Clock
from tests.factories import make_edition, make_organizer, make_person
from tests.visitor import TestVisitor, untokened

PASSWORD = "a few words in a row"
NEWCOMER = {
    "name": "Lin Anqi",
    "email": "Lin@Example.org",
    "password": PASSWORD,
    "country": "CN",
    "language": "zh",
    "time_zone": "Asia/Shanghai",
}


def letters(settings: Settings) -> list[str]:
    """The plain text of every letter that was sent."""
    found = []
    for file in sorted(Path(settings.letters_path).glob("*.eml")):
        body = message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",))
        found.append(body.get_content() if body else "")
    return found


def link_in(letter: str) -> str:
    match = re.search(r"https://localhost(/\S+)", letter)
    assert match, letter
    return match.group(1)


def test_a_newcomer_registers_and_is_signed_in(visitor: TestVisitor, session: Session) -> None:
    response = visitor.post("/register", data=NEWCOMER)
    assert (response.status_code, response.location) == (303, "/entries")
    person = session.scalars(select(Person)).one()
    assert (person.email, person.country, person.language) == ("lin@example.org", "CN", "zh")
    assert person.password_hash is not None
    assert person.password_hash.startswith("$argon2id$")
    assert visitor.get("/account").status_code == 200


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(
    visitor: TestVisitor, session: Session
) -> None:
    response = visitor.post("/register", data=NEWCOMER | {"country": "", "password": "short"})
    assert response.status_code == 422
    assert "Choose your country." in response.text
    assert "Use at least 10 characters" in response.text
    assert 'value="Lin Anqi"' in response.text
    assert session.scalars(select(Person)).all() == []


def test_registering_an_address_twice_tells_a_stranger_nothing(
    visitor: TestVisitor,
    app: Flask,
    session: Session,
    settings: Settings,
    run_jobs: Callable[[], int],
) -> None:
    make_person(session, "Lin Anqi", email="lin@example.org")
    session.commit()
    response = visitor.post("/register", data=NEWCOMER)
    assert response.status_code == 200
    assert "a letter with a link is on its way" in response.text
    assert visitor.get("/account").status_code == 303
    run_jobs()
    assert len(letters(settings)) == 1


def test_a_wrong_password_and_an_unknown_address_sound_alike(
    visitor: TestVisitor, session: Session
) -> None:
    make_person(session, email="lin@example.org", password_hash=hashed(PASSWORD))
    session.commit()
    wrong = visitor.post("/sign-in", data={"email": "lin@example.org", "password": "no"})
    nobody = visitor.post("/sign-in", data={"email": "nobody@example.org", "password": "no"})
    assert wrong.status_code == nobody.status_code == 422
    assert "belong together" in wrong.text
    told = [untokened(each.text) for each in (wrong, nobody)]
    assert told[0].replace("lin@", "") == told[1].replace("nobody@", "")


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/account", "/account"),
        ("/account?from=letter", "/account?from=letter"),
        ("https://elsewhere.example/", "/entries"),
        ("//elsewhere.example/", "/entries"),
        ("/\\elsewhere.example/", "/entries"),
        ("", "/entries"),
    ],
)
def test_signing_in_leads_back_but_never_out_of_the_house(
    visitor: TestVisitor, session: Session, wanted: str, reached: str
) -> None:
    make_person(session, email="lin@example.org", password_hash=hashed(PASSWORD))
    session.commit()
    typed = {"email": "lin@example.org", "password": PASSWORD, "back": wanted}
    response = visitor.post("/sign-in", data=typed)
    assert (response.status_code, response.location) == (303, reached)


def test_a_letter_signs_in_once_and_only_for_twenty_minutes(
    visitor: TestVisitor,
    session: Session,
    settings: Settings,
    clock: Clock,
    run_jobs: Callable[[], int],
) -> None:
    make_person(session, email="lin@example.org")
    session.commit()
    for _ in range(2):
        visitor.post("/sign-in/letter", data={"email": "lin@example.org"})
    run_jobs()
    first, second = (link_in(letter) for letter in letters(settings))
    assert visitor.get(first).status_code == 200, "looking spends nothing"
    assert visitor.post(first).status_code == 303
    assert visitor.get("/account").status_code == 200
    visitor.post("/sign-out")
    assert visitor.get(first).status_code == 410
    clock.pass_by(timedelta(minutes=21))
    assert visitor.get(second).status_code == 410
    visitor.post(second)
    assert visitor.get("/account").status_code == 303


def test_signing_out_everywhere_ends_every_session(
    signed_in: Callable[[Person], TestVisitor], session: Session
) -> None:
    person = make_person(session)
    session.commit()
    laptop, phone = signed_in(person), signed_in(person)
    assert laptop.post("/sign-out", data={"everywhere": "yes"}).status_code == 303
    assert phone.get("/account").status_code == 303


def test_a_cookie_of_before_is_worthless(
    signed_in: Callable[[Person], TestVisitor], session: Session
) -> None:
    person = make_person(session)
    session.commit()
    client = signed_in(person)
    sign_out_everywhere(session, person, now=NOON)
    session.commit()
    assert client.get("/account").status_code == 303


def test_an_invited_juror_accepts_and_stands_at_the_desk(
    visitor: TestVisitor, session: Session, settings: Settings, run_jobs: Callable[[], int]
) -> None:
    edition = make_edition(session)
    token = invite(
        session,
        edition_id=edition.id,
        edition_title="AI Shorts",
        role=Role.JUROR,
        email="Juror@Example.org",
        name="Amara Diallo",
        language="en",
        by=make_organizer(session, edition),
        public_url="https://localhost",
        now=NOON,
    )
    session.commit()
    run_jobs()
    assert link_in(letters(settings)[0]) == f"/invitations/{token}"
    page = visitor.get(f"/invitations/{token}")
    assert "Join the jury of AI Shorts" in page.text
    typed = {"name": "Amara Diallo", "country": "SN", "language": "fr", "time_zone": "Africa/Dakar"}
    response = visitor.post(f"/invitations/{token}", data=typed | {"password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/jury")
    assert visitor.post(f"/invitations/{token}", data=typed).status_code == 404, "accepted once"


def test_the_page_speaks_the_language_that_was_chosen(visitor: TestVisitor) -> None:
    assert '<html lang="en">' in visitor.get("/sign-in").text
    response = visitor.post("/language", data={"language": "fr", "back": "/sign-in"})
    assert (response.status_code, response.location) == (303, "/sign-in")
    assert '<html lang="fr">' in visitor.get("/sign-in").text
    visitor.post("/language", data={"language": "zh", "back": "/sign-in"})
    assert '<html lang="zh">' in visitor.get("/sign-in").text


def test_too_many_tries_from_one_address_are_slowed_down(app: Flask, session: Session) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    from contest.web.limits import limiter  # its switch is read at init_app

    limiter.enabled = True
    try:
        client = app.test_client()
        typed = {"email": "nobody@example.org", "password": "guess"}
        answers = [client.post("/sign-in", data=typed).status_code for _ in range(12)]
    finally:
        limiter.enabled = False
        limiter.reset()
    assert answers[:10] == [422] * 10
    assert answers[10:] == [429] * 2


def test_a_form_without_its_token_is_not_taken(app: Flask) -> None:
    client = app.test_client()
    response = client.post("/sign-in", data={"email": "a@b.org"}, headers={"X-CSRFToken": "forged"})
    assert response.status_code == 400
    assert "Please send it again" in response.text


def test_every_answer_carries_the_headers(visitor: TestVisitor) -> None:
    headers = visitor.get("/sign-in").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    cookie = visitor.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-palmares=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
