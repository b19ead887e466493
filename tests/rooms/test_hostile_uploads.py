"""A client that tries what ours never would: on the disk, and on a real S3 server.

Whatever it tries, a film is what its author announced, whole, and nobody else's.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.machines.queue import attach
from contest.machines.storage import NotKept, Storage, open_storage
from contest.media.actions import PATIENCE, transfer_of
from contest.media.models import Master, Upload, UploadState
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from contest.settings import Settings
from tests.conftest import Clock
from tests.factories import make_edition, make_entry, make_person
from tests.processes import digest_of
from tests.visitor import TestVisitor

PART = 5 << 20
FILM = random.Random(2).randbytes(2 * PART + 1234)
SHA256 = hashlib.sha256(FILM).hexdigest()
NUMBERS = (1, 2, 3)


def stretch(number: int, film: bytes = FILM) -> bytes:
    return film[(number - 1) * PART : number * PART]


@dataclass
class Client:
    """Somebody's own program, signed in as an author; sends where it is told to, and elsewhere."""

    visitor: TestVisitor
    entry: Entry

    def begin(self, **told: Any) -> Any:
        address = f"/entries/{self.entry.id}/uploads"
        begun = {"name": "a.mov", "size": len(FILM)} | told
        return self.visitor.fetch(address, method="POST", json=begun).get_json()

    def announce(self, upload: Any, *numbers: int, film: bytes = FILM) -> list[Any]:
        told = [
            {"number": each, "sha256": hashlib.sha256(stretch(each, film)).hexdigest()}
            for each in numbers
        ]
        address = f"{upload['url']}/parts"
        answer = self.visitor.fetch(address, method="POST", json={"parts": told})
        return list(answer.get_json().get("parts", [answer.status_code]))

    def put(self, where: Any, body: bytes) -> int:
        """The status of the answer, whoever gives it."""
        place = urlsplit(where["url"])
        if not place.netloc:
            return self.visitor.fetch(where["url"], method="PUT", data=body).status_code
        with closing(HTTPConnection(place.netloc, timeout=30)) as line:
            line.request("PUT", f"{place.path}?{place.query}", body, where["headers"])
            return line.getresponse().status

    def send(self, upload: Any, film: bytes = FILM) -> list[Any]:
        """Sends everything; the addresses it went to."""
        addresses = self.announce(upload, *NUMBERS, film=film)
        for number, where in zip(NUMBERS, addresses, strict=True):
            assert self.put(where, stretch(number, film)) == 200
        return addresses

    def complete(self, upload: Any) -> int:
        return self.visitor.fetch(f"{upload['url']}/complete", method="POST").status_code

    def told(self, upload: Any) -> Any:
        return self.visitor.fetch(upload["url"]).get_json()

    def there(self, upload: Any) -> list[int]:
        return [each["number"] for each in self.told(upload)["parts"]]


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, app: Flask, clock: Clock) -> Storage:
    """Where the house keeps its films; its parts are as small as a bucket takes them."""
    house = app.extensions["house"]
    settings = replace(house.settings, part_bytes=PART)
    if request.param == "s3":
        bucket: Settings = request.getfixturevalue("bucket")
        told = {"s3_bucket": bucket.s3_bucket, "s3_endpoint": bucket.s3_endpoint}
        settings = replace(settings, **told)
    kept = open_storage(settings)
    app.extensions["house"] = replace(house, settings=settings, storage=kept)
    attach(house.database, settings, clock=clock)
    return kept


@pytest.fixture
def client(
    storage: Storage, session: Session, signed_in: Callable[[Person], TestVisitor]
) -> Client:
    entry = make_entry(session, make_edition(session))
    session.commit()
    return Client(signed_in(entry.person), entry)


def kept(session: Session, storage: Storage) -> list[str]:
    """The SHA-256 of every film there is, read from where it is kept."""
    found = []
    for master in session.scalars(select(Master).order_by(Master.id)):
        with storage.open(master.storage_key) as film:
            found.append(digest_of(film))
        assert master.sha256 == found[-1]
    return found


def test_an_honest_film_arrives(
    client: Client, session: Session, storage: Storage, work_on_arrivals: Callable[[], None]
) -> None:
    upload = client.begin(sha256=SHA256)
    client.send(upload)
    assert client.there(upload) == [1, 2, 3]
    assert client.complete(upload) == 202
    work_on_arrivals()
    assert client.told(upload)["film"]["sha256"] == SHA256
    assert kept(session, storage) == [SHA256]


def test_a_part_is_taken_with_its_own_bytes_alone(client: Client) -> None:
    upload = client.begin()
    (where,) = client.announce(upload, 1)
    honest = stretch(1)
    for body in (
        honest + b"x",
        honest[:-1],
        b"",
        bytes([honest[0] ^ 1]) + honest[1:],
        stretch(2),
    ):
        assert client.put(where, body) in (400, 403, 413, 422)
    assert client.there(upload) == []
    assert client.put(where, honest) == 200
    assert client.there(upload) == [1]


def test_a_film_a_byte_larger_than_announced_has_no_place_for_it(client: Client) -> None:
    upload = client.begin()
    longer = FILM + b"x"
    (where,) = client.announce(upload, 3, film=longer)
    assert client.put(where, stretch(3, longer)) in (403, 422)
    assert client.announce(upload, 4, film=longer * 2) == [409]
    assert client.there(upload) == []


