"""The office's table of prizes, the preview, and the act of publication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.awards.models import Conferral
from contest.media.models import RenditionKind
from contest.people.models import Person
from contest.programme.models import Snapshot
from tests.conftest import Clock
from tests.factories import make_edition, make_organizer
from tests.judged import Judged, crown, keep_bytes, make_judged_edition
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]
ANNOUNCED = datetime.fromisoformat("2027-01-15T20:00:00+08:00").astimezone(UTC)
AWARDS = "/office/shorts/awards"


@pytest.fixture
def judged(session: Session, app: Flask) -> Judged:
    judged = make_judged_edition(session, "shorts")
    keep_bytes(judged, app.extensions["house"].storage, RenditionKind.STILL, b"a still")
    session.commit()
    return judged


@pytest.fixture
def organizer(judged: Judged, signed_in: SignIn) -> TestVisitor:
    return signed_in(judged.organizer)


def count(session: Session, table: type[Conferral] | type[Snapshot]) -> int:
    session.rollback()
    return session.scalar(select(func.count(table.id))) or 0


def test_before_a_round_is_closed_the_table_says_what_to_do(
    session: Session, signed_in: SignIn
) -> None:
    edition = make_edition(session, "young")
    organizer = make_organizer(session, edition)
    session.commit()
    room = signed_in(organizer)
    assert "No round is closed yet." in room.get("/office/young/awards").text
    assert "not yet" in room.get("/office/young/awards/publish").text.lower()
    assert room.get("/office/young/awards/preview").status_code == 409


def test_the_table_proposes_and_says_what_is_lacking(organizer: TestVisitor) -> None:
    page = organizer.get(AWARDS).text
    assert "5 things to settle before the palmarès can be published." in page
    assert page.count("Confer on this film") == 11 + 5
    assert "Go on to publication" not in page


def test_all_proposals_are_conferred_by_one_button(
    organizer: TestVisitor, session: Session
) -> None:
    answer = organizer.post(f"{AWARDS}/proposed", follow_redirects=True)
    assert "11 prizes conferred." in answer.text
    assert "11 things to settle" in answer.text
    assert count(session, Conferral) == 11


def test_a_prize_is_given_cited_and_taken_back(organizer: TestVisitor, session: Session) -> None:
    given = organizer.post(f"{AWARDS}/first/films", data={"entry": "1", "citation": "It holds."})
    assert (given.status_code, given.location) == (303, f"{AWARDS}#prize-first")
    cited = organizer.post(
        f"{AWARDS}/first/films/1/citation", data={"citation": "It holds, and stays."}
    )
    assert cited.status_code == 303
    assert "It holds, and stays." in organizer.get(AWARDS).text
    assert organizer.post(f"{AWARDS}/first/films/1/take-back").status_code == 303
    assert count(session, Conferral) == 0
    assert organizer.post(f"{AWARDS}/first/films/1/take-back").status_code == 404


def test_what_forbids_a_choice_is_said_at_the_prize_with_what_was_typed(
    organizer: TestVisitor, session: Session
) -> None:
    answer = organizer.post(
        f"{AWARDS}/first/films", data={"entry": "3", "citation": "Typed with care."}
    )
    assert answer.status_code == 422
    assert "Choose from these, or write down the reason." in answer.text
    assert "Typed with care." in answer.text
    assert count(session, Conferral) == 0
    again = organizer.post(f"{AWARDS}/first/films", data={"entry": "3", "reason": "Deliberated."})
    assert again.status_code == 303


def test_no_film_chosen_and_no_such_film(organizer: TestVisitor) -> None:
    assert "Choose a film." in organizer.post(f"{AWARDS}/first/films", data={}).text
    assert organizer.post(f"{AWARDS}/first/films", data={"entry": "999"}).status_code == 404


def test_a_citation_has_a_length(organizer: TestVisitor) -> None:
    organizer.post(f"{AWARDS}/first/films", data={"entry": "1"})
    answer = organizer.post(f"{AWARDS}/first/films/1/citation", data={"citation": "x" * 601})
    assert answer.status_code == 422
    assert "A citation has at most 600 characters." in answer.text


def test_the_preview_is_the_public_page_for_organizers_alone(
    organizer: TestVisitor,
    judged: Judged,
    session: Session,
    visitor: TestVisitor,
    signed_in: SignIn,
    clock: Clock,
) -> None:
    crown(session, judged)
    session.commit()
    preview = organizer.get(f"{AWARDS}/preview")
    assert "A preview: only organizers see it." in preview.text
    assert preview.headers["X-Robots-Tag"] == "noindex, noarchive"
    assert organizer.get(f"{AWARDS}/preview/films/1").status_code == 200
    assert organizer.get(f"{AWARDS}/preview/films/12").status_code == 404
    assert visitor.get(f"{AWARDS}/preview").status_code == 303
    assert signed_in(judged.jurors[0]).get(f"{AWARDS}/preview").status_code == 404
    organizer.post(f"{AWARDS}/publish")
    clock.now = ANNOUNCED
    assert body_of(organizer.get("/editions/shorts/palmares").text) == body_of(
        organizer.get(f"{AWARDS}/preview").text
    )


def body_of(page: str) -> str:
    """The prizes of a page, without addresses, which differ, and without the preview's bar."""
    import re

    films = page.partition('<header class="hero')[2].partition('id="judged"')[0]
    return re.sub(r'(href|src)="[^"]*"', "", films)


