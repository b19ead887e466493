"""Films on slow lines: they hold up neither the pages nor each other, whatever is sent at once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from contest.entries.models import Entry
from tests.factories import make_entry, make_person
from tests.processes import Processes, Sender, call_open_today, processes

PART = 1 << 20


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Processes]:
    with processes(tmp_path, PART, database_url) as opened:
        yield opened


@pytest.fixture
def film(tmp_path: Path) -> Path:
    made = tmp_path / "film.mov"
    made.write_bytes(random.Random(3).randbytes(12 * PART))
    return made


@pytest.fixture
def entries(house: Processes) -> list[Entry]:
    """Drafts of six people in one open call."""
    with house.database.transaction() as session:
        edition = call_open_today(session)
        return [make_entry(session, edition, make_person(session)) for _ in range(6)]


def test_pages_open_while_many_films_come_in_on_slow_lines(
    house: Processes, entries: list[Entry], film: Path
) -> None:
    house.web()
    lines: list[HTTPConnection] = []
    for entry in entries:
        sender = Sender(house, entry.person)
        upload = sender.begin(entry.id, film)
        lines += [sender.put_half(upload, number, film) for number in range(1, 5)]
    time.sleep(0.5)
    begun = time.monotonic()
    assert sender.ask("GET", upload["url"])["parts"] == []
    assert time.monotonic() - begun < 2
    for line in lines:
        line.close()


def test_one_person_may_have_eight_parts_on_their_way(
    house: Processes, entries: list[Entry], film: Path
) -> None:
    house.web()
    sender, other = (Sender(house, entry.person) for entry in entries[:2])
    upload = sender.begin(entries[0].id, film)
    lines = [sender.put_half(upload, number, film) for number in range(1, 13)]
    time.sleep(2)  # for those that are refused to be told so
    answers = [status(line) for line in lines]
    assert sorted(answers, key=str) == [429] * 4 + [None] * 8
    others = other.begin(entries[1].id, film)
    assert other.put(others, 1, film)["status"] == 200
    for line in lines:
        line.close()


def status(line: HTTPConnection) -> int | None:
    """What the server answered; None while it waits for the rest of the part."""
    line.sock.settimeout(0.1)
    try:
        with line.getresponse() as answer:
            return answer.status
    except TimeoutError:
        return None
