"""Uploads, and what becomes of them: parts in, one verified master out, facts and viewing copies.

Whoever calls decides what may be sent and how large it may be; here is only how it gets in whole.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.logbook import log
from contest.machines.queue import enqueue
from contest.machines.storage import NoRoom, NotKept, Part, Storage, Transfer
from contest.media.models import (
    Inspection,
    InspectionState,
    Master,
    Upload,
    UploadPart,
    UploadState,
)
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence

PATIENCE = timedelta(days=7)
"""So long an upload is kept after its last part came."""
NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that turn the direction of what follows."""

OVER = {
    UploadState.COMPLETE: Sentence("This film has already arrived whole."),
    UploadState.ABANDONED: Sentence("This upload was given up. Choose the file again to begin."),
}
ANOTHER_FILE = Sentence(
    "This is not the file this upload was begun with: it is another one, or it has changed. "
    "Choose the file you began with, or give this upload up."
)
NOT_AS_ANNOUNCED = Sentence(
    "What arrived is not the film that was announced: its SHA-256 is another one. The file changed "
    "while it was sent. Choose it again to send it anew."
)
BEING_READ = Sentence("All of this film is here; it is being read once more. Wait for that.")
FULL = Sentence(
    "There is no room for your film here at the moment. Please tell the organizers; "
    "what came so far is kept."
)


def make_room(storage: Storage, size_bytes: int) -> Transfer:
    """Room for a film of so many bytes. Refused where there is nothing to send or no room for it.

    The storage may be far away: asked outside of any transaction, in which others would wait.
    """
    if size_bytes <= 0:
        raise Refused(Sentence("This file holds no bytes. Export your film and choose it again."))
    try:
        return storage.begin(size_bytes)
    except NoRoom as full:
        raise Refused(FULL) from full


def open_upload(
    session: Session,
    transfer: Transfer,
    person_id: int,
    *,
    file_name: str,
    part_bytes: int,
    now: datetime,
    sha256: str | None = None,
) -> Upload:
    """Await a film, in the room made for it, in parts of `part_bytes`.

    `sha256` is what it will be as a whole, where that is known already.
    """
    upload = Upload(
        token=secrets.token_urlsafe(32),
        person_id=person_id,
        file_name=plain_name(file_name),
        size_bytes=transfer.size_bytes,
        part_bytes=part_bytes,
        storage_key=transfer.key,
        storage_handle=transfer.handle,
        state=UploadState.OPEN,
        sha256=sha256,
        sha256_at=now if sha256 else None,
        created_at=now,
    )
    session.add(upload)
    session.flush()
    enqueue(session, "end_idle_upload", upload.id, now=now, due=now + PATIENCE)
    return upload


def plain_name(file_name: str) -> str:
    """The name to show: without folders and characters that hide, at most 255 characters."""
    last = re.split(r"[/\\]", file_name)[-1]
    return NOT_PRINTED.sub("", last).strip()[:255] or "film"


def transfer_of(upload: Upload) -> Transfer:
    """The upload as the storage knows it."""
    return Transfer(upload.storage_key, upload.storage_handle, upload.size_bytes)


def part_of(upload: Upload, number: int, sha256: str) -> Part:
    """Where part `number`, counted from 1, lies in the film. Refused where there is none."""
    offset = (number - 1) * upload.part_bytes
    if not 0 <= offset < upload.size_bytes:
        raise Refused(Sentence("This film has no part %(number)s.", number=number))
    length = min(upload.part_bytes, upload.size_bytes - offset)
    return Part(number=number, offset=offset, size_bytes=length, sha256=sha256)


def must_be_open(upload: Upload) -> None:
    """Refused where nothing can be added to the upload any more."""
    if upload.state is not UploadState.OPEN:
        raise Refused(OVER[upload.state])


def announce_film(upload: Upload, sha256: str, *, now: datetime) -> None:
    """Note what the whole film is said to be, in lower-case hexadecimal. Said once, it stands.

    A film may have arrived before its browser had read it to the end: then nothing is noted.
    """
    if upload.master is not None and upload.master.sha256 == sha256:
        return
    must_be_open(upload)
    if upload.sha256 is None:
        upload.sha256, upload.sha256_at = sha256, now
    elif upload.sha256 != sha256:
        raise Refused(ANOTHER_FILE)


def announce_parts(
    session: Session,
    storage: Storage,
    upload: Upload,
    hashes: Mapping[int, str],
    *,
    now: datetime,
) -> list[Part]:
    """Note what parts will be, by number, before they come; returns where they lie.

    A part that has not come may be announced anew. Refused for one that came and was another.
    """
    must_be_open(upload)
    if upload.whole_at is not None:
        raise Refused(BEING_READ)
    parts = [part_of(upload, number, sha256) for number, sha256 in hashes.items()]
    known = _rows(session, upload, hashes)
    if any(row.sha256 != hashes[number] for number, row in known.items()):
        for here in parts_there(storage, upload):
            if hashes.get(here.number, here.sha256) != here.sha256:
                raise Refused(_changed(here.number))
    for part in parts:
        _note(session, upload, part, known.get(part.number), now)
    session.flush()
    return parts


