"""Films come in part by part, are measured in two steps, and are made fit to be watched."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.logbook import LogLine
from contest.machines.probe import read_header
from contest.machines.queue import Job
from contest.machines.storage import NotKept, Part, PartsDiffer, Storage, open_storage
from contest.machines.storage_disk import LocalDisk
from contest.media import actions, clearing, jobs, viewing
from contest.media.models import (
    Inspection,
    InspectionState,
    Master,
    Rendition,
    RenditionKind,
    RenditionState,
    Upload,
    UploadState,
)
from contest.media.queries import facts_of
from contest.people.models import Person
from contest.rulebook.film_facts import Problem
from contest.rulebook.refusal import Refused
from contest.settings import Settings
from tests.conftest import Clock
from tests.factories import NOON, make_person
from tests.machines.films import film
from tests.machines.test_credentials import box, held

PART = 1000
FILM = bytes(range(256)) * 10


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return open_storage(settings)


@pytest.fixture
def author(session: Session) -> Person:
    person = make_person(session)
    session.commit()
    return person


def begin(
    session: Session, storage: Storage, author: Person, bytes_: bytes, part_bytes: int = PART
) -> Upload:
    return actions.open_upload(
        session,
        actions.make_room(storage, len(bytes_)),
        author.id,
        file_name="harbour.mov",
        part_bytes=part_bytes,
        now=NOON,
    )


def part(upload: Upload, bytes_: bytes, number: int) -> Part:
    start = (number - 1) * upload.part_bytes
    stretch = bytes_[start : start + upload.part_bytes]
    return actions.part_of(upload, number, hashlib.sha256(stretch).hexdigest())


def send(session: Session, storage: Storage, upload: Upload, bytes_: bytes, *numbers: int) -> None:
    count = -(-upload.size_bytes // upload.part_bytes)
    for number in numbers or range(1, count + 1):
        sent = part(upload, bytes_, number)
        source = io.BytesIO(bytes_[sent.offset : sent.offset + sent.size_bytes])
        storage.put_part(actions.transfer_of(upload), sent, source)
        actions.record_part(session, upload, sent, now=NOON)


def receive(session: Session, storage: Storage, author: Person, path: Path) -> Master:
    """The file as a master, its inspection asked for, committed."""
    bytes_ = path.read_bytes()
    upload = begin(session, storage, author, bytes_, part_bytes=1 << 20)
    send(session, storage, upload, bytes_)
    sha256 = actions.verify_upload(storage, upload)
    master = actions.complete_upload(session, upload, sha256, now=NOON)
    session.commit()
    return master


def test_a_film_that_came_in_parts_is_a_master_with_the_hash_of_the_whole(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM, 3, 1, 2)
    sha256 = actions.verify_upload(storage, upload)
    master = actions.complete_upload(session, upload, sha256, now=NOON)
    assert master.sha256 == hashlib.sha256(FILM).hexdigest()
    assert (master.size_bytes, master.file_name) == (2560, "harbour.mov")
    assert (upload.state, upload.master, upload.ended_at) == (UploadState.COMPLETE, master, NOON)
    assert master.inspection is not None
    assert master.inspection.state is InspectionState.REQUESTED
    with storage.open(master.storage_key) as kept:
        assert kept.read() == FILM


def test_completing_asks_for_the_inspection_and_logs_once_however_often_it_is_done(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM)
    sha256 = actions.verify_upload(storage, upload)
    first = actions.complete_upload(session, upload, sha256, now=NOON)
    again = actions.verify_upload(storage, upload)
    assert actions.complete_upload(session, upload, again, now=NOON) is first
    asked = session.scalars(select(Job).where(Job.name == "inspect_master")).all()
    assert [job.ids for job in asked] == [[first.id]]
    lines = session.scalars(select(LogLine).where(LogLine.act == "film.received")).all()
    assert [line.details for line in lines] == [{"sha256": sha256, "size_bytes": 2560}]


def test_the_same_part_again_changes_nothing(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM, 1, 1, 1)
    assert [each.number for each in upload.parts] == [1]


def test_a_part_of_another_file_is_refused(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM, 1)
    with pytest.raises(Refused, match="another file"):
        actions.record_part(session, upload, part(upload, bytes(2560), 1), now=NOON)


@pytest.mark.parametrize("number", [-1, 0, 4, 10**9])
def test_a_part_beyond_the_film_is_refused(
    session: Session, storage: Storage, author: Person, number: int
) -> None:
    upload = begin(session, storage, author, FILM)
    with pytest.raises(Refused, match=f"This film has no part {number}"):
        actions.part_of(upload, number, "")


def test_the_last_part_is_as_long_as_what_is_left(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    assert [actions.part_of(upload, each, "").size_bytes for each in (1, 2, 3)] == [1000, 1000, 560]


def test_a_film_with_parts_missing_is_not_complete(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM, 1, 3)
    with pytest.raises(Refused, match="1000 bytes of this film have yet to come"):
        actions.verify_upload(storage, upload)


def test_a_part_that_rotted_in_the_storage_is_asked_for_again(
    session: Session, storage: Storage, author: Person, tmp_path: Path
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM)
    with (tmp_path / "storage" / "incoming" / upload.storage_key).open("r+b") as arriving:
        arriving.seek(1500)
        arriving.write(b"rot")
    with pytest.raises(PartsDiffer) as differ:
        actions.verify_upload(storage, upload)
    actions.forget_parts(session, upload, differ.value.numbers)
    assert [each.number for each in upload.parts] == [1, 3]
    send(session, storage, upload, FILM, 2)
    assert actions.verify_upload(storage, upload) == hashlib.sha256(FILM).hexdigest()


def test_a_file_without_bytes_is_refused(
    session: Session, storage: Storage, author: Person
) -> None:
    with pytest.raises(Refused, match="holds no bytes"):
        begin(session, storage, author, b"")


def test_a_film_there_is_no_room_for_is_refused(storage: Storage) -> None:
    with pytest.raises(Refused, match="no room"):
        actions.make_room(storage, 1 << 60)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("film.mov", "film.mov"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\港湾.mp4", "港湾.mp4"),
        ("film\u202egpj.exe", "filmgpj.exe"),
        ("a\x00b\nc.mov", "abc.mov"),
        ("   ", "film"),
        ("x" * 300 + ".mov", "x" * 255),
    ],
)
def test_a_file_name_is_kept_without_folders_and_without_what_hides(sent: str, kept: str) -> None:
    assert actions.plain_name(sent) == kept


def test_an_abandoned_upload_is_over_and_its_bytes_are_gone_soon(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM, 1)
    clearing.abandon_upload(session, upload, now=NOON)
    clearing.abandon_upload(session, upload, now=NOON)
    assert (upload.state, upload.ended_at) == (UploadState.ABANDONED, NOON)
    session.commit()
    assert run_jobs() == 1
    assert list((tmp_path / "storage" / "incoming").iterdir()) == []
    with pytest.raises(Refused, match="given up"):
        actions.record_part(session, upload, part(upload, FILM, 2), now=NOON)
    with pytest.raises(Refused, match="given up"):
        actions.verify_upload(storage, upload)


def test_a_film_that_arrived_is_not_abandoned(
    session: Session, storage: Storage, author: Person
) -> None:
    upload = begin(session, storage, author, FILM)
    send(session, storage, upload, FILM)
    actions.complete_upload(session, upload, actions.verify_upload(storage, upload), now=NOON)
    with pytest.raises(Refused, match="already arrived"):
        clearing.abandon_upload(session, upload, now=NOON)
    assert storage.size(upload.storage_key) == 2560


def test_an_upload_nobody_goes_on_with_ends_a_week_after_its_last_part(
    session: Session,
    storage: Storage,
    author: Person,
    clock: Clock,
    run_jobs: Callable[[], int],
) -> None:
    upload = begin(session, storage, author, FILM)
    session.commit()
    clock.pass_by(timedelta(days=6))
    late = part(upload, FILM, 1)
    actions.record_part(session, upload, late, now=clock.now)
    session.commit()
    for days, state in ((2, UploadState.OPEN), (4, UploadState.OPEN), (1, UploadState.ABANDONED)):
        clock.pass_by(timedelta(days=days))
        run_jobs()
        session.refresh(upload)
        assert upload.state is state
    assert upload.ended_at == NOON + timedelta(days=13)


def test_what_a_killed_house_never_noted_is_swept_away_after_two_weeks(
    session: Session,
    storage: Storage,
    author: Person,
    clock: Clock,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    noted = begin(session, storage, author, FILM)
    session.commit()
    old, young = storage.begin(10), storage.begin(10)
    arriving = tmp_path / "storage" / "incoming"
    long_ago = time.time() - timedelta(days=15).total_seconds()
    for each in (noted.storage_key, old.key):
        os.utime(arriving / each, (long_ago, long_ago))
    actions.record_part(session, noted, part(noted, FILM, 1), now=clock.now + timedelta(days=6))
    session.commit()
    clock.pass_by(timedelta(days=8))
    run_jobs()
    assert {each.name for each in arriving.iterdir()} == {noted.storage_key, young.key}


def test_a_film_is_measured_and_made_fit_to_be_watched(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    source = film(tmp_path / "source.mov", 5)
    master = receive(session, storage, author, source)
    run_jobs()
    session.refresh(master)
    inspection = master.inspection
    assert inspection is not None
    assert inspection.state is InspectionState.FINISHED
    assert (inspection.header_at, inspection.finished_at) == (NOON, NOON)
    facts = facts_of(inspection)
    assert facts is not None
    assert (facts.decoded, facts.duration_s, facts.width) == (True, 5.0, 160)
    still, strip, screener = (
        master.rendition(RenditionKind.STILL),
        master.rendition(RenditionKind.STRIP),
        master.rendition(RenditionKind.SCREENER),
    )
    assert still is not None
    assert strip is not None
    assert screener is not None
    assert [each.state for each in (still, strip, screener)] == [RenditionState.READY] * 3
    assert (still.media_type, screener.media_type) == ("image/jpeg", "video/mp4")
    assert (strip.media_type, strip.storage_key is None) == ("image/jpeg", False)
    assert still.storage_key is not None
    with storage.open(still.storage_key) as kept:
        assert kept.read(3) == b"\xff\xd8\xff"
    assert screener.storage_key is not None
    assert storage.size(screener.storage_key) == screener.size_bytes


def test_a_large_film_is_shown_in_1080p_and_in_480p(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    large = "testsrc2=s=2048x1152:r={rate}:d={seconds}"
    masters = [
        receive(session, storage, author, film(tmp_path / "large.mp4", 1, picture=large)),
        receive(session, storage, author, film(tmp_path / "small.mp4", 1)),
    ]
    run_jobs()
    session.expire_all()
    light, none = (each.ready(RenditionKind.LIGHT) for each in masters)
    screener = masters[0].ready(RenditionKind.SCREENER)
    assert (none, masters[1].rendition(RenditionKind.LIGHT)) == (None, None)
    assert light is not None
    assert screener is not None
    assert (light.media_type, light.size_bytes < screener.size_bytes) == ("video/mp4", True)
    assert storage.size(light.storage_key) == light.size_bytes
    for made, lines in ((screener, 1080), (light, 480)):
        with storage.local_path(made.storage_key) as path:
            assert read_header(str(path)).height == lines


def test_content_credentials_are_kept_beside_the_film_and_in_no_copy_of_it(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    plain = film(tmp_path / "plain.mp4", 1, picture="testsrc2=s=960x540:r={rate}:d={seconds}")
    store, signed = box(b"jumb", b"signed by Ada Canary"), tmp_path / "signed.mp4"
    signed.write_bytes(plain.read_bytes() + box(b"uuid", held(store)))
    master = receive(session, storage, author, signed)
    run_jobs()
    session.refresh(master)
    assert {each.kind: each.state for each in master.renditions} == dict.fromkeys(
        RenditionKind, RenditionState.READY
    )
    kept = master.ready(RenditionKind.CREDENTIALS)
    assert kept is not None
    assert (kept.media_type, kept.size_bytes) == ("application/c2pa", len(store))
    for kind in RenditionKind:
        made = master.ready(kind)
        assert made is not None
        with storage.open(made.storage_key) as bytes_of:
            content = bytes_of.read()
        assert (content == store, b"Canary" in content) == (
            (kind is RenditionKind.CREDENTIALS,) * 2
        )


def test_the_header_is_known_before_the_picture_is_decoded(
    database: Database,
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
) -> None:
    from contest.media.jobs import inspect_master

    master = receive(session, storage, author, film(tmp_path / "source.mp4", 3))
    inspect_master(session, master.id)
    session.commit()
    inspection = master.inspection
    assert inspection is not None
    facts = facts_of(inspection)
    assert facts is not None
    assert inspection.state is InspectionState.HEADER_READ
    assert (facts.decoded, facts.header_duration_s) == (False, 3.0)
    waiting = session.scalars(select(Job).where(Job.name == "decode_master")).all()
    assert [job.ids for job in waiting] == [[master.id]]


def test_a_job_done_twice_does_nothing_the_second_time(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    from contest.media import jobs

    master = receive(session, storage, author, film(tmp_path / "source.mp4", 3))
    run_jobs()
    session.refresh(master)
    before = [(each.storage_key, each.ready_at) for each in master.renditions]
    jobs.inspect_master(session, master.id)
    jobs.decode_master(session, master.id)
    for rendition in list(master.renditions):
        jobs.make_rendition(session, rendition.id)
    session.commit()
    session.expire_all()
    assert run_jobs() == 0
    assert [(each.storage_key, each.ready_at) for each in master.renditions] == before


def test_what_is_no_film_is_unreadable_and_kept(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    page = tmp_path / "film.mp4"
    page.write_text("<!doctype html><title>Not a film</title>" * 50)
    master = receive(session, storage, author, page)
    run_jobs()
    session.refresh(master)
    inspection = master.inspection
    assert inspection is not None
    assert inspection.state is InspectionState.UNREADABLE
    facts = facts_of(inspection)
    assert facts is not None
    assert facts.problem is not None
    assert master.renditions == []
    with storage.open(master.storage_key) as kept:
        assert kept.read() == page.read_bytes()


def test_a_film_cut_short_is_found_by_decoding(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    whole = film(tmp_path / "whole.mp4", 20, "-movflags", "+faststart")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    master = receive(session, storage, author, cut)
    run_jobs()
    session.refresh(master)
    inspection = master.inspection
    assert inspection is not None
    facts = facts_of(inspection)
    assert facts is not None
    assert (inspection.state, facts.problem) == (InspectionState.UNREADABLE, Problem.CUT_SHORT)
    assert session.scalars(select(Rendition)).all() == []


def test_a_film_that_browsers_play_in_webm_alone_is_copied_as_webm(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
    run_jobs: Callable[[], int],
) -> None:
    coding = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-ar", "48000")
    master = receive(session, storage, author, film(tmp_path / "source.webm", 2, *coding))
    run_jobs()
    session.refresh(master)
    screener = master.rendition(RenditionKind.SCREENER)
    assert screener is not None
    assert (screener.state, screener.media_type) == (RenditionState.READY, "video/webm")
    assert screener.storage_key is not None
    with storage.open(screener.storage_key) as kept:
        assert kept.read(4) == b"\x1aE\xdf\xa3"


def test_a_screener_that_cannot_be_made_says_why_and_leaves_the_still(
    session: Session,
    storage: Storage,
    author: Person,
    tmp_path: Path,
) -> None:
    from contest.media import viewing

    master = receive(session, storage, author, film(tmp_path / "source.mp4", 3))
    viewing.inspect_header(session, storage, master, clock=lambda: NOON)
    viewing.inspect_picture(session, storage, master, clock=lambda: NOON)
    swapped = LocalDisk(tmp_path / "swapped")
    swapped.keep(io.BytesIO(b"not the film any more"), master.storage_key)
    screener = master.rendition(RenditionKind.SCREENER)
    assert screener is not None
    viewing.make_rendition(swapped, screener, clock=lambda: NOON)
    assert (screener.state, screener.storage_key) == (RenditionState.FAILED, None)
    assert screener.problem
    assert str(tmp_path) not in screener.problem
    with pytest.raises(NotKept):
        swapped.size(f"{master.storage_key}-screener")


def test_a_worker_tells_how_far_it_has_looked_while_it_looks(
    session: Session,
    storage: Storage,
    author: Person,
    database: Database,
    run_jobs: Callable[[], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[float | None] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE inspection SET looked_s"):
            with database.reading() as other:
                told.append(other.scalars(select(Inspection.looked_s)).one())

    monkeypatch.setattr(viewing, "TELL_EVERY_S", 0.0)
    receive(session, storage, author, film(tmp_path / "long.mp4", 20))
    event.listen(database.engine, "before_cursor_execute", note)
    run_jobs()
    event.remove(database.engine, "before_cursor_execute", note)
    assert told[0] is None
    seen = [each for each in told if each is not None]
    assert seen == sorted(seen)
    assert 0 <= seen[0] < seen[-1] <= 20
    session.expire_all()
    inspection = session.scalars(select(Inspection)).one()
    facts = facts_of(inspection)
    assert facts is not None
    assert (inspection.state, facts.duration_s) == (InspectionState.FINISHED, 20.0)


def test_nobody_is_told_where_no_worker_runs_the_job(
    session: Session, storage: Storage, author: Person, tmp_path: Path
) -> None:
    master = receive(session, storage, author, film(tmp_path / "short.mp4", 1))
    jobs.inspect_master(session, master.id)
    jobs.decode_master(session, master.id)
    assert master.inspection is not None
    assert (master.inspection.state, master.inspection.looked_s) == (
        InspectionState.FINISHED,
        None,
    )
