"""Sending a film in a real browser, with everything that happens to lines, tabs and servers."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from contest.entries.models import Entry, Reel
from contest.machines.storage import open_storage
from contest.media.models import Master, Upload, UploadState
from contest.settings import Settings
from tests.browser.conftest import PHONE, LiveHouse
from tests.factories import document, make_edition, make_entry
from tests.waiting import wait_until

PART = 64 << 10
PARTS = 12
LIMIT = 2 << 20

DONE = "Your film has arrived whole. It is being checked."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, part_bytes=PART)


@pytest.fixture
def entry(live: LiveHouse, page: Page) -> Entry:
    """A draft that takes films of 2 MiB at most, open in the browser at its film."""
    rules = document()
    rules["film"]["size_max_bytes"] = LIMIT
    with live.database.transaction() as session:
        made = make_entry(session, make_edition(session, rules=rules))
        person = made.person
    live.enter(page, person)
    open_film(page, live, made)
    return made


def open_film(page: Page, live: LiveHouse, entry: Entry) -> None:
    page.goto(f"{live.url}/entries/{entry.id}?step=film")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Twelve parts, the last one short."""
    made = tmp_path / "港湾 final.mov"
    made.write_bytes(random.Random(5).randbytes(PARTS * PART - 999))
    return made


@dataclass
class Line:
    """The line between browser and house: lets so many parts through, then cuts the others off."""

    page: Page
    allowed: int = 10_000
    passed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.route(re.compile(r"/uploads/[^/]+/parts/\d+\?"), self._carry)

    def _carry(self, route: Route) -> None:
        if len(self.passed) >= self.allowed:
            route.abort("connectionreset")
            return
        self.passed.append(route.request.url.partition("?")[0].rpartition("/")[2])
        route.continue_()


@pytest.fixture
def line(page: Page) -> Line:
    return Line(page)


def says(page: Page, text: str) -> None:
    expect(page.locator("[data-upload-words]")).to_have_text(text, timeout=20_000)


def line_is_lost(live: LiveHouse, page: Page, parts: int) -> None:
    """The page says so, and what was let through has arrived."""
    says(page, "The connection is lost. Sending goes on by itself as soon as it is back.")
    wait_until(lambda: parts_there(live) == parts)


def choose(page: Page, file: Path) -> None:
    page.set_input_files("#upload-file", file)


def arrived(live: LiveHouse, film: Path, version: int = 1) -> None:
    """The newest film in the house is that file, byte for byte."""
    with live.database.reading() as session:
        reel = session.scalars(select(Reel).where(Reel.master_id.is_not(None))).all()[-1]
        master = session.get_one(Master, reel.master_id)
    assert (reel.number, master.file_name) == (version, film.name)
    with open_storage(live.settings).open(master.storage_key) as kept:
        assert kept.read() == film.read_bytes()
    assert master.sha256 == hashlib.sha256(film.read_bytes()).hexdigest()


def parts_there(live: LiveHouse) -> int:
    with live.database.reading() as session:
        upload = session.scalars(select(Upload).order_by(Upload.id.desc()).limit(1)).one()
        return sum(part.received_at is not None for part in upload.parts)


