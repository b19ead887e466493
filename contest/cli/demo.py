"""`contest demo`: fills an empty house with three editions at three moments of their lives."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from contest.cli import schema
from contest.cli.jobs import load_jobs
from contest.db import Database
from contest.machines.queue import attach
from contest.machines.storage import open_storage
from contest.people.models import Person
from contest.settings import Settings, load_settings

PASSWORD = "one two three palmares"  # noqa: S105  # printed at every start, for invented people
SIGN_INS = (
    ("administrator", "admin@example.org"),
    ("organizer", "organizer@example.org"),
    ("juror", "juror@example.org"),
    ("filmmaker", "tomas@example.org"),
)


@dataclass(frozen=True)
class SignIn:
    """One person of the demonstration and how to be them."""

    role: str
    email: str
    password: str


def sign_ins(database: Database) -> list[SignIn]:
    """A sign-in for each role, where the demonstration is in this house."""
    with database.reading() as session:
        there = set(session.scalars(select(Person.email)))
    return [SignIn(role, email, PASSWORD) for role, email in SIGN_INS if email in there]


def add_parser(parser: ArgumentParser) -> None:
    """`contest demo` takes no arguments."""


def run(_arguments: Namespace) -> int:
    """Fill the configured house, unless somebody lives there already."""
    settings = load_settings()
    database = Database(settings.database_url)
    schema.upgrade(database)
    with database.reading() as session:
        inhabited = _inhabited(session)
    database.close()
    if inhabited:
        print("This house has people in it; the demonstration is for empty ones.")
        return 0
    fill(settings)
    return 0


def fill(settings: Settings) -> None:
    """Make the demonstration: films, people, three editions. Told step by step on standard error.

    On SQLite it is played in a file apart, which takes the empty house's place at the very end: cut
    short, it leaves the house empty, and the films that were made make the next try quick.
    """
    from contest.cli.demonstration.cast import WORKS
    from contest.cli.demonstration.films import make_films
    from contest.cli.demonstration.story import Stage

    load_jobs()
    folder = settings.storage_path.parent / "demonstration"
    films = make_films(
        [work.plan for work in WORKS], folder, lambda at, of: _tell(f"Making film {at} of {of}")
    )
    with _apart(settings.database_url, folder / "house.db") as url:
        database = Database(url)
        schema.upgrade(database)
        attach(database, settings)
        try:
            storage = open_storage(settings)
            Stage(database, storage, films, datetime.now(UTC), PASSWORD, _tell).play()
        finally:
            database.close()
    _tell("The demonstration is ready", last=True)


@contextmanager
def _apart(url: str, apart: Path) -> Iterator[str]:
    """The address of a fresh file that replaces the SQLite file at `url` when all went well.

    Another kind of database is given as it is.
    """
    house = make_url(url)
    if house.get_backend_name() != "sqlite" or not house.database:
        yield url
        return
    for leftover in apart.parent.glob(f"{apart.name}*"):
        leftover.unlink()
    yield f"sqlite:///{apart}"
    for kind in ("-wal", "-shm"):
        Path(f"{house.database}{kind}").unlink(missing_ok=True)
    apart.replace(house.database)


def _inhabited(session: Session) -> bool:
    return session.scalar(select(Person.id).limit(1)) is not None


def _tell(words: str, *, last: bool = False) -> None:
    """One line that is written over by the next, or lines where nobody watches."""
    watched = sys.stderr.isatty()
    end = "\n" if last or not watched else ""
    print(f"\r\033[K{words}" if watched else words, end=end, file=sys.stderr, flush=True)
