"""Who visits the rooms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from contest.cli.jobs import load_jobs
from contest.db import Database
from contest.entries.models import Entry
from contest.machines.queue import attempt, due
from contest.people.models import Person
from tests.conftest import Clock
from tests.factories import (
    make_edition,
    make_entry,
    make_master,
    make_person,
    make_reel,
)
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]
ARRIVALS = ("receive_film", "end_idle_upload", "clear_upload")


@pytest.fixture
def work_on_arrivals(database: Database, clock: Clock) -> Callable[[], None]:
    """Does all that is due on films that arrive, and decodes none: these films are noise."""
    load_jobs()

    def waiting() -> list[int]:
        with database.reading() as looking:
            return [each.id for each in due(looking, now=clock.now) if each.name in ARRIVALS]

    def work() -> None:
        while found := waiting():
            for job_id in found:
                attempt(database, job_id, holder="test", clock=clock)

    return work


@pytest.fixture
def author(session: Session) -> Person:
    return make_person(session, time_zone="Asia/Shanghai")


@pytest.fixture
def draft(session: Session, author: Person) -> Entry:
    """A draft that lacks nothing, committed."""
    entry = make_entry(session, make_edition(session, "shorts"), author)
    make_reel(session, entry, make_master(session, author))
    session.commit()
    return entry


@pytest.fixture
def filmmaker(signed_in: SignIn, draft: Entry) -> TestVisitor:
    """The draft's author."""
    return signed_in(draft.person)
