"""Measures a master, then makes what people are shown of it: stills and viewing copies.

Each step does its slow work first and changes the record last, so that a job killed in between is
simply done again; what it keeps in the storage has a key that follows from the master's. The clock
is asked when the slow work is over.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from time import monotonic

from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contest.machines.credentials import NoCredentials, keep_credentials
from contest.machines.probe import decode_picture, read_header
from contest.machines.queue import Clock, beside, enqueue
from contest.machines.storage import Storage
from contest.machines.transcode import (
    TranscodeFailed,
    make_blind_copy,
    make_light_copy,
    make_screener,
    make_still,
    make_strip,
)
from contest.media.models import (
    Inspection,
    InspectionState,
    Master,
    Rendition,
    RenditionKind,
    RenditionState,
)
from contest.media.queries import facts_of
from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.playability import Screener, needs_light_copy, screener_plan

MEDIA_TYPES = {
    RenditionKind.STILL: "image/jpeg",
    RenditionKind.STRIP: "image/jpeg",
    RenditionKind.SCREENER: "video/mp4",
    RenditionKind.LIGHT: "video/mp4",
    RenditionKind.CREDENTIALS: "application/c2pa",
}
"""What each is, but for a screener that stays a WebM."""
TELL_EVERY_S = 1.0
STILL_WIDTH = 1280
STILL_AT = 0.3
"""How far into the film the still is taken: past titles, before the end."""


def inspect_header(session: Session, storage: Storage, master: Master, *, clock: Clock) -> None:
    """Store what the file says of itself, and ask for its picture to be decoded."""
    inspection = _inspection(master)
    if inspection.state is not InspectionState.REQUESTED:
        return
    with storage.local_path(master.storage_key) as path:
        facts = read_header(str(path))
    now = clock()
    inspection.facts, inspection.header_at = facts.to_json(), now
    if facts.readable:
        inspection.state = InspectionState.HEADER_READ
        enqueue(session, "decode_master", master.id, now=now, slow=True)
    else:
        inspection.state, inspection.finished_at = InspectionState.UNREADABLE, now


def inspect_picture(session: Session, storage: Storage, master: Master, *, clock: Clock) -> None:
    """Store what was found by decoding every frame, and ask for the renditions."""
    inspection = _inspection(master)
    header = facts_of(inspection)
    if inspection.state is not InspectionState.HEADER_READ or header is None:
        return
    with storage.local_path(master.storage_key) as path:
        facts = decode_picture(str(path), header, _telling(session, inspection.id))
    now = clock()
    inspection.facts, inspection.finished_at = facts.to_json(), now
    if facts.readable:
        inspection.state = InspectionState.FINISHED
        _ask_for_renditions(session, master, facts, now)
    else:
        inspection.state = InspectionState.UNREADABLE


def _telling(session: Session, inspection_id: int) -> Callable[[float], None] | None:
    """Notes how far a film is decoded, at most once in `TELL_EVERY_S`, where people can read it.

    A database that is busy is not waited for twice: the next note says more anyway.
    """
    transaction, told_at = beside(session), monotonic()
    if transaction is None:
        return None

    def tell(looked_s: float) -> None:
        nonlocal told_at
        if monotonic() - told_at < TELL_EVERY_S:
            return
        with suppress(OperationalError), transaction() as other:
            row = update(Inspection).where(Inspection.id == inspection_id)
            other.execute(row.values(looked_s=round(looked_s, 1)))
        told_at = monotonic()

    return tell


def _wanted(facts: MediaFacts) -> Iterator[RenditionKind]:
    """What is made of a readable film, in the order people wait for it."""
    yield from (RenditionKind.STILL, RenditionKind.STRIP, RenditionKind.SCREENER)
    if needs_light_copy(facts):
        yield RenditionKind.LIGHT
    if facts.credentials_bytes:
        yield RenditionKind.CREDENTIALS


def _ask_for_renditions(session: Session, master: Master, facts: MediaFacts, now: datetime) -> None:
    for kind in _wanted(facts):
        rendition = Rendition(
            kind=kind,
            state=RenditionState.REQUESTED,
            media_type=MEDIA_TYPES[kind],
            requested_at=now,
        )
        master.renditions.append(rendition)
        session.flush()
        enqueue(session, "make_rendition", rendition.id, now=now, slow=True)


def make_rendition(storage: Storage, rendition: Rendition, *, clock: Clock) -> None:
    """Make one rendition and keep it, or note why it can't be made."""
    facts = facts_of(rendition.master.inspection)
    if rendition.state is not RenditionState.REQUESTED or facts is None:
        return
    key = f"{rendition.master.storage_key}-{rendition.kind}"
    try:
        with (
            storage.local_path(rendition.master.storage_key) as source,
            tempfile.TemporaryDirectory() as folder,
        ):
            target = Path(folder) / "rendition"
            media_type = _make(rendition.kind, str(source), target, facts)
            size_bytes = target.stat().st_size
            with target.open("rb") as made:
                storage.keep(made, key)
    except (TranscodeFailed, NoCredentials) as failure:
        rendition.state, rendition.problem = RenditionState.FAILED, str(failure)
        return
    rendition.storage_key, rendition.size_bytes = key, size_bytes
    rendition.media_type = media_type
    rendition.state, rendition.ready_at = RenditionState.READY, clock()


def _make(kind: RenditionKind, source: str, target: Path, facts: MediaFacts) -> str:
    """Make it; returns its media type."""
    match kind:
        case RenditionKind.STILL:
            make_still(source, target, facts, STILL_AT * (facts.duration_s or 0.0), STILL_WIDTH)
        case RenditionKind.STRIP:
            make_strip(source, target, facts)
        case RenditionKind.LIGHT:
            make_light_copy(source, target, facts)
        case RenditionKind.CREDENTIALS:
            keep_credentials(source, target)
        case RenditionKind.SCREENER:
            return _make_screener(source, target, facts)
    return MEDIA_TYPES[kind]


def _make_screener(source: str, target: Path, facts: MediaFacts) -> str:
    plan = screener_plan(facts)
    if plan is not Screener.TRANSCODE:
        with suppress(TranscodeFailed):  # what can't be copied can often be coded anew
            make_blind_copy(source, target, facts)
            return "video/webm" if plan is Screener.COPY_WEBM else "video/mp4"
    make_screener(source, target, facts)
    return "video/mp4"


def _inspection(master: Master) -> Inspection:
    """Every master has one from the instant it is made."""
    if master.inspection is None:
        raise LookupError(f"Nobody asked to inspect master {master.id}.")
    return master.inspection