def test_a_film_is_sent_in_parts_and_arrives_whole(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    choose(page, film)
    says(page, DONE)
    arrived(live, film)
    assert sorted(line.passed, key=int) == [str(number) for number in range(1, PARTS + 1)]


def test_sending_goes_on_by_itself_when_the_line_is_back(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    line.allowed = 3
    choose(page, film)
    line_is_lost(live, page, 3)
    expect(page.locator("[data-upload-numbers]")).to_have_text("192 KiB of 767 KiB")
    assert page.locator("[data-upload-progress]").evaluate("bar => bar.value") == 3 * PART
    line.allowed = 10_000
    says(page, DONE)
    arrived(live, film)
    assert len(line.passed) == PARTS


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(
    live: LiveHouse,
    page: Page,
    entry: Entry,
    film: Path,
    line: Line,
    no_barriers: Callable[[Page], None],
) -> None:
    line.allowed = 5
    choose(page, film)
    line_is_lost(live, page, 5)
    page.reload()
    says(page, "A film is partly here. You may close this page; choose the same file to go on.")
    expect(page.locator("[data-upload-name]")).to_have_text(film.name)
    expect(page.locator("[data-upload-numbers]")).to_have_text("320 KiB of 767 KiB")
    no_barriers(page)
    line.allowed = 10_000
    choose(page, film)
    says(page, DONE)
    arrived(live, film)
    assert len(line.passed) == len(set(line.passed)) == PARTS


def test_on_another_device_the_parts_that_came_are_compared_and_kept(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    line.allowed = 5
    choose(page, film)
    line_is_lost(live, page, 5)
    page.evaluate("localStorage.clear()")
    page.reload()
    line.allowed = 10_000
    choose(page, film)
    says(page, DONE)
    arrived(live, film)
    assert len(line.passed) == PARTS


def test_another_file_of_the_same_name_and_size_is_not_mixed_in(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    line.allowed = 5
    choose(page, film)
    line_is_lost(live, page, 5)
    page.reload()
    film.write_bytes(random.Random(6).randbytes(PARTS * PART - 999))
    line.allowed = 10_000
    choose(page, film)
    says(
        page,
        "This file has the same name but not the same content as the one you began with. "
        "Send it instead, or choose the one you began with.",
    )
    page.get_by_role("button", name="Send this one instead").click()
    says(page, DONE)
    arrived(live, film)
    with live.database.reading() as session:
        states = session.scalars(select(Upload.state).order_by(Upload.id)).all()
    assert states == [UploadState.ABANDONED, UploadState.COMPLETE]


def test_sending_is_paused_and_goes_on_by_keyboard(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    line.allowed = 4
    choose(page, film)
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    line_is_lost(live, page, 4)
    page.keyboard.press("Enter")
    says(
        page,
        "Paused. What came so far is kept; you may close this page and choose the same file to "
        "go on.",
    )
    line.allowed = 10_000
    page.wait_for_timeout(1500)
    assert parts_there(live) == 4
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, DONE)
    arrived(live, film)


def test_a_part_damaged_on_its_way_is_sent_again(
    live: LiveHouse, page: Page, entry: Entry, film: Path
) -> None:
    damaged: list[str] = []

    def damage(route: Route) -> None:
        if not damaged:
            damaged.append(route.request.url)
            route.continue_(post_data=bytes(PART))
        else:
            route.continue_()

    page.route(re.compile(r"/parts/2\?"), damage)
    choose(page, film)
    says(page, DONE)
    arrived(live, film)
    assert len(damaged) == 1


def test_an_address_that_is_over_is_asked_for_anew(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    house = live.app.extensions["house"]
    short = replace(house.settings, upload_link_seconds=1)
    live.app.extensions["house"] = replace(house, settings=short)
    refused: list[int] = []
    page.on("response", lambda answer: refused.append(answer.status))
    line.allowed = 2
    choose(page, film)
    line_is_lost(live, page, 2)
    page.wait_for_timeout(2500)
    line.allowed = 10_000
    says(page, DONE)
    assert 403 in refused
    arrived(live, film)


def test_an_upload_given_up_is_gone_and_another_can_begin(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    line.allowed = 4
    choose(page, film)
    line_is_lost(live, page, 4)
    page.get_by_role("button", name="Give up this upload").click()
    says(page, "The upload is given up. Choose a file to begin again.")
    expect(page.locator("#upload-file")).to_be_focused()
    arriving = live.settings.storage_path / "incoming"
    wait_until(lambda: not list(arriving.iterdir()))
    line.allowed = 10_000
    choose(page, film)
    says(page, DONE)
    arrived(live, film)


def test_a_film_too_large_is_refused_before_a_byte_is_sent(
    live: LiveHouse, page: Page, entry: Entry, tmp_path: Path, line: Line
) -> None:
    large = tmp_path / "large.mov"
    large.write_bytes(bytes(LIMIT + 1))
    choose(page, large)
    says(
        page,
        "This file holds 2.01 MiB; this edition takes films of 2 MiB at most. "
        "Export it again with a lower bit rate.",
    )
    assert line.passed == []


def test_who_was_signed_out_meanwhile_is_told_so_and_loses_nothing(
    live: LiveHouse, page: Page, entry: Entry, film: Path, line: Line
) -> None:
    line.allowed = 4
    choose(page, film)
    line_is_lost(live, page, 4)
    page.context.clear_cookies()
    line.allowed = 10_000
    says(
        page,
        "You are no longer signed in here. Load this page again and sign in; then choose the same "
        "file to go on.",
    )
    assert parts_there(live) == 4


def test_the_film_step_fits_a_phone_and_has_no_barriers(
    live: LiveHouse,
    page: Page,
    entry: Entry,
    film: Path,
    line: Line,
    fits: Callable[[], None],
    no_barriers: Callable[[Page], None],
) -> None:
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    fits()
    line.allowed = 4
    choose(page, film)
    line_is_lost(live, page, 4)
    fits()
    no_barriers(page)
    buttons = page.locator("[data-upload] button:visible")
    heights = [box["height"] for each in buttons.all() if (box := each.bounding_box())]
    assert len(heights) == 2
    assert min(heights) >= 44