def parts_there(storage: Storage, upload: Upload) -> list[UploadPart]:
    """The parts that have come, in order, as the storage knows."""
    if upload.state is not UploadState.OPEN or upload.whole_at is not None:
        return list(upload.parts) if upload.state is not UploadState.ABANDONED else []
    if not upload.parts:
        return []
    noted = [each.number for each in upload.parts if each.received_at is not None]
    try:
        there = storage.arrived(transfer_of(upload), noted)
    except NotKept:
        return []
    return [each for each in upload.parts if each.number in there]


def has_part(session: Session, upload: Upload, part: Part) -> bool:
    """Whether exactly this part came through our hands. Refused where another did."""
    return _came(part, _rows(session, upload, [part.number]).get(part.number))


def record_part(session: Session, upload: Upload, part: Part, *, now: datetime) -> None:
    """Note that a part is in the storage. The same part again changes nothing."""
    must_be_open(upload)
    row = _rows(session, upload, [part.number]).get(part.number)
    if not _came(part, row):
        _note(session, upload, part, row, now).received_at = now
        session.flush()


def _came(part: Part, row: UploadPart | None) -> bool:
    if row is None or row.received_at is None:
        return False
    if row.sha256 != part.sha256:
        raise Refused(_changed(part.number))
    return True


def _rows(session: Session, upload: Upload, numbers: Collection[int]) -> dict[int, UploadPart]:
    """Some parts alone, by number: a film has hundreds, and each of them asks on its way in."""
    wanted = UploadPart.upload_id == upload.id, UploadPart.number.in_(numbers)
    return {row.number: row for row in session.scalars(select(UploadPart).where(*wanted))}


def _note(
    session: Session, upload: Upload, part: Part, row: UploadPart | None, now: datetime
) -> UploadPart:
    """The row of a part, with this hash."""
    if row is None:
        row = UploadPart(upload=upload, number=part.number, size_bytes=part.size_bytes)
        session.add(row)
    row.sha256, row.announced_at = part.sha256, now
    return row


def _changed(number: int) -> Sentence:
    return Sentence(
        "Part %(number)s of this file is not what came before: it is another file, or it "
        "has changed. Choose the file you began with, or give this upload up.",
        number=number,
    )


def forget_parts(session: Session, upload: Upload, numbers: tuple[int, ...]) -> None:
    """Ask for parts again that turned out to have changed in the storage since they came."""
    for part in [each for each in upload.parts if each.number in numbers]:
        upload.parts.remove(part)
    upload.whole_at = None
    session.flush()


def lacking_parts(storage: Storage, upload: Upload) -> list[int]:
    """The numbers of the parts that have yet to come."""
    count = -(-upload.size_bytes // upload.part_bytes)
    there = {each.number for each in parts_there(storage, upload)}
    return [number for number in range(1, count + 1) if number not in there]


def verify_upload(storage: Storage, upload: Upload) -> str:
    """Read the whole film once more and keep it for good; returns its SHA-256.

    Slow work that needs no transaction, and may be done again. Refused while parts are lacking;
    raises `PartsDiffer` where some have changed since they came.
    """
    if upload.master is not None:
        return upload.master.sha256
    must_be_open(upload)
    announced = sorted(upload.parts, key=lambda each: each.number)
    parts = [part_of(upload, each.number, each.sha256) for each in announced]
    lacking = upload.size_bytes - sum(part.size_bytes for part in parts)
    if lacking:
        raise Refused(Sentence("%(count)s bytes of this film have yet to come.", count=lacking))
    return storage.finish(transfer_of(upload), parts)


def complete_upload(session: Session, upload: Upload, sha256: str, *, now: datetime) -> Master:
    """Make the verified upload a master and ask for its inspection. Doing it twice makes one.

    `sha256` is what `verify_upload` returned. It was received when its last part was there, however
    long it then took to be read.
    """
    if upload.master is not None:
        return upload.master
    must_be_open(upload)
    master = Master(
        person_id=upload.person_id,
        storage_key=upload.storage_key,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        sha256=sha256,
        received_at=upload.whole_at or now,
        inspection=Inspection(state=InspectionState.REQUESTED, requested_at=now),
    )
    upload.master, upload.state, upload.ended_at = master, UploadState.COMPLETE, now
    session.add(master)
    session.flush()
    log(
        session,
        "film.received",
        f"master:{master.id}",
        now=now,
        person_id=master.person_id,
        sha256=sha256,
        size_bytes=master.size_bytes,
    )
    enqueue(session, "inspect_master", master.id, now=now)
    return master
