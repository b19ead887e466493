"""`contest administrator`: how a house without the demonstration begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from contest import create_app
from contest.cli import main
from contest.db import Database
from contest.letters.models import Letter
from contest.logbook import LogLine
from contest.people.models import Person
from contest.settings import load_settings
from tests.factories import make_person
from tests.visitor import TestVisitor

LINK = re.compile(r"^https://localhost(/sign-in/\S+)$", re.MULTILINE)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A house nobody has ever opened: it has not even a database yet."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'house.db'}")
    monkeypatch.setenv("PALMARES_PUBLIC_URL", "https://localhost")
    monkeypatch.setenv("PALMARES_SECRET_KEY", "only for tests")
    monkeypatch.setenv("PALMARES_STORAGE_ROOT", str(tmp_path / "storage"))
    app = create_app(load_settings(queue="inline"))
    app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    app.test_client_class = TestVisitor
    yield app
    app.extensions["house"].database.close()


@pytest.fixture
def database(house: Flask) -> Database:
    found: Database = house.extensions["house"].database
    return found


def made(email: str, *more: str) -> int:
    return main(["administrator", email, *more])


def test_the_first_administrator_of_a_fresh_house_signs_in_and_begins_an_edition(
    house: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made("Ida@Example.org", "--name", "Ida Haus") == 0
    told = capsys.readouterr().out
    assert told.startswith("Ida Haus <ida@example.org> runs this house.")
    assert "within 20 minutes" in told
    link = LINK.search(told)
    assert link
    visitor = house.test_client()
    response = visitor.post(link[1])
    assert (response.status_code, response.location) == (303, "/office")
    assert visitor.get("/office/new").status_code == 200
    assert visitor.get("/office/people").status_code == 200


def test_to_make_an_administrator_twice_doubles_nothing_but_the_link(
    house: Flask, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Ida Haus", "Somebody Else"):
        assert made("ida@example.org", "--name", name) == 0
    links = LINK.findall(capsys.readouterr().out)
    assert len(set(links)) == 2
    assert [house.test_client().post(link).status_code for link in links] == [303, 303]
    with database.reading() as session:
        assert session.scalars(select(Person.name)).all() == ["Ida Haus"]
        acts = session.scalars(select(LogLine.act).order_by(LogLine.id)).all()
        assert list(acts) == [
            "person.registered",
            "person.made_administrator",
            "person.signed_in",
            "person.signed_in",
        ]
        assert session.scalar(select(func.count()).select_from(Letter)) == 0


def test_somebody_who_has_an_account_keeps_it_and_runs_the_house(
    house: Flask, database: Database
) -> None:
    main(["migrate"])
    with database.transaction() as session:
        lin = make_person(session, "Lin Anqi", email="lin@example.org").id
    assert made("lin@example.org", "--name", "Ida Haus") == 0
    with database.reading() as session:
        person = session.scalars(select(Person)).one()
        assert (person.id, person.name, person.is_administrator) == (lin, "Lin Anqi", True)


def test_an_address_nobody_has_proved_theirs_is_refused(
    house: Flask, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["migrate"])
    with database.transaction() as session:
        make_person(session, "Lin Anqi", email="lin@example.org", confirmed_at=None)
    capsys.readouterr()
    assert made("lin@example.org") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "Lin Anqi has not confirmed this e-mail address yet. Ask them to sign in by letter once.\n"
    )
    with database.reading() as session:
        assert not session.scalars(select(Person.is_administrator)).one()


@pytest.mark.parametrize("typed", ["ida", "ida@house", "ida@example.org, eve@example.org"])
def test_what_is_no_address_is_refused(
    house: Flask, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        made(typed)
    assert "is no e-mail address, such as name@example.org." in capsys.readouterr().err
