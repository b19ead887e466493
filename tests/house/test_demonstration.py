"""The demonstration: cut short it leaves an empty house, made twice it doubles nothing."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contest.cli import demo, schema
from contest.cli.demonstration import cast, films
from contest.cli.demonstration.story import Stage
from contest.db import Database
from contest.entries.models import Entry
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from contest.settings import Settings


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    """The same story with small pictures: what is shown here is the story, not the films."""
    for name, value in {"SCREEN": 320, "FRAMES": 2}.items():
        monkeypatch.setattr(films, name, value)
    return replace(settings, storage_root=f"{settings.storage_root}/films")


def house_of(settings: Settings) -> Database:
    database = Database(settings.database_url)
    schema.upgrade(database)
    return database


def count(settings: Settings, table: type[Person] | type[Entry]) -> int:
    database = house_of(settings)
    with database.reading() as session:
        counted = session.scalar(select(func.count()).select_from(table)) or 0
    database.close()
    return counted


def test_cut_short_it_leaves_the_house_empty(
    quick: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Stage) -> None:
        with self.database.transaction() as session:
            self._people(session)
        raise KeyboardInterrupt

    house_of(quick).close()
    monkeypatch.setattr(Stage, "play", interrupted)
    monkeypatch.setattr(films, "make_films", lambda *_: dict[str, Path]())
    with pytest.raises(KeyboardInterrupt):
        demo.fill(quick)
    assert count(quick, Person) == 0


def test_it_has_every_stage_an_entry_can_have_by_people_of_ten_countries(
    quick: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house_of(quick).close()
    demo.fill(quick)
    database = house_of(quick)
    with database.reading() as session:
        entries = session.scalars(select(Entry)).all()
        assert {each.stage for each in entries} == set(EntryStage)
        assert len(entries) >= 16
        assert len({each.person_id for each in entries}) == len(cast.AUTHORS) == 12
        assert len({each.person.country for each in entries}) >= 10
    database.close()
    assert [each.role for each in demo.sign_ins(house_of(quick))] == [
        *("administrator", "organizer", "juror", "filmmaker")
    ]
    told = capsys.readouterr().err
    assert "Making film 14 of 14" in told
    assert json.dumps(told).endswith('The demonstration is ready\\n"')


def test_a_house_with_people_in_it_is_left_alone(
    quick: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = house_of(quick)
    with database.transaction() as session:
        from tests.factories import make_person

        make_person(session)
    database.close()
    given: Callable[[], Settings] = lambda: quick  # noqa: E731  # stands for the environment
    monkeypatch.setattr(demo, "load_settings", given)
    assert demo.run(Namespace()) == 0
    assert count(quick, Person) == 1
    assert "the demonstration is for empty ones" in capsys.readouterr().out
