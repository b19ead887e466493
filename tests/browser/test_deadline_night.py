"""The last night as its author sees it, whatever the clock of their computer says."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contest.entries.models import Entry
from contest.settings import Settings
from tests.browser.conftest import LiveHouse
from tests.browser.test_upload import DONE, PART, PARTS, Line, arrived, choose, open_film, says
from tests.factories import make_edition, make_entry

DAY = timedelta(days=1)
LOST = "The connection is lost. Sending goes on by itself as soon as it is back."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, part_bytes=PART)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    made = tmp_path / "last night.mov"
    made.write_bytes(random.Random(8).randbytes(PARTS * PART - 5))
    return made


@pytest.fixture
def entry(live: LiveHouse, page: Page) -> Entry:
    """A draft a minute before the closing."""
    with live.database.transaction() as session:
        made = make_entry(session, make_edition(session))
        closes, person = made.edition.rules.calendar.closes_at, made.person
    live.clock.now = closes - timedelta(minutes=1)
    live.enter(page, person)
    return made


@pytest.mark.parametrize("wrong_by", [-DAY, DAY], ids=["a day slow", "a day fast"])
def test_the_clock_of_a_browser_decides_nothing(
    live: LiveHouse, page: Page, entry: Entry, film: Path, wrong_by: timedelta
) -> None:
    page.clock.set_system_time(live.clock.now + wrong_by)
    open_film(page, live, entry)
    expect(page.locator(".countdown")).to_have_text(re.compile(r"00:0(1:00|0:\d\d)"))
    choose(page, film)
    says(page, DONE)
    arrived(live, film)


def test_an_upload_that_was_announced_goes_on_over_the_closing_and_the_entry_is_submitted(
    live: LiveHouse,
    page: Page,
    entry: Entry,
    film: Path,
    fits: Callable[[], None],
    no_barriers: Callable[[Page], None],
) -> None:
    line = Line(page, allowed=4)
    open_film(page, live, entry)
    choose(page, film)
    says(page, LOST)
    late = page.locator("[data-upload-late]")
    expect(late).to_contain_text(
        "This film is announced: even if the call closes meanwhile, your upload may finish until"
    )
    live.clock.pass_by(timedelta(minutes=30))
    open_film(page, live, entry)
    expect(page.locator(".entry-time")).to_contain_text(
        "The call is closed. Your upload may finish until"
    )
    expect(late).to_be_visible()
    fits()
    no_barriers(page)
    line.allowed = 10_000
    choose(page, film)
    says(page, DONE)
    arrived(live, film)


def test_an_upload_begun_without_having_been_announced_ends_at_the_closing(
    live: LiveHouse, page: Page, entry: Entry, film: Path
) -> None:
    page.route("**/sha256", lambda route: route.abort("connectionreset"))
    line = Line(page, allowed=4)
    open_film(page, live, entry)
    choose(page, film)
    says(page, LOST)
    expect(page.locator("[data-upload-late]")).to_be_hidden()
    live.clock.pass_by(timedelta(minutes=2))
    line.allowed = 8
    says(page, "This edition takes no more films: its call has closed.")
