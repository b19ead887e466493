"""The office without a mouse, at a desk and on a phone: from the first rule to the palmarès."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.entries.models import Entry
from contest.jury.models import Round
from contest.jury.queries.counting import advanced_ids
from contest.letters.models import Letter, LetterState
from contest.people.models import Person
from contest.people.passwords import hashed
from contest.programme.queries import latest
from contest.rulebook.stages import EntryStage
from tests.browser.conftest import LiveHouse
from tests.browser.keyboard import SCREENS, Keyboard
from tests.factories import NOON, make_edition, make_organizer, make_person, make_submitted_entry
from tests.judged import crown, make_judged_edition
from tests.juries import make_sitting, sign
from tests.waiting import wait_until

PASSWORD = "seven lanterns on the quay"


@pytest.fixture(params=SCREENS)
def browser_context_args(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SCREENS[request.param]


@pytest.fixture
def keys(page: Page) -> Keyboard:
    return Keyboard(page)


def told(keys: Keyboard, words: str) -> None:
    """The page begins with what was done, and one goes on from there."""
    answer = keys.page.get_by_role("status").first
    expect(answer).to_contain_text(words)
    assert keys.has(answer), keys.look()


def opens(keys: Keyboard, title: str) -> None:
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(title)


def sign_in(live: LiveHouse, keys: Keyboard) -> None:
    """By password, as somebody who may begin editions."""
    with live.database.transaction() as session:
        make_person(
            session,
            "Ida Haus",
            email="ida@example.org",
            password_hash=hashed(PASSWORD),
            is_administrator=True,
        )
    keys.page.goto(live.url)
    keys.link("Sign in")
    keys.fill("E-mail address", "ida@example.org")
    keys.fill("Password", PASSWORD, within=1)
    keys.send("Sign in", within=1)


def at(keys: Keyboard, label: str, day: str) -> None:
    """Type ten in the morning of a day that reads the same in the order of any language."""
    keys.reach(keys.page.get_by_label(label), within=9)
    keys.type(day)
    keys.press("ArrowRight")  # a year may have more figures than four
    keys.type("100000A")


def begin_edition(keys: Keyboard) -> None:
    keys.link("Office")
    keys.link("Begin an edition")
    keys.reach(keys.page.get_by_label("Begin from"))
    keys.fill("Title", "Night Films", within=1)
    keys.fill("Address", "night", within=1)
    keys.choose("Time zone of the dates", "Europe/Paris", within=1)
    at(keys, "The call opens", "10102026")
    at(keys, "The call closes", "12122026")
    at(keys, "The palmarès is announced", "01012027")
    keys.send("Begin this edition", within=9)
    opens(keys, "Today")


def change_prizes(keys: Keyboard) -> None:
    """A row added, moved and removed; each time one stands where one worked."""
    page = keys.page
    keys.link("Rules")
    keys.link("Skip to the content", within=1)
    keys.link("Prizes", within=10)
    opens(keys, "Prizes")
    rows = page.locator("#awards > details > summary")
    keys.send("Add a prize")
    assert keys.has(rows.nth(5)), keys.look()
    keys.press("Tab")
    keys.type("music")
    keys.reach(page.locator("[id='awards.5.title.en']"), within=2)
    keys.type("Best music")
    keys.send("Move prize 6 up", within=20)
    assert keys.has(rows.nth(4)), keys.look()
    expect(rows.nth(4)).to_contain_text("5. Best music")
    keys.send("Remove prize 5", within=20)
    expect(rows).to_have_count(5)
    assert keys.has(page.locator("#awards")), keys.look()


def rename_first_prize(keys: Keyboard) -> None:
    page = keys.page
    first = page.locator("#awards > details > summary").first
    keys.reach(first, within=1)
    keys.press("Space")
    keys.reach(page.locator("[id='awards.0.title.en']"), within=3)
    keys.press("ControlOrMeta+a")
    keys.type("Grand prize")
    keys.send("Save these rules")
    told(keys, "the rules in force are version 2.")


def test_an_edition_is_begun_and_its_rules_are_changed(
    live: LiveHouse, page: Page, keys: Keyboard
) -> None:
    sign_in(live, keys)
    begin_edition(keys)
    change_prizes(keys)
    rename_first_prize(keys)
    with live.database.reading() as session:
        edition = edition_by_slug(session, "night")
        assert edition is not None
        titles = [each.title["en"] for each in edition.rules.awards]
        assert (titles[0], len(titles)) == ("Grand prize", 5)


@pytest.fixture
def organizer(live: LiveHouse, page: Page) -> Person:
    """Their edition has three entries that wait."""
    with live.database.transaction() as session:
        edition = make_edition(session, "first")
        organizer = make_organizer(session, edition)
        for title in ("Salt", "Alaya", "Glasberg"):
            make_submitted_entry(session, edition, original_title=title, title_language="en")
    live.enter(page, organizer)
    return organizer


def decide(keys: Keyboard, title: str, choice: str, reason: str = "") -> None:
    """Find the film by its name, and decide; a choice is moved with the arrows."""
    page = keys.page
    page.get_by_role("navigation", name="Main").wait_for()
    keys.link("Entries")
    keys.fill("Title, author or number", title)
    keys.press("Enter")
    opens(keys, "1 entry")
    keys.link(title)
    opens(keys, title)
    keys.reach(page.get_by_role("radio"))
    keys.press("Space")
    while not keys.has(page.get_by_role("radio", name=choice)):
        keys.press("ArrowDown")
        keys.look()
    if reason:
        keys.fill("What the author reads", reason, within=1)
    keys.send("Decide about this entry", within=2)
    told(keys, "Decided.")


def send_from_the_outbox(keys: Keyboard, subject: str) -> None:
    keys.link("Letters")
    keys.link("Held")
    keys.link(subject)
    keys.fill("Text", "Thank you for your film.", within=20)
    keys.send("Send this letter", within=1)
    told(keys, "The letter is on its way.")


def states(live: LiveHouse) -> dict[str, EntryStage]:
    with live.database.reading() as session:
        return {each.original_title: each.stage for each in session.query(Entry)}


def sent(live: LiveHouse) -> list[str]:
    with live.database.reading() as session:
        return [each.text for each in session.query(Letter).filter_by(state=LetterState.SENT)]


def test_entries_are_found_decided_and_answered(
    live: LiveHouse, page: Page, keys: Keyboard, organizer: Person
) -> None:
    page.goto(f"{live.url}/office/first")
    decide(keys, "Salt", "Accept")
    decide(keys, "Glasberg", "Refuse, with the reason", "The music is not licensed.")
    assert states(live) == {
        "Salt": EntryStage.ACCEPTED,
        "Alaya": EntryStage.SUBMITTED,
        "Glasberg": EntryStage.REFUSED,
    }
    send_from_the_outbox(keys, "Salt")
    wait_until(lambda: sent(live) == ["Thank you for your film.\n"])


def test_many_entries_are_accepted_at_once(
    live: LiveHouse, page: Page, keys: Keyboard, organizer: Person
) -> None:
    page.goto(f"{live.url}/office/first/entries")
    keys.link("Submitted")
    for title in ("Salt", "Alaya"):
        keys.reach(page.get_by_label(f"Choose {title}"))
        keys.press("Space")
    expect(page.get_by_text("chosen: 2")).to_be_visible()
    keys.send("Accept the chosen entries")
    told(keys, "2 entries accepted;")


def invite(keys: Keyboard) -> None:
    keys.link("Jury")
    keys.fill("Name", "Dan Eto")
    keys.fill("E-mail", "dan@example.org", within=1)
    keys.send("Send the invitation", within=2)
    told(keys, "is on its way")


def deal(keys: Keyboard, without: str) -> None:
    """Open the round to everybody but one."""
    keys.link("Jury")
    keys.link("First screening")
    keys.reach(keys.page.get_by_label(without))
    keys.press("Space")
    keys.send("Open this round and deal the films")
    told(keys, "The round is open.")


def close(keys: Keyboard) -> None:
    keys.link("Go on to closing this round")
    keys.send("Close this round for good")
    told(keys, "The round is closed")


def test_a_jury_is_invited_and_its_films_go_on(live: LiveHouse, page: Page, keys: Keyboard) -> None:
    with live.database.transaction() as session:
        sitting = make_sitting(session, "night", films=4, jurors=4, opened=False, advances=2)
    live.enter(page, sitting.organizer)
    page.goto(f"{live.url}/office/night")
    invite(keys)
    deal(keys, "Dan Eto")
    with live.database.transaction() as session:
        sitting.rounds[0] = session.get_one(Round, sitting.round.id)
        for film, level in enumerate((9, 8, 6, 5)):
            for juror in range(3):
                sign(session, sitting, juror, film, level)
    close(keys)
    keys.reach(page.get_by_text("Why place 1"))
    keys.press("Enter")
    expect(page.locator(".standing-why").first).to_have_attribute("open", "")
    keys.send("Send 2 films on to “Final”", back=True)
    told(keys, "2 films go on.")
    with live.database.reading() as session:
        went_on = advanced_ids(session, session.get_one(Round, sitting.round.id))
    assert went_on == frozenset(each.id for each in sitting.entries[:2])


def confer_anew(keys: Keyboard) -> None:
    """The first prize is taken back, given again and cited; one stays at its heading."""
    page = keys.page
    here = page.get_by_role("heading", name="First prize")
    keys.link("Skip to the content", within=1)
    keys.send("Take the prize back", within=9)
    assert keys.has(here), keys.look()
    keys.send("Confer on this film", within=1)
    assert keys.has(here), keys.look()
    cited = page.get_by_label("Citation: why it won").first
    keys.reach(cited, within=1)
    keys.type("Seen once, not forgotten.")
    keys.send("Keep this citation", within=1)
    assert keys.has(here), keys.look()
    expect(cited).to_have_value("Seen once, not forgotten.")


def test_prizes_are_conferred_and_published(live: LiveHouse, page: Page, keys: Keyboard) -> None:
    with live.database.transaction() as session:
        judged = make_judged_edition(session, "first", films=5)
        crown(session, judged)
    live.clock.now = NOON + timedelta(days=1)
    live.enter(page, judged.organizer)
    page.goto(f"{live.url}/office/first")
    keys.link("Prizes")
    confer_anew(keys)
    keys.link("See it as the public will")
    opens(keys, "烟火下的港湾")
    keys.link("Back to the prizes")
    keys.link("Go on to publication")
    keys.send("Publish for good")
    told(keys, "Published: it will show to everyone")
    with live.database.reading() as session:
        edition = session.get_one(Edition, judged.edition.id)
        assert latest(session, edition.id) is not None
