"""What every test can ask for: a migrated database of its own, a house with a clock, a visitor."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from contest import create_app
from contest.cli import schema
from contest.cli.jobs import load_jobs
from contest.db import Database
from contest.machines.queue import run_pending
from contest.people.models import Person
from contest.settings import Settings, load_settings
from tests.machines.s3_server import bucket
from tests.postgres import Server, migrated_postgres, postgres, postgres_server
from tests.visitor import TestVisitor

__all__ = ["bucket", "migrated_postgres", "postgres", "postgres_server"]  # fixtures

LONGEST = (
    "test_check_corpus.py",
    "test_demonstration.py",
    "test_hard_journey.py",
    "test_killed.py",
    "test_many_workers.py",
    "test_story.py",
)
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgresql` runs the same tests on the other engine."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no core waits for them at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


class Clock:
    """The house's clock, to be set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once; each test gets a copy."""
    file = tmp_path_factory.mktemp("migrated") / "house.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a migrated database of the test's own is, of the kind these tests run on."""
    if request.config.getoption("database") == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "house.db")
        yield f"sqlite:///{tmp_path / 'house.db'}"
        return
    template = request.getfixturevalue("migrated_postgres")
    server: Server = request.getfixturevalue("postgres_server")
    url = server.make(template)
    yield url
    server.drop(url)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings(
        {},
        database_url=database_url,
        storage_root=str(tmp_path / "storage"),
        letters_dir=str(tmp_path / "letters"),
        secret_key="only for tests",
        public_url="https://localhost",
        queue="inline",
    )


@pytest.fixture(scope="session")
def compiled_pages(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Where templates are kept compiled, for the houses of all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def app(
    settings: Settings, clock: Clock, compiled_pages: FileSystemBytecodeCache
) -> Iterator[Flask]:
    app = create_app(settings, clock)
    app.jinja_env.bytecode_cache = compiled_pages
    app.config["TESTING"] = True
    app.config["RATELIMIT_ENABLED"] = False
    app.test_client_class = TestVisitor
    yield app
    app.extensions["house"].database.close()


@pytest.fixture
def database(app: Flask) -> Database:
    """The database of the house."""
    found: Database = app.extensions["house"].database
    return found


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session to prepare things with: commit before a page is to see them."""
    with database.working() as session:
        yield session


@pytest.fixture
def run_jobs(database: Database, clock: Clock) -> Callable[[], int]:
    """Does all jobs that wait, in this process."""
    load_jobs()
    return lambda: run_pending(database, clock=clock)


@pytest.fixture
def visitor(app: Flask) -> TestVisitor:
    """Somebody who has not signed in."""
    client = app.test_client()
    assert isinstance(client, TestVisitor)
    return client


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Person], TestVisitor]:
    """Makes a visitor who is that person."""

    def enter(person: Person) -> TestVisitor:
        client = app.test_client()
        assert isinstance(client, TestVisitor)
        client.is_person(person)
        return client

    return enter