def test_nothing_is_published_while_something_is_lacking(
    organizer: TestVisitor, session: Session
) -> None:
    organizer.post(f"{AWARDS}/proposed")
    confirm = organizer.get(f"{AWARDS}/publish").text
    assert "Not yet: something has to be settled first." in confirm
    assert "<textarea" not in confirm
    assert organizer.post(f"{AWARDS}/publish").status_code == 422
    assert count(session, Snapshot) == 0


def test_publication_says_what_will_happen_and_happens_once(
    organizer: TestVisitor, session: Session, judged: Judged, visitor: TestVisitor, clock: Clock
) -> None:
    crown(session, judged)
    session.commit()
    confirm = organizer.get(f"{AWARDS}/publish").text
    assert "Publish for good, to show at the announced instant" in confirm
    assert "15 January 2027, 12:00 (UTC)" in confirm
    done = organizer.post(f"{AWARDS}/publish", follow_redirects=True).text
    assert "it will show to everyone at the announced instant, and not before" in done
    assert "Published; nothing has changed since." in done
    organizer.post(f"{AWARDS}/publish")
    assert count(session, Snapshot) == 1
    assert "What stands here is published already." in organizer.get(f"{AWARDS}/publish").text
    assert visitor.get("/editions/shorts/palmares").status_code == 404
    clock.now = ANNOUNCED
    assert visitor.get("/editions/shorts/palmares").status_code == 200


def test_a_correction_has_to_say_what_it_corrects(
    organizer: TestVisitor, session: Session, judged: Judged, clock: Clock
) -> None:
    crown(session, judged)
    session.commit()
    organizer.post(f"{AWARDS}/publish")
    clock.now = ANNOUNCED
    organizer.post(f"{AWARDS}/first/films/1/citation", data={"citation": "Better words."})
    assert "What stands here differs from what is published." in organizer.get(AWARDS).text
    assert "Publish this correction for good" in organizer.get(f"{AWARDS}/publish").text
    assert organizer.post(f"{AWARDS}/publish").status_code == 422
    organizer.post(f"{AWARDS}/publish", data={"correction": "The citation was cut short."})
    assert count(session, Snapshot) == 2
    page = organizer.get("/editions/shorts/palmares").text
    assert "The citation was cut short." in page
    assert "Better words." in page


@pytest.mark.parametrize("act", ["proposed", "publish", "first/films", "first/films/1/take-back"])
def test_nobody_else_gives_prizes(
    judged: Judged, signed_in: SignIn, visitor: TestVisitor, session: Session, act: str
) -> None:
    stranger = make_organizer(session, make_edition(session), "From elsewhere")
    session.commit()
    for somebody in (stranger, judged.jurors[0], judged.entries[0].person):
        assert signed_in(somebody).post(f"{AWARDS}/{act}").status_code == 404
    assert visitor.post(f"{AWARDS}/{act}").status_code == 303
