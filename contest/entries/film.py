"""The film of an entry: when one may be sent, and which version counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.entries.models import Entry, Reel
from contest.logbook import log
from contest.machines.storage import Storage
from contest.media.actions import abandon_upload, complete_upload, open_upload
from contest.media.models import Upload, UploadState
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.film_words import size_words
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import NOT_NOW, EntryStage, NotNow

CLOSED = {
    CallPhase.BEFORE: Sentence("This edition does not take films yet: its call has not opened."),
    CallPhase.CLOSED: Sentence("This edition takes no more films: its call has closed."),
}


def check_open_for_changes(entry: Entry, now: datetime) -> None:
    """Refused where nothing of the entry may be changed now, nor a film sent for it.

    A draft may be changed while the call is open; an entry the organizers asked about until it is
    answered, call or no call.
    """
    _check_stage(entry)
    phase = call_phase(entry.edition.rules.calendar, now)
    if entry.stage is EntryStage.DRAFT and phase is not CallPhase.OPEN:
        raise Refused(CLOSED[phase])


def begin_film(
    session: Session,
    storage: Storage,
    entry: Entry,
    *,
    file_name: str,
    size_bytes: int,
    part_bytes: int,
    now: datetime,
) -> Upload:
    """Begin to send a version of the film. An upload of the entry that was not finished ends."""
    check_open_for_changes(entry, now)
    _check_size(entry, size_bytes)
    for unfinished in open_uploads(entry):
        abandon_upload(session, storage, unfinished, now=now)
    upload = open_upload(
        session,
        storage,
        entry.person_id,
        file_name=file_name,
        size_bytes=size_bytes,
        part_bytes=part_bytes,
        now=now,
    )
    entry.reels.append(Reel(upload=upload))
    session.flush()
    return upload


def open_uploads(entry: Entry) -> list[Upload]:
    """Films of the entry that are still on their way in; there is one at most."""
    return [reel.upload for reel in entry.reels if reel.upload.state is UploadState.OPEN]


def film_arrived(session: Session, upload: Upload, sha256: str, *, now: datetime) -> Reel:
    """Make a verified upload the newest version of its entry's film. Doing it twice makes one.

    What was begun before the deadline may arrive after it; submitting has a deadline of its own.
    """
    reel = session.scalars(select(Reel).where(Reel.upload_id == upload.id)).one()
    if reel.master is not None:
        return reel
    _check_stage(reel.entry)
    reel.master = complete_upload(session, upload, sha256, now=now)
    reel.number = 1 + max((each.number or 0 for each in reel.entry.reels), default=0)
    reel.entry.changed_at = now
    log(
        session,
        "entry.film_received",
        f"entry:{reel.entry_id}",
        now=now,
        person_id=upload.person_id,
        edition_id=reel.entry.edition_id,
        version=reel.number,
        sha256=sha256,
    )
    return reel


def _check_stage(entry: Entry) -> None:
    if entry.stage not in (EntryStage.DRAFT, EntryStage.ASKED):
        raise NotNow(NOT_NOW[entry.stage])


def _check_size(entry: Entry, size_bytes: int) -> None:
    allowed = entry.edition.rules.film.size_max_bytes  # in force now, as for all of a draft
    if size_bytes > allowed:
        raise Refused(
            Sentence(
                "This file holds %(size)s; this edition takes films of %(allowed)s at most. "
                "Export it again with a lower bit rate.",
                size=size_words(size_bytes),
                allowed=size_words(allowed),
            )
        )
