"""Looking through titles before watching, and stepping aside where one knows who made a film."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.jury.actions.verdict import close_round
from contest.jury.models import Conflict
from contest.people.models import Person
from contest.rulebook.stages import ScreeningStage
from tests.factories import NOON, make_juror
from tests.juries import Sitting, make_sitting, screening
from tests.visitor import TestVisitor

Enter = Callable[[Person], TestVisitor]
TITLES = ("Salt Letters", "Alaya", "Glasberg")


@pytest.fixture
def sitting(session: Session) -> Sitting:
    made = make_sitting(session)
    for entry, title in zip(made.entries, TITLES, strict=True):
        entry.original_title = title
    session.commit()
    return made


def page_of(sitting: Sitting) -> str:
    return f"/jury/rounds/{sitting.round.id}/conflicts"


def test_titles_come_by_the_alphabet_and_without_codes(sitting: Sitting, signed_in: Enter) -> None:
    page = signed_in(sitting.jurors[0]).get(page_of(sitting)).text
    assert sorted(TITLES, key=page.index) == sorted(TITLES)
    codes = [each.film_code for each in sitting.entries]
    assert [code for code in codes if re.search(rf"\b{code:04d}\b", page)] == []


def test_who_steps_aside_from_films_is_asked_no_more_about_them(
    session: Session, sitting: Sitting, signed_in: Enter
) -> None:
    juror = signed_in(sitting.jurors[0])
    chosen = [each.id for each in sitting.entries[:2]]
    typed = {"film": chosen, "reason": "We share a studio."}
    done = juror.post(page_of(sitting), data=typed)
    assert (done.status_code, done.location) == (303, "/jury")
    assert "You stepped aside from 2 films." in juror.get("/jury").text
    session.expire_all()
    kept = session.scalars(select(Conflict).order_by(Conflict.entry_id)).all()
    assert [(each.entry_id, each.reason) for each in kept] == [
        (each, "We share a studio.") for each in chosen
    ]
    stages = [
        screening(session, sitting.jurors[0], each, sitting.round).stage for each in sitting.entries
    ]
    assert stages == [ScreeningStage.RECUSED, ScreeningStage.RECUSED, ScreeningStage.WAITING]
    page = juror.get(page_of(sitting)).text
    assert [each for each in TITLES if each in page] == ["Glasberg"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason": "I know somebody."}, "Choose the films you can’t judge."),
        ({"film": [1], "reason": " "}, "Write the reason; only the organizers read it."),
    ],
)
def test_nothing_is_declared_without_a_film_or_a_reason(
    session: Session, sitting: Sitting, signed_in: Enter, typed: dict[str, object], told: str
) -> None:
    answer = signed_in(sitting.jurors[0]).post(page_of(sitting), data=typed)
    assert answer.status_code == 422
    assert told.replace("’", "&#39;") in answer.text
    assert session.scalars(select(Conflict)).all() == []


def test_other_peoples_films_are_out_of_reach(
    session: Session, sitting: Sitting, signed_in: Enter
) -> None:
    other = make_sitting(session)
    idle = make_juror(session, sitting.edition, "Not Seated")
    session.commit()
    for stranger in (idle, other.jurors[0], sitting.organizer):
        assert signed_in(stranger).get(page_of(sitting)).status_code == 404
    foreign = {"film": [other.entries[0].id], "reason": "Just so."}
    assert signed_in(sitting.jurors[0]).post(page_of(sitting), data=foreign).status_code == 422
    assert session.scalars(select(Conflict)).all() == []


def test_a_closed_round_has_no_titles_to_look_through(
    session: Session, sitting: Sitting, signed_in: Enter
) -> None:
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=NOON)
    session.commit()
    assert signed_in(sitting.jurors[0]).get(page_of(sitting)).status_code == 404
