"""A name is one worker's, on however many machines."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from contest.db import Database
from contest.machines import carrier
from contest.machines.worker_name import NameTaken, take_name


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def machines(postgres: str) -> Iterator[tuple[Database, Database]]:
    """Two machines over one database."""
    first, second = Database(postgres), Database(postgres)
    yield first, second
    first.close()
    second.close()


def test_two_workers_of_one_name_are_refused(database: Database, tmp_path: Path) -> None:
    first = carrier.Worker(database, "worker-1", locks=tmp_path)
    other = carrier.Worker(database, "worker-2", locks=tmp_path)
    with pytest.raises(NameTaken, match="A worker named worker-1 is already at work"):
        carrier.Worker(database, "worker-1", locks=tmp_path)
    first.leave()
    carrier.Worker(database, "worker-1", locks=tmp_path).leave()
    other.leave()


def test_a_name_in_use_on_one_machine_is_refused_on_another(
    machines: tuple[Database, Database], tmp_path: Path
) -> None:
    here, there = machines
    name = take_name(here, "worker-1", locks=tmp_path / "here")
    with pytest.raises(NameTaken):
        take_name(there, "worker-1", locks=tmp_path / "there")
    name.give_back()
    take_name(there, "worker-1", locks=tmp_path / "there").give_back()


def cut_the_lines(database: Database) -> None:
    """End every other connection to the database, as a failing network does."""
    cut = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with database.transaction() as session:
        session.execute(cut)


def test_a_worker_takes_its_name_again_when_its_connection_broke(
    machines: tuple[Database, Database], tmp_path: Path
) -> None:
    here, there = machines
    name = take_name(here, "worker-1", locks=tmp_path)
    cut_the_lines(there)
    name.keep()
    with pytest.raises(NameTaken):
        take_name(there, "worker-1", locks=tmp_path)
    name.give_back()


def test_a_worker_whose_name_went_to_another_while_it_was_cut_off_says_so_and_stops(
    machines: tuple[Database, Database], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = machines
    worker = carrier.Worker(here, "worker-1", locks=tmp_path)
    cut_the_lines(there)
    other = take_name(there, "worker-1", locks=tmp_path)
    with caplog.at_level(logging.ERROR):
        worker._look_around(datetime.now(UTC))
    assert worker._stopped.is_set()
    assert caplog.messages == ["A worker named worker-1 is already at work. This one stops."]
    worker.leave()
    other.keep()
    other.give_back()
