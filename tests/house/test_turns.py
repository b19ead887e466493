"""Whoever writes does it alone, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contest import db
from contest.cli import schema
from contest.db import BUSY_SECONDS, Database, Turns
from contest.editions.models import Edition
from contest.logbook import LogLine, broken_seals, log
from tests.conftest import NOON
from tests.factories import make_edition
from tests.waiting import wait_until

HANDS, TIMES = 6, 5
PATIENCE_SECONDS = 0.05
MANY = 24
"""More than a pool of connections has unless it is told to."""


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """A house's database with nothing in it, of either kind."""
    if request.param == "sqlite":
        shutil.copy(migrated, tmp_path / "house.db")
        database = Database(f"sqlite:///{tmp_path / 'house.db'}")
    else:
        database = Database(request.getfixturevalue("postgres"))
        schema.upgrade(database)
    with database.transaction() as session:
        make_edition(session, "shorts")
    yield database
    database.close()


def all_at_once(act: Callable[[], None]) -> None:
    """Each of `HANDS` does the act `TIMES` times, side by side."""
    starting = threading.Barrier(HANDS)

    def hand() -> None:
        starting.wait()
        for _ in range(TIMES):
            act()

    threads = [threading.Thread(target=hand) for _ in range(HANDS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def count_on(session: Session) -> None:
    """Read a number and write the next one, with a line in the logbook."""
    edition = session.scalars(select(Edition)).one()
    edition.last_entry_number += 1
    log(session, "edition.counted", f"edition:{edition.id}", now=NOON)


def test_writers_wait_their_turn_and_lose_nothing(kept: Database) -> None:
    def act() -> None:
        with kept.transaction() as session:
            count_on(session)

    all_at_once(act)
    with kept.reading() as session:
        assert session.scalars(select(Edition.last_entry_number)).one() == HANDS * TIMES
        assert len(session.scalars(select(LogLine)).all()) == HANDS * TIMES
        assert list(broken_seals(session)) == []


def test_a_job_waits_its_turn_before_its_first_line_in_the_logbook(kept: Database) -> None:
    def act() -> None:
        with kept.working() as session:
            edition = session.scalars(select(Edition)).one()  # a look that holds nobody up
            log(session, "edition.looked_at", f"edition:{edition.id}", now=NOON)
            session.commit()

    all_at_once(act)
    with kept.reading() as session:
        assert len(session.scalars(select(LogLine)).all()) == HANDS * TIMES
        assert list(broken_seals(session)) == []


def test_readers_wait_for_nobody(kept: Database) -> None:
    with kept.transaction() as writing:
        count_on(writing)
        with kept.reading() as reading:
            assert reading.scalars(select(Edition.last_entry_number)).one() == 0
        with kept.working() as working:
            assert working.scalars(select(Edition.last_entry_number)).one() == 0


def test_readers_wait_for_nobody_however_many_wait_to_write(kept: Database) -> None:
    def act() -> None:
        with kept.transaction() as session:
            count_on(session)

    waiting = [threading.Thread(target=act) for _ in range(MANY)]
    with kept.transaction() as writing:
        count_on(writing)
        for each in waiting:
            each.start()
        begun = time.monotonic()
        with kept.reading() as reading:
            assert reading.scalars(select(Edition.last_entry_number)).one() == 0
        assert time.monotonic() - begun < BUSY_SECONDS / 2
        assert all(each.is_alive() for each in waiting)
    for each in waiting:
        each.join()
    with kept.reading() as reading:
        assert reading.scalars(select(Edition.last_entry_number)).one() == MANY + 1


def test_whoever_waits_before_sqlite_goes_in_the_order_in_which_they_came() -> None:
    turns, entered = Turns(), list[int]()

    def act(number: int) -> None:
        assert turns.take(number, BUSY_SECONDS)
        entered.append(number)
        turns.leave(number)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(MANY)]
    assert turns.take("first", BUSY_SECONDS)
    for number, each in enumerate(threads, 1):
        each.start()
        wait_until(partial(has_come, turns, number))
    turns.leave("first")
    for each in threads:
        each.join()
    assert entered == list(range(MANY))


def has_come(turns: Turns, number: int) -> bool:
    return turns.waiting == number


def test_who_waited_in_vain_stands_in_nobodys_way(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(
        db,
        "TAKE_TURN",
        db.TAKE_TURN.replace(f"'{BUSY_SECONDS}s'", f"'{PATIENCE_SECONDS * 1000:.0f}ms'"),
    )
    with kept.transaction() as writing:
        count_on(writing)
        with pytest.raises(OperationalError) as raised, kept.transaction() as late:
            count_on(late)
        assert db.turn_never_came(raised.value)
    with kept.transaction() as writing:
        count_on(writing)
    with kept.reading() as reading:
        assert reading.scalars(select(Edition.last_entry_number)).one() == 2


def test_a_writer_left_behind_may_be_thrown_away_at_any_moment_of_another() -> None:
    """Python throws away what is left behind wherever it likes, even between two lines of a queue
    that is just being asked."""

    def takes_after(lines: int) -> bool:
        """Whether a turn comes while its holder is thrown away after so many `lines` of asking."""
        turns, left = Turns(), lines
        assert turns.take("left behind", 0)

        def step(_frame: FrameType, event: str, _told: Any) -> Any:
            nonlocal left
            left -= event == "line"
            if left == 0:
                turns.leave("left behind")
            return step

        came = list[bool]()

        def act() -> None:
            sys.settrace(step)
            try:
                came.append(turns.take("next", 1))
            finally:
                sys.settrace(None)
            turns.leave("next")

        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        thread.join(BUSY_SECONDS)
        assert came, f"stuck {lines} lines after it was asked"
        assert not came[0] or turns.take("another", 0), "left, and nobody else is let in"
        return came[0]

    goes_through = next(lines for lines in count(1) if not takes_after(lines))
    assert goes_through > 5


def test_who_is_called_away_from_the_line_keeps_nobody_from_writing() -> None:
    turns = Turns()
    assert turns.take("first", 0)

    def act() -> None:
        sys.settrace(step)
        try:
            turns.take("called away", BUSY_SECONDS)
        except KeyboardInterrupt:
            called_away.set()
        finally:
            sys.settrace(None)

    def step(_frame: FrameType, _event: str, _told: Any) -> Any:
        if turns.waiting:
            sys.settrace(None)
            raise KeyboardInterrupt
        return step

    called_away = threading.Event()
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    assert called_away.wait(BUSY_SECONDS)
    assert turns.waiting == 0
    turns.leave("first")
    assert turns.take("next", 0)
