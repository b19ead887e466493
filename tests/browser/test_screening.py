"""The screening room in a real browser: a film watched and scored by keyboard alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Response, ViewportSize, expect
from sqlalchemy import select

from contest.jury.models import Ballot, Screening
from contest.jury.queries.blind import desk
from contest.media.models import Rendition, RenditionKind
from tests.browser.conftest import DESK, PHONE, LiveHouse, film_has_run, film_in, film_is_there
from tests.juries import Sitting, make_sitting, marks, sign
from tests.waiting import wait_until

SECONDS = 4
WIDTH, LIGHT_WIDTH = 320, 160


@pytest.fixture
def sitting(live: LiveHouse, tmp_path: Path) -> Sitting:
    """Two films with real pictures, three jurors, the first round open."""
    moving = film_in(tmp_path, SECONDS).read_bytes()
    light = film_in(tmp_path, SECONDS, "light.mp4", "-s", f"{LIGHT_WIDTH}x90").read_bytes()
    storage = live.app.extensions["house"].storage
    with live.database.transaction() as session:
        made = make_sitting(session, films=2)
        for entry in made.entries:
            master = entry.master
            assert master is not None
            assert master.inspection is not None
            master.inspection.facts = {**(master.inspection.facts or {}), "duration_s": SECONDS}
            for kind, content in (
                (RenditionKind.SCREENER, moving),
                (RenditionKind.LIGHT, light),
            ):
                stored = master.ready(kind)
                assert stored is not None
                storage.keep(io.BytesIO(content), stored.storage_key)
    return made


def first_screening(live: LiveHouse, sitting: Sitting) -> int:
    with live.database.reading() as session:
        return desk(session, sitting.jurors[0].id)[0].places[0].screening_id


def kept(live: LiveHouse, screening_id: int) -> Screening:
    with live.database.reading() as session:
        return session.get_one(Screening, screening_id)


def film(page: Page, what: str) -> Any:
    """Something of the player, or something done to it."""
    return page.evaluate(f"document.getElementById('film').{what}")


def enter_room(live: LiveHouse, page: Page, sitting: Sitting) -> int:
    """Sign the first juror in and go to their first film."""
    live.enter(page, sitting.jurors[0])
    found = first_screening(live, sitting)
    page.goto(f"{live.url}/jury/screenings/{found}")
    return found


def test_a_film_is_watched_and_scored_by_keyboard_alone(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    live.enter(page, sitting.jurors[0])
    page.goto(f"{live.url}/jury")
    found = first_screening(live, sitting)
    page.get_by_role("link", name="Watch film").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/jury/screenings/*")
    page.keyboard.press("k")
    expect(page.locator("#watched")).to_have_text("Seen to the end")
    assert kept(live, found).seen_to_end
    for mark in "8907":
        page.keyboard.press("s")
        page.keyboard.press(mark)
    expect(page.locator("#saved")).to_have_text("Saved 12:00:00")
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Sign this ballot")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("signed")
    with live.database.reading() as session:
        ballots = session.scalars(select(Ballot)).all()
        assert [(each.screening_id, each.marks) for each in ballots] == [
            (found, marks(8, 9, 10, 7))
        ]
        assert SECONDS - 1 <= ballots[0].seconds_watched <= SECONDS
    assert page.url != f"{live.url}/jury/screenings/{found}"


def test_the_end_of_a_film_is_told_again_when_the_house_was_busy(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    found = enter_room(live, page, sitting)
    film_is_there(page, "#film")
    page.route("**/watched", lambda route: route.fulfill(status=503, json={}))
    with page.expect_response(tells_the_end, timeout=15_000):
        page.keyboard.press("k")
    page.unroute("**/watched")
    for _ in ("play", "pause"):
        page.keyboard.press("k")
    expect(page.locator("#watched")).to_have_text("Seen to the end")
    assert kept(live, found).seen_to_end


def tells_the_end(answer: Response) -> bool:
    told = "/watched" in answer.url and answer.request.post_data_json
    return bool(told and told["to_end"])


def test_marks_wait_on_this_device_while_there_is_no_connection(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    found = enter_room(live, page, sitting)
    page.context.set_offline(True)
    page.get_by_role("group", name="Story").get_by_text("6", exact=True).click()
    expect(page.locator("#saved")).to_contain_text("No connection")
    assert kept(live, found).marks == {}
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_have_text("Saved 12:00:00")
    assert kept(live, found).marks == {"story": 6}
    page.reload()
    expect(page.get_by_role("radio", name="6").first).to_be_checked()


def test_a_browser_that_keeps_nothing_still_sends_what_a_busy_house_refused(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    page.add_init_script(
        "for (const act of ['setItem', 'getItem', 'removeItem'])"
        "  Storage.prototype[act] = () => { throw new DOMException('full', 'SecurityError'); };"
    )
    found = enter_room(live, page, sitting)
    page.route("**/marks", lambda route: route.fulfill(status=503, json={}), times=1)
    page.get_by_role("radio", name="7").first.check(force=True)
    expect(page.locator("#saved")).to_contain_text("No connection.")
    expect(page.locator("#saved")).to_have_text("Saved 12:00:00")
    assert list(kept(live, found).marks.values()) == [7]


def test_a_note_is_kept_without_leaving_the_film(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    found = enter_room(live, page, sitting)
    film_is_there(page, "#film")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    page.keyboard.type("The light is colder.")
    page.keyboard.press("Enter")
    note = page.locator("#notes-list .note")
    expect(note).to_contain_text("0:04")
    expect(note).to_contain_text("The light is colder.")
    expect(page.locator(".timeline-note")).to_have_count(1)
    page.keyboard.press("k")
    expect(page.get_by_label("Note", exact=True)).to_have_value("k")
    page.get_by_role("button", name="Erase the note at 0:04").click()
    expect(page.locator(".note")).to_have_count(0)
    with live.database.reading() as session:
        assert session.get_one(Screening, found).notes == []


def test_a_note_that_can_not_be_sent_or_erased_says_so_and_stays(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    found, words = enter_room(live, page, sitting), page.get_by_label("Note", exact=True)
    told, lost = page.locator("#note-wrong"), "No connection. Your notes are as they were"
    words.fill("The light is colder.")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(told).to_contain_text(lost)
    expect(words).to_have_value("The light is colder.")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(words).to_have_value("")
    expect(told).to_be_hidden()
    page.route("**/erase", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    page.get_by_role("button", name="Erase the note").click()
    expect(told).to_contain_text(lost)
    expect(page.locator("#notes-list .note")).to_have_count(1)
    with live.database.reading() as session:
        assert len(session.get_one(Screening, found).notes) == 1


def test_a_film_is_taken_up_where_it_was_left(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    enter_room(live, page, sitting)
    wait_until(lambda: film(page, "readyState") >= 2)
    film(page, "currentTime = 2")
    expect(page.locator("#position")).to_have_text("0:02")
    page.reload()
    wait_until(lambda: film(page, "currentTime") == 2)


def width_is(page: Page, width: int) -> None:
    """Wait for the copy of the film that is so wide."""
    wait_until(lambda: film(page, "videoWidth") == width)


def test_a_lighter_picture_is_chosen_by_keyboard_goes_on_there_and_is_remembered(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    enter_room(live, page, sitting)
    width_is(page, WIDTH)
    film(page, "currentTime = 2")
    expect(page.locator("#position")).to_have_text("0:02")
    box = page.get_by_label("Lighter picture (480p)")
    box.focus()
    page.keyboard.press("Space")
    width_is(page, LIGHT_WIDTH)
    wait_until(lambda: film(page, "currentTime") == 2)
    assert film(page, "paused")
    page.reload()
    width_is(page, LIGHT_WIDTH)
    expect(box).to_be_checked()
    wait_until(lambda: film(page, "currentTime") == 2)
    box.uncheck()
    width_is(page, WIDTH)
    page.reload()
    width_is(page, WIDTH)
    expect(box).not_to_be_checked()


def test_a_film_that_runs_goes_on_running_in_the_other_copy_and_counts_to_its_end(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    found = enter_room(live, page, sitting)
    width_is(page, WIDTH)
    film(page, "playbackRate = 1.25")
    page.keyboard.press("k")
    film_has_run(page, 1)
    for width in (LIGHT_WIDTH, WIDTH, LIGHT_WIDTH):
        page.get_by_text("Lighter picture (480p)").click()
        width_is(page, width)
        wait_until(lambda: film(page, "currentTime") >= 1)
        assert film(page, "playbackRate") == 1.25
    expect(page.locator("#watched")).to_have_text("Seen to the end")
    assert kept(live, found).seen_to_end


def test_who_saves_data_begins_light_and_may_still_choose_otherwise(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
    )
    enter_room(live, page, sitting)
    width_is(page, LIGHT_WIDTH)
    page.get_by_label("Lighter picture (480p)").uncheck()
    width_is(page, WIDTH)
    page.reload()
    width_is(page, WIDTH)


def test_where_there_is_no_light_copy_there_is_nothing_to_choose(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    with live.database.transaction() as session:
        for rendition in session.scalars(select(Rendition)):
            if rendition.kind is RenditionKind.LIGHT:
                session.delete(rendition)
    enter_room(live, page, sitting)
    width_is(page, WIDTH)
    expect(page.get_by_label("Lighter picture (480p)")).to_have_count(0)


def test_a_lost_light_copy_is_said_and_the_full_one_still_plays(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    enter_room(live, page, sitting)
    width_is(page, WIDTH)
    film(page, "currentTime = 2")
    expect(page.locator("#position")).to_have_text("0:02")
    page.route(f"**{film(page, 'dataset.light')}", lambda route: route.fulfill(status=404))
    box, lost = page.get_by_label("Lighter picture (480p)"), page.locator("#film-lost")
    box.check()
    expect(lost).to_be_visible()
    box.uncheck()
    width_is(page, WIDTH)
    expect(lost).to_be_hidden()
    wait_until(lambda: film(page, "currentTime") == 2)


def test_a_changed_sheet_says_that_the_signed_one_counts(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    with live.database.transaction() as session:
        sign(session, sitting, 0, 0, 7)
        sign(session, sitting, 0, 1, 7)
    enter_room(live, page, sitting)
    expect(page.locator("#signed")).to_contain_text("Signed 2 November 2026, 12:00 (UTC)")
    page.get_by_role("group", name="Craft").get_by_text("3", exact=True).click()
    expect(page.locator("#signed")).to_contain_text("Sign again, or the ballot you signed counts.")


def test_keys_can_be_turned_off(live: LiveHouse, page: Page, sitting: Sitting) -> None:
    enter_room(live, page, sitting)
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Use these keys on this page").uncheck()
    page.keyboard.press("n")
    expect(page.get_by_label("Note", exact=True)).not_to_be_focused()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_room_has_no_barriers_and_fits(
    live: LiveHouse,
    page: Page,
    sitting: Sitting,
    viewport: ViewportSize,
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    page.set_viewport_size(viewport)
    enter_room(live, page, sitting)
    page.get_by_text("I have a conflict: recuse").click()
    page.get_by_text("What the marks mean").first.click()
    no_barriers(page)
    fits()
    page.goto(f"{live.url}/jury")
    page.get_by_text("All your films in this round").click()
    no_barriers(page)
    fits()
