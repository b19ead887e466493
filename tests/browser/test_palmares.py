"""The palmarès in a real browser: there at its instant, at every width, for everyone."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contest.entries.models import Subtitles
from contest.machines.tools import ffmpeg
from contest.media.models import RenditionKind
from contest.people.models import Person
from contest.web.house import House
from tests.browser.conftest import PHONE, LiveHouse, film_has_run, film_in, film_is_there
from tests.factories import NOON, make_edition
from tests.judged import Judged, crown, keep_bytes, make_judged_edition

Check = Callable[[Page], None]
ANNOUNCED = datetime.fromisoformat("2027-01-15T20:00:00+08:00").astimezone(UTC)
AWARDS = "/office/shorts/awards"


def still_of(film: Path) -> bytes:
    """One frame of a film as JPEG."""
    command = [ffmpeg(), "-v", "error", "-i", str(film), "-frames:v", "1", "-f", "mjpeg", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture
def judged(live: LiveHouse, tmp_path: Path) -> Judged:
    """A crowned edition, its films and stills real, not published yet."""
    film = film_in(tmp_path, 2, "film.mp4", "-movflags", "+faststart")
    light = film_in(tmp_path, 2, "light.mp4", "-s", "160x90", "-movflags", "+faststart")
    house: House = live.app.extensions["house"]
    with live.database.transaction() as session:
        judged = make_judged_edition(session, "shorts")
        keep_bytes(judged, house.storage, RenditionKind.STILL, still_of(film))
        keep_bytes(judged, house.storage, RenditionKind.SCREENER, film.read_bytes())
        keep_bytes(judged, house.storage, RenditionKind.LIGHT, light.read_bytes())
        words = b"WEBVTT\n\n00:00.000 --> 00:01.500\nA harbour.\n"
        key = house.storage.keep(io.BytesIO(words))
        judged.entries[0].subtitles.append(
            Subtitles(language="en", file_name="en.srt", storage_key=key, received_at=NOON)
        )
        crown(session, judged)
    return judged


@pytest.fixture
def organizer(judged: Judged) -> Person:
    return judged.organizer


def publish(live: LiveHouse, page: Page, organizer: Person) -> None:
    """Publish as an organizer does, and leave."""
    live.enter(page, organizer)
    page.goto(f"{live.url}{AWARDS}")
    page.get_by_role("link", name="Go on to publication").click()
    page.get_by_role("button", name="Publish for good, to show at the announced instant").click()
    expect(page.get_by_role("status")).to_contain_text("Published: it will show to everyone")
    page.get_by_role("button", name="Sign out").click()


def test_a_visitor_reads_what_did_not_exist_a_second_earlier(
    live: LiveHouse, page: Page, judged: Judged, organizer: Person
) -> None:
    publish(live, page, organizer)
    live.clock.now = ANNOUNCED - timedelta(seconds=1)
    address = f"{live.url}/editions/shorts/palmares"
    before = page.goto(address)
    assert before is not None
    assert before.status == 404
    live.clock.pass_by(timedelta(seconds=1))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("烟火下的港湾")
    expect(page.get_by_role("heading", name="Second prize, shared")).to_be_visible()
    page.wait_for_function("() => [...document.images].every(image => image.naturalWidth > 0)")


def test_the_page_is_a_cinema_at_every_width(
    live: LiveHouse,
    page: Page,
    organizer: Person,
    no_barriers: Check,
    fits: Callable[[], None],
) -> None:
    publish(live, page, organizer)
    live.clock.now = ANNOUNCED
    page.goto(f"{live.url}/editions/shorts/palmares")
    hero = page.locator(".hero").bounding_box()
    assert hero is not None
    assert hero["width"] == 1440
    assert hero["width"] / hero["height"] == pytest.approx(2.39, abs=0.02)
    title = page.locator(".hero h1 .title-original")
    assert title.evaluate("node => getComputedStyle(node).fontSize") == "64px"
    no_barriers(page)
    fits()
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    fits()
    no_barriers(page)
    columns = page.locator(".shared").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).gridTemplateColumns.split(' ').length)"
    )
    assert set(columns) == {1}


def test_words_in_drawings_stay_readable_on_a_phone(
    live: LiveHouse, page: Page, fits: Callable[[], None], no_barriers: Check
) -> None:
    with live.database.transaction() as session:
        make_edition(session, "call")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto(f"{live.url}/editions/call")
    fits()
    no_barriers(page)
    sizes = page.locator("svg.drawing text").evaluate_all(
        """nodes => nodes.map(node => parseFloat(getComputedStyle(node).fontSize)
                                      * node.getScreenCTM().a)"""
    )
    assert len(sizes) == 7
    assert min(sizes) >= 14


def test_an_awarded_film_plays_with_its_words_and_its_label_first(
    live: LiveHouse, page: Page, organizer: Person, no_barriers: Check
) -> None:
    publish(live, page, organizer)
    live.clock.now = ANNOUNCED
    page.goto(f"{live.url}/editions/shorts/palmares")
    page.locator(".hero h1").get_by_role("link").click()
    player = page.locator("video")
    film_is_there(page)
    assert player.evaluate("film => film.duration") == pytest.approx(2, abs=0.1)
    player.evaluate("film => { film.muted = true; film.textTracks[0].mode = 'showing'; }")
    player.evaluate("film => film.play()")
    film_has_run(page, 0.2)
    cues = "[...document.querySelector('video').textTracks[0].cues].map(cue => cue.text)"
    page.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length > 0")
    assert page.evaluate(cues) == ["A harbour."]
    order = player.evaluate(
        """film => document.querySelector('.ai-label').compareDocumentPosition(film)
                   & Node.DOCUMENT_POSITION_FOLLOWING"""
    )
    assert order
    no_barriers(page)


def test_a_visitor_on_a_poor_line_touches_a_lighter_picture_and_goes_on_there(
    live: LiveHouse, page: Page, browser: Browser, organizer: Person, no_barriers: Check
) -> None:
    publish(live, page, organizer)
    live.clock.now = ANNOUNCED
    address = f"{live.url}/editions/shorts/palmares/films/1"
    with contextlib.closing(browser.new_context(viewport=PHONE, has_touch=True)) as phone:
        visitor = phone.new_page()
        visitor.goto(address)
        film_is_there(visitor)
        player = visitor.locator("video")
        player.evaluate("film => { film.muted = true; film.currentTime = 1.5; }")
        film_has_run(visitor, 1.5)
        choice = visitor.locator("label.lighter-picture")
        measures = choice.bounding_box()
        assert measures is not None
        assert measures["height"] >= 44
        choice.tap()
        visitor.wait_for_function("() => document.querySelector('video').videoWidth === 160")
        film_has_run(visitor, 1.5)
        no_barriers(visitor)
        visitor.reload()
        visitor.wait_for_function("() => document.querySelector('video').videoWidth === 160")
    with contextlib.closing(browser.new_context(java_script_enabled=False)) as plain:
        visitor = plain.new_page()
        visitor.goto(address)
        expect(visitor.locator("video")).to_be_visible()
        expect(visitor.locator("label.lighter-picture")).to_be_hidden()


def test_the_countdown_runs_by_the_servers_clock(live: LiveHouse, page: Page) -> None:
    with live.database.transaction() as session:
        make_edition(session, "call")
    page.clock.install(time=datetime(2031, 1, 1, tzinfo=UTC))  # this device is years off
    live.clock.now = datetime(2026, 12, 1, 15, 59, 49, tzinfo=UTC)
    page.goto(f"{live.url}/editions/call")
    left = page.get_by_role("timer")
    expect(left).to_have_text(re.compile(r"00:00:(10|0[89])"))  # the page took a moment to load
    page.clock.run_for(4000)
    expect(left).to_have_text(re.compile(r"00:00:0[3-6]"))
    page.clock.run_for(7000)
    expect(left).to_have_text("The call is closed.")


def test_the_table_of_prizes_is_for_everyone(
    live: LiveHouse,
    page: Page,
    organizer: Person,
    no_barriers: Check,
    fits: Callable[[], None],
) -> None:
    live.enter(page, organizer)
    for path in (AWARDS, f"{AWARDS}/publish", f"{AWARDS}/preview", f"{AWARDS}/preview/films/1"):
        page.goto(f"{live.url}{path}")
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        fits()
        no_barriers(page)


def test_prizes_are_conferred_by_keyboard_alone(live: LiveHouse, page: Page) -> None:
    with live.database.transaction() as session:
        judged = make_judged_edition(session, "keys")
    live.enter(page, judged.organizer)
    page.goto(f"{live.url}/office/keys/awards")
    page.get_by_role("button", name="Confer every prize as proposed").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("11 prizes conferred.")
    page.get_by_label("Citation: why it won").first.focus()
    page.keyboard.type("Seen once, not forgotten.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The citation is kept.")
    expect(page.get_by_label("Citation: why it won").first).to_have_value(
        "Seen once, not forgotten."
    )
