"""Letters that call jurors to their films: at the dealing, and when somebody falls behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.jury.actions.rounds import plan_rounds
from contest.letters.models import Letter
from contest.people.models import Person
from tests.conftest import Clock
from tests.factories import NOON, make_organizer
from tests.juries import make_sitting, sign
from tests.visitor import TestVisitor

Enter = Callable[[Person], TestVisitor]


def written(session: Session) -> list[Letter]:
    """All letters so far, in the order of their addresses."""
    session.rollback()
    return list(session.scalars(select(Letter).order_by(Letter.address)))


def test_opening_a_round_calls_each_juror_in_their_language_and_zone(
    session: Session, signed_in: Enter
) -> None:
    sitting = make_sitting(session, opened=False)
    sitting.jurors[0].language, sitting.jurors[0].time_zone = "fr", "Europe/Paris"
    session.commit()
    address = f"/office/{sitting.edition.slug}/rounds/selection/open"
    told = {"jurors": [each.id for each in sitting.jurors], "closes_at": "2026-12-20T20:00"}
    assert signed_in(sitting.organizer).post(address, data=told).status_code == 303
    letters = written(session)
    assert sorted(each.address for each in letters) == sorted(each.email for each in sitting.jurors)
    by_address = {each.address: each for each in letters}
    french, english = (by_address[each.email] for each in sitting.jurors[:2])
    assert (english.subject, english.language) == ("3 films wait for you: AI Shorts", "en")
    assert "Please be done by 2026-12-20 12:00 (UTC)." in english.text
    assert "https://localhost/jury" in english.text
    assert "2026-12-20 13:00 (Europe/Paris)" in french.text
    assert plan_rounds(session, sitting.edition, NOON)[0].seats[0].called_at == NOON


def test_who_falls_behind_is_reminded_at_one_press(
    session: Session, signed_in: Enter, clock: Clock
) -> None:
    sitting = make_sitting(session, films=1)
    clock.now = NOON + timedelta(days=4)
    sign(session, sitting, 0, 0, 7, now=clock.now)
    session.commit()
    organizer = signed_in(sitting.organizer)
    page = f"/office/{sitting.edition.slug}/rounds/selection"
    assert "Remind 2 jurors by letter" in organizer.get(page).text
    assert organizer.post(f"{page}/remind").location == page
    assert [each.address for each in written(session)] == sorted(
        each.email for each in sitting.jurors[1:]
    )
    again = organizer.get(page).text
    assert ("2 jurors are reminded." in again, "Remind 2 jurors" in again) == (True, False)
    organizer.post(f"{page}/remind")
    assert len(written(session)) == 2


def test_only_the_editions_organizers_remind(session: Session, signed_in: Enter) -> None:
    sitting, elsewhere = make_sitting(session), make_sitting(session)
    strangers = [sitting.jurors[0], make_organizer(session, elsewhere.edition)]
    session.commit()
    page = f"/office/{sitting.edition.slug}/rounds/selection/remind"
    assert [signed_in(each).post(page).status_code for each in strangers] == [404, 404]
