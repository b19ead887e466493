"""One contract for whatever keeps bytes: the local disk, and a real S3 server."""

from __future__ import annotations

import hashlib
import io
import os
import random
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from contest.machines.storage import (
    CHUNK,
    NoRoom,
    NotKept,
    OutOfReach,
    Part,
    PartsDiffer,
    Storage,
    Transfer,
    open_storage,
)
from contest.machines.storage_disk import LocalDisk
from contest.machines.storage_s3 import S3

PART = 5 << 20
"""The smallest part that S3 takes before the last one."""
FILM = random.Random(7).randbytes(2 * PART + 12345)


def parts_of(film: bytes) -> list[Part]:
    return [
        Part(
            number=1 + offset // PART,
            offset=offset,
            size_bytes=len(film[offset : offset + PART]),
            sha256=hashlib.sha256(film[offset : offset + PART]).hexdigest(),
        )
        for offset in range(0, len(film), PART)
    ]


def send(storage: Storage, transfer: Transfer, part: Part, film: bytes = FILM) -> None:
    source = io.BytesIO(film[part.offset : part.offset + part.size_bytes])
    storage.put_part(transfer, part, source)


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return LocalDisk(tmp_path / "storage")
    return open_storage(request.getfixturevalue("bucket"))


def test_parts_sent_in_any_order_and_side_by_side_make_the_same_film(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    parts = parts_of(FILM)
    with ThreadPoolExecutor(3) as senders:
        list(senders.map(lambda part: send(storage, transfer, part), reversed(parts)))
    assert storage.finish(transfer, parts) == hashlib.sha256(FILM).hexdigest()
    with storage.open(transfer.key) as kept:
        assert kept.read() == FILM
    assert storage.size(transfer.key) == len(FILM)


def test_nothing_is_there_before_all_of_it_is(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    send(storage, transfer, parts_of(FILM)[0])
    with pytest.raises(NotKept):
        storage.size(transfer.key)
    with pytest.raises(NotKept):
        storage.open(transfer.key)


def test_a_part_with_one_wrong_bit_is_refused_and_can_be_sent_again(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    parts = parts_of(FILM)
    damaged = bytes([FILM[0] ^ 1]) + FILM[1:]
    with pytest.raises(PartsDiffer) as refusal:
        send(storage, transfer, parts[0], damaged)
    assert refusal.value.numbers == (1,)
    for part in parts:
        send(storage, transfer, part)
    assert storage.finish(transfer, parts) == hashlib.sha256(FILM).hexdigest()


@pytest.mark.parametrize("change", [-1, 1])
def test_a_part_that_is_a_byte_too_short_or_too_long_is_refused(
    storage: Storage, change: int
) -> None:
    transfer = storage.begin(len(FILM))
    part = parts_of(FILM)[0]
    with pytest.raises(PartsDiffer):
        storage.put_part(transfer, part, io.BytesIO(FILM[: part.size_bytes + change]))


def test_a_part_too_long_leaves_its_neighbour_alone(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    first, *others = parts_of(FILM)
    for part in others:
        send(storage, transfer, part)
    with pytest.raises(PartsDiffer):
        storage.put_part(transfer, first, io.BytesIO(bytes(PART + 3 * CHUNK)))
    send(storage, transfer, first)
    assert storage.finish(transfer, parts_of(FILM)) == hashlib.sha256(FILM).hexdigest()


def test_a_film_with_a_part_missing_is_not_finished(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    first, second, third = parts_of(FILM)
    for part in (first, third):
        send(storage, transfer, part)
    with pytest.raises(PartsDiffer) as refusal:
        storage.finish(transfer, [first, second, third])
    assert refusal.value.numbers == (2,)
    with pytest.raises(PartsDiffer):
        storage.finish(transfer, [first, third])
    with pytest.raises(NotKept):
        storage.size(transfer.key)


def test_finishing_twice_is_finishing_once(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    for part in parts_of(FILM):
        send(storage, transfer, part)
    whole = storage.finish(transfer, parts_of(FILM))
    assert storage.finish(transfer, parts_of(FILM)) == whole


def test_a_finished_film_takes_no_more_parts(storage: Storage) -> None:
    transfer = storage.begin(len(FILM))
    for part in parts_of(FILM):
        send(storage, transfer, part)
    storage.finish(transfer, parts_of(FILM))
    with pytest.raises(NotKept):
        send(storage, transfer, parts_of(FILM)[0])
    with storage.open(transfer.key) as kept:
        assert kept.read() == FILM


class Late(io.RawIOBase):
    """The body of a part that takes another turn once some of it has come."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile: Callable[[], object] | None = meanwhile

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        if self._meanwhile:
            self._meanwhile()
            self._meanwhile = None
        room[:] = bytes(len(room))
        return len(room)


def test_who_began_to_send_a_part_before_cannot_change_a_finished_film(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    transfer, parts = disk.begin(len(FILM)), parts_of(FILM)
    for part in parts:
        send(disk, transfer, part)
    body = Late(lambda: disk.finish(transfer, parts))
    with pytest.raises(NotKept):
        disk.put_part(transfer, parts[0], body)
    with disk.open(transfer.key) as kept:
        assert kept.read() == FILM


def test_a_part_that_changed_on_the_disk_can_be_sent_again(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    transfer, parts = disk.begin(len(FILM)), parts_of(FILM)
    for part in parts[1:]:
        send(disk, transfer, part)
    with pytest.raises(PartsDiffer):
        disk.finish(transfer, parts)
    send(disk, transfer, parts[0])
    assert disk.finish(transfer, parts) == hashlib.sha256(FILM).hexdigest()


def test_an_abandoned_film_takes_no_more_parts_and_can_be_abandoned_again(
    storage: Storage,
) -> None:
    transfer = storage.begin(len(FILM))
    send(storage, transfer, parts_of(FILM)[0])
    storage.abandon(transfer)
    storage.abandon(transfer)
    with pytest.raises(NotKept):
        send(storage, transfer, parts_of(FILM)[1])
    with pytest.raises(NotKept):
        storage.finish(transfer, parts_of(FILM))


def test_each_bucket_is_opened_with_the_credentials_of_its_own_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signers = []
    for key in ("former", "later"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
        transfer = Transfer(key="a" * 40, handle="upload", size_bytes=len(FILM))
        bucket = S3("films", "http://127.0.0.1:1", "us-east-1")
        address = bucket.address_for(transfer, parts_of(FILM)[0], 60)
        assert address is not None
        told = parse_qs(urlsplit(address.url).query)["X-Amz-Credential"]
        signers.append(told[0].partition("/")[0])
    assert signers == ["former", "later"]


def test_a_bucket_that_is_gone_while_a_film_is_abandoned_is_out_of_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Aborted(BaseHTTPRequestHandler):
        """Takes the upload back, as S3 does."""

        def do_DELETE(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
    with HTTPServer(("127.0.0.1", 0), Aborted) as server:

        def answer_once() -> None:
            server.handle_request()
            server.server_close()

        once = threading.Thread(target=answer_once)
        once.start()
        bucket = S3("films", f"http://127.0.0.1:{server.server_port}", "us-east-1")
        with pytest.raises(OutOfReach):
            bucket.abandon(Transfer(key="a" * 40, handle="upload", size_bytes=1))
        once.join()


def test_an_object_can_be_read_anywhere(storage: Storage) -> None:
    key = storage.keep(io.BytesIO(FILM))
    with storage.open(key) as kept:
        kept.seek(PART - 3)
        assert kept.read(10) == FILM[PART - 3 : PART + 7]
        kept.seek(-4, os.SEEK_END)
        assert kept.read() == FILM[-4:]
        assert kept.read(1) == b""
        kept.seek(0)
        assert kept.read(2) == FILM[:2]


def test_under_one_key_the_first_object_stays(storage: Storage) -> None:
    key = storage.keep(io.BytesIO(b"first"), "a-rendition")
    assert storage.keep(io.BytesIO(b"second"), "a-rendition") == key == "a-rendition"
    with storage.open(key) as kept:
        assert kept.read() == b"first"


def test_an_object_is_a_local_file_while_it_is_needed(storage: Storage) -> None:
    key = storage.keep(io.BytesIO(FILM))
    with storage.local_path(key) as path:
        assert path.read_bytes() == FILM


def test_what_is_not_kept_is_said_so(storage: Storage) -> None:
    with pytest.raises(NotKept):
        storage.size("master-1")
    with pytest.raises(NotKept):
        storage.open("master-1")
    with pytest.raises(NotKept), storage.local_path("master-1"):
        pass


def test_keys_are_random_and_hold_no_word_of_a_user(storage: Storage) -> None:
    keys = {storage.begin(1).key for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) == 40 and set(key) <= set("0123456789abcdef") for key in keys)


def test_the_disk_holds_a_film_once_while_it_arrives_and_after(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    transfer = disk.begin(len(FILM))
    for part in parts_of(FILM):
        send(disk, transfer, part)
    assert sizes(tmp_path) == [len(FILM)]
    disk.finish(transfer, parts_of(FILM))
    assert sizes(tmp_path) == [len(FILM)]


def sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.rglob("*") if path.is_file()]


def test_a_part_that_changed_on_the_disk_since_it_came_is_found(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    transfer = disk.begin(len(FILM))
    for part in parts_of(FILM):
        send(disk, transfer, part)
    with (tmp_path / "incoming" / transfer.key).open("r+b") as film:
        film.seek(PART + 17)
        film.write(b"rot")
    with pytest.raises(PartsDiffer) as refusal:
        disk.finish(transfer, parts_of(FILM))
    assert refusal.value.numbers == (2,)


def test_a_film_the_disk_has_no_room_for_is_refused_before_a_byte_comes(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    with pytest.raises(NoRoom):
        disk.begin(1 << 60)
    assert sizes(tmp_path) == []


@pytest.mark.parametrize("key", ["../secret", "a/b", "", ".", "A", "a\x00", "a" * 81])
def test_a_key_that_walks_out_of_the_folder_finds_nothing(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret").write_text("not a film")
    disk = LocalDisk(tmp_path / "storage")
    with pytest.raises(NotKept):
        disk.open(key)
    with pytest.raises(NotKept):
        disk.keep(io.BytesIO(b"x"), key or "..")


def test_a_film_is_never_in_memory(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    film = tmp_path / "film"
    with film.open("wb") as made:
        made.truncate(64 << 20)
    digest = hashlib.sha256(bytes(64 << 20)).hexdigest()
    part = Part(number=1, offset=0, size_bytes=64 << 20, sha256=digest)
    tracemalloc.start()
    try:
        transfer = disk.begin(64 << 20)
        with film.open("rb") as source:
            disk.put_part(transfer, part, source)
        disk.finish(transfer, [part])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20
