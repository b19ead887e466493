"""The parts of a film on their way to a server, the same way to each that is measured.

What is sent are the file's pages as they lie in memory (sendfile), so that the sender costs little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

PART = 16 << 20
TAKEN = (200, 201)


@dataclass(frozen=True)
class Target:
    """Who takes parts whose address names no host, and what each request says beside its own."""

    netloc: str
    headers: Mapping[str, str]


def send(target: Target, source: Path, addresses: Iterable[Any], lanes: int) -> None:
    """Send parts of a file, `lanes` at a time. An address has `number`, `url` and `headers`.

    Addresses are taken when a lane is free, so that they may be asked for as the sending goes on.
    """
    left, asking = iter(addresses), Lock()

    def lane(_number: int) -> None:
        while where := _next(left, asking):
            _put(target, source, source.stat().st_size, where)

    with ThreadPoolExecutor(lanes) as lines:
        list(lines.map(lane, range(lanes)))


def _next(left: Iterator[Any], asking: Lock) -> Any:
    with asking:
        return next(left, None)


def hashes(source: Path) -> list[str]:
    """The SHA-256 of each part."""
    with source.open("rb") as parts:
        return [hashlib.sha256(part).hexdigest() for part in iter(lambda: parts.read(PART), b"")]


def sha256(source: Path) -> str:
    """The SHA-256 of the whole."""
    with source.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()


def _put(target: Target, source: Path, size: int, where: Any) -> None:
    start = (where["number"] - 1) * PART
    length = min(PART, size - start)
    place = urlsplit(where["url"])
    told = {} if place.netloc else target.headers
    told = {**told, **where["headers"], "Content-Length": str(length)}
    with (
        closing(HTTPConnection(place.netloc or target.netloc, timeout=120)) as line,
        source.open("rb") as film_file,
    ):
        line.putrequest("PUT", f"{place.path}?{place.query}")
        for name, value in told.items():
            line.putheader(name, value)
        line.endheaders()
        line.sock.sendfile(film_file, start, length)
        answer = line.getresponse()
        assert answer.status in TAKEN, answer.read()
        answer.read()
