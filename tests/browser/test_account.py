"""The account page on a phone, as each who may choose a password finds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from contest.people.models import Person
from tests.browser.conftest import PHONE, LiveHouse
from tests.factories import make_person

FIRST, SECOND = "a few words in a row", "other words in a row"


@pytest.fixture
def lin(live: LiveHouse) -> Person:
    """Somebody who signs in by letter, and has a name and a country."""
    with live.database.transaction() as session:
        return make_person(session, email="lin@example.org")


def test_a_password_is_chosen_changed_and_taken_away_on_a_phone(
    live: LiveHouse,
    page: Page,
    lin: Person,
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    def looked_over() -> None:
        no_barriers(page)
        fits()

    page.set_viewport_size(PHONE)
    live.enter(page, lin)
    page.goto(f"{live.url}/account")
    looked_over()
    page.get_by_label("New password").fill(FIRST)
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_text("Your password is kept.")).to_be_visible()
    looked_over()
    page.get_by_label("New password").fill(SECOND)
    page.get_by_role("button", name="Keep the new password").click()
    expect(page.get_by_text("This is not your present password.")).to_be_visible()
    looked_over()
    page.get_by_label("Present password").fill(FIRST)
    page.get_by_label("New password").fill(SECOND)
    page.get_by_label("New password").press("Enter")
    expect(page.get_by_text("Your password is kept.")).to_be_visible()
    page.get_by_label("Present password").fill(SECOND)
    page.get_by_role("button", name="Sign in by letters only").click()
    expect(page.get_by_text("You have none: you sign in by letter.")).to_be_visible()
    looked_over()
    page.get_by_role("button", name="Send me the letter").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
