"""A small world in which every address of the house leads somewhere, to be walked about in."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from sqlalchemy.orm import Session

from contest.awards.actions import publish
from contest.db import Database
from contest.editions.models import Edition
from contest.entries.models import Entry, Receipt, Reel, Subtitles
from contest.jury.models import Candidacy, Conflict, Note, Round, Screening, Seat
from contest.letters.models import Letter, LetterState
from contest.machines.queue import Job
from contest.machines.storage import open_storage
from contest.media.models import Upload, UploadState
from contest.people.models import Invitation, Person, Role, SignInLink
from contest.people.tokens import digest_of
from contest.programme.models import Asset, Snapshot
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage
from contest.settings import Settings, load_settings
from contest.web.media_links import link_to
from tests.conftest import NOON
from tests.factories import (
    appoint,
    make_edition,
    make_entry,
    make_juror,
    make_organizer,
    make_person,
    make_submitted_entry,
)
from tests.judged import crown, make_judged_edition
from tests.visitor import TestVisitor

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
"""After the announcement of the judged edition."""

OF_THE_JUDGED = {
    *("public.palmares", "public.feed", "public.film"),
    *("organizer.awards", "organizer.confer_prize", "organizer.cite_prize"),
    *("organizer.take_back_prize", "organizer.preview", "organizer.preview_film"),
    *("organizer.confer_all_proposed", "organizer.confirm_publication"),
    *(
        "organizer.bundle",
        "organizer.publish_palmares",
        "organizer.scores",
        "organizer.send_films_on",
    ),
}
"""Doors of the edition that is judged; all others are tried in the one that is running."""

TOKENS = {
    "public.invitation": "invited",
    "public.accept": "invited",
    "public.asset": "asset",
    "public.follow_link": "link",
    "public.sign_in_by_link": "link",
}
KEYS = {
    "organizer.confer_prize": "first",
    "organizer.cite_prize": "first",
    "organizer.take_back_prize": "first",
    "organizer.rules_section": "film",
    "organizer.save_section": "film",
    "organizer.open_planned_round": "final",
}


@dataclass(frozen=True)
class World:
    """A small world in a file: who is in it, and what the addresses of its things are made of."""

    file: Path
    settings: Settings
    people: dict[str, int]
    parts: dict[str, Any]
    still_key: str


def make_world(migrated: Path, folder: Path) -> World:
    """The world in a file of the folder; tests work on copies, see `restore`."""
    file = folder / "world.db"
    shutil.copy(migrated, file)
    settings = load_settings(
        {},
        database_url=f"sqlite:///{folder / 'house.db'}",
        storage_root=str(folder / "storage"),
        letters_dir=str(folder / "letters"),
        secret_key="only for tests",
        public_url="https://localhost",
        queue="inline",
    )
    database = Database(f"sqlite:///{file}")
    still = open_storage(settings).keep(io.BytesIO(b"a still"))
    with database.transaction() as session:
        people, parts = _populate(session, still)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return World(file, settings, people, parts, still)


def _populate(session: Session, still: str) -> tuple[dict[str, int], dict[str, Any]]:
    """A judged edition whose palmarès is out, and one whose jury is at work."""
    judged, running = make_judged_edition(session, "first"), make_edition(session, "running")
    other = make_edition(session, "other")
    people = {
        "author": make_person(session, "Lin Anqi"),
        "other_author": make_person(session, "Wen Duval"),
        "juror": make_juror(session, running),
        "other_juror": make_juror(session, running),
        "organizer": judged.organizer,
        "other_organizer": make_organizer(session, other),
        "administrator": make_person(session, "Ida Haus", is_administrator=True),
    }
    appoint(session, judged.organizer, running, Role.ORGANIZER)
    crown(session, judged)
    publish(session, judged.edition, correction="", person_id=judged.organizer.id, now=NOW)
    asset = Asset(token="asset", storage_key=still, media_type="image/jpeg")
    session.query(Snapshot).one().assets.append(asset)
    submitted = make_submitted_entry(session, running, people["author"], EntryStage.ACCEPTED)
    submitted.receipts.append(_receipt(submitted))
    make_entry(session, running, people["other_author"])
    parts = {
        "slug": "running",
        "number": judged.entries[0].number,
        "entry_id": submitted.id,
        "person_id": people["other_organizer"].id,
        "section": "facts",
        "language": "zh",
        **_papers(session, running, people),
        **_upload(session, submitted),
        **_jury(session, running, submitted, people),
        **_office(session, running),
    }
    submitted.subtitles.append(
        Subtitles(language="zh", file_name="zh.vtt", storage_key=still, received_at=NOON)
    )
    return {name: person.id for name, person in people.items()}, parts


def _receipt(entry: Entry) -> Receipt:
    master = entry.master
    assert master is not None
    return Receipt(
        entry_number=1,
        master_id=master.id,
        sha256=master.sha256,
        size_bytes=master.size_bytes,
        rules_version=entry.rules_version,
        rules_hash=entry.rules_version.hash,
        at=NOON,
    )


def _papers(session: Session, edition: Edition, people: dict[str, Person]) -> dict[str, Any]:
    """Invitations and a sign-in link that are still good."""
    later = NOW + timedelta(days=1)
    juror, organizer = (
        Invitation(
            edition_id=edition.id,
            role=role,
            email="guest@example.org",
            name="Guest",
            language="en",
            token_digest=digest_of(token),
            invited_by_id=people["organizer"].id,
            created_at=NOW,
            expires_at=later,
        )
        for role, token in ((Role.JUROR, "invited"), (Role.ORGANIZER, "invited to organize"))
    )
    link = SignInLink(
        person=people["author"], token_digest=digest_of("link"), created_at=NOW, expires_at=later
    )
    session.add_all([juror, organizer, link])
    session.flush()
    return {"invitation_id": juror.id, "organizer_invitation_id": organizer.id}


def _upload(session: Session, entry: Entry) -> dict[str, Any]:
    upload = Upload(
        token="upload",
        person_id=entry.person_id,
        file_name="film.mp4",
        size_bytes=10,
        part_bytes=16 << 20,
        storage_key="0" * 40,
        storage_handle="0" * 40,
        state=UploadState.OPEN,
        created_at=NOON,
    )
    entry.reels.append(Reel(upload=upload))
    session.flush()
    return {}


def _jury(
    session: Session, edition: Edition, entry: Entry, people: dict[str, Person]
) -> dict[str, Any]:
    common = {"edition_id": edition.id, "rules_version_id": edition.current.id, "seed": 1}
    at_work = Round(key="selection", position=0, stage=RoundStage.OPEN, opened_at=NOON, **common)
    planned = Round(key="final", position=1, stage=RoundStage.PLANNED, **common)
    session.add_all([at_work, planned])
    session.flush()
    session.add(Candidacy(round_id=at_work.id, entry_id=entry.id))
    seat = Seat(round=at_work, person=people["juror"], number=1)
    session.add(Seat(round=at_work, person=people["other_juror"], number=2))
    screening = Screening(
        seat=seat, entry=entry, position=0, stage=ScreeningStage.WAITING, changed_at=NOON
    )
    screening.notes.append(Note(at_ms=1000, text="A note", written_at=NOON))
    conflict = Conflict(
        person_id=people["other_juror"].id,
        entry_id=entry.id,
        reason="A friend",
        declared_by_id=people["organizer"].id,
        at=NOON,
    )
    session.add_all([screening, conflict])
    session.flush()
    return {
        "round_id": at_work.id,
        "screening_id": screening.id,
        "note_id": screening.notes[0].id,
        "conflict_id": conflict.id,
    }


def _office(session: Session, edition: Edition) -> dict[str, Any]:
    letter = Letter(
        edition_id=edition.id,
        address="lin@example.org",
        language="en",
        template="accepted",
        about="entry:1",
        subject="A letter",
        text="Words",
        html="<!doctype html><html lang=en><title>A letter</title><h1>Words</h1></html>",
        state=LetterState.HELD,
        created_at=NOON,
    )
    session.add(letter)
    session.flush()
    job = Job(name="send_letter", ids=[letter.id], asked_at=NOON, due_at=NOON, given_up_at=NOON)
    session.add(job)
    session.flush()
    return {"letter_id": letter.id, "job_id": job.id}


def restore(world: World, app: Flask) -> None:
    """Put the world back as it was."""
    app.extensions["house"].database.engine.dispose()
    house = Path(world.settings.database_url.removeprefix("sqlite:///"))
    for leftover in house.parent.glob("house.db*"):
        leftover.unlink()
    shutil.copy(world.file, house)


def browser(world: World, app: Flask, role: str) -> TestVisitor:
    """Somebody who is in that role, or has not signed in."""
    client = app.test_client()
    assert isinstance(client, TestVisitor)
    if role != "nobody":
        with app.extensions["house"].database.reading() as session:
            client.is_person(session.get_one(Person, world.people[role]))
    return client


def address(world: World, app: Flask, endpoint: str, arguments: set[str]) -> str:
    """The address of the endpoint, for the thing in the world that it is about."""
    parts = {name: world.parts[name] for name in arguments if name in world.parts}
    if endpoint in OF_THE_JUDGED:
        parts["slug"] = "first"
    if "token" in arguments:
        parts["token"] = TOKENS.get(endpoint, "upload")
    if "key" in arguments:
        parts["key"] = KEYS.get(endpoint, "selection")
    if endpoint == "organizer.revoke_organizer_invitation":
        parts["invitation_id"] = world.parts["organizer_invitation_id"]
    if endpoint in ("public.rules", "public.rules_text"):
        parts["number"] = 1
    with app.test_request_context(base_url="https://localhost"):
        if endpoint == "media.fetch":
            return link_to(world.still_key, "image/jpeg", person_id=world.people["author"])
        return url_for(endpoint, **parts)
