"""A bucket that does not answer: what needs it says so, and nobody else waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.machines.queue import Job
from contest.machines.storage import OutOfReach, Storage, Transfer
from contest.machines.storage_disk import LocalDisk
from contest.machines.storage_s3 import S3
from contest.media.models import Upload, UploadState
from tests.conftest import Clock
from tests.factories import make_edition, make_entry
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor
from tests.waiting import free_port

FILM = {"name": "a.mov", "size": 5000}
PARTS = {"parts": [{"number": 1, "sha256": "0" * 64}]}


@pytest.fixture
def entry(session: Session) -> Entry:
    made = make_entry(session, make_edition(session))
    session.commit()
    return made


@pytest.fixture
def visitor(entry: Entry, signed_in: SignIn) -> TestVisitor:
    return signed_in(entry.person)


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Storage:
    """A bucket at whose door nobody is."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
    return S3("films", f"http://127.0.0.1:{free_port()}", "us-east-1")


def lose(app: Flask, storage: Storage) -> None:
    app.extensions["house"] = replace(app.extensions["house"], storage=storage)


def test_a_film_can_not_begin_and_its_author_is_told_to_try_again(
    app: Flask, visitor: TestVisitor, entry: Entry, session: Session, lost: Storage
) -> None:
    lose(app, lost)
    answer = visitor.fetch(f"/entries/{entry.id}/uploads", method="POST", json=FILM)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["message"] == (
        "The place where films are kept can't be reached at this moment. Nothing is lost, and "
        "nothing was changed: try again in a minute."
    )
    assert session.scalars(select(Upload)).all() == []


def test_nobody_waits_for_a_bucket_that_does_not_answer(
    app: Flask, visitor: TestVisitor, entry: Entry, session: Session
) -> None:
    class Slow(LocalDisk):
        """Looks, while it is asked for room, whether others may write."""

        def begin(self, size_bytes: int) -> Transfer:
            with app.extensions["house"].database.transaction() as other:
                other.get_one(Entry, entry.id).year = 2031
            raise OutOfReach("It takes long.")

    lose(app, Slow(app.extensions["house"].settings.storage_path))
    answer = visitor.fetch(f"/entries/{entry.id}/uploads", method="POST", json=FILM)
    session.refresh(entry)
    assert (answer.status_code, entry.year) == (503, 2031)


def test_the_entrys_page_opens_and_an_upload_can_be_given_up_meanwhile(
    app: Flask, visitor: TestVisitor, entry: Entry, session: Session, lost: Storage
) -> None:
    began = visitor.fetch(f"/entries/{entry.id}/uploads", method="POST", json=FILM).get_json()
    assert visitor.fetch(f"{began['url']}/parts", method="POST", json=PARTS).status_code == 200
    lose(app, lost)
    assert visitor.get(f"/entries/{entry.id}?step=film").status_code == 200
    assert visitor.fetch(began["url"]).status_code == 503
    assert visitor.fetch(began["url"], method="DELETE").status_code == 200
    upload = session.scalars(select(Upload)).one()
    asked = session.scalars(select(Job).where(Job.name == "clear_upload")).one()
    assert (upload.state, asked.ids) == (UploadState.ABANDONED, [upload.id])


def test_a_film_refused_after_room_was_made_leaves_no_room_behind(
    app: Flask, signed_in: SignIn, entry: Entry, clock: Clock
) -> None:
    folder = app.extensions["house"].settings.storage_path

    class Closing(LocalDisk):
        """The call closes while room is made."""

        def begin(self, size_bytes: int) -> Transfer:
            clock.pass_by(timedelta(days=365))
            return super().begin(size_bytes)

    lose(app, Closing(folder))
    visitor = signed_in(entry.person)
    answer = visitor.fetch(f"/entries/{entry.id}/uploads", method="POST", json=FILM)
    assert answer.status_code == 409
    assert list((folder / "incoming").iterdir()) == []
