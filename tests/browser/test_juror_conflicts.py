"""A juror steps aside by title, by keyboard alone and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, LiveHouse
from tests.juries import Sitting, make_sitting


@pytest.fixture
def sitting(live: LiveHouse) -> Sitting:
    """Three films of different titles, dealt to all."""
    with live.database.transaction() as session:
        made = make_sitting(session)
        for entry, title in zip(made.entries, ("Salt Letters", "Alaya", "雨の駅"), strict=True):
            entry.original_title = title
    return made


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_titles_are_looked_through_and_a_conflict_declared_by_keyboard(
    live: LiveHouse,
    page: Page,
    sitting: Sitting,
    viewport: ViewportSize,
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    page.set_viewport_size(viewport)
    live.enter(page, sitting.jurors[0])
    page.goto(f"{live.url}/jury")
    page.get_by_role("link", name="Do you know who made one of them?").press("Enter")
    page.get_by_role("checkbox", name="Salt Letters").press("Space")
    no_barriers(page)
    fits()
    page.get_by_label("Reason, for the organizers alone").press_sequentially("We share a studio.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(
        "You stepped aside from 1 film. Somebody else will see it."
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("2 films to go")
