"""Bytes past the page cache: what is written and read is the same, on any disk and at any place."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from contest.machines.straight import AT_ONCE, BLOCK, PartWriter, pieces

IN_MEMORY = Path("/dev") / "shm"
SIZE = 4 * AT_ONCE + 1234


class Dribble(io.RawIOBase):
    """A body that comes in pieces of any length, as from a poor line."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)
        self._chance = Random(len(content))

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        return self._left.readinto(room[: self._chance.randint(1, 70_000)])


@pytest.fixture(params=["disk", "memory"])
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file of noise, on a disk or on a file system that may not know of writing straight."""
    if request.param == "memory" and not IN_MEMORY.is_dir():
        pytest.skip("no file system in memory here")
    folder = IN_MEMORY if request.param == "memory" else tmp_path
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = Path(name) / "film"
        path.write_bytes(Random(1).randbytes(SIZE))
        yield path


@pytest.mark.parametrize("offset", [0, BLOCK, 3 * BLOCK + 1, AT_ONCE])
@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE + 17])
def test_a_part_is_written_to_its_place_and_nowhere_else(
    film: Path, offset: int, length: int
) -> None:
    before, part = film.read_bytes(), Random(length).randbytes(length)
    seen = hashlib.sha256()
    with PartWriter(film, offset) as writer:
        assert writer.take(Dribble(part + b"more"), length, seen.update) == length
        writer.flush()
    assert film.read_bytes() == before[:offset] + part + before[offset + length :]
    assert seen.digest() == hashlib.sha256(part).digest()


def test_a_body_that_ends_early_tells_how_much_came(film: Path) -> None:
    with PartWriter(film, 0) as writer:
        assert writer.take(Dribble(b"short"), BLOCK, lambda _: None) == 5


def test_two_parts_written_by_turns_are_both_whole(film: Path) -> None:
    halves = [Random(each).randbytes(2 * AT_ONCE) for each in (1, 2)]
    bodies = [Dribble(each) for each in halves]
    with PartWriter(film, 0) as first, PartWriter(film, 2 * AT_ONCE) as second:
        for _ in range(8):
            for writer, body in zip((first, second), bodies, strict=True):
                assert writer.take(body, AT_ONCE // 4, lambda _: None) == AT_ONCE // 4
        first.flush()
        second.flush()
    assert film.read_bytes()[: 4 * AT_ONCE] == b"".join(halves)


@pytest.mark.parametrize("length", [0, 1, BLOCK, AT_ONCE - 1, AT_ONCE, 2 * AT_ONCE, SIZE])
def test_a_film_is_read_from_front_to_back(film: Path, length: int) -> None:
    with film.open("r+b") as shorter:
        shorter.truncate(length)
    read = [bytes(piece) for piece in pieces(film)]
    assert b"".join(read) == film.read_bytes()
    assert all(len(piece) == AT_ONCE for piece in read[:-1])


def test_a_film_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PartWriter(tmp_path / "none", 0)
