"""Bytes by key: films, renditions and subtitles, on the local disk or in S3.

One contract, two keepers. An object is written once and never changed. A film arrives in parts, in
any order and several at a time, each checked against its SHA-256; nothing is there under its key
before all of it is. Keys are random, hold no word of a user and tell nothing. No more than
`CHUNK` bytes of an object are in memory at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import BinaryIO, Protocol

from contest.settings import Settings

CHUNK = 1 << 18
"""Bytes read at a time: larger ones leave the processor's caches and cost ten times as much."""
BytesSource = RawIOBase | BufferedIOBase
"""Bytes as they come: a file, or the body of a request."""
FORGOTTEN_AFTER_DAYS = 14
"""The keeper's own broom, should ours never come: twice as long as we keep an idle upload."""


class NotKept(LookupError):
    """There is no object under this key."""


class NoRoom(OSError):
    """The disk can't take an object of this size."""


class OutOfReach(OSError):
    """Where films are kept does not answer now: what was asked of it may be asked again."""


class PartsDiffer(ValueError):
    """Parts are not what they were announced to be; `numbers` says which have to come again."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = tuple(numbers)
        super().__init__(f"Parts {', '.join(map(str, numbers))} differ from what was announced.")


@dataclass(frozen=True)
class Transfer:
    """An object on its way in. `handle` is the keeper's own name for it."""

    key: str
    handle: str
    size_bytes: int


@dataclass(frozen=True)
class Part:
    """A stretch of an object: `number` counts from 1, `sha256` is lower-case hexadecimal."""

    number: int
    offset: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Address:
    """Where a browser may PUT one part, and the headers it has to send with it."""

    url: str
    headers: Mapping[str, str]


class Storage(Protocol):
    """What both keepers do."""

    @property
    def browser_origin(self) -> str:
        """Scheme and host that browsers send parts to; empty where they come to us."""

    def begin(self, size_bytes: int) -> Transfer:
        """Begin an object of that size. Raises `NoRoom` where it can't fit, and `OutOfReach`."""

    def put_part(self, transfer: Transfer, part: Part, source: BytesSource) -> None:
        """Take one part from `source`, which ends with it. Raises `PartsDiffer` and `NoRoom`.

        The bytes of a part that was refused may stand in its place until it comes again.
        """

    def address_for(self, transfer: Transfer, part: Part, seconds: int) -> Address | None:
        """Where a browser may send this part itself for so many seconds; None if it must not.

        What goes there has this part's number, length and SHA-256, or is refused.
        """

    def arrived(self, transfer: Transfer, noted: Collection[int]) -> frozenset[int]:
        """The numbers of the parts that are there, as the keeper has them.

        `noted` are those `put_part` took: the disk keeps no list of its own. Raises `NotKept`
        where nothing is on its way in, and `OutOfReach`.
        """

    def finish(self, transfer: Transfer, parts: Sequence[Part]) -> str:
        """Read everything once more and keep it for good; returns the SHA-256 of the whole.

        `parts` are all parts in order. Doing it again does no harm. Raises `PartsDiffer` where
        parts are lacking or have changed since they came.
        """

    def abandon(self, transfer: Transfer) -> None:
        """Throw away what came of an object, finished or not; no harm if nothing did.

        Not for what has been promised to anybody: films that were received stay. Raises
        `OutOfReach`.
        """

    def sweep(self, known: Collection[str]) -> None:
        """Throw away what came of objects that were begun and that nobody knows of.

        A house that was killed may leave such. `known` are the keys of all on their way in;
        nothing younger than `FORGOTTEN_AFTER_DAYS` is touched.
        """

    def keep(self, source: BinaryIO, key: str | None = None) -> str:
        """Keep a whole object; returns its key. Under a key given twice the first object stays."""

    def size(self, key: str) -> int:
        """The length of an object in bytes. Raises `NotKept`."""

    def open(self, key: str) -> BinaryIO:
        """An object for reading anywhere in it. Raises `NotKept`."""

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """An object as a file to be read, not changed, within the block. Raises `NotKept`."""


def open_storage(settings: Settings) -> Storage:
    """The keeper the settings name: S3 where there is a bucket, else the local disk."""
    if settings.s3_bucket:
        from contest.machines.storage_s3 import S3  # boto3 takes its time to load

        return S3(settings.s3_bucket, settings.s3_endpoint, settings.s3_region)
    from contest.machines.storage_disk import LocalDisk

    return LocalDisk(settings.storage_path)


def new_key() -> str:
    """A key nobody can guess, in letters that every file system keeps apart."""
    return secrets.token_hex(20)


def chunks(source: BinaryIO | BytesSource) -> Iterator[bytes]:
    """Everything from here to the end, `CHUNK` bytes at most at a time."""
    while chunk := source.read(CHUNK):
        yield chunk
