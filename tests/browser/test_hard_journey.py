"""A large film on a bad day: parts refused, page reloaded, network gone, web server restarted.

Sent by a real Chromium to a real web server, once to its disk and once straight to a real bucket.
HARD_JOURNEY_MB says how large the film is; 60 MB if nothing does.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from contest.entries.models import Entry
from contest.machines.storage import open_storage
from contest.machines.storage_s3 import S3
from contest.media.models import Master
from contest.settings import Settings
from tests.browser.conftest import enter
from tests.factories import make_entry
from tests.processes import Processes, call_open_today, digest_of, kill, processes

MB = int(os.environ.get("HARD_JOURNEY_MB", "60"))
PART = (5 if MB <= 200 else 16) << 20
AT_ONCE = 4
INTERRUPTIONS = 3
said = logging.getLogger(__name__)
SECONDS = 120 + MB


@pytest.fixture(params=["disk", "s3"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    told: dict[str, str] = {}
    if request.param == "s3":
        bucket: Settings = request.getfixturevalue("bucket")
        told = {"PALMARES_S3_BUCKET": bucket.s3_bucket, "PALMARES_S3_ENDPOINT": bucket.s3_endpoint}
    with processes(tmp_path, PART, told=told) as opened:
        keeper = open_storage(opened.settings)
        if isinstance(keeper, S3):
            keeper.open_to(opened.settings.public_url)
        yield opened


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Path]:
    """Bytes that look like nothing; the last part is short."""
    made = tmp_path / "large.mov"
    with made.open("wb") as file:
        for _ in range(MB):
            file.write(os.urandom(1_000_000))
    yield made
    made.unlink()


@dataclass
class Line:
    """Watches every part that leaves the page, and refuses every fifth."""

    page: Page
    is_cut: bool = False
    """What is tried while nobody is at the other end is not sent."""
    asked: int = 0
    sent: Counter[int] = field(default_factory=Counter)
    arrived: set[int] = field(default_factory=set)
    again: list[int] = field(default_factory=list)
    """Parts sent again although they had arrived."""

    def __post_init__(self) -> None:
        self.page.route(re.compile(r"(/parts/\d+\?|partNumber=\d+)"), self._carry)
        self.page.on("requestfinished", self._finished)

    def _carry(self, route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        self.asked += 1
        if self.asked % 5 == 0:
            route.abort("connectionreset")
            return
        number = number_of(route.request.url)
        if number in self.arrived:
            self.again.append(number)
        if not self.is_cut:
            self.sent[number] += 1
        route.continue_()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nobody is at the other end within the block."""
        self.is_cut = True
        yield
        self.is_cut = False

    def _finished(self, request: Request) -> None:
        number = number_of(request.url)
        response = request.response() if number and request.method == "PUT" else None
        if response is not None and response.status == 200:
            self.arrived.add(number)


def number_of(url: str) -> int:
    """The number of the part an address is for; 0 for any other address."""
    found = re.search(r"/parts/(\d+)\?|partNumber=(\d+)", url)
    return int(found[1] or found[2]) if found else 0


def test_a_large_film_arrives_whole_on_a_bad_day(house: Processes, page: Page, film: Path) -> None:
    entry = draft(house)
    web = house.web()
    house.worker()
    url = house.settings.public_url
    enter(page, url, house.database, entry.person, datetime.now(UTC))
    address = f"{url}/entries/{entry.id}?step=film"
    page.goto(address)
    line, parts = Line(page), -(-film.stat().st_size // PART)

    page.set_input_files("#upload-file", film)
    wait_for(page, lambda: len(line.arrived) >= parts * 0.2)
    page.goto(address)
    page.set_input_files("#upload-file", film)

    wait_for(page, lambda: len(line.arrived) >= parts * 0.4)
    page.context.set_offline(True)
    with line.cut():
        page.wait_for_timeout(3000)
    page.context.set_offline(False)

    wait_for(page, lambda: len(line.arrived) >= parts * 0.6)
    kill(web)
    with nullcontext() if house.settings.s3_bucket else line.cut():
        page.wait_for_timeout(1000)
    house.web()

    words = page.locator("[data-upload-words]")
    done = "Your film has arrived whole. It is being checked."
    expect(words).to_have_text(done, timeout=1000 * SECONDS)
    arrived(house, film)
    resent = sum(line.sent.values()) - parts
    said.info("%s MB, %s parts: %s refused, %s sent again", MB, parts, line.asked // 5, resent)
    assert line.again == []
    assert set(line.sent) | line.arrived == set(range(1, parts + 1))
    assert resent <= AT_ONCE * INTERRUPTIONS


def draft(house: Processes) -> Entry:
    with house.database.transaction() as session:
        made = make_entry(session, call_open_today(session))
        assert made.person.session_key
    return made


def wait_for(page: Page, true: Callable[[], bool]) -> None:
    """Wait while the page goes on; its events come only while it is waited for."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        page.wait_for_timeout(20)


def arrived(house: Processes, film: Path) -> None:
    """The house has that file, byte for byte."""
    with house.database.reading() as session:
        master = session.scalars(select(Master)).one()
    with film.open("rb") as sent, open_storage(house.settings).open(master.storage_key) as kept:
        assert digest_of(kept) == master.sha256 == digest_of(sent)
