"""A whole competition through its pages alone, from an empty house to a palmarès that is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import func, select

from contest.media.models import Upload, UploadPart, UploadState
from contest.people.models import Person
from contest.settings import Settings
from tests.browser.conftest import DESK, LiveHouse, film_has_run, film_in, film_is_there
from tests.factories import make_person
from tests.waiting import wait_until

PART = 64 << 10
PASSWORD = "seven lanterns on the quay"
CLOSES = datetime(2026, 11, 20, 20, 0, tzinfo=ZoneInfo("Europe/Paris"))
ANNOUNCED = datetime(2026, 12, 5, 20, 0, tzinfo=ZoneInfo("Europe/Paris"))
JURORS = ("Ana Bo", "Ben Cho", "Chi Dao")
MARKS = ((9, 8, 9, 8), (10, 9, 8, 9), (8, 8, 9, 10))
CITATION = "It remembers a house nobody can return to."
TITLE = "The Harbour under Fireworks"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Small parts, so that a small film has many to lose."""
    return replace(settings, part_bytes=PART)


@dataclass(frozen=True)
class Company:
    """The live house and a way to give each person a browser of their own."""

    live: LiveHouse
    browser: Browser

    def somebody(self) -> Page:
        """A new browser at the door."""
        context: BrowserContext = self.browser.new_context(
            viewport=DESK, locale="en-GB", timezone_id="Europe/Paris", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(self.live.url)
        return page

    def letter_to(self, address: str) -> str:
        """The address in the letter they got, read from the folder of letters."""
        found: list[str] = []

        def has_come() -> bool:
            for file in self.live.settings.letters_path.glob("*.eml"):
                letter = message_from_bytes(file.read_bytes())
                if letter["To"] == address:
                    found.append(_text(letter))
            return bool(found)

        wait_until(has_come)
        link = re.search(rf"{self.live.url}/\S+", found[-1])
        assert link is not None
        return link[0]


def _text(letter: object) -> str:
    plain = next(each for each in letter.walk() if each.get_content_type() == "text/plain")  # type: ignore[attr-defined]  # it has parts
    return bytes(plain.get_payload(decode=True)).decode()


@pytest.fixture
def company(live: LiveHouse, browser: Browser) -> Company:
    return Company(live, browser)


@pytest.fixture
def administrator(live: LiveHouse) -> Person:
    with live.database.transaction() as session:
        return make_person(session, "Ida Haus", is_administrator=True, time_zone="Europe/Paris")


# The organizer


def begin_edition(page: Page, url: str) -> None:
    """Begin from the preset, and show the call."""
    page.goto(f"{url}/office")
    page.get_by_role("link", name="Begin an edition").click()
    page.get_by_label("Title").fill("Night Films")
    page.get_by_label("Address").fill("night")
    page.get_by_label("Time zone of the dates").select_option("Europe/Paris")
    page.get_by_label("The call opens").fill("2026-11-01T08:00:00")
    page.get_by_label("The call closes").fill(f"{CLOSES:%Y-%m-%dT%H:%M:%S}")
    page.get_by_label("announced").fill(f"{ANNOUNCED:%Y-%m-%dT%H:%M:%S}")
    page.get_by_role("button", name="Begin this edition").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def make_it_small(page: Page, url: str) -> None:
    """One prize and one round, so that three films and three jurors make a competition."""
    page.goto(f"{url}/office/night/rules/awards")
    for number in (5, 4, 3, 2):
        remove_row(page, "awards", number)
    save_rules(page, 2)
    page.goto(f"{url}/office/night/rules/rounds")
    remove_row(page, "rounds", 2)
    page.locator("#rounds summary").first.click()
    page.locator("[id='rounds.0.advances']").fill("1")
    save_rules(page, 3)
    page.goto(f"{url}/office/night")
    page.get_by_role("button", name="Show this call to everyone now").click()


def remove_row(page: Page, rows: str, number: int) -> None:
    row = page.locator(f"#{rows} > details").nth(number - 1)
    row.locator("summary").first.click()
    row.locator(f"button[value='remove:{rows}.{number - 1}']").click()
    expect(page.locator(f"#{rows} > details")).to_have_count(number - 1)


def save_rules(page: Page, version: int) -> None:
    page.get_by_role("button", name="Save these rules").last.click()
    said = f"the rules in force are version {version}."
    expect(page.get_by_role("status")).to_contain_text(said)


# The filmmakers


def register(page: Page, name: str, address: str, country: str) -> None:
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Country").select_option(country)
    page.get_by_role("button", name="Open my account").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def begin_entry(page: Page, url: str, *, share: str) -> None:
    """Everything of an entry but its film."""
    page.goto(f"{url}/editions/night")
    page.get_by_role("button", name="Enter a film").click()
    page.get_by_label("Category").select_option(label="Fiction")
    page.get_by_label("Original title", exact=True).fill(TITLE)
    page.get_by_label("Language of the original title").select_option("en")
    page.get_by_label("English title").fill(TITLE)
    page.get_by_label("Synopsis").fill("A harbour remembers a house nobody can return to.")
    page.get_by_label("Language 1").select_option("en")
    page.get_by_label("Year it was finished").fill("2026")
    page.keyboard.press("Tab")
    page.locator("#said-credits").click()
    page.get_by_label("Name, as they write it").fill("Lin Anqi")
    page.get_by_label("What they did").fill("Director")
    page.keyboard.press("Tab")
    page.locator("#said-making").click()
    page.get_by_label("AI share of the whole film").fill(share)
    page.get_by_label("Stage").select_option(label="Moving picture")
    page.get_by_label("Tool", exact=True).fill("Seedance")
    page.get_by_label("What it made").fill("All shots")
    page.keyboard.press("Tab")
    page.locator("#said-rights").click()
    for box in page.locator("#rights input[type=checkbox]").all():
        box.check()
    expect(page.locator("#said-rights")).to_contain_text("All affirmed")
    page.locator("#said-film").click()


def send(page: Page, film: Path) -> None:
    page.set_input_files("#upload-file", film)
    expect(page.locator("#entry-standing")).to_contain_text("Checked.", timeout=30_000)


def send_over_a_line_that_breaks(live: LiveHouse, page: Page, film: Path) -> None:
    """The line is cut after three parts and the page is loaded anew; no part goes twice."""
    sent: list[str] = []

    def count(route: Route) -> None:
        sent.append(route.request.url)
        route.continue_()

    def break_off(route: Route) -> None:
        if len(sent) == 3:
            route.abort("connectionreset")
        else:
            count(route)

    page.route("**/uploads/*/parts/*", break_off)
    page.set_input_files("#upload-file", film)
    words = page.locator("[data-upload-words]")
    expect(words).to_contain_text("The connection is lost.")
    wait_until(lambda: parts_there(live) == 3)
    page.reload()
    expect(words).to_contain_text("A film is partly here.")
    page.route("**/uploads/*/parts/*", count)
    send(page, film)
    assert len(sent) == len(set(sent)) == -(-film.stat().st_size // PART)


def parts_there(live: LiveHouse) -> int:
    """How many parts came of films that are on their way."""
    arriving = select(func.count(UploadPart.id)).join(UploadPart.upload)
    came = arriving.where(Upload.state == UploadState.OPEN, UploadPart.received_at.is_not(None))
    with live.database.reading() as session:
        return session.scalar(came) or 0


def is_kept_out(page: Page, *reasons: str) -> None:
    """The check says why, and there is no way to submit."""
    for reason in reasons:
        expect(page.locator("#film-check")).to_contain_text(reason)
    page.locator("#said-submit").click()
    expect(page.locator("#submission")).to_contain_text("Still missing:")
    expect(page.get_by_role("button", name="Submit this entry")).to_have_count(0)


def submit(page: Page, film: Path) -> None:
    page.locator("#said-submit").click()
    page.get_by_role("button", name="Submit this entry").click()
    expect(page.locator("h1")).to_have_text("Received: entry 0001")
    digest = hashlib.sha256(film.read_bytes()).hexdigest()
    expect(page.locator(".receipt-facts")).to_contain_text(digest)


# The office and the jury


def accept_and_write(page: Page, url: str) -> None:
    page.goto(f"{url}/office/night/entries")
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_label("Accept").check()
    page.get_by_role("button", name="Decide about this entry").click()
    page.get_by_role("button", name="Send this letter").click()
    expect(page.get_by_role("status")).to_be_visible()


def invite_jurors(page: Page, url: str) -> None:
    for name in JURORS:
        page.goto(f"{url}/office/night/jury")
        page.get_by_label("Name").fill(name)
        page.get_by_label("E-mail").fill(address_of(name))
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.get_by_role("status")).to_contain_text("is on its way")


def address_of(name: str) -> str:
    return f"{name.partition(' ')[0].lower()}@example.org"


def accept_invitation(company: Company, name: str) -> Page:
    page = company.somebody()
    page.goto(company.letter_to(address_of(name)))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Country").select_option("CA")
    page.get_by_role("button", name="Accept this invitation").click()
    expect(page.locator("h1")).to_have_text("No film waits for you")
    return page


def open_round(page: Page, url: str) -> None:
    page.goto(f"{url}/office/night/rounds/selection")
    page.get_by_role("button", name="Open this round and deal the films").click()
    expect(page.get_by_role("status")).to_contain_text("Screenings dealt: 3.")


def score(page: Page, url: str, marks: tuple[int, ...]) -> None:
    """Watch, mark each criterion, sign."""
    page.goto(f"{url}/jury")
    page.get_by_role("link", name="Watch film").click()
    film_is_there(page, "#film")
    expect(page.locator("body")).not_to_contain_text("Lin Anqi")
    for criterion, mark in zip(("Story", "Creativity", "Craft", "Use of AI"), marks, strict=True):
        group = page.get_by_role("group", name=criterion)
        group.locator(".mark").get_by_text(str(mark), exact=True).click()
    page.get_by_role("button", name="Sign this ballot").click()
    expect(page.get_by_role("status").first).to_contain_text("signed")


def close_and_award(page: Page, url: str) -> None:
    page.goto(f"{url}/office/night/rounds/selection/close")
    page.get_by_role("button", name="Close this round for good").click()
    expect(page.get_by_role("heading", name="Standings")).to_be_visible()
    page.goto(f"{url}/office/night/awards")
    page.get_by_role("button", name="Confer on this film").first.click()
    page.get_by_label("Citation: why it won").first.fill(CITATION)
    page.get_by_role("button", name="Keep this citation").click()
    page.get_by_role("link", name="Go on to publication").click()
    page.get_by_role("button", name="Publish for good").click()
    expect(page.get_by_role("status")).to_contain_text("Published: it will show to everyone")


# The visitor


def read_palmares(page: Page, live: LiveHouse) -> None:
    """Nothing a second before its instant; everything at it."""
    address = f"{live.url}/editions/night/palmares"
    live.clock.now = ANNOUNCED.astimezone(UTC) - timedelta(seconds=1)
    for each in (address, f"{address}.json", f"{address}/films/1"):
        before = page.goto(each)
        assert before is not None
        assert before.status == 404
    live.clock.pass_by(timedelta(seconds=1))
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(page.locator("main")).to_contain_text(CITATION)
    expect(page.locator("main")).to_contain_text("Lin Anqi")


def watch_winner(page: Page) -> None:
    page.locator("h1").get_by_role("link").click()
    film_is_there(page)
    player = page.locator("video")
    assert player.evaluate("film => film.duration") == pytest.approx(62, abs=0.2)
    player.evaluate("film => { film.muted = true; return film.play(); }")
    film_has_run(page, 0.2)


@pytest.fixture
def films(tmp_path: Path) -> dict[str, Path]:
    """One of fifty-eight seconds, one of sixty-two in many parts."""
    return {
        "short": film_in(tmp_path, 58, "short.mp4"),
        "right": film_in(tmp_path, 62, "harbour.mp4"),
    }


def enter_three_films(company: Company, films: dict[str, Path]) -> None:
    url = company.live.url
    people = (
        ("Sato Aoi", "sato@example.org", "JP", "85", "short"),
        ("Rui Matos", "rui@example.org", "PT", "65", "right"),
        ("Lin Anqi", "lin@example.org", "CN", "88.5", "right"),
    )
    pages: list[Page] = []
    for name, address, country, share, film in people:
        pages.append(company.somebody())
        register(pages[-1], name, address, country)
        begin_entry(pages[-1], url, share=share)
        if name != "Lin Anqi":
            send(pages[-1], films[film])
    is_kept_out(pages[0], "Too short", "Your film runs 58 s")
    is_kept_out(pages[1], "Too low")
    send_over_a_line_that_breaks(company.live, pages[2], films["right"])
    submit(pages[2], films["right"])


def test_a_competition_runs_from_an_empty_house_to_its_palmares(
    live: LiveHouse,
    page: Page,
    company: Company,
    administrator: Person,
    films: dict[str, Path],
    no_barriers: Callable[[Page], None],
) -> None:
    live.enter(page, administrator)
    begin_edition(page, live.url)
    make_it_small(page, live.url)
    enter_three_films(company, films)
    live.clock.now = CLOSES.astimezone(UTC) + timedelta(hours=1)
    accept_and_write(page, live.url)
    invite_jurors(page, live.url)
    jurors = [accept_invitation(company, name) for name in JURORS]
    open_round(page, live.url)
    for each, marks in zip(jurors, MARKS, strict=True):
        score(each, live.url, marks)
    close_and_award(page, live.url)
    visitor = company.somebody()
    read_palmares(visitor, live)
    no_barriers(visitor)
    watch_winner(visitor)
