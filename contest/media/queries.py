"""Reads uploads and masters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from contest.media.models import Inspection, Upload, UploadPart
from contest.rulebook.film_facts import MediaFacts


def upload_by_token(session: Session, token: str) -> Upload | None:
    """The upload of that token, with the master it made but without its parts; or None."""
    found = select(Upload).where(Upload.token == token).options(joinedload(Upload.master))
    return session.scalar(found)


def upload_with_parts(session: Session, token: str) -> Upload | None:
    """The upload of that token, with its parts and the master they made; or None."""
    loaded = selectinload(Upload.parts), joinedload(Upload.master)
    return session.scalar(select(Upload).where(Upload.token == token).options(*loaded))


def last_sign_of(session: Session, upload: Upload) -> datetime:
    """When an upload was last gone on with: a part announced, or the whole begun."""
    newest = session.scalar(
        select(func.max(UploadPart.announced_at)).where(UploadPart.upload_id == upload.id)
    )
    return newest or upload.created_at


def facts_of(inspection: Inspection | None) -> MediaFacts | None:
    """What is known of a film so far, for `rulebook.inspection.inspect`; None before the header."""
    if inspection is None or inspection.facts is None:
        return None
    return MediaFacts.from_json(inspection.facts)
