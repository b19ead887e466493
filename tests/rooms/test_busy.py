"""Whoever writes while another holds the write lock for too long is told to try again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contest import db
from contest.cli import schema
from contest.db import Database, turn_never_came
from contest.people.models import Person
from tests.factories import make_edition, make_entry, make_person
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor

PATIENCE_S = 0.2


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A house's database of either kind, whose writers wait a moment where others wait 20 s."""
    monkeypatch.setattr(db, "BUSY_SECONDS", PATIENCE_S)
    monkeypatch.setattr(
        db, "TAKE_TURN", db.TAKE_TURN.replace("'20s'", f"'{PATIENCE_S * 1000:.0f}ms'")
    )
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "house.db")
        return f"sqlite:///{tmp_path / 'house.db'}"
    url: str = request.getfixturevalue("postgres")
    database = Database(url)
    schema.upgrade(database)
    database.close()
    return url


@pytest.fixture
def lin(session: Session) -> Person:
    person = make_person(session, "Lin Anqi")
    session.commit()
    return person


@pytest.fixture
def another(database: Database) -> Iterator[Session]:
    """Somebody who has the write lock, and keeps it."""
    with database.writing() as session:
        session.execute(text("SELECT 1"))
        yield session


ACCOUNT = {"name": "Lin Wen", "country": "FR", "language": "en", "time_zone": "UTC"}


def test_a_person_reads_that_nothing_is_lost_and_may_press_again(
    lin: Person, signed_in: SignIn, another: Session
) -> None:
    writer = signed_in(lin)
    response = writer.post("/account", data=ACCOUNT)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "<h1>The house is busy</h1>" in response.text
    assert "Nothing is lost, and nothing was changed" in response.text
    assert ">Lin Anqi</a>" in response.text, "still signed in"
    another.rollback()
    assert writer.post("/account", data=ACCOUNT).status_code == 303
    assert ">Lin Wen</a>" in writer.get("/account").text


def test_a_script_is_told_when_to_ask_again(
    lin: Person, signed_in: SignIn, another: Session
) -> None:
    response = signed_in(lin).fetch("/account", method="POST", data=ACCOUNT)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert (response.json or {})["message"].startswith("So many people are writing")


def test_whoever_only_reads_waits_for_nobody(visitor: TestVisitor, another: Session) -> None:
    assert visitor.get("/").status_code == 200


def test_a_part_is_looked_at_while_others_write(
    session: Session, signed_in: SignIn, database: Database, lin: Person
) -> None:
    entry = make_entry(session, make_edition(session), lin)
    session.commit()
    author = signed_in(lin)
    told = {"name": "film.mp4", "size": 4}
    upload = author.fetch(f"/entries/{entry.id}/uploads", method="POST", json=told).get_json()
    with database.writing() as another:
        another.execute(text("SELECT 1"))
        answer = author.fetch(f"{upload['url']}/parts/1?ticket=over", method="PUT", data=b"film")
    assert answer.status_code == 403


def test_any_other_trouble_of_the_database_is_a_fault_of_ours(
    app: Flask, lin: Person, signed_in: SignIn, database: Database, another: Session
) -> None:
    another.rollback()
    with database.transaction() as session:
        session.execute(text("ALTER TABLE log_line RENAME TO lost"))
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    response = signed_in(lin).post("/account", data=ACCOUNT)
    assert response.status_code == 500
    assert "<h1>A fault of ours</h1>" in response.text


def test_only_a_turn_that_never_came_counts_as_one(database: Database, another: Session) -> None:
    with pytest.raises(OperationalError) as waited, database.transaction() as session:
        session.execute(text("SELECT 1"))
    assert turn_never_came(waited.value)
