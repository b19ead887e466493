"""Uploads that come to nothing: given up, idle, or never noted; and their room, which is freed.

The record is changed first; the storage, which may be far away or out of reach, by a job of its
own that holds nobody up and is done again until it succeeds.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.machines.queue import enqueue
from contest.machines.storage import Storage
from contest.media.actions import BEING_READ, PATIENCE, must_be_open, transfer_of
from contest.media.models import Upload, UploadState
from contest.media.queries import last_sign_of
from contest.rulebook.refusal import Refused


def abandon_upload(session: Session, upload: Upload, *, now: datetime) -> None:
    """Give an upload up. Refused once all of the film is here."""
    if upload.state is UploadState.ABANDONED:
        return
    must_be_open(upload)
    if upload.whole_at is not None:
        raise Refused(BEING_READ)
    end_upload(session, upload, now=now)


def end_upload(session: Session, upload: Upload, *, now: datetime) -> None:
    """End an upload that is open, whoever wishes it, and have what came of it thrown away."""
    upload.state, upload.ended_at = UploadState.ABANDONED, now
    enqueue(session, "clear_upload", upload.id, now=now)


def clear_upload(storage: Storage, upload: Upload) -> None:
    """Free the room of an upload that was given up. Doing it twice frees it once."""
    if upload.state is UploadState.ABANDONED:
        storage.abandon(transfer_of(upload))


def sweep_storage(session: Session, storage: Storage) -> None:
    """Throw away what lies in the storage of uploads that were never noted."""
    known = session.scalars(select(Upload.storage_key).where(Upload.state == UploadState.OPEN))
    storage.sweep(frozenset(known))


def end_idle_upload(session: Session, upload: Upload, *, now: datetime) -> None:
    """Give up an upload nobody went on with for `PATIENCE`, or look again when that is over."""
    if upload.state is not UploadState.OPEN:
        return
    due = last_sign_of(session, upload) + PATIENCE
    if due <= now:
        end_upload(session, upload, now=now)
    else:
        enqueue(session, "end_idle_upload", upload.id, now=now, due=due)