def test_a_part_that_was_announced_but_never_sent_is_missed(client: Client) -> None:
    upload = client.begin()
    first, _second, third = client.announce(upload, *NUMBERS)
    assert [client.put(first, stretch(1)), client.put(third, stretch(3))] == [200, 200]
    assert client.complete(upload) == 409
    assert client.there(upload) == [1, 3]


def test_another_film_than_announced_is_thrown_away(
    client: Client, session: Session, storage: Storage, work_on_arrivals: Callable[[], None]
) -> None:
    upload = client.begin(sha256=hashlib.sha256(b"something else").hexdigest())
    client.send(upload)
    assert client.complete(upload) == 202
    work_on_arrivals()
    assert (client.told(upload)["state"], kept(session, storage)) == ("abandoned", [])
    row = session.scalars(select(Upload)).one()
    with pytest.raises(NotKept):
        storage.size(row.storage_key)


def test_a_film_that_arrived_is_never_changed(
    client: Client, session: Session, storage: Storage, work_on_arrivals: Callable[[], None]
) -> None:
    upload = client.begin()
    addresses = client.send(upload)
    client.complete(upload)
    work_on_arrivals()
    other = bytes(PART)
    for number, where in zip(NUMBERS, addresses, strict=True):
        assert client.put(where, stretch(number)) in (404, 409)
        assert client.put(where, other) in (403, 404, 409, 422)
    assert client.announce(upload, 1, film=other) == [409]
    assert client.visitor.fetch(upload["url"], method="DELETE").status_code == 409
    assert kept(session, storage) == [SHA256]


def test_an_address_leads_to_no_other_part_or_upload(client: Client, session: Session) -> None:
    upload = client.begin()
    (where,) = client.announce(upload, 1)
    entry = make_entry(session, client.entry.edition, client.entry.person)
    session.commit()
    other = Client(client.visitor, entry)
    elsewhere = other.begin()
    (theirs,) = other.announce(elsewhere, 1, film=FILM)
    ours_path, their_path = (urlsplit(each["url"]).path for each in (where, theirs))
    moved = where["url"].replace(ours_path, their_path)
    second = where["url"].replace("/parts/1?", "/parts/2?").replace("partNumber=1", "partNumber=2")
    for changed in (moved, second):
        assert changed != where["url"]
        assert client.put({**where, "url": changed}, stretch(1)) == 403
    assert client.there(upload) == other.there(elsewhere) == []


def test_an_address_is_over_after_its_time(client: Client, app: Flask) -> None:
    import time

    house = app.extensions["house"]
    short = replace(house.settings, upload_link_seconds=1)
    app.extensions["house"] = replace(house, settings=short)
    upload = client.begin()
    (where,) = client.announce(upload, 1)
    time.sleep(2.1)
    assert client.put(where, stretch(1)) == 403
    assert client.there(upload) == []


def test_a_stranger_gets_no_address(
    client: Client, session: Session, signed_in: Callable[[Person], TestVisitor]
) -> None:
    upload = client.begin()
    stranger = make_person(session, "Stranger")
    session.commit()
    thief = Client(signed_in(stranger), client.entry)
    assert thief.announce(upload, 1) == [404]
    assert thief.complete(upload) == 404
    assert client.there(upload) == []


def test_where_films_lie_holds_nothing_of_the_author(client: Client, session: Session) -> None:
    client.begin(name="../Lin Anqi.mov")
    row = session.scalars(select(Upload)).one()
    assert len(row.storage_key) == 40
    assert set(row.storage_key) <= set("0123456789abcdef")


def test_a_film_given_up_takes_nothing_more(
    client: Client, work_on_arrivals: Callable[[], None]
) -> None:
    upload = client.begin()
    (where,) = client.announce(upload, 1)
    client.put(where, stretch(1))
    assert client.visitor.fetch(upload["url"], method="DELETE").status_code == 200
    work_on_arrivals()
    assert client.put(where, stretch(1)) in (404, 409)
    assert client.announce(upload, 2) == [409]


def test_an_upload_nobody_goes_on_with_is_swept_away_with_its_parts(
    client: Client,
    session: Session,
    storage: Storage,
    clock: Clock,
    work_on_arrivals: Callable[[], None],
) -> None:
    upload = client.begin()
    (where,) = client.announce(upload, 1)
    client.put(where, stretch(1))
    clock.pass_by(PATIENCE - timedelta(seconds=1))
    work_on_arrivals()
    assert client.there(upload) == [1]
    clock.pass_by(timedelta(seconds=1))
    work_on_arrivals()
    row = session.scalars(select(Upload)).one()
    assert row.state is UploadState.ABANDONED
    with pytest.raises(NotKept):
        storage.arrived(transfer_of(row), ())


def test_a_film_withdrawn_while_it_is_read_is_thrown_away(
    client: Client, session: Session, storage: Storage, work_on_arrivals: Callable[[], None]
) -> None:
    upload = client.begin()
    client.send(upload)
    client.complete(upload)
    client.entry.stage = EntryStage.WITHDRAWN
    session.commit()
    work_on_arrivals()
    assert (client.told(upload)["state"], kept(session, storage)) == ("abandoned", [])
