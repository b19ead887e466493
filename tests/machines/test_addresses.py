"""Addresses for browsers: each good for one part, its bytes and a few minutes, on a real S3 server.

A browser and a thief hold the same address; whatever either sends there, the bucket judges.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contest.machines.storage import Address, NotKept, Part, PartsDiffer, Transfer, open_storage
from contest.machines.storage_disk import LocalDisk
from contest.machines.storage_s3 import S3
from contest.settings import Settings

PART = 5 << 20
FILM = random.Random(11).randbytes(2 * PART + 4321)
PAGE = "https://contest.example"
MINUTES = 900


@pytest.fixture(scope="module")
def s3(bucket: Settings) -> S3:
    keeper = open_storage(bucket)
    assert isinstance(keeper, S3)
    keeper.open_to(PAGE)
    return keeper


@pytest.fixture
def transfer(s3: S3) -> Transfer:
    return s3.begin(len(FILM))


def part(number: int, film: bytes = FILM) -> Part:
    offset = (number - 1) * PART
    stretch = film[offset : offset + PART]
    return Part(number, offset, len(stretch), hashlib.sha256(stretch).hexdigest())


def stretch(number: int) -> bytes:
    return FILM[(number - 1) * PART : number * PART]


def address(s3: S3, transfer: Transfer, number: int, seconds: int = MINUTES) -> Address:
    made = s3.address_for(transfer, part(number), seconds)
    assert made is not None
    return made


def knock(
    address: Address,
    body: bytes = b"",
    method: str = "PUT",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Mapping[str, str]]:
    """What the bucket answers: its status and headers."""
    place = urlsplit(address.url)
    told = {**address.headers, "Origin": PAGE, **(headers or {})}
    with closing(HTTPConnection(place.netloc, timeout=30)) as line:
        line.request(method, f"{place.path}?{place.query}", body, told)
        answer = line.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def put(address: Address, body: bytes) -> int:
    return knock(address, body)[0]


def test_parts_sent_to_their_addresses_make_the_film(s3: S3, transfer: Transfer) -> None:
    for number in (3, 1, 2):
        assert put(address(s3, transfer, number), stretch(number)) == 200
    assert s3.arrived(transfer, ()) == {1, 2, 3}
    whole = s3.finish(transfer, [part(number) for number in (1, 2, 3)])
    assert whole == hashlib.sha256(FILM).hexdigest()
    with s3.open(transfer.key) as kept:
        assert kept.read() == FILM


def test_the_bucket_knows_which_parts_came_whatever_we_noted(s3: S3, transfer: Transfer) -> None:
    assert s3.arrived(transfer, {1, 2}) == frozenset()
    put(address(s3, transfer, 2), stretch(2))
    assert s3.arrived(transfer, ()) == {2}


def test_the_same_part_may_come_again_to_the_same_address(s3: S3, transfer: Transfer) -> None:
    where = address(s3, transfer, 1)
    assert [put(where, stretch(1)) for _ in range(2)] == [200, 200]
    assert s3.arrived(transfer, ()) == {1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (bytes([FILM[0] ^ 1]) + FILM[1:PART], 400),
        (FILM[:PART] + b"x", 403),
        (FILM[: PART - 1], 403),
        (b"", 403),
        (FILM[PART : 2 * PART], 400),
    ],
    ids=["one wrong bit", "a byte too long", "a byte too short", "nothing", "another part"],
)
def test_an_address_takes_the_bytes_it_was_made_for_and_no_others(
    s3: S3, transfer: Transfer, body: bytes, status: int
) -> None:
    assert put(address(s3, transfer, 1), body) == status
    assert s3.arrived(transfer, ()) == frozenset()


def test_a_hash_of_ones_own_does_not_fit_the_signature(s3: S3, transfer: Transfer) -> None:
    other = bytes(PART)
    honest = address(s3, transfer, 1)
    swapped = s3.address_for(
        transfer, replace(part(1), sha256=hashlib.sha256(other).hexdigest()), 9
    )
    assert swapped is not None
    assert put(Address(honest.url, swapped.headers), other) == 403
    assert put(Address(honest.url, {}), other) == 403
    assert s3.arrived(transfer, ()) == frozenset()


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "HEAD"])
def test_an_address_is_for_sending_and_nothing_else(
    s3: S3, transfer: Transfer, method: str
) -> None:
    where = address(s3, transfer, 1)
    put(where, stretch(1))
    assert knock(where, method=method)[0] == 403
    assert s3.arrived(transfer, ()) == {1}


def test_an_address_changed_to_another_part_or_object_is_refused(
    s3: S3, transfer: Transfer
) -> None:
    where, other = address(s3, transfer, 1), s3.begin(len(FILM))
    for ours, theirs in (
        ("partNumber=1", "partNumber=2"),
        (transfer.key, other.key),
        (transfer.handle, other.handle),
        (f"X-Amz-Expires={MINUTES}", "X-Amz-Expires=604800"),
        (f"/{transfer.key}", f"/{transfer.key}x"),
    ):
        changed = where.url.replace(ours, theirs)
        assert changed != where.url
        assert put(Address(changed, where.headers), stretch(1)) == 403
    assert s3.arrived(transfer, ()) == s3.arrived(other, ()) == frozenset()


def test_an_address_is_over_after_its_time(s3: S3, transfer: Transfer) -> None:
    where = address(s3, transfer, 1, seconds=1)
    time.sleep(2.1)
    assert put(where, stretch(1)) == 403
    assert s3.arrived(transfer, ()) == frozenset()


def test_a_finished_film_is_not_changed_by_an_address_still_good(
    s3: S3, transfer: Transfer
) -> None:
    addresses = [address(s3, transfer, number) for number in (1, 2, 3)]
    for number, where in enumerate(addresses, start=1):
        put(where, stretch(number))
    s3.finish(transfer, [part(number) for number in (1, 2, 3)])
    assert [put(where, stretch(1 + at)) for at, where in enumerate(addresses)] == [404] * 3
    with pytest.raises(NotKept):
        s3.arrived(transfer, ())
    with s3.open(transfer.key) as kept:
        assert kept.read() == FILM


def test_an_abandoned_upload_takes_nothing_and_leaves_nothing(s3: S3, transfer: Transfer) -> None:
    where = address(s3, transfer, 1)
    put(where, stretch(1))
    s3.abandon(transfer)
    assert put(where, stretch(1)) == 404
    with pytest.raises(NotKept):
        s3.arrived(transfer, ())


def test_a_part_sent_again_with_other_bytes_is_not_joined_in_its_place(
    s3: S3, transfer: Transfer
) -> None:
    for number in (1, 2, 3):
        put(address(s3, transfer, number), stretch(number))
    other = replace(part(1), sha256=hashlib.sha256(bytes(PART)).hexdigest())
    where = s3.address_for(transfer, other, MINUTES)
    assert where is not None
    assert put(where, bytes(PART)) == 200
    try:
        whole = s3.finish(transfer, [part(number) for number in (1, 2, 3)])
    except PartsDiffer:
        return
    assert whole == hashlib.sha256(FILM).hexdigest()


def test_addresses_hold_no_word_of_a_user_and_lead_to_the_origin_pages_are_told_of(
    s3: S3, transfer: Transfer
) -> None:
    place = urlsplit(address(s3, transfer, 1).url)
    assert f"{place.scheme}://{place.netloc}" == s3.browser_origin
    assert place.path == f"/films/{transfer.key}"
    assert set(transfer.key) <= set("0123456789abcdef")


def test_the_bucket_answers_the_pages_of_its_house_and_no_others(
    s3: S3, transfer: Transfer
) -> None:
    where = address(s3, transfer, 1)
    asked = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,x-amz-checksum-sha256",
    }
    status, told = knock(where, method="OPTIONS", headers=asked)
    assert (status, told["access-control-allow-origin"]) == (200, PAGE)
    status, told = knock(
        where, method="OPTIONS", headers=asked | {"Origin": "https://evil.example"}
    )
    assert (status, told.get("access-control-allow-origin")) == (403, None)
    _status, told = knock(where, stretch(1))
    assert "ETag" in told["access-control-expose-headers"]


def test_the_disk_has_no_address_of_its_own(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    transfer = disk.begin(len(FILM))
    assert disk.address_for(transfer, part(1), MINUTES) is None
    assert disk.browser_origin == ""
    assert disk.arrived(transfer, [2]) == {2}
    disk.abandon(transfer)
    with pytest.raises(NotKept):
        disk.arrived(transfer, [2])
