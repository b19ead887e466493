"""A film entered by somebody without a mouse, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from contest.entries.models import Entry
from contest.rulebook.stages import EntryStage
from contest.settings import Settings
from tests.browser.conftest import LiveHouse, film_in
from tests.browser.keyboard import SCREENS, Keyboard
from tests.factories import make_edition

PART = 256 << 10
TITLE = "The Harbour under Fireworks"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Small parts, so that there is time to pause."""
    return replace(settings, part_bytes=PART)


@pytest.fixture(params=SCREENS)
def browser_context_args(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SCREENS[request.param]


@pytest.fixture
def keys(page: Page) -> Keyboard:
    return Keyboard(page)


def register(keys: Keyboard) -> None:
    keys.link("Sign in")
    keys.link("Register")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Register")
    keys.fill("Your name", "Lin Anqi")
    keys.fill("E-mail address", "lin@example.org")
    keys.fill("Password", "seven lanterns on the quay")
    keys.choose("Country", "China")
    keys.send("Open my account")
    expect(keys.page.get_by_role("link", name="Lin Anqi")).to_be_visible()


def find_the_call(keys: Keyboard) -> None:
    """From one's own entries, of which there are none, to the call, and past the masthead."""
    keys.link("Palmarès")
    expect(keys.page.get_by_text("Open call")).to_be_visible()
    keys.press("Tab")
    keys.link("Skip to the content", within=1)
    keys.link("Read the call", within=3)
    expect(keys.page.get_by_text("The rules, in plain words")).to_be_visible()
    keys.send("Enter a film")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Untitled film")


def open_step(keys: Keyboard, step: str, **way: Any) -> None:
    keys.reach(keys.page.locator(f"#said-{step}"), **way)
    keys.press("Enter")
    expect(keys.page.locator(f"#{step}")).to_have_attribute("open", "")


def say(keys: Keyboard, step: str, words: str) -> None:
    expect(keys.page.locator(f"#said-{step}")).to_contain_text(words)


def fill_in_facts(keys: Keyboard) -> None:
    keys.choose("Category", "Fiction")
    keys.fill("Original title", TITLE, within=2)
    keys.choose("Language of the original title", "English", within=1)
    keys.fill("English title", TITLE, within=2)
    keys.fill("Synopsis", "A harbour remembers a house nobody can return to.", within=1)
    keys.choose("Language 1", "English", within=1)
    keys.choose("Country 1", "China", within=3)
    keys.fill("Year it was finished", "2026", within=3)
    keys.press("Tab")
    say(keys, "facts", "Fiction, 1 language, China, 2026")


def fill_in_credits(keys: Keyboard) -> None:
    """Two people, the second before the first; whoever moves a row can move it back."""
    open_step(keys, "credits")
    keys.fill("Name, as they write it", "Lin Anqi", within=1)
    keys.fill("What they did", "Director", within=2)
    keys.button("Add a person")
    keys.type("Noor Haddad")
    keys.reach(keys.page.get_by_label("What they did").last, within=2)
    keys.type("Music")
    keys.button("Move up", within=3)
    assert keys.look().startswith("button “Move down”")
    expect(keys.page.get_by_label("Name, as they write it").first).to_have_value("Noor Haddad")
    keys.button("Add a person")
    keys.button("Remove", within=4)
    assert keys.look().startswith("input “Name")
    say(keys, "credits", "2 people")


def fill_in_making(keys: Keyboard) -> None:
    open_step(keys, "making")
    keys.fill("AI share of the whole film", "88.5", within=1)
    keys.press("Tab")
    expect(keys.page.locator("#share-check")).to_contain_text("Good")
    keys.choose("Stage", "Moving picture", within=0)
    keys.reach(keys.page.get_by_label("Tool", exact=True), within=1)
    keys.type("Seedance")
    keys.fill("What it made", "All shots", within=3)
    keys.press("Tab")
    say(keys, "making", "Moving picture: 1 tool. Declared 88.5 % AI.")


def affirm_all(keys: Keyboard) -> None:
    open_step(keys, "rights")
    for box in keys.page.locator("#rights input[name=affirmed]").all():
        keys.reach(box, within=1)
        keys.press("Space")
    say(keys, "rights", "All affirmed")


def send_with_a_rest(keys: Keyboard, film: Path) -> None:
    """The line stops after two parts; a pause; the rest. Focus is never thrown away."""
    page, passed = keys.page, list[str]()

    def carry(route: Route) -> None:
        if len(passed) == 2:
            route.abort("connectionreset")
            return
        passed.append(route.request.url)
        route.continue_()

    page.route("**/uploads/*/parts/*", carry)
    open_step(keys, "film")
    field = page.locator("#upload-file")
    keys.reach(field, within=1)
    field.set_input_files(film)
    words = page.locator("[data-upload-words]")
    expect(words).to_contain_text("The connection is lost.")
    assert keys.look() == "button “Pause”"
    keys.press("Enter")
    expect(words).to_contain_text("Paused.")
    assert keys.look() == "button “Go on”"
    page.unroute("**/uploads/*/parts/*")
    keys.press("Enter")
    expect(page.locator("#film-check")).to_contain_text("Your film runs 62 s", timeout=30_000)
    assert keys.has(field), keys.look()
    expect(page.locator("#entry-standing")).to_contain_text("Checked.", timeout=30_000)


def submit(keys: Keyboard) -> None:
    open_step(keys, "submit")
    keys.send("Submit this entry", within=1)
    expect(keys.page.locator("h1")).to_have_text("Received: entry 0001")
    keys.link("Back to the entry")
    expect(keys.page.locator("#entry-standing")).to_contain_text("Waiting for the organizers.")


def change_ones_mind(keys: Keyboard) -> None:
    """Back to a draft, out of the competition, and in again; each act goes on from its answer."""
    told = keys.page.get_by_role("status")
    keys.send("Return this entry to draft")
    expect(told.first).to_contain_text("This entry is a draft again.")
    keys.reach(keys.page.get_by_text("Withdraw this entry …"))
    keys.press("Space")
    keys.send("Withdraw this entry from the competition", within=1)
    expect(told.first).to_contain_text("This entry is withdrawn.")
    keys.send("Make it a draft again", within=8)
    expect(keys.page.get_by_role("button", name="Make it a draft again")).to_have_count(0)


def test_a_film_is_entered_and_withdrawn_by_keyboard(
    live: LiveHouse,
    page: Page,
    keys: Keyboard,
    tmp_path: Path,
    no_barriers: Callable[[Page], None],
) -> None:
    film = film_in(tmp_path, 62)
    with live.database.transaction() as session:
        make_edition(session, "shorts")
    page.goto(live.url)
    register(keys)
    find_the_call(keys)
    fill_in_facts(keys)
    fill_in_credits(keys)
    fill_in_making(keys)
    send_with_a_rest(keys, film)
    affirm_all(keys)
    no_barriers(page)
    submit(keys)
    change_ones_mind(keys)
    with live.database.reading() as session:
        entry = session.query(Entry).one()
        assert entry.stage is EntryStage.DRAFT
        assert [each.name for each in entry.credits] == ["Noor Haddad", "Lin Anqi"]
        assert re.match(r"A harbour remembers", entry.synopsis)
