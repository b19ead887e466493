"""Three workers, one of them killed every few seconds: each of 60 films is checked, and once."""

from __future__ import annotations

import hashlib
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.letters.actions import write_letter
from contest.letters.models import Letter, LetterState
from contest.logbook import LogLine, broken_seals
from contest.machines import queue
from contest.machines.carrier import QUICK_HANDS, DbosCarrier
from contest.machines.queue import Job
from contest.machines.storage import Storage, open_storage
from contest.media.actions import (
    complete_upload,
    make_room,
    open_upload,
    part_of,
    record_part,
    transfer_of,
)
from contest.media.models import InspectionState, Master, RenditionKind, RenditionState
from contest.media.queries import facts_of
from contest.people.models import Person
from tests.factories import make_person
from tests.machines.films import film
from tests.processes import Processes, kill, processes

FILMS = 60
LENGTHS = (3, 4, 5)
"""Seconds of the films; each is sent twenty times."""
MADE = (RenditionKind.SCREENER, RenditionKind.STILL, RenditionKind.STRIP)
"""Of each: films so small need no light copy, and none of these holds Content Credentials."""
SILENCE_SECONDS = 4
KILL_EVERY_SECONDS = 2.5
DONE_BETWEEN = 10
"""So many jobs at least are done from one kill to the next, however slow the machine: a job whose
worker is killed six times is given up, and rightly."""
HANDS = 2
PATIENCE_SECONDS = 240
"""Far more than it takes: a machine may be busy with other things."""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Processes]:
    told = {"PALMARES_WORKER_SILENCE_SECONDS": str(SILENCE_SECONDS)}
    with processes(tmp_path, 1 << 20, database_url, told) as opened:
        database = opened.database
        queue.attach(database, opened.settings, carrier=DbosCarrier(database))
        yield opened


def test_sixty_films_are_checked_once_each_while_workers_are_killed(
    house: Processes, tmp_path: Path
) -> None:
    films = [film(tmp_path / f"{seconds}.mp4", seconds) for seconds in LENGTHS]
    with house.database.transaction() as session:
        sender = make_person(session)
        for source in films * (FILMS // len(films)):
            receive(session, open_storage(house.settings), sender, source)
    killed = work_and_kill(house)
    assert killed >= 3
    every_film_was_checked_once(house)
    every_letter_went_out_once(house)
    every_job_was_done_once(house, killed)


def receive(session: Session, storage: Storage, sender: Person, source: Path) -> None:
    """A film arrives as uploads do, and its sender gets a letter."""
    now, size = datetime.now(UTC), source.stat().st_size
    upload = open_upload(
        session,
        make_room(storage, size),
        sender.id,
        file_name=source.name,
        part_bytes=size,
        now=now,
    )
    sha256 = digest(source)
    part = part_of(upload, 1, sha256)
    with source.open("rb") as body:
        storage.put_part(transfer_of(upload), part, body)
    record_part(session, upload, part, now=now)
    storage.finish(transfer_of(upload), [part])
    master = complete_upload(session, upload, sha256, now=now)
    write_letter(
        session,
        "sign_in",
        address=sender.email,
        language="en",
        about=f"master:{master.id}",
        now=now,
        name=sender.name,
        link="https://localhost/",
        minutes=20,
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def work_and_kill(house: Processes) -> int:
    """Three workers until everything is done; says how many were killed on the way.

    Who was killed comes back under the old name, as a process does that the system starts again,
    or never, as a machine does that was lost: then one of a new name takes its place.
    """
    chance, numbers = random.Random(60), itertools.count(1)
    names = [f"worker-{next(numbers)}" for _ in range(3)]
    workers: list[Popen[bytes]] = [house.worker(name) for name in names]
    started, killed = time.monotonic(), 0
    next_kill = started + KILL_EVERY_SECONDS, DONE_BETWEEN
    while jobs(house, done=False):
        time.sleep(0.2)
        now, done = time.monotonic(), jobs(house, done=True)
        assert now - started < PATIENCE_SECONDS, (house.folder / "processes.log").read_text()
        if now > next_kill[0] and done >= next_kill[1]:
            next_kill = now + KILL_EVERY_SECONDS, done + DONE_BETWEEN
            at = killed % len(workers)
            kill(workers[at])
            killed += 1
            names[at] = chance.choice([names[at], f"worker-{next(numbers)}"])
            workers[at] = house.worker(names[at])
    return killed


def jobs(house: Processes, *, done: bool) -> int:
    """How many jobs are done, or could be done now or are being done."""
    which = Job.done_at.is_not(None) == done, Job.due_at <= datetime.now(UTC)
    with house.database.reading() as session:
        return session.scalar(select(func.count()).where(*which)) or 0


def every_film_was_checked_once(house: Processes) -> None:
    lengths, kept = Counter[float | None](), set[str]()
    with house.database.reading() as session:
        for master in session.scalars(select(Master)):
            facts = facts_of(master.inspection)
            assert master.inspection is not None
            assert facts is not None
            assert (master.inspection.state, facts.decoded) == (InspectionState.FINISHED, True)
            made = {each.kind: each.state for each in master.renditions}
            assert made == dict.fromkeys(MADE, RenditionState.READY)
            assert len(master.renditions) == len(MADE)
            kept |= {master.storage_key, *(str(each.storage_key) for each in master.renditions)}
            lengths[facts.duration_s] += 1
        assert list(broken_seals(session)) == []
        received = session.scalars(select(LogLine.about).where(LogLine.act == "film.received"))
        assert len(set(received)) == FILMS
    assert lengths == dict.fromkeys(map(float, LENGTHS), FILMS // len(LENGTHS))
    files = [path.name for path in (house.settings.storage_path / "kept").rglob("*-*")]
    whole = [path.name for path in (house.settings.storage_path / "kept").glob("*/*")]
    kinds = len(MADE)
    assert (len(files), len(whole), set(whole)) == (kinds * FILMS, (1 + kinds) * FILMS, kept)


def every_letter_went_out_once(house: Processes) -> None:
    with house.database.reading() as session:
        states = session.scalars(select(Letter.state)).all()
    assert Counter(states) == {LetterState.SENT: FILMS}
    assert len(list(house.settings.letters_path.iterdir())) == FILMS


def every_job_was_done_once(house: Processes, killed: int) -> None:
    """One each; some were interrupted, and no more often than the kills can explain."""
    with house.database.reading() as session:
        now = datetime.now(UTC)
        rows = session.execute(select(Job).where(Job.due_at <= now)).scalars().all()
        assert session.scalar(select(func.count()).where(Job.held_by.is_not(None))) == 0
    assert Counter(job.name for job in rows) == {
        "inspect_master": FILMS,
        "decode_master": FILMS,
        "make_rendition": len(MADE) * FILMS,
        "send_letter": FILMS,
    }
    asked = Counter((job.name, *job.ids) for job in rows)
    assert set(asked.values()) == {1}
    assert [job.problem for job in rows if job.done_at is None or job.problem] == []
    more = sum(job.attempts - 1 for job in rows)
    assert 1 <= more <= killed * (HANDS + QUICK_HANDS)
