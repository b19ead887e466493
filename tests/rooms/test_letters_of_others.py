"""Our letters carry nobody else's words to strangers: no links, no lines, no headers of theirs."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.letters.models import Letter, LetterState
from contest.machines.queue import Job
from contest.people.models import Person
from contest.settings import Settings
from tests.factories import make_edition, make_entry, make_master, make_organizer, make_reel
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

NEWCOMER = {
    "name": "Lin Anqi",
    "email": "lin@example.org",
    "country": "CN",
    "language": "en",
    "time_zone": "UTC",
}
MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} %(name)s "'


def sent(settings: Settings) -> list[EmailMessage]:
    files = sorted(Path(settings.letters_path).glob("*.eml"))
    return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in files]


@pytest.mark.parametrize(
    "name", ["See https://evil.example/x", "WWW.evil.example", "Lin\n\nhttp://evil.example\n\n"]
)
def test_a_name_with_a_link_is_refused(visitor: TestVisitor, session: Session, name: str) -> None:
    answer = visitor.post("/register", data=NEWCOMER | {"name": name})
    assert answer.status_code == 422
    assert "Write a name here, not the address of a page." in answer.text
    assert session.scalars(select(Letter)).all() == []


def test_a_name_is_one_line_that_turns_nothing(visitor: TestVisitor, session: Session) -> None:
    odd = "Lin\r\nBcc: all@example.org\x00\n\n\u202eAnqi\u2028"
    assert visitor.post("/register", data=NEWCOMER | {"name": odd}).status_code == 200
    assert session.scalars(select(Person)).one().name == "Lin Bcc: all@example.org Anqi"
    letter = session.scalars(select(Letter)).one()
    assert letter.text.startswith("Hello Lin Bcc: all@example.org Anqi,\n\n")


def test_a_name_of_nothing_that_can_be_read_is_none(visitor: TestVisitor) -> None:
    answer = visitor.post("/register", data=NEWCOMER | {"name": "\u202e\x00 "})
    assert answer.status_code == 422
    assert "Write your name as it should be read." in answer.text


@pytest.mark.parametrize(
    "email",
    [
        "a,b@example.org",
        "a@example.org,b@example.org",
        "lin(home)@example.org",
        '"lin anqi"@example.org',
        "<lin>@example.org",
        "lin@example..org",
        "lin..anqi@example.org",
        "lin\x00@example.org",
        "=?utf-8?q?lin?=@example.org",
        "l\u00efn@example.org",
        "lin@[127.0.0.1].org",
        f"{'l' * 250}@example.org",
    ],
)
def test_an_address_no_letter_can_be_sent_to_is_said_to_be_none(
    visitor: TestVisitor, session: Session, email: str
) -> None:
    assert visitor.post("/register", data=NEWCOMER | {"email": email}).status_code == 422
    assert session.scalars(select(Person)).all() == []


@pytest.mark.parametrize(
    "email", ["lin@example.org", " L.i+n-x_y'z@sub.example.co.uk ", "1@2.xn--p1ai"]
)
def test_an_address_a_letter_can_be_sent_to_gets_one(
    visitor: TestVisitor, settings: Settings, run_jobs: Any, email: str
) -> None:
    assert visitor.post("/register", data=NEWCOMER | {"email": email}).status_code == 200
    run_jobs()
    (letter,) = sent(settings)
    (address,) = letter["To"].addresses
    assert address.addr_spec == email.strip().lower()


def test_a_letters_subject_is_one_header_and_its_twin_is_no_code(
    session: Session, signed_in: SignIn, settings: Settings, run_jobs: Any
) -> None:
    edition = make_edition(session, "first")
    organizer = make_organizer(session, edition)
    title = f"{MARKUP}\r\nBcc: all@example.org"
    entry = make_entry(session, edition, original_title=title, english_title=title)
    make_reel(session, entry, make_master(session, entry.person))
    session.commit()
    assert signed_in(entry.person).post(f"/entries/{entry.id}/submit").status_code == 303
    decision = {"kind": "ask", "reason": MARKUP}
    desk = signed_in(organizer)
    assert desk.post(f"/office/first/entries/{entry.id}/decision", data=decision).status_code == 303
    assert desk.post("/office/first/letters/held").status_code == 303
    run_jobs()
    assert [each.problem for each in session.scalars(select(Job)).all()] == [None] * 2
    letters = session.scalars(select(Letter)).all()
    assert [each.state for each in letters] == [LetterState.SENT] * 2
    for letter, message in zip(letters, sent(settings), strict=True):
        assert message["Bcc"] is None
        assert message["Subject"] == letter.subject
        assert MARKUP.replace("  ", " ") in letter.subject
        assert "<script" not in letter.html
        assert "<img" not in letter.html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in letter.html
        assert MARKUP in letter.text
        page = desk.get(f"/office/first/letters/{letter.id}/html")
        policy_told = page.headers["Content-Security-Policy"]
        assert policy_told == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_links_in_letters_lead_to_the_house_whatever_host_was_asked(
    app: Flask, session: Session
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # a forged host has no cookie of ours, nor its token
    headers = {"X-Forwarded-Host": "evil.example"}
    answer = app.test_client().post(
        "/register", data=NEWCOMER, headers=headers, base_url="https://evil.example"
    )
    assert answer.status_code == 200
    letter = session.scalars(select(Letter)).one()
    assert "https://localhost/sign-in/" in letter.text
    assert "evil.example" not in letter.text + letter.html + letter.subject
