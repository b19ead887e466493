"""Jobs on films: each loads what it works on, does one action, nothing else."""

from __future__ import annotations

from functools import lru_cache, partial

from sqlalchemy.orm import Session

from contest.machines.queue import Clock, job, now_of, settings_of
from contest.machines.storage import Storage, open_storage
from contest.media import clearing, viewing
from contest.media.models import Master, Rendition, Upload
from contest.settings import Settings

_opened = lru_cache(maxsize=4)(open_storage)


@job("inspect_master")
def inspect_master(session: Session, master_id: int) -> None:
    """Read a film's header: the first verdict, seconds after its last byte."""
    master = session.get_one(Master, master_id)
    viewing.inspect_header(session, storage_of(session), master, clock=_clock(session))


@job("decode_master")
def decode_master(session: Session, master_id: int) -> None:
    """Decode a film's picture: the last word on its length."""
    master = session.get_one(Master, master_id)
    viewing.inspect_picture(session, storage_of(session), master, clock=_clock(session))


@job("make_rendition")
def make_rendition(session: Session, rendition_id: int) -> None:
    """Make a still or a viewing copy."""
    rendition = session.get_one(Rendition, rendition_id)
    viewing.make_rendition(storage_of(session), rendition, clock=_clock(session))


@job("end_idle_upload")
def end_idle_upload(session: Session, upload_id: int) -> None:
    """Give up an upload nobody goes on with; and, as often, what nobody ever noted."""
    clearing.sweep_storage(session, storage_of(session))
    upload = session.get_one(Upload, upload_id)
    clearing.end_idle_upload(session, upload, now=now_of(session))


@job("clear_upload")
def clear_upload(session: Session, upload_id: int) -> None:
    """Free the room of an upload that was given up."""
    clearing.clear_upload(storage_of(session), session.get_one(Upload, upload_id))


def storage_of(session: Session) -> Storage:
    """Where the house of this session keeps its films."""
    settings: Settings = settings_of(session)
    return _opened(settings)


def _clock(session: Session) -> Clock:
    return partial(now_of, session)
