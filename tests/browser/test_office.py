"""The office in Chromium: an edition begun, changed and opened; entries decided; phone and axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Dialog, Page, expect

from contest.entries.actions import decide
from contest.entries.models import DecisionKind
from contest.letters.models import Letter, LetterState
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from tests.browser.conftest import LiveHouse
from tests.factories import NOON, make_edition, make_organizer, make_submitted_entry
from tests.waiting import wait_until


@dataclass(frozen=True)
class Desk:
    """A live house with one edition, three entries that wait, a held letter, its organizer."""

    live: LiveHouse
    organizer: Person
    letter_id: int

    def go(self, page: Page, path: str = "") -> None:
        page.goto(f"{self.live.url}/office/first{path}")


@pytest.fixture
def desk(live: LiveHouse, page: Page) -> Desk:
    with live.database.transaction() as session:
        edition = make_edition(session, "first")
        organizer = make_organizer(session, edition)
        for title in ("Salt", "Alaya", "Glasberg"):
            make_submitted_entry(session, edition, original_title=title, title_language="en")
        asked = make_submitted_entry(session, edition, facts={"video_codec": "rv40"})
        made = decide(
            session,
            asked,
            DecisionKind.ASK,
            "Which licence covers the music?",
            by=organizer,
            public_url=live.url,
            now=NOON,
        )
        assert made.letter is not None
        letter_id = made.letter.id
    live.enter(page, organizer)
    return Desk(live, organizer, letter_id)


def test_an_edition_is_begun_changed_and_opened_within_a_few_pages(
    desk: Desk, page: Page, no_barriers: Callable[[Page], None]
) -> None:
    page.goto(f"{desk.live.url}/office")
    page.get_by_role("link", name="Begin an edition").click()
    no_barriers(page)
    page.get_by_label("Title").fill("Été à Lyon, 2027")
    expect(page.get_by_label("Address")).to_have_value("ete-a-lyon-2027")
    page.get_by_label("Address").fill("lyon")
    page.get_by_label("Title").fill("Shorts of Lyon")
    expect(page.get_by_label("Address")).to_have_value("lyon")
    page.get_by_role("button", name="Begin this edition").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="Rounds", exact=True).click()
    page.get_by_text("2. Final").click()
    page.get_by_text("2. Creativity, 25 %").last.click()
    weight = page.locator("[id='rounds.1.criteria.1.weight']")
    weight.fill("30")
    page.get_by_role("button", name="Save these rules").last.click()
    expect(page.get_by_role("alert")).to_contain_text("The weights add up to 105 %")
    expect(weight).to_have_value("30")
    expect(weight).to_be_visible()
    no_barriers(page)
    weight.fill("25")
    page.locator("[id='rounds.1.jurors_per_film']").fill("7")
    page.get_by_role("button", name="Save these rules").last.click()
    expect(page.get_by_role("status")).to_contain_text("the rules in force are version 2")
    expect(page.get_by_text("round 2, Jurors a film")).to_be_visible()
    no_barriers(page)
    page.get_by_role("button", name="Show this call to everyone now").click()
    page.goto(f"{desk.live.url}/editions/lyon")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Shorts of Lyon")


def test_untouched_rules_saved_by_a_browser_stay_the_version_they_are(
    desk: Desk, page: Page
) -> None:
    for section in ("calendar", "texts", "film", "declaration"):
        desk.go(page, f"/rules/{section}")
        page.get_by_role("button", name="Save these rules").last.click()
        expect(page.get_by_text("Version 1 is in force.")).to_be_visible()


def test_enter_in_a_field_saves_and_removes_nothing(desk: Desk, page: Page) -> None:
    desk.go(page, "/rules/categories")
    page.locator("[id='categories.0.label.en']").fill("Stories")
    page.locator("[id='categories.0.label.en']").press("Enter")
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    expect(page.locator("del")).to_have_text(["Fiction"])
    expect(page.locator("ins")).to_have_text(["Stories"])


def test_a_row_is_added_where_one_works_and_what_was_typed_stays(desk: Desk, page: Page) -> None:
    desk.go(page, "/rules/awards")
    page.get_by_text("1. First prize").click()
    page.locator("[id='awards.0.title.en']").fill("Grand prize")
    page.get_by_role("button", name="Add a prize").click()
    expect(page.locator("[id='awards.5.key']")).to_be_visible()
    expect(page.locator("[id='awards.0.title.en']")).to_have_value("Grand prize")


def test_the_browser_asks_before_it_leaves_rules_that_are_not_saved(desk: Desk, page: Page) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    desk.go(page, "/rules/facts")
    page.get_by_role("link", name="Leave them as they are").click()
    page.wait_for_url("**/rules")
    assert asked == []
    desk.go(page, "/rules/facts")
    page.locator("[id='facts.year_min']").fill("2020")
    page.get_by_role("link", name="Leave them as they are").click()
    page.wait_for_url("**/rules")
    assert asked == ["beforeunload"]


def test_the_button_for_many_shows_when_something_is_chosen(desk: Desk, page: Page) -> None:
    desk.go(page, "/entries?stage=submitted")
    accept = page.get_by_role("button", name="Accept the chosen entries")
    expect(accept).to_be_hidden()
    page.get_by_label("Choose Salt").check()
    page.get_by_label("Choose Alaya").check()
    expect(page.get_by_text("chosen: 2")).to_be_visible()
    accept.click()
    expect(page.get_by_role("status")).to_contain_text("2 entries accepted;")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 entry")


def test_an_entry_is_refused_by_keyboard_and_its_letter_read_and_sent(
    desk: Desk, page: Page
) -> None:
    desk.go(page, "/entries?search=Glasberg")
    page.get_by_role("link", name="Glasberg").press("Enter")
    refuse = page.get_by_label("Refuse, with the reason")
    refuse.focus()
    refuse.press("Space")
    page.get_by_label("What the author reads").fill("The music is not licensed.")
    page.get_by_role("button", name="Decide about this entry").press("Enter")
    expect(page.locator(".held")).to_contain_text("The music is not licensed.")
    page.get_by_role("button", name="Send this letter").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The letter is on its way.")
    wait_until(lambda: len(sent(desk)) == 1)
    assert sent(desk)[0].about.startswith("entry:")


def sent(desk: Desk) -> list[Letter]:
    with desk.live.database.reading() as session:
        return session.query(Letter).filter_by(state=LetterState.SENT).all()


def test_a_letters_html_twin_shows_with_its_own_look_and_runs_nothing(
    desk: Desk, page: Page
) -> None:
    desk.go(page, f"/letters/{desk.letter_id}")
    page.get_by_role("link", name="See it as a mail reader shows it").click()
    expect(page.get_by_text("Which licence covers the music?")).to_be_visible()
    assert re.search(r"/letters/\d+/html$", page.url)


def test_sticky_heads_and_rows_have_the_heights_that_were_promised(desk: Desk, page: Page) -> None:
    with desk.live.database.transaction() as session:
        edition = make_edition(session, "second")
        person = session.get_one(Person, desk.organizer.id)
        person.is_administrator = True
        for _ in range(30):
            make_submitted_entry(session, edition, stage=EntryStage.ACCEPTED)
    page.goto(f"{desk.live.url}/office/second/entries")
    page.mouse.wheel(0, 1200)
    head = page.locator(".entries thead th").nth(3)
    expect(head).to_be_in_viewport()
    row = page.locator(".entries tbody tr").nth(12).bounding_box()
    still = page.locator("img.entries-still").nth(12).bounding_box()
    assert row is not None
    assert still is not None
    assert 44 <= row["height"] <= 64
    assert still["width"] == 64
