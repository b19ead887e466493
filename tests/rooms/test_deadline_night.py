"""The last night of a call: who began in time may finish, and nobody else gets in, from anywhere.

The house's clock is the test's; the second before, on the dot and the second after are tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest import create_app
from contest.db import Database
from contest.editions.models import Edition
from contest.entries.models import Entry, Reel
from contest.logbook import LogLine
from contest.media.models import InspectionState, Master
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from contest.settings import Settings
from tests.conftest import Clock
from tests.entering import CLOSES, SECOND, make_ready_entry
from tests.factories import FACTS, make_edition, make_entry, make_organizer
from tests.visitor import TestVisitor

FILM = bytes(range(256)) * 8
SHA256 = hashlib.sha256(FILM).hexdigest()
WINDOW = timedelta(minutes=60)
SignIn = Callable[[Person], TestVisitor]
CLOSED = "This edition takes no more films: its call has closed."
OVER = "This film was announced before the call closed, but the time for it to arrive is over now."


@dataclass
class Author:
    """Somebody at their own computer, whose film is one part."""

    visitor: TestVisitor
    entry: Entry

    def begin(self, sha256: str | None = SHA256) -> Any:
        told = {"name": "a.mov", "size": len(FILM), "sha256": sha256}
        address = f"/entries/{self.entry.id}/uploads"
        return self.visitor.fetch(address, method="POST", json=told).get_json()

    def announce(self, upload: Any) -> int:
        told = {"sha256": SHA256}
        answer = self.visitor.fetch(f"{upload['url']}/sha256", method="PUT", json=told)
        return answer.status_code

    def send(self, upload: Any) -> str | None:
        """Why the part was not taken; None where it was."""
        told = {"parts": [{"number": 1, "sha256": SHA256}]}
        answer = self.visitor.fetch(f"{upload['url']}/parts", method="POST", json=told)
        if answer.status_code != 200:
            return str(answer.get_json()["message"])
        (where,) = answer.get_json()["parts"]
        put = self.visitor.fetch(where["url"], method="PUT", data=FILM)
        return None if put.status_code == 200 else put.text

    def complete(self, upload: Any) -> str | None:
        answer = self.visitor.fetch(f"{upload['url']}/complete", method="POST")
        return None if answer.status_code == 202 else str(answer.get_json()["message"])

    def submit(self) -> int:
        return self.visitor.post(f"/entries/{self.entry.id}/submit").status_code

    def page(self) -> str:
        return self.visitor.get(f"/entries/{self.entry.id}?step=film").text


@pytest.fixture
def edition(session: Session) -> Edition:
    return make_edition(session)


@pytest.fixture
def author(session: Session, edition: Edition, signed_in: SignIn) -> Author:
    entry = make_entry(session, edition)
    session.commit()
    return Author(signed_in(entry.person), entry)


@pytest.fixture
def read(
    database: Database, clock: Clock, session: Session, work_on_arrivals: Callable[[], None]
) -> Callable[[], None]:
    """A worker reads the film; its check then finds nothing wrong, at this very instant."""

    def work() -> None:
        work_on_arrivals()
        with database.transaction() as own:
            for master in own.scalars(select(Master)):
                assert master.inspection is not None
                master.inspection.state = InspectionState.FINISHED
                master.inspection.facts = {**FACTS, "size_bytes": len(FILM)}
                master.inspection.finished_at = master.inspection.finished_at or clock.now
        session.expire_all()

    return work


def test_a_film_may_arrive_before_its_browser_has_read_it_to_the_end(
    author: Author, read: Callable[[], None]
) -> None:
    upload = author.begin(sha256=None)
    assert (author.send(upload), author.complete(upload)) == (None, None)
    read()
    assert author.announce(upload) == 200
    other = {"sha256": "0" * 64}
    answer = author.visitor.fetch(f"{upload['url']}/sha256", method="PUT", json=other)
    assert (answer.status_code, answer.get_json()["message"]) == (
        409,
        "This film has already arrived whole.",
    )


@pytest.mark.parametrize(
    ("announced_at", "whole_at", "refused"),
    [
        (CLOSES - SECOND, CLOSES + WINDOW - SECOND, None),
        (CLOSES, CLOSES + WINDOW, None),
        (CLOSES, CLOSES + WINDOW + SECOND, OVER),
        (None, CLOSES, None),
        (None, CLOSES + SECOND, CLOSED),
    ],
)
def test_a_film_announced_in_time_may_arrive_within_the_window(
    author: Author,
    clock: Clock,
    announced_at: datetime | None,
    whole_at: datetime,
    refused: str | None,
) -> None:
    clock.now = announced_at or CLOSES - SECOND
    upload = author.begin(SHA256 if announced_at else None)
    assert author.send(upload) is None
    clock.now = whole_at
    assert author.send(upload) == refused
    assert author.complete(upload) == refused


@pytest.mark.parametrize(("step", "begun"), [(-1, True), (0, True), (1, False)])
def test_an_upload_is_begun_until_the_closing_and_not_a_second_later(
    author: Author, clock: Clock, step: int, begun: bool
) -> None:
    clock.now = CLOSES + step * SECOND
    told = author.begin()
    assert ("url" in told, told.get("message")) == ((True, None) if begun else (False, CLOSED))


@pytest.mark.parametrize(("step", "refused"), [(-1, None), (0, None), (1, CLOSED)])
def test_a_film_announced_while_it_is_sent_counts_from_that_instant(
    author: Author, clock: Clock, step: int, refused: str | None
) -> None:
    clock.now = CLOSES - timedelta(minutes=5)
    upload = author.begin(None)
    clock.now = CLOSES + step * SECOND
    assert author.announce(upload) == 200
    clock.now = CLOSES + WINDOW
    assert author.send(upload) == refused


def test_what_arrives_late_must_be_the_film_that_was_announced(
    author: Author, clock: Clock, session: Session, read: Callable[[], None]
) -> None:
    clock.now = CLOSES
    upload = author.begin(hashlib.sha256(b"the film I hope to finish").hexdigest())
    clock.now = CLOSES + SECOND
    assert author.send(upload) is author.complete(upload) is None
    read()
    assert author.visitor.fetch(upload["url"]).get_json()["state"] == "abandoned"
    assert session.scalars(select(Master)).all() == []


def test_the_entry_of_a_late_film_is_submitted_as_it_stood(
    author: Author, clock: Clock, session: Session, read: Callable[[], None]
) -> None:
    clock.now = CLOSES
    upload = author.begin()
    clock.now = CLOSES + WINDOW
    page = author.page()
    assert "The call is closed. Your upload may finish until" in page
    assert "No film was sent." not in page
    assert "Next: The film." in author.visitor.get("/entries").text
    assert "data-upload data-begin" in page
    assert author.send(upload) is author.complete(upload) is None
    read()
    changed = author.visitor.post(
        f"/entries/{author.entry.id}/facts", data={"synopsis": "Better words", "revision": "0"}
    )
    assert changed.status_code in (409, 422)
    clock.now = CLOSES + 2 * WINDOW
    page = author.page()
    assert "The call is closed. Submit this entry until" in page
    assert "data-upload data-begin" not in page
    assert author.submit() == 303
    session.expire_all()
    assert session.scalars(select(Master.received_at)).all() == [CLOSES + WINDOW]
    assert author.entry.stage is EntryStage.SUBMITTED
    assert [each.sha256 for each in author.entry.receipts] == [SHA256]


def test_a_second_after_the_window_its_entry_is_not_submitted_any_more(
    author: Author, clock: Clock, session: Session, read: Callable[[], None]
) -> None:
    clock.now = CLOSES
    upload = author.begin()
    clock.now = CLOSES + WINDOW
    assert author.send(upload) is author.complete(upload) is None
    read()
    clock.now = CLOSES + 2 * WINDOW + SECOND
    assert author.submit() == 422
    assert "Not submitted. The call is closed." in author.page()
    assert "Next:" not in author.visitor.get("/entries").text
    session.expire_all()
    assert author.entry.stage is EntryStage.DRAFT


def test_an_entry_that_was_ready_and_forgotten_is_not_let_in(
    session: Session, edition: Edition, signed_in: SignIn, clock: Clock
) -> None:
    entry = make_ready_entry(session, edition)
    (reel,) = entry.reels
    reel.upload.sha256, reel.upload.sha256_at = "0" * 64, CLOSES - timedelta(days=1)
    session.commit()
    clock.now = CLOSES + SECOND
    assert Author(signed_in(entry.person), entry).submit() == 422


@pytest.mark.parametrize("stage", [EntryStage.ASKED, EntryStage.DRAFT])
def test_no_film_gets_in_later_whatever_organizers_asked(
    author: Author, session: Session, clock: Clock, stage: EntryStage
) -> None:
    if stage is EntryStage.ASKED:
        author.entry.stage, author.entry.number = stage, 1
        author.entry.submitted_at = clock.now
        session.commit()
    clock.now = CLOSES + SECOND
    assert author.begin()["message"] == CLOSED


def test_organizers_have_no_door_of_their_own(
    author: Author, session: Session, edition: Edition, signed_in: SignIn, clock: Clock
) -> None:
    organizer = make_organizer(session, edition)
    session.commit()
    clock.now = CLOSES
    upload = author.begin()
    theirs = Author(signed_in(organizer), author.entry)
    told = theirs.visitor.fetch(upload["url"]).status_code, theirs.announce(upload)
    assert told == (404, 404)
    entry = make_entry(session, edition, organizer)
    session.commit()
    clock.now = CLOSES + SECOND
    assert Author(theirs.visitor, entry).begin()["message"] == CLOSED


def calendar_of(closes: str) -> dict[str, str]:
    return {
        "calendar.time_zone": "Asia/Shanghai",
        "calendar.opens_at": "2026-10-01T00:00",
        "calendar.closes_at": closes,
        "calendar.announces_at": "2027-01-15T20:00",
        "calendar.late_upload_minutes": "60",
        "version": "1",
    }


def test_more_time_is_for_all_logged_and_on_the_call_page(
    author: Author,
    session: Session,
    edition: Edition,
    signed_in: SignIn,
    visitor: TestVisitor,
    clock: Clock,
) -> None:
    edition.listed_at = clock.now
    organizer = make_organizer(session, edition)
    session.commit()
    clock.now = CLOSES + SECOND
    assert author.begin()["message"] == CLOSED
    office = signed_in(organizer)
    moved = calendar_of("2026-12-02T12:00:00")
    assert office.post(f"/office/{edition.slug}/rules/calendar", data=moved).status_code == 303
    assert "url" in author.begin()
    line = session.scalars(select(LogLine).where(LogLine.act == "closing.moved")).one()
    assert (line.person_id, line.edition_id) == (organizer.id, edition.id)
    assert line.details == {
        "version": 2,
        "before": "2026-12-01T15:59:59+00:00",
        "after": "2026-12-02T04:00:00+00:00",
    }
    page = " ".join(visitor.get(f"/editions/{edition.slug}").text.split())
    assert page.count("The closing was <time") == 1
    assert 'datetime="2026-12-01T15:59:59+00:00"' in page
    assert "by version 2 of the rules, saved" in page
    assert "announced by then, there by" in page


@pytest.fixture
def second_server(settings: Settings, app: Flask) -> Iterator[Flask]:
    """Another web server over the same database and storage, five seconds ahead."""

    def ahead() -> datetime:
        clock: Clock = app.extensions["house"].clock
        return clock.now + timedelta(seconds=5)

    other = create_app(replace(settings), ahead)
    other.config["TESTING"] = True
    other.test_client_class = TestVisitor
    yield other
    other.extensions["house"].database.close()


def test_two_servers_hold_the_same_deadline_and_what_one_took_the_other_honours(
    author: Author, second_server: Flask, clock: Clock, session: Session, read: Callable[[], None]
) -> None:
    client = second_server.test_client()
    assert isinstance(client, TestVisitor)
    client.is_person(author.entry.person)
    there = Author(client, author.entry)
    clock.now = CLOSES
    assert there.begin()["message"] == CLOSED
    upload = author.begin()
    assert there.send(upload) is None
    assert there.complete(upload) is None
    clock.pass_by(timedelta(seconds=5))
    read()
    assert session.scalars(select(Reel.number)).all() == [1]
    clock.now = CLOSES + 2 * WINDOW - timedelta(seconds=5)
    assert there.submit() == 303
