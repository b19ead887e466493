"""The entry's page in a real browser: nothing typed is lost, whatever the line and the tab do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from contest.entries.models import Entry
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from tests.browser.conftest import DESK, PHONE, LiveHouse, film_in
from tests.factories import (
    make_edition,
    make_entry,
    make_master,
    make_person,
    make_reel,
    make_submitted_entry,
)
from tests.waiting import wait_until

KEPT = "Not saved yet; kept on this device"
SAVED = re.compile(r"^Saved \d\d:\d\d$")


@pytest.fixture
def author(live: LiveHouse) -> Person:
    with live.database.transaction() as session:
        make_edition(session, "shorts")
        return make_person(session)


@pytest.fixture
def draft(live: LiveHouse) -> Entry:
    """A whole draft, but its film."""
    with live.database.transaction() as session:
        return make_entry(session, make_edition(session, "shorts"))


def stored(live: LiveHouse, entry: Entry) -> Entry:
    with live.database.reading() as session:
        found = session.get_one(Entry, entry.id)
        assert found.credits is not None  # loaded while there is a session
        return found


def open_step(page: Page, live: LiveHouse, entry: Entry, step: str) -> None:
    page.goto(f"{live.url}/entries/{entry.id}?step={step}")


def fill_in_facts(page: Page) -> None:
    page.get_by_label("Category").select_option(label="Fiction")
    page.get_by_label("Original title", exact=True).fill("烟火下的港湾")
    page.get_by_label("Language of the original title").select_option("zh-Hans")
    page.get_by_label("English title").fill("The Harbour under Fireworks")
    page.get_by_label("Synopsis").fill("A harbour remembers a house nobody can return to.")
    expect(page.locator("[data-count]")).to_have_text("49 characters; 40 to 600 are asked for")
    page.get_by_label("Language 1").select_option("zh")
    page.get_by_label("Language 2").select_option("yue")
    page.get_by_label("Year it was finished").fill("2026")
    page.keyboard.press("Tab")
    expect(page.locator("#said-facts")).to_contain_text("Fiction, 2 languages, China, 2026")
    expect(page.locator("h1")).to_contain_text("烟火下的港湾")


def fill_in_credits(page: Page) -> None:
    page.locator("#said-credits").click()
    page.get_by_label("Name, as they write it").fill("林安琪")
    page.get_by_label("What they did").fill("Director")
    page.get_by_role("button", name="Add a person").click()
    page.keyboard.type("Noor Haddad")
    page.get_by_label("What they did").last.fill("Music")
    page.get_by_role("button", name="Move up").last.click()
    expect(page.locator("#said-credits")).to_contain_text("2 people")


def fill_in_making(page: Page) -> None:
    page.locator("#said-making").click()
    page.get_by_label("AI share of the whole film").fill("88,5")
    page.get_by_label("Stage").select_option(label="Moving picture")
    page.get_by_label("Tool", exact=True).fill("Seedance")
    page.get_by_label("What it made").fill("All shots")
    page.keyboard.press("Tab")
    said = "Moving picture: 1 tool. Declared 88.5 % AI."
    expect(page.locator("#said-making")).to_contain_text(said)
    expect(page.locator("#share-check")).to_contain_text("Good")


def affirm_all(page: Page) -> None:
    page.locator("#said-rights").click()
    for box in page.locator("#rights input[name=affirmed]").all():
        box.check()
    expect(page.locator("#said-rights")).to_contain_text("All affirmed")


def send_film(page: Page, film: Path) -> None:
    page.locator("#said-film").click()
    page.set_input_files("#upload-file", film)
    expect(page.locator("#film-check")).to_contain_text("Your film runs 62 s", timeout=30_000)
    expect(page.locator("#entry-standing")).to_contain_text("Checked.", timeout=30_000)


def test_what_is_filled_in_before_the_script_came_is_saved(
    live: LiveHouse, page: Page, draft: Entry
) -> None:
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route(re.compile(r"/build/entry-.*\.js$"), hold)
    live.enter(page, draft.person)
    address = f"{live.url}/entries/{draft.id}?step=facts"
    page.goto(address, wait_until="commit")
    page.get_by_label("English title").fill("Typed on a slow line")
    while not late:
        page.wait_for_timeout(20)
    late[0].continue_()
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    assert stored(live, draft).english_title == "Typed on a slow line"


def test_a_film_is_entered_from_the_call_to_the_receipt(
    live: LiveHouse,
    page: Page,
    author: Person,
    tmp_path: Path,
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    film = film_in(tmp_path, 62)
    live.enter(page, author)
    page.goto(f"{live.url}/editions/shorts")
    page.get_by_role("button", name="Enter a film").click()
    fill_in_facts(page)
    no_barriers(page)
    fill_in_credits(page)
    fill_in_making(page)
    affirm_all(page)
    send_film(page, film)
    page.locator("#said-submit").click()
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        fits()
        no_barriers(page)
    page.get_by_role("button", name="Submit this entry").click()
    expect(page.locator("h1")).to_have_text("Received: entry 0001")
    no_barriers(page)
    page.get_by_role("link", name="Back to the entry").click()
    expect(page.locator("#entry-standing")).to_contain_text("Waiting for the organizers.")
    no_barriers(page)
    with live.database.reading() as session:
        entry = session.query(Entry).one()
        assert entry.stage is EntryStage.SUBMITTED
        assert [each.name for each in entry.credits] == ["Noor Haddad", "林安琪"]
        assert (entry.declared_share_bp, entry.languages) == (8850, ["zh", "yue"])


def test_what_is_typed_without_a_line_is_sent_when_it_is_back(
    live: LiveHouse, page: Page, draft: Entry
) -> None:
    live.enter(page, draft.person)
    open_step(page, live, draft, "facts")
    page.context.set_offline(True)
    page.get_by_label("English title").fill("Typed in a tunnel")
    page.get_by_label("Synopsis").fill(
        "Nobody heard of it for a while, and nothing of it was lost."
    )
    expect(page.locator("[data-saved]")).to_have_text(KEPT)
    assert stored(live, draft).english_title == "The Harbour under Fireworks"
    page.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    kept = stored(live, draft)
    assert kept.english_title == "Typed in a tunnel"
    assert kept.synopsis.startswith("Nobody heard")


def test_what_was_not_saved_when_the_tab_was_closed_comes_back(
    live: LiveHouse, page: Page, draft: Entry
) -> None:
    live.enter(page, draft.person)
    open_step(page, live, draft, "credits")
    page.route(f"**/entries/{draft.id}/*", lambda route: route.abort())
    page.get_by_role("button", name="Add a person").click()
    page.keyboard.type("Noor Haddad")
    page.get_by_label("What they did").last.fill("Music")
    page.locator("#said-facts").click()
    page.get_by_label("Language 2").select_option("fr")
    expect(page.locator("[data-saved]")).to_have_text(KEPT)
    again = page.context.new_page()
    page.close()
    open_step(again, live, draft, "credits")
    expect(again.get_by_label("Name, as they write it").last).to_have_value("Noor Haddad")
    expect(again.locator("[data-saved]")).to_have_text(SAVED)
    kept = stored(live, draft)
    assert [each.name for each in kept.credits] == ["林安琪", "Noor Haddad"]
    assert kept.languages == ["zh", "fr"]
    assert again.evaluate("Object.keys(localStorage)") == []


def test_a_bad_value_is_shown_at_its_field_and_never_lost(
    live: LiveHouse, page: Page, draft: Entry
) -> None:
    live.enter(page, draft.person)
    open_step(page, live, draft, "making")
    share = page.get_by_label("AI share of the whole film")
    share.fill("about half")
    wrong = page.get_by_text("Write a number from 0 to 100, such as 69.99.")
    expect(wrong).to_be_visible()
    expect(page.locator("[data-saved]")).to_contain_text("one field needs another look")
    open_step(page, live, draft, "making")
    expect(share).to_have_value("about half")
    expect(wrong).to_be_visible()
    share.fill("50.5")
    expect(wrong).to_have_count(0)
    expect(page.locator("#share-check")).to_contain_text("Too low")
    assert stored(live, draft).declared_share_bp == 5050


@pytest.mark.parametrize(
    ("choice", "title"),
    [("Keep what stands here", "From the phone"), ("Take the other one", "From the laptop")],
)
def test_two_windows_never_undo_each_other_silently(
    live: LiveHouse,
    page: Page,
    draft: Entry,
    choice: str,
    title: str,
    no_barriers: Callable[[Page], None],
) -> None:
    live.enter(page, draft.person)
    open_step(page, live, draft, "facts")
    other = page.context.new_page()
    open_step(other, live, draft, "facts")
    other.get_by_label("English title").fill("From the laptop")
    expect(other.locator("[data-saved]")).to_have_text(SAVED)
    page.get_by_label("English title").fill("From the phone")
    page.get_by_label("Year it was finished").fill("2025")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("From the laptop")
    wait_until(lambda: stored(live, draft).year == 2025)
    assert stored(live, draft).english_title == "From the laptop"
    no_barriers(page)
    page.get_by_role("button", name=choice).click()
    expect(notice).to_have_count(0)
    expect(page.get_by_label("English title")).to_have_value(title)
    wait_until(lambda: stored(live, draft).english_title == title)


def test_what_is_missing_leads_to_its_field(live: LiveHouse, page: Page, draft: Entry) -> None:
    with live.database.transaction() as session:
        session.get_one(Entry, draft.id).english_title = ""
    live.enter(page, draft.person)
    open_step(page, live, draft, "submit")
    page.locator("#submission").get_by_role("link", name="Film facts").click()
    expect(page.get_by_label("English title")).to_be_focused()
    page.keyboard.type("Harbour")
    expect(page.locator("#submission")).not_to_contain_text("English title")


def test_an_answer_half_written_is_there_after_a_reload(
    live: LiveHouse, page: Page, draft: Entry
) -> None:
    with live.database.transaction() as session:
        entry = make_submitted_entry(session, session.get_one(Entry, draft.id).edition)
        entry.stage = EntryStage.ASKED
        author = entry.person
    live.enter(page, author)
    open_step(page, live, entry, "submit")
    page.get_by_label("Your answer to the organizers").fill("Mei sings")
    page.reload()
    page.get_by_label("Your answer to the organizers").press_sequentially(", and", delay=1)
    expect(page.get_by_label("Your answer to the organizers")).to_have_value(
        re.compile("Mei sings")
    )
    page.get_by_role("button", name="Answer, and hand the entry back").click()
    expect(page.locator("h1")).to_have_text(f"Received: entry {entry.number:04}")
    page.get_by_role("link", name="Back to the entry").click()
    page.wait_for_function("Object.keys(localStorage).length === 0")


def test_the_page_stops_taking_changes_when_the_call_closes(
    live: LiveHouse, page: Page, draft: Entry
) -> None:
    with live.database.transaction() as session:
        entry = session.get_one(Entry, draft.id)
        make_reel(session, entry, make_master(session, entry.person))
        closes = entry.edition.rules.calendar.closes_at
    live.clock.now = closes
    live.enter(page, draft.person)
    open_step(page, live, draft, "submit")
    expect(page.get_by_role("button", name="Submit this entry")).to_be_visible()
    live.clock.now = closes.replace(year=closes.year + 1)
    page.locator("#said-facts").click()
    page.get_by_label("English title").fill("Too late")
    expect(page.locator("[data-saved]")).to_contain_text("its call has closed")
    assert stored(live, draft).english_title == "The Harbour under Fireworks"


def test_an_entry_is_filled_in_without_scripts(
    live: LiveHouse, browser: Browser, draft: Entry
) -> None:
    page = browser.new_context(java_script_enabled=False, viewport=PHONE).new_page()
    live.enter(page, draft.person)
    open_step(page, live, draft, "credits")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_label("Name, as they write it").last.fill("Noor Haddad")
    page.get_by_label("What they did").last.fill("Music")
    page.locator("#credits").get_by_role("button", name="Save this step").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.locator("#film")).to_have_attribute("open", "")
    assert [each.name for each in stored(live, draft).credits] == ["林安琪", "Noor Haddad"]
