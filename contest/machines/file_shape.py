"""A stranger's file opened, and what its first bytes and outermost boxes tell without a decoder.

Films are read as boxes of a length each (MP4, MOV), one chunk of a length (AVI) or one element of
a length (Matroska, WebM); a file that ends before its own lengths do was cut on its way.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO

from contest.rulebook.film_facts import Problem

HEAD_BYTES = 4096
BOXES_AT_MOST = 10_000
POINTERS = (
    b"#EXTM3U",
    b"ffconcat",
    b"v=0",
    b"[playlist]",
    b"[Reference]",
    b"<asx",
    b"<smil",
    b"RTSPtext",
)
"""Beginnings of files that hold no film but point at others: playlists and session descriptions."""
BEGINNINGS = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
"""Kinds of box that an MP4 or MOV begins with."""
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"


class NoFilmFile(Exception):
    """There is no regular file with bytes in it; `problem` says what is there instead."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.value)


@contextmanager
def opened(path: str) -> Iterator[FileIO]:
    """The film, read without buffering. Raises NoFilmFile for folders, pipes, devices and the like,
    of which none is opened, and for what is missing, empty or forbidden."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  # a Path would tidy odd names
        if not stat.S_ISREG(mode):
            raise NoFilmFile(Problem.NOT_A_FILE)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as missing:
        raise NoFilmFile(Problem.MISSING) from missing
    with open(handle, "rb", buffering=0) as film:  # noqa: PTH123  # a number, not a path
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):  # changed between the two looks
            raise NoFilmFile(Problem.NOT_A_FILE)
        if found.st_size == 0:
            raise NoFilmFile(Problem.EMPTY)
        yield film


@dataclass(frozen=True)
class Box:
    """An outermost box of an MP4 or MOV: where its content begins and ends, in bytes of the file.

    `is_whole` says whether the file really has it up to its end.
    """

    kind: bytes
    body: int
    end: int
    is_whole: bool


@dataclass(frozen=True)
class Shape:
    """`missing_bytes`: announced, not there. `faststart`: an MP4's index comes before its data."""

    missing_bytes: int = 0
    faststart: bool | None = None


def size_of(film: FileIO) -> int:
    """Bytes in an open file."""
    return os.fstat(film.fileno()).st_size


def points_elsewhere(film: FileIO) -> bool:
    """Whether a file's first bytes are those of a playlist or manifest."""
    film.seek(0)
    text = film.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(POINTERS) or (text.startswith(b"<") and b"<MPD" in text)


def shape_of(film: FileIO) -> Shape:
    """The outermost shape of an open file."""
    size = size_of(film)
    film.seek(0)
    head = film.read(HEAD_BYTES)
    if boxes := list(boxes_of(film)):
        return _boxes(boxes, size)
    if head[:4] == b"RIFF":
        return Shape(max(0, 8 + int.from_bytes(head[4:8], "little") - size))
    if head[:4] == EBML:
        return Shape(_matroska_missing(head, size))
    return Shape()


def boxes_of(film: FileIO) -> Iterator[Box]:
    """The outermost boxes of an open MP4 or MOV, in their order; none of other files.

    The last may end beyond the file; no more than `BOXES_AT_MOST` are walked through.
    """
    film.seek(0)
    if film.read(8)[4:] in BEGINNINGS:
        yield from _top_boxes(film, size_of(film))


def _boxes(boxes: Sequence[Box], size: int) -> Shape:
    order = [each.kind for each in boxes]
    known = b"moov" in order and b"mdat" in order
    faststart = order.index(b"moov") < order.index(b"mdat") if known else None
    return Shape(max(0, boxes[-1].end - size), faststart)


def _top_boxes(film: FileIO, size: int) -> Iterator[Box]:
    at = 0
    for _ in range(BOXES_AT_MOST):
        film.seek(at)
        header = film.read(16)
        if len(header) < 8:
            return
        body, length = at + 8, int.from_bytes(header[:4], "big")
        if length == 1:
            body, length = at + 16, int.from_bytes(header[8:16], "big")
        at = size if length == 0 else at + length
        yield Box(header[4:8], body, at, is_whole=at <= size)
        if length < 8 or at >= size:
            return


def _matroska_missing(head: bytes, size: int) -> int:
    at = head.find(SEGMENT)
    if at < 0 or at + 12 > len(head) or head[at + 4] == 0:
        return 0
    width = 9 - head[at + 4].bit_length()
    coded = int.from_bytes(head[at + 4 : at + 4 + width], "big")
    length = coded & ((1 << 7 * width) - 1)
    if length == (1 << 7 * width) - 1:  # a live recording: the length was not known
        return 0
    return max(0, at + 4 + width + length - size)
