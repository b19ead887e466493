"""kill -9 at the worst moments: nothing is lost, nothing is doubled."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.entries.models import Entry, Receipt, Reel
from contest.letters.models import Letter
from contest.logbook import LogLine
from contest.machines.queue import Job
from contest.machines.storage import open_storage
from contest.media.models import (
    Inspection,
    InspectionState,
    Master,
    Rendition,
    RenditionState,
    UploadPart,
)
from contest.media.queries import facts_of
from contest.rulebook.stages import EntryStage
from tests.factories import make_entry, make_master, make_reel
from tests.machines.films import film
from tests.processes import Processes, Sender, call_open_today, kill, processes
from tests.waiting import wait_until

PART = 1 << 20
LONG_SECONDS = 30
"""Long enough that its check can be cut in the middle."""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Processes]:
    told = {"PALMARES_WORKER_SILENCE_SECONDS": "4"}
    with processes(tmp_path, PART, database_url, told) as opened:
        yield opened


@pytest.fixture
def entry(house: Processes) -> Entry:
    with house.database.transaction() as session:
        made = make_entry(session, call_open_today(session))
        assert made.person.session_key
    return made


@pytest.fixture
def sender(house: Processes, entry: Entry) -> Sender:
    return Sender(house, entry.person)


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """24 MiB and a bit that look like nothing."""
    made = tmp_path / "big.mov"
    made.write_bytes(random.Random(3).randbytes(24 * PART + 777))
    return made


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def count(session: Session, kind: type) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_an_upload_goes_on_after_the_web_server_was_killed_in_the_middle_of_parts(
    house: Processes, entry: Entry, sender: Sender, big: Path
) -> None:
    web = house.web()
    upload = sender.begin(entry.id, big)
    for number in (1, 2, 5):
        assert sender.put(upload, number, big)["status"] == 200
    lines = [sender.put_half(upload, number, big) for number in (3, 4)]
    time.sleep(0.1)
    kill(web)
    for line in lines:
        line.close()
    house.web()
    there = sender.ask("GET", upload["url"])
    assert [part["number"] for part in there["parts"]] == [1, 2, 5]
    sender.put_all(upload, big)
    house.worker()
    answer = sender.arrive(upload)
    assert (answer["version"], answer["sha256"]) == (1, digest(big))
    arrived_once(house, big)


def test_an_upload_survives_a_web_server_killed_again_and_again(
    house: Processes, entry: Entry, sender: Sender, big: Path
) -> None:
    web = house.web()
    upload = sender.begin(entry.id, big)
    for pause in (0.02, 0.05, 0.1):
        sending = threading.Thread(target=try_to_send, args=(sender, upload, big))
        sending.start()
        time.sleep(pause)
        kill(web)
        sending.join()
        web = house.web()
    sender.put_all(upload, big)
    house.worker()
    assert sender.arrive(upload)["sha256"] == digest(big)
    arrived_once(house, big)


def try_to_send(sender: Sender, upload: object, big: Path) -> None:
    with suppress(OSError, HTTPException):
        sender.put_all(upload, big)


def test_each_film_arrives_once_when_the_web_server_is_killed_while_it_completes(
    house: Processes, entry: Entry, sender: Sender, big: Path
) -> None:
    web = house.web()
    house.worker()
    for version, pause in enumerate((0.0, 0.02, 0.06), 1):
        upload = sender.begin(entry.id, big)
        sender.put_all(upload, big)
        asking = threading.Thread(target=try_to_complete, args=(sender, upload))
        asking.start()
        time.sleep(pause)
        kill(web)
        asking.join()
        web = house.web()
        answer = sender.arrive(upload)
        assert (answer["version"], answer["sha256"]) == (version, digest(big))
        arrived_once(house, big, version)


def test_each_film_arrives_once_when_the_worker_is_killed_while_it_reads(
    house: Processes, entry: Entry, sender: Sender, big: Path
) -> None:
    house.web()
    worker = house.worker()
    for version, pause in enumerate((0.0, 0.05, 0.15), 1):
        upload = sender.begin(entry.id, big)
        sender.put_all(upload, big)
        sender.complete(upload)
        wait_until(partial(is_at_it, house, version))
        time.sleep(pause)
        kill(worker)
        worker = house.worker()
        answer = sender.arrive(upload)
        assert (answer["version"], answer["sha256"]) == (version, digest(big))
        arrived_once(house, big, version)


def is_at_it(house: Processes, version: int) -> bool:
    """Whether a worker reads that version of the film, or has read it already."""
    with house.database.reading() as session:
        return "receive_film" in running(house) or count(session, Master) == version


def try_to_complete(sender: Sender, upload: object) -> None:
    with suppress(OSError, HTTPException):
        sender.complete(upload)


def arrived_once(house: Processes, sent: Path, films: int = 1) -> None:
    """So many films, byte for byte, an inspection asked for each, nothing else on the disk."""
    with house.database.reading() as session:
        masters = session.scalars(select(Master).order_by(Master.id)).all()
        reels = session.scalars(select(Reel).order_by(Reel.id)).all()
        numbers = [(each.master_id, each.number) for each in reels]
        assert numbers == [(each.id, at) for at, each in enumerate(masters, 1)]
        asked = session.scalars(select(Job).where(Job.name == "inspect_master").order_by(Job.id))
        assert [job.ids for job in asked] == [[each.id] for each in masters]
        assert (len(masters), count(session, UploadPart)) == (films, 25 * films)
    for master in masters:
        with open_storage(house.settings).local_path(master.storage_key) as kept:
            assert digest(kept) == master.sha256 == digest(sent)
    files = {path.name for path in house.settings.storage_path.rglob("*") if path.is_file()}
    assert files == {each.storage_key for each in masters}


def test_each_entry_is_submitted_once_when_the_web_server_is_killed_in_the_middle(
    house: Processes, entry: Entry
) -> None:
    with house.database.transaction() as session:
        edition = session.get_one(Entry, entry.id).edition
        entries = [make_entry(session, edition) for _ in range(3)]
        for each in entries:
            make_reel(session, each, make_master(session, each.person))
    web = house.web()
    for number, (each, pause) in enumerate(zip(entries, (0.0, 0.01, 0.03), strict=True), 1):
        sender, address = Sender(house, each.person), f"/entries/{each.id}/submit"
        pressing = threading.Thread(target=try_to_press, args=(sender, address))
        pressing.start()
        time.sleep(pause)
        kill(web)
        pressing.join()
        submitted_once_or_not_at_all(house, each, number)
        web = house.web()
        assert [sender.post(address), sender.post(address)] == [303, 303]
        assert submitted_once_or_not_at_all(house, each, number) == 1


def try_to_press(sender: Sender, address: str) -> None:
    with suppress(OSError, HTTPException):
        sender.post(address)


def submitted_once_or_not_at_all(house: Processes, pressed: Entry, number: int) -> int:
    """How many receipts it has: with each its number, its letter and its line, or nothing."""
    about = f"entry:{pressed.id}"
    with house.database.reading() as session:
        entry = session.get_one(Entry, pressed.id)
        of_it = select(Receipt.entry_number).where(Receipt.entry_id == entry.id)
        receipts = session.scalars(of_it).all()
        letters = session.scalars(select(Letter.id).where(Letter.about == about)).all()
        lines = session.scalars(
            select(LogLine.id).where(LogLine.act == "entry.submitted", LogLine.about == about)
        ).all()
        is_submitted = entry.stage is EntryStage.SUBMITTED
        assert (entry.number, receipts) == ((number, [number]) if is_submitted else (None, []))
        assert len(letters) == len(lines) == is_submitted
        return len(receipts)


def test_a_check_goes_on_after_the_worker_was_killed_in_the_middle(
    house: Processes, entry: Entry, sender: Sender, tmp_path: Path
) -> None:
    source = film(
        tmp_path / "long.mp4", LONG_SECONDS, picture="testsrc2=s=1280x720:r={rate}:d={seconds}"
    )
    house.web()
    upload = sender.begin(entry.id, source)
    sender.put_all(upload, source)
    worker = house.worker()
    assert sender.complete(upload)["status"] == 202
    wait_until(lambda: state(house) is InspectionState.HEADER_READ)
    wait_until(lambda: running(house) == ["decode_master"])
    kill(worker)
    assert state(house) is InspectionState.HEADER_READ
    house.worker()
    wait_until(lambda: state(house) is InspectionState.FINISHED, 90)
    wait_until(lambda: not open_jobs(house), 90)
    checked_once(house)


def checked_once(house: Processes) -> None:
    with house.database.reading() as session:
        master = session.scalars(select(Master)).one()
        facts = facts_of(master.inspection)
        assert facts is not None
        assert (facts.decoded, facts.duration_s, facts.decoded_frames) == (
            *(True, LONG_SECONDS, LONG_SECONDS * 25),
        )
        assert count(session, Inspection) == 1
        made = session.scalars(select(Rendition).order_by(Rendition.kind)).all()
        assert {each.kind: each.state for each in made} == dict.fromkeys(
            ("screener", "light", "still", "strip"), RenditionState.READY
        )
        done = session.scalars(select(Job.name).where(Job.name != "end_idle_upload")).all()
        assert sorted(done) == [
            "decode_master",
            "inspect_master",
            *["make_rendition"] * 4,
            "receive_film",
        ]
        kept = {master.storage_key, *(each.storage_key for each in made)}
    files = [path for path in house.settings.storage_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == kept
    assert len(files) == 5


def state(house: Processes) -> InspectionState | None:
    with house.database.reading() as session:
        return session.scalar(select(Inspection.state))


def running(house: Processes) -> list[str]:
    with house.database.reading() as session:
        return list(session.scalars(select(Job.name).where(Job.held_by.is_not(None))))


def open_jobs(house: Processes) -> list[str]:
    """Jobs that could be done now."""
    due = Job.done_at.is_(None), Job.due_at <= datetime.now(UTC)
    with house.database.reading() as session:
        return list(session.scalars(select(Job.name).where(*due)))
