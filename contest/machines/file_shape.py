"""What a file's first bytes and outermost boxes tell, read without any decoder.

Films are read as boxes of a length each (MP4, MOV), one chunk of a length (AVI) or one element of
a length (Matroska, WebM); a file that ends before its own lengths do was cut on its way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

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
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"


@dataclass(frozen=True)
class Shape:
    """`missing_bytes`: announced, not there. `faststart`: an MP4's index comes before its data."""

    missing_bytes: int = 0
    faststart: bool | None = None


def points_elsewhere(head: bytes) -> bool:
    """Whether a file's first bytes are those of a playlist or manifest."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(POINTERS) or (text.startswith(b"<") and b"<MPD" in text)


def shape_of(film: BinaryIO) -> Shape:
    """The outermost shape of an open file."""
    size = os.fstat(film.fileno()).st_size
    head = film.read(HEAD_BYTES)
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return _boxes(film, size)
    if head[:4] == b"RIFF":
        return Shape(max(0, 8 + int.from_bytes(head[4:8], "little") - size))
    if head[:4] == EBML:
        return Shape(_matroska_missing(head, size))
    return Shape()


def _boxes(film: BinaryIO, size: int) -> Shape:
    boxes = list(_top_boxes(film, size))
    order = [kind for kind, _ in boxes]
    known = b"moov" in order and b"mdat" in order
    faststart = order.index(b"moov") < order.index(b"mdat") if known else None
    return Shape(max(0, boxes[-1][1] - size), faststart)


def _top_boxes(film: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """(kind, offset of its end) of each outermost box; the last may end beyond the file."""
    at = 0
    for _ in range(BOXES_AT_MOST):
        film.seek(at)
        header = film.read(16)
        if len(header) < 8:
            return
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        at = size if length == 0 else at + length
        yield header[4:8], at
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
