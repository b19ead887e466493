"""A page of somebody else's can't act for a visitor: nothing is taken without their own token."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from contest.people.passwords import hashed
from contest.web.limits import limiter
from tests.factories import make_person

LOOKING = {"GET", "HEAD", "OPTIONS"}
HOUSE = "https://localhost"


def acts(app: Flask) -> list[tuple[str, str]]:
    """Method and an address of everything that changes something."""
    return sorted(
        (method, _address(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - LOOKING
    )


def _address(rule: str) -> str:
    """The rule with something in each of its gaps; the token is asked for before the thing."""
    chosen = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule)
    return re.sub(r"<\w+>", "x", re.sub(r"<int:\w+>", "1", chosen))


@pytest.fixture
def browser(app: Flask, session: Session) -> FlaskClient:
    """An administrator's browser that sends what it is told and nothing more."""
    administrator = make_person(session, "Ida Haus", is_administrator=True)
    session.commit()
    limiter.enabled = False
    client = FlaskClient(app, app.response_class)
    with client.session_transaction(base_url=HOUSE) as kept:
        kept["_user_id"] = f"{administrator.id}:{administrator.session_key}"
        kept["csrf_token"] = "a" * 40
    return client


def token_for(app: Flask, raw: str, secret: str | None = None) -> str:
    """The token a page has whose visitor's cookie holds `raw`."""
    secret = secret or str(app.config["SECRET_KEY"])
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))


def answers(app: Flask, browser: FlaskClient, token: str | None) -> dict[str, int]:
    """The status of each act, asked for with that token in the form and the header."""
    told = {}
    for method, address in acts(app):
        response = browser.open(
            address,
            method=method,
            base_url=HOUSE,
            headers={} if token is None else {"X-CSRFToken": token},
            data={} if token is None else {"csrf_token": token},
        )
        told[f"{method} {address}"] = response.status_code
        response.close()
    return told


@pytest.mark.parametrize("forged", ["none", "nonsense", "another's", "of another house"])
def test_nothing_is_done_without_the_visitors_own_token(
    app: Flask, browser: FlaskClient, forged: str
) -> None:
    token = {
        "none": None,
        "nonsense": "nonsense",
        "another's": token_for(app, "b" * 40),
        "of another house": token_for(app, "a" * 40, secret="another house's"),
    }[forged]
    told = answers(app, browser, token)
    assert len(told) > 40
    assert {act: status for act, status in told.items() if status != 400} == {}


def test_the_visitors_own_token_is_taken(app: Flask, browser: FlaskClient) -> None:
    told = answers(app, browser, token_for(app, "a" * 40))
    assert {act for act, status in told.items() if status == 400} == set()


def test_a_token_from_before_signing_in_is_worth_nothing_after(
    app: Flask, session: Session
) -> None:
    limiter.enabled = False
    make_person(session, email="lin@example.org", password_hash=hashed("a few words in a row"))
    session.commit()
    client = FlaskClient(app, app.response_class)
    page = client.get("/sign-in", base_url=HOUSE).text
    (before,) = set(re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page))
    typed = {"email": "lin@example.org", "password": "a few words in a row", "csrf_token": before}
    assert client.post("/sign-in", data=typed, base_url=HOUSE).status_code == 303
    forged = {"csrf_token": before, "everywhere": "yes"}
    assert client.post("/sign-out", data=forged, base_url=HOUSE).status_code == 400
    assert client.get("/account", base_url=HOUSE).status_code == 200
