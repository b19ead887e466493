"""Sending a film over HTTP, its owner alone and part by part; and fetching what is stored."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contest.entries.models import Entry, Reel
from contest.logbook import LogLine
from contest.machines.queue import Job
from contest.machines.storage import Storage, Transfer
from contest.machines.storage_disk import LocalDisk
from contest.media.actions import transfer_of
from contest.media.models import Master, Upload, UploadState
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from contest.web.media_links import link_to
from tests.conftest import Clock
from tests.factories import make_edition, make_entry, make_organizer, make_person
from tests.visitor import TestVisitor

FILM = bytes(range(256)) * 16
PART = 1500


@pytest.fixture
def app(app: Flask) -> Flask:
    """A house whose parts are small."""
    house = app.extensions["house"]
    app.extensions["house"] = replace(house, settings=replace(house.settings, part_bytes=PART))
    return app


@pytest.fixture
def entry(session: Session) -> Entry:
    made = make_entry(session, make_edition(session))
    session.commit()
    return made


@pytest.fixture
def author(entry: Entry, signed_in: Callable[[Person], TestVisitor]) -> TestVisitor:
    return signed_in(entry.person)


@pytest.fixture
def storage(app: Flask) -> Storage:
    found: Storage = app.extensions["house"].storage
    return found


def begin(visitor: TestVisitor, entry: Entry, film: bytes = FILM, name: str = "a.mov") -> Any:
    response = visitor.fetch(
        f"/entries/{entry.id}/uploads", method="POST", json={"name": name, "size": len(film)}
    )
    assert response.status_code == 201, response.text
    return response.get_json()


def stretch(upload: Any, number: int, film: bytes) -> bytes:
    size = upload["part_bytes"]
    return film[(number - 1) * size : number * size]


def announce(visitor: TestVisitor, upload: Any, number: int, film: bytes = FILM) -> TestResponse:
    told = {"number": number, "sha256": hashlib.sha256(stretch(upload, number, film)).hexdigest()}
    return visitor.fetch(f"{upload['url']}/parts", method="POST", json={"parts": [told]})


def put(visitor: TestVisitor, upload: Any, number: int, film: bytes = FILM) -> TestResponse:
    """Announce a part and send it where the house says; its answer where it refuses that."""
    answer = announce(visitor, upload, number, film)
    if answer.status_code != 200:
        return answer
    return put_at(visitor, answer, stretch(upload, number, film))


def put_at(visitor: TestVisitor, announced: TestResponse, bytes_: bytes) -> TestResponse:
    (address,) = announced.get_json()["parts"]
    return visitor.fetch(
        address["url"], method="PUT", data=bytes_, content_type="application/octet-stream"
    )


def complete(visitor: TestVisitor, upload: Any) -> TestResponse:
    return visitor.fetch(f"{upload['url']}/complete", method="POST")


SendWhole = Callable[..., Any]


@pytest.fixture
def send_whole(work_on_arrivals: Callable[[], None]) -> SendWhole:
    """Sends a film and waits until it has been read; what the house says of it then."""

    def send(visitor: TestVisitor, entry: Entry, film: bytes = FILM) -> Any:
        upload = begin(visitor, entry, film)
        for number in range(1, -(-len(film) // PART) + 1):
            assert put(visitor, upload, number, film).status_code == 200
        assert complete(visitor, upload).status_code == 202
        work_on_arrivals()
        return visitor.fetch(upload["url"]).get_json()["film"]

    return send


def test_a_film_sent_in_parts_becomes_the_first_version(
    author: TestVisitor,
    entry: Entry,
    session: Session,
    storage: Storage,
    work_on_arrivals: Callable[[], None],
) -> None:
    upload = begin(author, entry, name="../港湾 final.mov")
    assert (upload["name"], upload["size"], upload["part_bytes"]) == ("港湾 final.mov", 4096, PART)
    for number in (3, 1, 2):
        assert put(author, upload, number).get_json() == {"number": number}
    response = complete(author, upload)
    told = response.get_json()
    assert (response.status_code, told["being_read"], told["film"]) == (202, True, None)
    work_on_arrivals()
    told = author.fetch(upload["url"]).get_json()
    assert (told["state"], told["being_read"], told["message"]) == ("complete", False, None)
    assert told["film"] == {
        "entry": entry.id,
        "version": 1,
        "name": "港湾 final.mov",
        "size": 4096,
        "sha256": hashlib.sha256(FILM).hexdigest(),
        "received_at": "2026-11-02T12:00:00+00:00",
    }
    session.refresh(entry)
    assert [reel.number for reel in entry.reels] == [1]
    assert entry.master is not None
    with storage.open(entry.master.storage_key) as kept:
        assert kept.read() == FILM


def test_a_later_film_is_the_next_version_and_an_upload_given_up_is_none(
    author: TestVisitor, entry: Entry, session: Session, send_whole: SendWhole
) -> None:
    send_whole(author, entry)
    given_up = begin(author, entry)
    assert author.fetch(given_up["url"], method="DELETE").get_json()["state"] == "abandoned"
    assert send_whole(author, entry, FILM[::-1])["version"] == 2
    session.refresh(entry)
    assert [reel.number for reel in entry.reels] == [1, None, 2]
    assert entry.master is not None
    assert entry.master.sha256 == hashlib.sha256(FILM[::-1]).hexdigest()


def test_what_came_so_far_is_told_to_go_on_from(author: TestVisitor, entry: Entry) -> None:
    upload = begin(author, entry)
    put(author, upload, 2)
    announce(author, upload, 3)
    told = author.fetch(upload["url"]).get_json()
    assert told["state"] == "open"
    assert told["parts"] == [
        {"number": 2, "size": PART, "sha256": hashlib.sha256(FILM[PART : 2 * PART]).hexdigest()}
    ]


def test_completing_twice_reads_once(
    author: TestVisitor, entry: Entry, session: Session, work_on_arrivals: Callable[[], None]
) -> None:
    upload = begin(author, entry)
    for number in (1, 2, 3):
        put(author, upload, number)
    assert [complete(author, upload).status_code for _ in range(2)] == [202] * 2
    work_on_arrivals()
    assert complete(author, upload).get_json()["film"]["version"] == 1
    assert session.scalar(select(func.count(Job.id)).where(Job.name == "receive_film")) == 1


def test_the_same_part_again_is_welcome_and_not_kept_twice(
    author: TestVisitor, entry: Entry
) -> None:
    upload = begin(author, entry)
    assert [put(author, upload, 1).status_code for _ in range(3)] == [200] * 3
    assert len(author.fetch(upload["url"]).get_json()["parts"]) == 1


def test_a_part_of_another_file_is_refused_and_changes_nothing(
    author: TestVisitor, entry: Entry, work_on_arrivals: Callable[[], None]
) -> None:
    upload = begin(author, entry)
    put(author, upload, 1)
    response = put(author, upload, 1, bytes(4096))
    assert response.status_code == 409
    assert "another file" in response.get_json()["message"]
    for number in (2, 3):
        put(author, upload, number)
    complete(author, upload)
    work_on_arrivals()
    film = author.fetch(upload["url"]).get_json()["film"]
    assert film["sha256"] == hashlib.sha256(FILM).hexdigest()


def test_who_begins_again_and_again_holds_one_room_though_no_worker_clears_up(
    app: Flask, author: TestVisitor, entry: Entry
) -> None:
    begun = [begin(author, entry) for _ in range(4)]
    incoming = app.extensions["house"].settings.storage_path / "incoming"
    assert len(list(incoming.iterdir())) == 1
    assert put(author, begun[-1], 1).status_code == 200
    assert author.fetch(begun[-1]["url"], method="DELETE").status_code == 200
    assert list(incoming.iterdir()) == []


def test_a_storage_that_frees_no_room_keeps_nobody_from_beginning_again(
    app: Flask, author: TestVisitor, entry: Entry, session: Session
) -> None:
    class Stuck(LocalDisk):
        def abandon(self, transfer: Transfer) -> None:
            raise PermissionError("The folder is read-only.")

    house = app.extensions["house"]
    stuck = Stuck(house.settings.storage_path)
    app.extensions["house"] = replace(house, storage=stuck)
    first, second = begin(author, entry), begin(author, entry)
    assert author.fetch(second["url"], method="DELETE").status_code == 200
    assert [author.fetch(each["url"]).get_json()["state"] for each in (first, second)] == [
        "abandoned",
        "abandoned",
    ]
    jobs = session.scalars(select(Job.name).where(Job.name == "clear_upload")).all()
    assert len(jobs) == 2


def test_a_part_that_never_came_may_be_announced_anew(author: TestVisitor, entry: Entry) -> None:
    upload = begin(author, entry)
    announce(author, upload, 1, bytes(4096))
    assert put(author, upload, 1).status_code == 200


def test_a_part_whose_bytes_do_not_match_its_hash_is_refused(
    author: TestVisitor, entry: Entry
) -> None:
    upload = begin(author, entry)
    response = put_at(author, announce(author, upload, 1), bytes(PART))
    assert response.status_code == 422
    assert response.get_json() == {"message": "Part 1 was damaged on its way. It is sent again."}
    assert author.fetch(upload["url"]).get_json()["parts"] == []


PROPER = "0" * 64


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"parts": None},
        {"parts": []},
        {"parts": [1]},
        {"parts": [{"number": 1}]},
        {"parts": [{"number": "1", "sha256": PROPER}]},
        {"parts": [{"number": [1], "sha256": PROPER}]},
        {"parts": [{"number": 1, "sha256": PROPER}] * 2},
        {"parts": [{"number": each, "sha256": PROPER} for each in range(1, 34)]},
        *({"parts": [{"number": 1, "sha256": each}]} for each in ("", "abc", "G" * 64, "0" * 65)),
        {"parts": [{"number": 1, "sha256": "0" * 63 + "\u00e9"}]},
    ],
)
def test_what_does_not_announce_parts_is_refused(
    author: TestVisitor, entry: Entry, told: Any
) -> None:
    upload = begin(author, entry)
    answer = author.fetch(f"{upload['url']}/parts", method="POST", json=told)
    assert answer.status_code == 422


def test_a_part_of_the_wrong_length_is_refused(author: TestVisitor, entry: Entry) -> None:
    upload = begin(author, entry)
    announced = announce(author, upload, 1)
    for bytes_, status in (
        (b"short", 422),
        (FILM[: PART - 1], 422),
        (FILM[: PART + 1], 422),
        (bytes(PART + 2), 413),
    ):
        assert put_at(author, announced, bytes_).status_code == status
    assert author.fetch(upload["url"]).get_json()["parts"] == []


def test_an_address_is_for_one_part_of_one_upload(
    author: TestVisitor, entry: Entry, session: Session
) -> None:
    upload = begin(author, entry)
    (address,) = announce(author, upload, 1).get_json()["parts"]
    other = make_entry(session, entry.edition, entry.person)
    session.commit()
    elsewhere = begin(author, other)
    token, own = (each["url"].rpartition("/")[2] for each in (elsewhere, upload))
    for changed in (
        address["url"].replace("/parts/1", "/parts/2"),
        address["url"].replace(own, token, 1),
        address["url"].replace("ticket=", "ticket=x"),
        address["url"].partition("?")[0],
    ):
        assert author.fetch(changed, method="PUT", data=FILM[:PART]).status_code == 403
    for each in (upload, elsewhere):
        assert author.fetch(each["url"]).get_json()["parts"] == []


def test_an_address_is_over_after_its_time(
    author: TestVisitor, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    upload = begin(author, entry)
    announced = announce(author, upload, 1)
    later = time.time() + 901
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    response = put_at(author, announced, FILM[:PART])
    assert response.status_code == 403
    assert response.get_json() == {"message": "This address is over. Ask for another one."}


def test_an_address_used_again_after_the_film_arrived_changes_nothing(
    author: TestVisitor,
    entry: Entry,
    session: Session,
    storage: Storage,
    work_on_arrivals: Callable[[], None],
) -> None:
    upload = begin(author, entry)
    announced = announce(author, upload, 1)
    for number in (1, 2, 3):
        put(author, upload, number)
    complete(author, upload)
    assert put_at(author, announced, FILM[:PART]).status_code == 200
    work_on_arrivals()
    assert put_at(author, announced, FILM[:PART]).status_code == 409
    assert announce(author, upload, 1).status_code == 409
    session.refresh(entry)
    assert entry.master is not None
    with storage.open(entry.master.storage_key) as kept:
        assert kept.read() == FILM


def test_a_part_beyond_the_film_is_refused(author: TestVisitor, entry: Entry) -> None:
    upload = begin(author, entry)
    response = put(author, upload, 4, FILM * 2)
    assert response.status_code == 409
    assert response.get_json()["message"] == "This film has no part 4."


def test_an_incomplete_film_says_what_is_lacking(
    author: TestVisitor, entry: Entry, session: Session
) -> None:
    upload = begin(author, entry)
    put(author, upload, 1)
    announce(author, upload, 2)
    response = complete(author, upload)
    assert (response.status_code, response.get_json()["again"]) == (409, [2, 3])
    assert session.scalar(select(func.count(Master.id))) == 0


def test_parts_that_rotted_are_asked_for_again(
    author: TestVisitor,
    entry: Entry,
    app: Flask,
    session: Session,
    work_on_arrivals: Callable[[], None],
) -> None:
    upload = begin(author, entry)
    for number in (1, 2, 3):
        put(author, upload, number)
    kept = session.scalars(select(Upload)).one()
    arriving = app.extensions["house"].settings.storage_path / "incoming" / kept.storage_key
    with arriving.open("r+b") as file:
        file.seek(PART)
        file.write(b"rot")
    assert complete(author, upload).status_code == 202
    work_on_arrivals()
    told = author.fetch(upload["url"]).get_json()
    assert (told["state"], told["being_read"]) == ("open", False)
    assert [each["number"] for each in told["parts"]] == [1, 3]
    put(author, upload, 2)
    complete(author, upload)
    work_on_arrivals()
    film = author.fetch(upload["url"]).get_json()["film"]
    assert film["sha256"] == hashlib.sha256(FILM).hexdigest()


def declare(visitor: TestVisitor, upload: Any, sha256: Any) -> TestResponse:
    return visitor.fetch(f"{upload['url']}/sha256", method="PUT", json={"sha256": sha256})


def send_all(author: TestVisitor, entry: Entry) -> Any:
    """A film whose parts are all there, and which nobody has read yet."""
    upload = begin(author, entry)
    for number in (1, 2, 3):
        put(author, upload, number)
    assert complete(author, upload).status_code == 202
    return upload


GIVEN_UP = "This upload was given up. Choose the file again to begin."


def test_a_film_that_is_lost_before_it_was_read_becomes_no_version(
    author: TestVisitor,
    entry: Entry,
    session: Session,
    storage: Storage,
    work_on_arrivals: Callable[[], None],
) -> None:
    upload = send_all(author, entry)
    storage.abandon(transfer_of(session.scalars(select(Upload)).one()))
    work_on_arrivals()
    told = author.fetch(upload["url"]).get_json()
    assert (told["state"], told["film"], told["message"]) == ("abandoned", None, GIVEN_UP)
    assert session.scalar(select(func.count(Master.id))) == 0


def test_a_film_whose_entry_was_withdrawn_meanwhile_is_not_called_another(
    author: TestVisitor, entry: Entry, session: Session, work_on_arrivals: Callable[[], None]
) -> None:
    upload = send_all(author, entry)
    entry.stage = EntryStage.WITHDRAWN
    session.commit()
    work_on_arrivals()
    told = author.fetch(upload["url"]).get_json()
    assert (told["state"], told["message"]) == ("abandoned", GIVEN_UP)


def test_a_film_is_what_it_was_announced_to_be_or_is_not_taken(
    author: TestVisitor,
    entry: Entry,
    session: Session,
    app: Flask,
    work_on_arrivals: Callable[[], None],
) -> None:
    upload = begin(author, entry)
    assert declare(author, upload, PROPER).get_json()["sha256"] == PROPER
    for number in (1, 2, 3):
        put(author, upload, number)
    assert complete(author, upload).status_code == 202
    work_on_arrivals()
    told = author.fetch(upload["url"]).get_json()
    assert (told["state"], told["film"]) == ("abandoned", None)
    assert told["message"] == (
        "What arrived is not the film that was announced: its SHA-256 is another one. The file "
        "changed while it was sent. Choose it again to send it anew."
    )
    assert told["message"] in " ".join(author.get(f"/entries/{entry.id}?step=film").text.split())
    assert session.scalar(select(func.count(Master.id))) == 0
    folder = app.extensions["house"].settings.storage_path
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    line = session.scalars(select(LogLine).where(LogLine.act == "entry.film_refused")).one()
    assert line.details == {"announced": PROPER, "sha256": hashlib.sha256(FILM).hexdigest()}


def test_what_a_film_is_is_said_once(author: TestVisitor, entry: Entry) -> None:
    upload = begin(author, entry)
    assert [declare(author, upload, PROPER).status_code for _ in range(2)] == [200] * 2
    changed = declare(author, upload, "1" * 64)
    assert changed.status_code == 409
    assert "not the file this upload was begun with" in changed.get_json()["message"]
    assert author.fetch(upload["url"]).get_json()["sha256"] == PROPER


@pytest.mark.parametrize("told", [None, 1, "", "0" * 63, "A" * 64])
def test_what_is_no_hash_of_a_film_is_refused(author: TestVisitor, entry: Entry, told: Any) -> None:
    assert declare(author, begin(author, entry), told).status_code == 422
    if told is not None:
        address = f"/entries/{entry.id}/uploads"
        begun = {"name": "a.mov", "size": 10, "sha256": told}
        assert author.fetch(address, method="POST", json=begun).status_code == 422


def test_a_film_that_is_being_read_is_not_given_up_and_takes_no_parts(
    author: TestVisitor, entry: Entry
) -> None:
    upload = begin(author, entry)
    for number in (1, 2, 3):
        put(author, upload, number)
    complete(author, upload)
    address = f"/entries/{entry.id}/uploads"
    for answer in (
        author.fetch(upload["url"], method="DELETE"),
        announce(author, upload, 1),
        author.fetch(address, method="POST", json={"name": "b.mov", "size": 1}),
    ):
        assert answer.status_code == 409
        assert answer.get_json()["message"] == (
            "All of this film is here; it is being read once more. Wait for that."
        )


def test_one_byte_above_the_limit_is_refused_in_words(author: TestVisitor, entry: Entry) -> None:
    limit = entry.rules_version.rules.film.size_max_bytes
    address = f"/entries/{entry.id}/uploads"
    over = author.fetch(address, method="POST", json={"name": "a.mov", "size": limit + 1})
    assert over.status_code == 409
    assert over.get_json()["message"] == (
        "This file holds 4.01 GiB; this edition takes films of 4 GiB at most. "
        "Export it again with a lower bit rate."
    )


@pytest.mark.parametrize(
    "told",
    [None, [], "a.mov", {}, {"name": "a"}, {"name": 1, "size": 1}, {"name": "a", "size": "1"}],
)
def test_what_does_not_say_name_and_size_is_refused(
    author: TestVisitor, entry: Entry, told: Any
) -> None:
    response = author.fetch(f"/entries/{entry.id}/uploads", method="POST", json=told)
    assert response.status_code == 422


def test_a_new_upload_ends_the_one_before(
    author: TestVisitor, entry: Entry, session: Session
) -> None:
    first = begin(author, entry)
    begin(author, entry)
    states = session.scalars(select(Upload.state).order_by(Upload.id)).all()
    assert states == [UploadState.ABANDONED, UploadState.OPEN]
    response = put(author, first, 1)
    assert response.status_code == 409
    assert "given up" in response.get_json()["message"]


def test_a_film_does_not_slip_into_an_entry_submitted_meanwhile(
    author: TestVisitor, entry: Entry, session: Session, clock: Clock
) -> None:
    upload = begin(author, entry)
    for number in (1, 2, 3):
        put(author, upload, number)
    entry.stage, entry.number, entry.submitted_at = EntryStage.SUBMITTED, 1, clock.now
    session.commit()
    response = complete(author, upload)
    assert response.status_code == 409
    assert "return it to draft" in response.get_json()["message"]
    assert session.scalar(select(Reel.number)) is None


def test_other_peoples_uploads_are_not_there(
    author: TestVisitor,
    entry: Entry,
    session: Session,
    visitor: TestVisitor,
    signed_in: Callable[[Person], TestVisitor],
) -> None:
    upload = begin(author, entry)
    (address,) = announce(author, upload, 1).get_json()["parts"]
    strangers = [make_person(session, "Stranger"), make_organizer(session, entry.edition)]
    session.commit()
    for other, status in [(visitor, 401), *((signed_in(each), 404) for each in strangers)]:
        answers = [
            other.fetch(
                f"/entries/{entry.id}/uploads", method="POST", json={"name": "a", "size": 1}
            ),
            other.fetch(upload["url"]),
            announce(other, upload, 1),
            other.fetch(address["url"], method="PUT", data=FILM[:PART]),
            declare(other, upload, PROPER),
            complete(other, upload),
            other.fetch(upload["url"], method="DELETE"),
        ]
        assert [each.status_code for each in answers] == [status] * 7
    assert author.fetch(upload["url"]).get_json()["state"] == "open"


def test_an_upload_nobody_began_is_not_there(author: TestVisitor) -> None:
    assert author.fetch("/uploads/nothing").status_code == 404
    assert author.fetch("/entries/999/uploads", method="POST", json={}).status_code == 404


def test_a_part_without_the_pages_token_is_refused(author: TestVisitor, entry: Entry) -> None:
    upload = begin(author, entry)
    (address,) = announce(author, upload, 1).get_json()["parts"]
    sent = {"data": FILM[:PART], "headers": {"X-CSRFToken": ""}}
    assert author.fetch(address["url"], method="PUT", **sent).status_code == 400


def test_a_film_that_arrived_is_logged_with_its_hash(
    author: TestVisitor, entry: Entry, session: Session, send_whole: SendWhole
) -> None:
    send_whole(author, entry)
    line = session.scalars(select(LogLine).where(LogLine.act == "entry.film_received")).one()
    assert (line.about, line.person_id, line.edition_id, line.details) == (
        f"entry:{entry.id}",
        entry.person_id,
        entry.edition_id,
        {"version": 1, "sha256": hashlib.sha256(FILM).hexdigest()},
    )


@pytest.fixture
def link(app: Flask, storage: Storage) -> Callable[..., str]:
    key = storage.keep(io.BytesIO(FILM))

    def make(**given: Any) -> str:
        with app.test_request_context(base_url="https://localhost"):
            return link_to(key, "video/mp4", **given)

    return make


def test_a_link_gives_the_whole_film_under_our_own_type(
    visitor: TestVisitor, link: Callable[..., str]
) -> None:
    response = visitor.get(link(), buffered=True)
    assert (response.status_code, response.data) == (200, FILM)
    told = {
        name: response.headers[name]
        for name in (
            "Content-Type",
            "Content-Length",
            "Accept-Ranges",
            "X-Content-Type-Options",
            "Content-Security-Policy",
            "Content-Disposition",
            "Cache-Control",
        )
    }
    assert told == {
        "Content-Type": "video/mp4",
        "Content-Length": "4096",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline",
        "Cache-Control": "private, max-age=3600",
    }


@pytest.mark.parametrize(
    ("asked", "told", "part"),
    [
        ("bytes=0-", "bytes 0-4095/4096", FILM),
        ("bytes=100-199", "bytes 100-199/4096", FILM[100:200]),
        ("bytes=-10", "bytes 4086-4095/4096", FILM[-10:]),
        ("bytes=4000-9999", "bytes 4000-4095/4096", FILM[4000:]),
    ],
    ids=["from the start", "in the middle", "at the end", "to the end and beyond"],
)
def test_a_range_gives_that_stretch(
    visitor: TestVisitor, link: Callable[..., str], asked: str, told: str, part: bytes
) -> None:
    response = visitor.get(link(), headers={"Range": asked}, buffered=True)
    assert (response.status_code, response.headers["Content-Range"]) == (206, told)
    assert response.data == part
    assert response.content_length == len(part)


def test_a_range_beyond_the_end_is_said_to_be_so(
    visitor: TestVisitor, link: Callable[..., str]
) -> None:
    response = visitor.get(link(), headers={"Range": "bytes=4096-"})
    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */4096")


def test_only_the_headers_are_given_where_only_they_are_asked_for(
    visitor: TestVisitor, link: Callable[..., str]
) -> None:
    response = visitor.head(link())
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == "4096"


def test_a_link_is_over_after_its_time(
    visitor: TestVisitor, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    address = link()
    later = time.time() + 3601
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert visitor.get(address).status_code == 404


def test_a_link_that_was_changed_opens_nothing(
    visitor: TestVisitor, link: Callable[..., str]
) -> None:
    address = link()
    changed = address[:8] + ("A" if address[8] != "A" else "B") + address[9:]
    assert visitor.get(changed).status_code == 404


def test_a_link_for_one_person_opens_for_nobody_else(
    author: TestVisitor,
    entry: Entry,
    session: Session,
    visitor: TestVisitor,
    signed_in: Callable[[Person], TestVisitor],
    link: Callable[..., str],
) -> None:
    stranger = make_person(session)
    session.commit()
    address = link(person_id=entry.person_id)
    response = author.get(address, buffered=True)
    assert (response.status_code, response.data) == (200, FILM)
    assert response.headers["Cache-Control"] == "private, no-cache"
    again = author.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert signed_in(stranger).get(address).status_code == 404
    assert visitor.get(address).status_code == 404


def test_a_link_with_a_name_is_for_saving(visitor: TestVisitor, link: Callable[..., str]) -> None:
    told = visitor.head(link(filename='港湾 "final".mov')).headers["Content-Disposition"]
    assert told == ("attachment; filename*=UTF-8''%E6%B8%AF%E6%B9%BE%20%22final%22.mov")


def test_a_link_to_what_is_not_kept_opens_nothing(visitor: TestVisitor, app: Flask) -> None:
    with app.test_request_context(base_url="https://localhost"):
        address = link_to("master-1", "video/mp4")
    assert visitor.get(address).status_code == 404
