"""The office's jury pages in a real browser: nobody is kept out, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from contest.jury.models import Round
from contest.jury.queries.counting import advanced_ids
from tests.browser.conftest import DESK, PHONE, LiveHouse
from tests.juries import Sitting, dealt, make_sitting, sign

LEVELS = (9, 7, 7, 5)


@pytest.fixture
def sitting(live: LiveHouse) -> Sitting:
    """Four films, all but the last signed by all three jurors, a tie across the cut."""
    with live.database.transaction() as session:
        made = make_sitting(session, "night", films=len(LEVELS), advances=2)
        for film, level in enumerate(LEVELS):
            for juror in range(1 if film == 3 else 3):
                sign(session, made, juror, film, level)
    live.clock.pass_by(timedelta(days=5))
    return made


def test_the_reasons_of_each_place_have_no_barriers_and_fit(
    live: LiveHouse,
    page: Page,
    sitting: Sitting,
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    live.enter(page, sitting.organizer)
    page.goto(f"{live.url}/office/night/rounds/selection/close")
    page.get_by_role("button", name="Close this round for good").click()
    expect(page.get_by_role("heading", name="Standings")).to_be_visible()
    for reasons in page.get_by_text("Why place").all():
        reasons.click()
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        no_barriers(page)
        fits()


def test_more_is_dealt_from_the_round_s_page_which_fits_and_has_no_barriers(
    live: LiveHouse,
    page: Page,
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    with live.database.transaction() as session:
        made = make_sitting(session, "night", films=4, jurors=4, jurors_per_film=2, advances=2)
        for juror, film in sorted(dealt(session, made.round)):
            at = [each.id for each in made.jurors].index(juror)
            place = [each.id for each in made.entries].index(film)
            sign(session, made, at, place, 2 + 2 * place + at % 2)
    live.enter(page, made.organizer)
    page.goto(f"{live.url}/office/night/rounds/selection")
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        no_barriers(page)
        fits()
    page.get_by_label("Screenings").fill("3")
    page.get_by_role("button", name="Deal these where they decide most").click()
    expect(page.get_by_role("status")).to_have_text("3 screenings dealt.")


def test_a_tie_across_the_cut_is_decided_by_hand(
    live: LiveHouse, page: Page, sitting: Sitting
) -> None:
    live.enter(page, sitting.organizer)
    page.goto(f"{live.url}/office/night/rounds/selection/close")
    page.get_by_role("button", name="Close this round for good").click()
    choice = page.get_by_role("group", name="2 films share place 2 across the cut.")
    choice.get_by_role("checkbox").last.check()
    page.get_by_role("button", name="Send the chosen films on to “Final”").click()
    expect(page.get_by_role("status")).to_have_text("2 films go on.")
    with live.database.reading() as session:
        went_on = advanced_ids(session, session.get_one(Round, sitting.round.id))
    assert went_on == frozenset({sitting.entries[0].id, sitting.entries[2].id})
