"""The Content Credentials that a film carries: its C2PA manifest store, byte for byte.

MP4 and MOV hold it in an outermost `uuid` box (C2PA 2.2, A.5): version and flags (4 bytes), a
purpose that ends with a zero, the place of a second store (8 bytes), then the store, a JUMBF box.
It is found and copied, never read: what it claims and who signed it, nobody here has checked.
"""

from __future__ import annotations

from io import FileIO
from pathlib import Path

from contest.machines.file_shape import Box, NoFilmFile, boxes_of, opened
from contest.rulebook.film_words import REFUSALS

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
BEFORE_PURPOSE, PURPOSE, BEFORE_STORE = len(C2PA) + 4, b"manifest\0", 8
STORE_BYTES_AT_MOST = 16 << 20
"""Real ones have some kilobytes, a few megabytes with thumbnails of many ingredients."""


class NoCredentials(Exception):
    """The file holds no manifest store that can be kept."""


def credentials_bytes(film: FileIO) -> int | None:
    """How long the manifest store of an open film is, in bytes; None where there is none, or none
    that is whole and of at most `STORE_BYTES_AT_MOST`."""
    found = _manifest_store(film)
    return found[1] if found else None


def keep_credentials(source: str, target: Path) -> None:
    """Copy a film's manifest store to a file. Raises NoCredentials or OSError."""
    try:
        with opened(source) as film:
            target.write_bytes(_read(film))
    except NoFilmFile as refusal:
        raise NoCredentials(str(REFUSALS[refusal.problem])) from refusal


def _read(film: FileIO) -> bytes:
    found = _manifest_store(film)
    if found is None:
        raise NoCredentials("The file holds no Content Credentials that can be kept.")
    at, length = found
    film.seek(at)
    return film.read(length)


def _manifest_store(film: FileIO) -> tuple[int, int] | None:
    """(offset, length) of the first manifest store in the file."""
    stores = (_store_in(film, box) for box in boxes_of(film) if box.kind == b"uuid")
    return next((each for each in stores if each is not None), None)


def _store_in(film: FileIO, box: Box) -> tuple[int, int] | None:
    film.seek(box.body)
    head = film.read(BEFORE_PURPOSE + len(PURPOSE))
    if not head.startswith(C2PA) or head[BEFORE_PURPOSE:] != PURPOSE:
        return None
    at = box.body + len(head) + BEFORE_STORE
    film.seek(at)
    header = film.read(16)
    length = int.from_bytes(header[:4], "big")
    if length == 1:
        length = int.from_bytes(header[8:16], "big")
    elif length == 0:  # to the end of what holds it
        length = box.end - at
    is_whole = 8 <= length <= box.end - at and box.is_whole
    if header[4:8] != b"jumb" or not is_whole or length > STORE_BYTES_AT_MOST:
        return None
    return at, length
