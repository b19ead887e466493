"""The film of an entry: when one may be sent, and which version counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.entries.models import Entry, Reel
from contest.logbook import log
from contest.machines.queue import enqueue
from contest.machines.storage import NotKept, PartsDiffer, Storage, Transfer
from contest.media import actions, clearing
from contest.media.models import Upload, UploadState
from contest.rulebook.embargo import (
    CallPhase,
    call_phase,
    may_arrive,
    may_submit,
    was_announced_in_time,
)
from contest.rulebook.film_words import size_words
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import NOT_NOW, EntryStage, NotNow

CLOSED = {
    CallPhase.BEFORE: Sentence("This edition does not take films yet: its call has not opened."),
    CallPhase.CLOSED: Sentence("This edition takes no more films: its call has closed."),
}
TOO_LATE = Sentence(
    "This film was announced before the call closed, but the time for it to arrive is over now."
)
TAKING = (EntryStage.DRAFT, EntryStage.ASKED)
"""Stages in which an entry takes films at all."""


def check_open_for_changes(entry: Entry, now: datetime) -> None:
    """Refused where nothing of the entry may be changed now.

    A draft may be changed while the call is open; an entry the organizers asked about until it is
    answered, call or no call.
    """
    _check_stage(entry)
    phase = call_phase(entry.edition.rules.calendar, now)
    if entry.stage is EntryStage.DRAFT and phase is not CallPhase.OPEN:
        raise Refused(CLOSED[phase])


def check_may_begin(entry: Entry, size_bytes: int, now: datetime) -> None:
    """Refused for a film too large, and outside the open call, whatever the organizers asked:
    more time is for all or nobody."""
    _check_stage(entry)
    phase = call_phase(entry.edition.rules.calendar, now)
    if phase is not CallPhase.OPEN:
        raise Refused(CLOSED[phase])
    _check_size(entry, size_bytes)


def begin_film(
    session: Session,
    transfer: Transfer,
    entry: Entry,
    *,
    file_name: str,
    part_bytes: int,
    now: datetime,
    sha256: str | None = None,
) -> Upload:
    """Begin to send a version of the film into the room made for it.

    An upload of the entry that was not finished ends. Refused as `check_may_begin` says.
    """
    check_may_begin(entry, transfer.size_bytes, now)
    for unfinished in open_uploads(entry):
        clearing.abandon_upload(session, unfinished, now=now)
    upload = actions.open_upload(
        session,
        transfer,
        entry.person_id,
        file_name=file_name,
        part_bytes=part_bytes,
        sha256=sha256,
        now=now,
    )
    entry.reels.append(Reel(upload=upload))
    session.flush()
    return upload


def check_may_arrive(session: Session, upload: Upload, now: datetime) -> None:
    """Refused where the film can't be sent any more, or its entry takes none."""
    entry = reel_of(session, upload).entry
    _check_stage(entry)
    calendar = entry.edition.rules.calendar
    if not may_arrive(calendar, upload.sha256_at, now):
        in_time = was_announced_in_time(calendar, upload.sha256_at)
        raise Refused(TOO_LATE if in_time else CLOSED[call_phase(calendar, now)])


def may_be_submitted(entry: Entry, now: datetime) -> bool:
    """Whether it is not too late to submit the entry with the film it has."""
    arrived = [each for each in entry.reels if each.master is not None]
    calendar = entry.edition.rules.calendar
    if not arrived:
        return may_submit(calendar, None, None, now)
    inspection = arrived[-1].master.inspection if arrived[-1].master else None
    checked_at = inspection.finished_at if inspection else None
    return may_submit(calendar, arrived[-1].upload.sha256_at, checked_at, now)


def open_uploads(entry: Entry) -> list[Upload]:
    """Films of the entry that are still on their way in; there is one at most."""
    return [reel.upload for reel in entry.reels if reel.upload.state is UploadState.OPEN]


def was_thrown_away(entry: Entry) -> bool:
    """Whether the newest film sent came whole, and then was not the one announced."""
    newest = max(entry.reels, key=lambda reel: reel.id, default=None)
    return newest is not None and newest.upload.was_thrown_away


def film_is_whole(session: Session, upload: Upload, *, now: datetime) -> None:
    """Note that the last part is there, and ask for the film to be read once more.

    Whether all parts are there is for the caller to see. Doing it twice asks once.
    """
    if upload.master is not None or upload.whole_at is not None:
        return
    actions.must_be_open(upload)
    check_may_arrive(session, upload, now)
    upload.whole_at = now
    session.flush()
    enqueue(session, "receive_film", upload.id, now=now)


def receive_film(session: Session, storage: Storage, upload: Upload, *, now: datetime) -> None:
    """Read a film that is here once more, and make it the newest version of its entry.

    Parts that changed since they came are asked for again. A film that is not what its author
    announced, that is lost, or whose entry takes none any more is thrown away, and the logbook
    says so. Only of the first is it remembered that it came whole: that file was at fault.
    """
    if not _is_being_read(upload):
        return
    read = _read_once_more(storage, upload)
    session.refresh(upload, with_for_update=True)
    if not _is_being_read(upload):
        return
    entry = reel_of(session, upload).entry
    is_another = upload.sha256 not in (None, read)
    if isinstance(read, PartsDiffer):
        actions.forget_parts(session, upload, read.numbers)
    elif read and not is_another and entry.stage in TAKING:
        film_arrived(session, upload, read, now=now)
    else:
        if not (read and is_another):
            upload.whole_at = None
        clearing.end_upload(session, upload, now=now)
        _log(session, "entry.film_refused", entry, now, announced=upload.sha256, sha256=read)


def _read_once_more(storage: Storage, upload: Upload) -> str | PartsDiffer:
    """The SHA-256 of the whole, empty where the storage has lost it; or which parts differ."""
    try:
        return actions.verify_upload(storage, upload)
    except PartsDiffer as differ:
        return differ
    except NotKept:
        return ""


def _is_being_read(upload: Upload) -> bool:
    return upload.state is UploadState.OPEN and upload.whole_at is not None


def film_arrived(session: Session, upload: Upload, sha256: str, *, now: datetime) -> Reel:
    """Make a verified upload the newest version of its entry's film. Doing it twice makes one."""
    reel = reel_of(session, upload)
    if reel.master is not None:
        return reel
    _check_stage(reel.entry)
    reel.master = actions.complete_upload(session, upload, sha256, now=now)
    reel.number = 1 + max((each.number or 0 for each in reel.entry.reels), default=0)
    reel.entry.changed_at = now
    version = reel.number
    _log(session, "entry.film_received", reel.entry, now, version=version, sha256=sha256)
    return reel


def _log(session: Session, act: str, entry: Entry, now: datetime, **details: Any) -> None:
    about = f"entry:{entry.id}"
    person_id, edition_id = entry.person_id, entry.edition_id
    log(session, act, about, now=now, person_id=person_id, edition_id=edition_id, **details)


def reel_of(session: Session, upload: Upload) -> Reel:
    """The version of a film that an upload is, or is to become."""
    return session.scalars(select(Reel).where(Reel.upload_id == upload.id)).one()


def _check_stage(entry: Entry) -> None:
    if entry.stage not in TAKING:
        raise NotNow(NOT_NOW[entry.stage])


def _check_size(entry: Entry, size_bytes: int) -> None:
    allowed = entry.rules.film.size_max_bytes
    if size_bytes > allowed:
        raise Refused(
            Sentence(
                "This file holds %(size)s; this edition takes films of %(allowed)s at most. "
                "Export it again with a lower bit rate.",
                size=size_words(size_bytes),
                allowed=size_words(allowed),
            )
        )
