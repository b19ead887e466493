"""Jobs on entries: each loads what it works on, does one action, nothing else."""

from __future__ import annotations

from sqlalchemy.orm import Session

from contest.entries import film
from contest.machines.queue import job, now_of
from contest.media.jobs import storage_of
from contest.media.models import Upload


@job("receive_film")
def receive_film(session: Session, upload_id: int) -> None:
    """Read a film once more whose last part has come, and make it its entry's newest version."""
    upload = session.get_one(Upload, upload_id)
    film.receive_film(session, storage_of(session), upload, now=now_of(session))
