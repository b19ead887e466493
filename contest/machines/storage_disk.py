"""Keeps bytes on the local disk.

An object on its way in is one file of its full length under `incoming/`; parts are written where
they belong in it, so nothing is ever joined or copied. Finishing makes it durable, then gives it
its name under `kept/`, in one step that can't replace another object.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from contest.machines.storage import (
    FORGOTTEN_AFTER_DAYS,
    Address,
    BytesSource,
    NoRoom,
    NotKept,
    Part,
    PartsDiffer,
    Transfer,
    chunks,
    new_key,
)
from contest.machines.straight import READ_ONLY, PartWriter, Sealed, pieces, seal, unseal

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class LocalDisk:
    """A folder as a keeper of bytes; see `Storage` for what it does."""

    browser_origin = ""

    def __init__(self, root: Path) -> None:
        self._incoming = root / "incoming"
        self._kept = root / "kept"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._kept.mkdir(exist_ok=True)

    def begin(self, size_bytes: int) -> Transfer:
        transfer = Transfer(key=new_key(), handle="", size_bytes=size_bytes)
        path = self._arriving(transfer.key)
        with path.open("xb") as film:
            try:
                _make_room(film.fileno(), size_bytes)
            except NoRoom:
                path.unlink()
                raise
        return transfer

    def put_part(self, transfer: Transfer, part: Part, source: BytesSource) -> None:
        digest = hashlib.sha256()
        try:
            with PartWriter(self._arriving(transfer.key), part.offset) as film, _no_room_said():
                taken = film.take(source, part.size_bytes, digest.update)
                if taken != part.size_bytes or source.read(1) or digest.hexdigest() != part.sha256:
                    raise PartsDiffer([part.number])
                film.flush()
        except (FileNotFoundError, Sealed):
            raise NotKept(transfer.key) from None

    def address_for(self, transfer: Transfer, part: Part, seconds: int) -> Address | None:
        return None

    def arrived(self, transfer: Transfer, noted: Collection[int]) -> frozenset[int]:
        if not self._arriving(transfer.key).is_file():
            raise NotKept(transfer.key)
        return frozenset(noted)

    def finish(self, transfer: Transfer, parts: Sequence[Part]) -> str:
        arriving, kept = self._arriving(transfer.key), self._place(transfer.key)
        film = _first_of(arriving, kept)
        seal(film)  # what is read here stays, whoever still sends a part that has come already
        try:
            whole = _verified(film, transfer.size_bytes, parts)
        except PartsDiffer:
            if film is arriving:
                unseal(film)
            raise
        _make_durable(film)
        _give_name(arriving, kept)
        return whole

    def abandon(self, transfer: Transfer) -> None:
        for path in (self._arriving(transfer.key), self._place(transfer.key)):
            path.unlink(missing_ok=True)

    def sweep(self, known: Collection[str]) -> None:
        long_ago = time.time() - timedelta(days=FORGOTTEN_AFTER_DAYS).total_seconds()
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # swept by another worker
                if path.name not in known and path.stat().st_mtime < long_ago:
                    path.unlink()

    def keep(self, source: BinaryIO, key: str | None = None) -> str:
        key = key or new_key()
        arriving = self._arriving(f"{key}-{new_key()[:8]}")
        with arriving.open("xb") as copy:
            for chunk in chunks(source):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        _give_name(arriving, self._place(key))
        return key

    def size(self, key: str) -> int:
        try:
            return self._place(key).stat().st_size
        except FileNotFoundError:
            raise NotKept(key) from None

    def open(self, key: str) -> BinaryIO:
        try:
            return self._place(key).open("rb")
        except FileNotFoundError:
            raise NotKept(key) from None

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        path = self._place(key)
        if not path.is_file():
            raise NotKept(key)
        yield path

    def _arriving(self, key: str) -> Path:
        return self._incoming / _safe(key)

    def _place(self, key: str) -> Path:
        return self._kept / _safe(key)[:2] / key


def _safe(key: str) -> str:
    """Keys are ours, but one that walks out of the folder must never have been."""
    if not KEY.fullmatch(key):
        raise NotKept(key)
    return key


def _make_room(descriptor: int, size_bytes: int) -> None:
    with _no_room_said():
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size_bytes)
        else:  # macOS: no promise of room, but the right length
            os.ftruncate(descriptor, size_bytes)


@contextmanager
def _no_room_said() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom("The disk can't hold it.") from problem
        raise


def _first_of(arriving: Path, kept: Path) -> Path:
    found = next((path for path in (kept, arriving) if path.is_file()), None)
    if found is None:
        raise NotKept(kept.name)
    return found


def _verified(film: Path, size_bytes: int, parts: Sequence[Part]) -> str:
    """The SHA-256 of the whole, when every part is what it was when it came and none lacks.

    Whole and part are hashed side by side: hashing frees the interpreter, so two cores share it.
    """
    whole, read = hashlib.sha256(), _PartByPart(parts)
    with ThreadPoolExecutor(1) as beside:
        for piece in pieces(film):
            other = beside.submit(whole.update, piece)
            read.on(piece)
            other.result()
    if (differ := read.differ()) or read.at != size_bytes:
        raise PartsDiffer(differ)
    return whole.hexdigest()


class _PartByPart:
    """A film read from front to back, each part held against its hash; `at` is how far it is read.

    `parts` are in order and leave nothing out.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.at = 0
        self._parts = deque(parts)
        self._digest = hashlib.sha256()
        self._differ: list[int] = []

    def on(self, piece: memoryview) -> None:
        """Read on: the next bytes of the film."""
        end = self.at + len(piece)
        while self.at < end and self._parts:
            part = self._parts[0]
            left = part.offset + part.size_bytes - self.at
            here, piece = piece[:left], piece[left:]
            self._digest.update(here)
            self.at += len(here)
            if len(here) == left:
                self._judge(self._parts.popleft())
        self.at = end

    def differ(self) -> list[int]:
        """The parts that are not what they were, or that the film ended before."""
        return [*self._differ, *(part.number for part in self._parts)]

    def _judge(self, part: Part) -> None:
        if self._digest.hexdigest() != part.sha256:
            self._differ.append(part.number)
        self._digest = hashlib.sha256()


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_name(arriving: Path, kept: Path) -> None:
    """A hard link appears whole or not at all, and unlike a rename never replaces anything."""
    kept.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):  # somebody finished it in the same moment
        arriving.chmod(READ_ONLY)
        with suppress(FileExistsError):
            os.link(arriving, kept)
        arriving.unlink()
    _make_durable(kept.parent)
