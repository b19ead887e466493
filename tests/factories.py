"""Makes the things tests need, each with what it must have and nothing by chance."""

from __future__ import annotations

import io
import itertools
import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from contest.editions.models import Edition, RulesVersion
from contest.entries.judging import film_findings
from contest.entries.models import Affirmation, Credit, Entry, Reel, ToolUse
from contest.machines.storage import Storage
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
from contest.people.models import Appointment, Person, Role
from contest.rulebook.findings import heaviest
from contest.rulebook.rules import canonical, rules_hash, storable
from contest.rulebook.stages import EntryStage
from contest.settings import HOME

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_count = itertools.count(1)

FACTS: dict[str, Any] = {
    "duration_s": 178.0,
    "width": 1920,
    "height": 1080,
    "fps": 24.0,
    "video_codec": "h264",
    "audio_codec": "aac",
    "container": "mp4",
    "size_bytes": 52_000_000,
    "decoded": True,
}
"""What a film that meets every rule measures; `MediaFacts.from_json` fills in the rest."""


CREDENTIALS = b"Signed by Ada Canary".ljust(12 << 10, b".")
"""Content Credentials, as far as the house is concerned: bytes that name somebody."""


def document(**calendar: str) -> dict[str, Any]:
    """The preset's document, open from October to December 2026 unless told otherwise."""
    preset = HOME / "config" / "editions" / "ai-short-film.toml"
    found: dict[str, Any] = storable(tomllib.loads(preset.read_text()))
    found["calendar"] |= {
        "time_zone": "Asia/Shanghai",
        "opens_at": "2026-10-01T00:00:00",
        "closes_at": "2026-12-01T23:59:59",
        "announces_at": "2027-01-15T20:00:00",
    } | calendar
    return found


def make_person(session: Session, name: str = "Lin Anqi", **given: Any) -> Person:
    """A person of this name, with an address of their own."""
    number = next(_count)
    values: dict[str, Any] = {
        "email": f"person{number}@example.org",
        "name": name,
        "country": "CN",
        "language": "en",
        "time_zone": "UTC",
        "session_key": f"key-{number}",
        "confirmed_at": NOON,
        "created_at": NOON,
    }
    person = Person(**values | given)
    session.add(person)
    session.flush()
    return person


def make_edition(session: Session, slug: str | None = None, **given: Any) -> Edition:
    """A listed edition; `rules` gives its document."""
    rules = given.pop("rules", None) or document()
    number = next(_count)
    values: dict[str, Any] = {"created_at": NOON, "listed_at": NOON}
    edition = Edition(slug=slug or f"edition-{number}", **values | given)
    text = canonical(rules)
    edition.versions.append(
        RulesVersion(number=1, text=text, hash=rules_hash(text), is_current=True, created_at=NOON)
    )
    session.add(edition)
    session.flush()
    session.refresh(edition, ["current"])
    return edition


def appoint(session: Session, person: Person, edition: Edition, role: Role) -> Person:
    """Give a person a role."""
    person.appointments.append(Appointment(edition_id=edition.id, role=role, created_at=NOON))
    session.flush()
    return person


def make_organizer(session: Session, edition: Edition, name: str = "Olga Orlova") -> Person:
    return appoint(session, make_person(session, name), edition, Role.ORGANIZER)


def make_juror(session: Session, edition: Edition, name: str = "Jun Jurado") -> Person:
    return appoint(session, make_person(session, name), edition, Role.JUROR)


def make_master(
    session: Session, person: Person, facts: dict[str, Any] | None = None, *, ready: bool = True
) -> Master:
    """A film that arrived; inspected with FACTS, its renditions ready, unless told otherwise."""
    number = next(_count)
    master = Master(
        person_id=person.id,
        storage_key=f"master-{number}",
        file_name="harbour_final.mov",
        size_bytes=52_000_000,
        sha256=f"{number:064x}",
        received_at=NOON,
    )
    if ready:
        master.inspection = Inspection(
            state=InspectionState.FINISHED,
            facts=FACTS | (facts or {}),
            requested_at=NOON,
            header_at=NOON,
            finished_at=NOON,
        )
        for kind, media_type in (
            (RenditionKind.STILL, "image/jpeg"),
            (RenditionKind.STRIP, "image/jpeg"),
            (RenditionKind.SCREENER, "video/mp4"),
            (RenditionKind.LIGHT, "video/mp4"),
        ):
            rendition = Rendition(
                kind=kind,
                state=RenditionState.READY,
                storage_key=f"{kind.value}-{number}",
                media_type=media_type,
                size_bytes=1000,
                requested_at=NOON,
                ready_at=NOON,
            )
            master.renditions.append(rendition)
    session.add(master)
    session.flush()
    return master


