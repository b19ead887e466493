"""The access matrix: every route as every role, on things that are theirs and things that aren't.

`DOORS` says of each route who gets in. A route without a line here fails, and so does a line
without a route. Whoever does not get in is sent to the door (not signed in) or told that there is
nothing (404), never that there is something. Each visit that is allowed happens in a fresh copy of
the same small world, so that one act can't hide what another would have shown.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy.orm import Session

from contest import create_app
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
from contest.web.limits import limiter
from contest.web.media_links import link_to
from tests.conftest import NOON, Clock
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

ROLES = {
    "nobody",
    "author",
    "other_author",
    "juror",
    "other_juror",
    "organizer",
    "other_organizer",
    "administrator",
}
ALL = frozenset(ROLES)
SIGNED_IN = ALL - {"nobody"}
AUTHOR = frozenset({"author"})
JUROR = frozenset({"juror"})
JURORS = frozenset({"juror", "other_juror"})
OFFICE = frozenset({"organizer", "administrator"})
OFFICES = OFFICE | {"other_organizer"}
CHIEF = frozenset({"administrator"})

DOORS: dict[frozenset[str], str] = {
    ALL: """public.home public.call public.palmares public.feed public.film public.rules
        public.rules_text public.invitation public.accept public.choose_language public.asset
        public.open_account public.open_account_now public.sign_in public.sign_in_now
        public.follow_link public.sign_in_by_link public.ask_for_link public.send_link""",
    SIGNED_IN: """public.account public.save_account public.save_password public.sign_out
        filmmaker.begin filmmaker.entries""",
    AUTHOR: """filmmaker.entry filmmaker.save_section filmmaker.answer filmmaker.inspection
        filmmaker.receipt filmmaker.reopen filmmaker.return_to_draft filmmaker.submit
        filmmaker.keep_subtitles filmmaker.remove_subtitles filmmaker.begin_upload
        filmmaker.withdraw filmmaker.show_upload filmmaker.abandon_upload
        filmmaker.complete_upload filmmaker.put_part media.fetch""",
    JURORS: "juror.desk juror.conflicts juror.declare_conflicts",
    JUROR: """juror.screening juror.abstain juror.save juror.write_note juror.erase_note
        juror.recuse juror.resume juror.sign juror.skip juror.watched""",
    OFFICES: "organizer.offices organizer.new_edition organizer.make_edition",
    OFFICE: """organizer.office organizer.awards organizer.confer_prize organizer.cite_prize
        organizer.take_back_prize organizer.preview organizer.preview_film
        organizer.confer_all_proposed organizer.confirm_publication organizer.publish_palmares
        organizer.entries organizer.entry organizer.decide_entry organizer.accept_chosen
        organizer.jobs organizer.try_again organizer.jury organizer.conflicts
        organizer.declare_juror_conflict organizer.withdraw_juror_conflict
        organizer.invite_juror organizer.revoke_juror_invitation organizer.letters
        organizer.letter organizer.act_on_letter organizer.letter_html organizer.send_held
        organizer.open_call organizer.logbook organizer.organizers organizer.invite_organizer
        organizer.revoke_organizer_invitation
        organizer.round_ organizer.send_films_on organizer.confirm_closing
        organizer.close_for_good organizer.open_planned_round organizer.scores
        organizer.deal_again organizer.remind organizer.rules organizer.rules_section
        organizer.save_section""",
    CHIEF: """organizer.people organizer.appoint_administrator organizer.house_jobs
        organizer.try_house_job""",
}
ADMITTED = {door: roles for roles, doors in DOORS.items() for door in doors.split()}
UNGUARDED = {"static"}

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
"""After the announcement of the judged edition."""

OF_THE_JUDGED = {
    *("public.palmares", "public.feed", "public.film"),
    *("organizer.awards", "organizer.confer_prize", "organizer.cite_prize"),
    *("organizer.take_back_prize", "organizer.preview", "organizer.preview_film"),
    *("organizer.confer_all_proposed", "organizer.confirm_publication"),
    *("organizer.publish_palmares", "organizer.scores", "organizer.send_films_on"),
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


@pytest.fixture(scope="module")
def world(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Built once; every test works on copies."""
    folder = tmp_path_factory.mktemp("world")
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


@pytest.fixture(scope="module")
def house(world: World) -> Iterator[Flask]:
    app = create_app(world.settings, Clock(NOW))
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    app.test_client_class = TestVisitor
    yield app
    app.extensions["house"].database.close()


def _restore(world: World, app: Flask) -> None:
    """Put the world back as it was."""
    app.extensions["house"].database.engine.dispose()
    house = Path(world.settings.database_url.removeprefix("sqlite:///"))
    for leftover in house.parent.glob("house.db*"):
        leftover.unlink()
    shutil.copy(world.file, house)


def test_every_route_has_its_line_and_every_line_its_route(app: Flask) -> None:
    assert set(app.view_functions) - UNGUARDED == set(ADMITTED)


@pytest.mark.parametrize("endpoint", sorted(ADMITTED))
def test_only_those_get_in_who_may(world: World, house: Flask, endpoint: str) -> None:
    limiter.enabled = False
    admitted = ADMITTED[endpoint]
    _restore(world, house)
    outside = {role: _visit(world, house, endpoint, role) for role in ROLES - admitted}
    assert {role for role, got_in in outside.items() if got_in} == set()
    for role in sorted(admitted):
        _restore(world, house)
        assert _visit(world, house, endpoint, role), f"{role} should get in"


def test_an_office_reaches_nothing_of_another_by_its_number(world: World, house: Flask) -> None:
    limiter.enabled = False
    _restore(world, house)
    client, reached = _browser(world, house, "other_organizer"), {}
    for rule in house.url_map.iter_rules():
        if rule.endpoint.startswith("organizer.") and rule.arguments - {"slug", "key"} > set():
            theirs = _address(world, house, rule.endpoint, rule.arguments)
            ours = re.sub("^/office/(first|running)/", "/office/other/", theirs)
            method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            reached[f"{method} {ours}"] = client.open(ours, method=method).status_code
    assert len(reached) > 10
    assert {act: status for act, status in reached.items() if status != 404} == {
        "GET /office/other/awards/preview/films/1": 409,  # its own palmarès is not judged
        "POST /office/other/jury/conflicts/1/withdraw": 303,  # what is not there is taken back
    }
    with house.extensions["house"].database.reading() as session:
        assert session.query(Conflict).count() == 1


def _visit(world: World, app: Flask, endpoint: str, role: str) -> bool:
    """Whether the role gets in: anything but the way to the door, or nothing there."""
    client = _browser(world, app, role)
    rule = next(app.url_map.iter_rules(endpoint))
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    response = client.open(_address(world, app, endpoint, rule.arguments), method=method)
    response.close()
    assert response.status_code < 500, f"{method} {response.request.path}"
    to_the_door = response.status_code == 303 and response.location.startswith("/sign-in?back=")
    at_the_door = response.status_code == 303 and response.location == "/sign-in"
    return not to_the_door and not at_the_door and response.status_code not in (401, 404)


def _browser(world: World, app: Flask, role: str) -> TestVisitor:
    client = app.test_client()
    assert isinstance(client, TestVisitor)
    if role != "nobody":
        with app.extensions["house"].database.reading() as session:
            client.is_person(session.get_one(Person, world.people[role]))
    return client


def _address(world: World, app: Flask, endpoint: str, arguments: set[str]) -> str:
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
