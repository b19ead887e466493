"""Films straight to the disk and from it, past the page cache, where the system knows how.

Writers of one file wait for each other while their bytes are copied into the page cache; what goes
straight (O_DIRECT) goes side by side, is there once it is written, and drives nothing else out of
memory. In return the disk wants whole blocks, and memory that begins on a page.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from contest.machines.storage import BytesSource

BLOCK = 4096
"""What every disk takes, be its sectors of 512 bytes or of 4 KiB."""
AT_ONCE = 1 << 20
"""Bytes moved at a time: fewer wait for the disk more often, more leave the processor's caches."""
READ = 1 << 18
"""Bytes read at a time, and hashed while they are in the processor's caches."""
STRAIGHT: int = getattr(os, "O_DIRECT", 0)
"""Zero where the system knows no such thing (macOS)."""
READ_ONLY = 0o440


class Sealed(Exception):
    """The file is finished: nothing is written to it any more."""


class PartWriter:
    """A stretch of an existing file, written once from `offset` on.

    Raises FileNotFoundError where there is no such file, `Sealed` where it is finished, also while
    this writes, and OSError as writing does.
    """

    def __init__(self, path: Path, offset: int) -> None:
        self._at = offset
        self._descriptor = _open_to_write(path)
        self._straight = offset % BLOCK == 0 and _go_straight(self._descriptor, STRAIGHT)
        self._memory = memoryview(mmap.mmap(-1, AT_ONCE))  # unlike a bytearray, begins on a page
        self._gathered = 0  # bytes in memory

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def take(self, source: BytesSource, length: int, see: Callable[[memoryview], None]) -> int:
        """Write the next `length` bytes of `source`, fewer where it ends before; returns how many.

        `see` is shown each piece before it is written.
        """
        taken = 0
        while taken < length:
            room = self._memory[self._gathered :][: min(READ, length - taken)]
            count = source.readinto(room)
            if not count:
                break
            see(room[:count])
            taken += count
            self._gathered += count
            if self._gathered == AT_ONCE:
                self._write_out()
        return taken

    def flush(self) -> None:
        """Return when all of it is on the disk."""
        if self._gathered % BLOCK:
            self._straight = _go_straight(self._descriptor, 0)  # a film may end within a block
        self._write_out()
        getattr(os, "fdatasync", os.fsync)(self._descriptor)

    def _write_out(self) -> None:
        """Write what is gathered; a file system may take it in several goes."""
        left = self._memory[: self._gathered]
        with _unsealed(self._descriptor):
            while left:
                written = self._written(left, self._at)
                left, self._at = left[written:], self._at + written
        self._gathered = 0

    def _written(self, left: memoryview, at: int) -> int:
        try:
            return os.pwrite(self._descriptor, left, at)
        except OSError as problem:
            if problem.errno != errno.EINVAL or not self._straight:
                raise
        self._straight = _go_straight(self._descriptor, 0)  # a disk that wants larger blocks
        return os.pwrite(self._descriptor, left, at)


def seal(path: Path) -> None:
    """Let nothing more be written to the file, not even by those who have it open already."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # whoever is writing a piece ends it first
        os.fchmod(descriptor, READ_ONLY)
    finally:
        os.close(descriptor)


def unseal(path: Path) -> None:
    """Let its owner write to the file again."""
    path.chmod(READ_ONLY | stat.S_IWUSR)


def _open_to_write(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY)
    except PermissionError:
        if path.stat().st_mode & stat.S_IWUSR:
            raise
        raise Sealed from None


@contextmanager
def _unsealed(descriptor: int) -> Iterator[None]:
    """While a piece is written nobody seals the file; raises `Sealed` where somebody has."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        if not os.fstat(descriptor).st_mode & stat.S_IWUSR:
            raise Sealed
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def pieces(path: Path) -> Iterator[memoryview]:
    """A file from front to back in pieces of `AT_ONCE` bytes; the next is read while one is used.

    A piece is good until the next is asked for.
    """
    descriptor = os.open(path, os.O_RDONLY)
    _go_straight(descriptor, STRAIGHT)
    length = os.fstat(descriptor).st_size
    memory = [mmap.mmap(-1, AT_ONCE) for _ in range(2)]
    try:
        with ThreadPoolExecutor(1) as beside:
            at, coming = 0, beside.submit(_read, descriptor, memory[0], 0)
            while at < length and (count := coming.result()):
                here, at = memory[0], at + count
                memory.reverse()
                coming = beside.submit(_read, descriptor, memory[0], at)
                with memoryview(here) as whole, whole[:count] as piece:
                    yield piece
    finally:
        os.close(descriptor)


def _read(descriptor: int, memory: mmap.mmap, at: int) -> int:
    try:
        return os.preadv(descriptor, [memory], at)
    except OSError as problem:
        if problem.errno != errno.EINVAL:
            raise
    _go_straight(descriptor, 0)  # not at the beginning of a block, or this disk's are larger
    return os.preadv(descriptor, [memory], at)


def _go_straight(descriptor: int, flag: int) -> bool:
    """Begin (`STRAIGHT`) or cease (0) to pass the page cache by; whether it is passed by now."""
    kept = fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~STRAIGHT
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, kept | flag)
    except OSError as problem:
        if problem.errno != errno.EINVAL:
            raise
        return False  # this file system can't
    return bool(flag)