def keep_credentials_of(entry: Entry, storage: Storage) -> None:
    """Content Credentials of the entry's film, kept and on record."""
    master = entry.master
    assert master is not None
    kept = Rendition(
        kind=RenditionKind.CREDENTIALS,
        state=RenditionState.READY,
        storage_key=storage.keep(io.BytesIO(CREDENTIALS), f"{master.storage_key}-credentials"),
        media_type="application/c2pa",
        size_bytes=len(CREDENTIALS),
        requested_at=NOON,
        ready_at=NOON,
    )
    master.renditions.append(kept)


def make_reel(session: Session, entry: Entry, master: Master) -> Reel:
    """The master as a version of the entry's film."""
    number = next(_count)
    versions = sum(1 for each in entry.reels if each.number)
    upload = Upload(
        token=f"upload-{number}",
        person_id=entry.person_id,
        file_name=master.file_name,
        size_bytes=master.size_bytes,
        part_bytes=16 << 20,
        storage_key=f"upload-key-{number}",
        state=UploadState.COMPLETE,
        created_at=NOON,
        ended_at=NOON,
        master=master,
    )
    reel = Reel(upload=upload, master=master, number=versions + 1)
    entry.reels.append(reel)
    session.flush()
    return reel


def make_entry(
    session: Session, edition: Edition, person: Person | None = None, **given: Any
) -> Entry:
    """A draft with every field filled in, and no film yet."""
    person = person or make_person(session)
    number = next(_count)
    values: dict[str, Any] = {
        "stage": EntryStage.DRAFT,
        "film_code": 1000 + number,
        "category": "fiction",
        "original_title": "烟火下的港湾",
        "title_language": "zh-Hans",
        "romanised_title": "Yanhuo xia de gangwan",
        "english_title": "The Harbour under Fireworks",
        "synopsis": "A harbour remembers a house nobody can return to, one firework at a time.",
        "languages": ["zh"],
        "countries": ["CN"],
        "year": 2026,
        "declared_share_bp": 8800,
        "created_at": NOON,
        "changed_at": NOON,
    }
    entry = Entry(edition=edition, person=person, rules_version=edition.current, **values | given)
    entry.credits.append(
        Credit(position=0, name="林安琪", romanised_name="Lin Anqi", role="Director")
    )
    for position, stage in enumerate(edition.rules.declaration.stages):
        entry.tools.append(
            ToolUse(
                position=position,
                stage=stage.key,
                tool="Seedance",
                vendor="ByteDance",
                version="1.0 Pro",
                made="All shots",
                human_step="Chosen and cut by hand",
                terms="Commercial plan",
            )
        )
    for statement in edition.rules.rights:
        entry.affirmations.append(Affirmation(statement=statement.key, affirmed_at=NOON))
    session.add(entry)
    session.flush()
    return entry


def make_submitted_entry(
    session: Session,
    edition: Edition,
    person: Person | None = None,
    stage: EntryStage = EntryStage.SUBMITTED,
    facts: dict[str, Any] | None = None,
    **given: Any,
) -> Entry:
    """An entry with a checked film, submitted an hour ago, at the stage asked for."""
    entry = make_entry(session, edition, person, **given)
    make_reel(session, entry, make_master(session, entry.person, facts))
    entry.verdict = heaviest(film_findings(entry))
    edition.last_entry_number += 1
    entry.number = edition.last_entry_number
    entry.submitted_at = NOON - timedelta(hours=1)
    if stage in (EntryStage.ACCEPTED, EntryStage.REFUSED):
        entry.decided_at = NOON
    entry.stage = stage
    session.flush()
    return entry
