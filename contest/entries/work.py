"""Which work behind the pages is an edition's: that on its letters and on its films."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from contest.entries.models import Entry, Reel
from contest.letters.models import Letter
from contest.machines.queue import Job
from contest.media.models import Rendition


def work_of(edition_id: int) -> ColumnElement[bool]:
    """True of a job whose letter or film belongs to the edition.

    Work that belongs to none, such as letters that sign somebody in, is the house's.
    """
    films = select(Reel.master_id).join(Reel.entry).where(Entry.edition_id == edition_id)
    uploads = select(Reel.upload_id).join(Reel.entry).where(Entry.edition_id == edition_id)
    renditions = select(Rendition.id).where(Rendition.master_id.in_(films))
    letters = select(Letter.id).where(Letter.edition_id == edition_id)
    return or_(
        _on(letters, "send_letter"),
        _on(films, "inspect_master", "decode_master"),
        _on(renditions, "make_rendition"),
        _on(uploads, "clear_upload", "end_idle_upload", "receive_film"),
    )


def _on(things: Select[Any], *names: str) -> ColumnElement[bool]:
    """Jobs of these names whose first id is one of the things."""
    return and_(Job.name.in_(names), Job.ids[0].as_integer().in_(things))
