"""The juror's room over HTTP: blind, one's own alone, saved at each touch, signed for the round."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.jury.actions.ballots import recuse
from contest.jury.actions.verdict import close_round
from contest.jury.models import Ballot, Note, Screening
from contest.media.models import RenditionKind, RenditionState
from contest.people.models import Person
from contest.rulebook.stages import ScreeningStage
from tests.conftest import Clock
from tests.counting import statements
from tests.factories import NOON, keep_credentials_of, make_juror, make_person
from tests.juries import Sitting, make_sitting, marks, screening
from tests.rooms.test_juror_blindness import NEW_EACH_TIME
from tests.visitor import TestVisitor

Enter = Callable[[Person], TestVisitor]


@pytest.fixture
def sitting(session: Session) -> Sitting:
    """Three films, three jurors, the first round open."""
    made = make_sitting(session)
    session.commit()
    return made


@pytest.fixture
def mine(session: Session, sitting: Sitting) -> Screening:
    """The first juror's screening of the first film."""
    return screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)


@pytest.fixture
def juror(signed_in: Enter, sitting: Sitting) -> TestVisitor:
    return signed_in(sitting.jurors[0])


def page_of(found: Screening) -> str:
    return f"/jury/screenings/{found.id}"


def fields(**more: Any) -> dict[str, Any]:
    return {f"mark-{key}": mark for key, mark in marks(8).items()} | more


def now_is(session: Session, found: Screening) -> Screening:
    session.rollback()
    session.refresh(found)
    return found


def test_the_desk_says_how_many_films_are_left(juror: TestVisitor) -> None:
    text = juror.get("/jury").text
    assert "3 films to go" in text
    assert "0 of 3 done." in text


def test_the_desk_is_for_jurors(
    signed_in: Enter, visitor: TestVisitor, session: Session, sitting: Sitting
) -> None:
    somebody = make_person(session)
    session.commit()
    assert visitor.get("/jury").status_code == 303
    assert signed_in(somebody).get("/jury").status_code == 404
    assert signed_in(sitting.organizer).get("/jury").status_code == 404


def test_a_screening_is_there_for_its_juror_alone(
    signed_in: Enter, session: Session, sitting: Sitting, mine: Screening
) -> None:
    others = [
        signed_in(sitting.jurors[1]),
        signed_in(sitting.organizer),
        signed_in(sitting.entries[0].person),
    ]
    assert [each.get(page_of(mine)).status_code for each in others] == [404] * 3
    told = [each.post(f"{page_of(mine)}/sign", data=fields()).status_code for each in others]
    assert told == [404] * 3
    assert session.scalars(select(Ballot)).all() == []


def test_a_blind_round_shows_no_name_title_country_or_number(
    juror: TestVisitor, session: Session, sitting: Sitting, mine: Screening
) -> None:
    entry = sitting.entries[0]
    entry.original_title = entry.english_title = entry.romanised_title = "CanaryTitle"
    entry.synopsis, entry.countries, entry.number = "CanarySynopsis", ["MG"], 98765
    entry.person.name, entry.person.country = "CanaryAuthor", "MG"
    entry.credits[0].name = entry.credits[0].romanised_name = "CanaryCredit"
    entry.tools[0].tool = entry.tools[0].made = "CanaryTool"
    assert entry.master is not None
    entry.master.file_name = "CanaryFile.mp4"
    session.commit()
    answers = [
        juror.get("/jury"),
        juror.get(page_of(mine)),
        juror.post(f"{page_of(mine)}/sign", data={"mark-story": 3}),
        juror.fetch(f"{page_of(mine)}/marks", method="POST", json={"marks": {"story": 3}}),
        juror.fetch(f"{page_of(mine)}/notes", method="POST", data={"at": "0:05", "text": "Dark."}),
        juror.fetch(f"{page_of(mine)}/watched", method="POST", json={"seconds": 9}),
    ]
    assert [each.status_code for each in answers] == [200, 200, 422, 200, 200, 200]
    told = "".join(each.text + str(each.headers) for each in answers)
    leaks = [each for each in ("Canary", "98765", "Madagascar", '"MG"') if each in told]
    assert leaks == []


def test_a_round_that_is_not_blind_shows_the_title(session: Session, signed_in: Enter) -> None:
    made = make_sitting(session, blind=False)
    session.commit()
    found = screening(session, made.jurors[0], made.entries[0], made.round)
    assert made.entries[0].original_title in signed_in(made.jurors[0]).get(page_of(found)).text


def test_marks_are_saved_at_each_touch(
    juror: TestVisitor, session: Session, mine: Screening, clock: Clock
) -> None:
    sent = {"marks": {"story": 8}, "remark": "Cold light."}
    answer = juror.fetch(f"{page_of(mine)}/marks", method="POST", json=sent)
    assert answer.json == {"saved": "Saved 12:00:00", "marks": {"story": 8}}
    found = now_is(session, mine)
    assert (found.marks, found.remark, found.stage) == (
        {"story": 8},
        "Cold light.",
        ScreeningStage.WAITING,
    )


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"marks": {"story": 11}}, 409),
        ({"marks": {"charm": 5}}, 409),
        ({"marks": {"story": "8"}}, 422),
        ({"marks": {"story": True}}, 422),
        ({"marks": [8]}, 422),
        ([], 422),
    ],
)
def test_a_sheet_of_another_shape_is_refused(
    juror: TestVisitor, session: Session, mine: Screening, sent: Any, status: int
) -> None:
    answer = juror.fetch(f"{page_of(mine)}/marks", method="POST", json=sent)
    assert answer.status_code == status
    assert answer.get_json()["message"]
    assert now_is(session, mine).marks == {}


def test_without_scripts_the_sheet_is_saved_and_signed_by_its_form(
    juror: TestVisitor, session: Session, mine: Screening
) -> None:
    saved = juror.post(f"{page_of(mine)}/marks", data={"mark-story": 4, "remark": "So far."})
    assert (saved.status_code, saved.location) == (303, page_of(mine))
    signed = juror.post(f"{page_of(mine)}/sign", data=fields(remark="Done."))
    assert signed.status_code == 303
    assert signed.location.startswith("/jury/screenings/")
    assert signed.location != page_of(mine)
    found = now_is(session, mine)
    assert (found.stage, found.remark, [each.marks for each in found.ballots]) == (
        ScreeningStage.SCORED,
        "Done.",
        [marks(8)],
    )


def test_a_sheet_that_lacks_marks_comes_back_with_what_was_given(
    juror: TestVisitor, mine: Screening
) -> None:
    answer = juror.post(f"{page_of(mine)}/sign", data={"mark-story": 9})
    assert answer.status_code == 422
    assert answer.text.count("Mark every criterion before you sign") == 3
    assert 'name="mark-story" value="9" checked' in answer.text


def test_after_the_last_film_comes_the_desk(
    juror: TestVisitor, session: Session, sitting: Sitting
) -> None:
    where = []
    for entry in sitting.entries:
        found = screening(session, sitting.jurors[0], entry, sitting.round)
        where.append(juror.post(f"{page_of(found)}/sign", data=fields()).location)
    assert where[-1] == "/jury"
    assert "All your films are done" in juror.get("/jury").text


def test_notes_are_kept_at_their_moment_and_erased(
    juror: TestVisitor, session: Session, mine: Screening
) -> None:
    notes = f"{page_of(mine)}/notes"
    answer = juror.fetch(notes, method="POST", data={"at": "1:02.5", "text": "Loop?"})
    assert (answer.get_json()["at_ms"], answer.get_json()["text"]) == (62_500, "Loop?")
    assert "Loop?" in juror.get(page_of(mine)).text
    wrong = juror.post(notes, data={"at": "soon", "text": "Hm."})
    assert (wrong.status_code, "Write minutes:seconds, as 1:12." in wrong.text) == (422, True)
    assert juror.post(answer.get_json()["erase"]).status_code == 303
    session.rollback()
    assert session.scalars(select(Note)).all() == []


def test_the_player_tells_what_was_watched(
    juror: TestVisitor, session: Session, mine: Screening
) -> None:
    address = f"{page_of(mine)}/watched"
    told = juror.fetch(address, method="POST", json={"seconds": 9999, "to_end": True})
    assert told.json == {"seconds": 178, "to_end": True}
    assert juror.fetch(address, method="POST", json={"seconds": -1}).status_code == 422
    assert juror.fetch(address, method="POST", json={"seconds": "9"}).status_code == 422
    assert now_is(session, mine).seconds_watched == 178


def test_later_abstain_and_recuse_are_three_ways_out(
    juror: TestVisitor, session: Session, sitting: Sitting
) -> None:
    first, second, third = (
        screening(session, sitting.jurors[0], each, sitting.round) for each in sitting.entries
    )
    assert juror.post(f"{page_of(first)}/skip").status_code == 303
    assert juror.post(f"{page_of(second)}/abstain", data={"reason": "No sound."}).status_code == 303
    assert juror.post(f"{page_of(third)}/recuse", data={"reason": ""}).status_code == 409
    assert juror.post(f"{page_of(third)}/recuse", data={"reason": "Mine."}).status_code == 303
    assert [now_is(session, each).stage for each in (first, second, third)] == [
        ScreeningStage.SKIPPED,
        ScreeningStage.ABSTAINED,
        ScreeningStage.RECUSED,
    ]
    assert "Score it after all" in juror.get(page_of(second)).text
    juror.post(f"{page_of(second)}/resume")
    assert now_is(session, second).stage is ScreeningStage.WAITING


def test_who_stepped_aside_gets_no_film(
    juror: TestVisitor, session: Session, mine: Screening
) -> None:
    assert juror.get(page_of(mine)).text.count("/media/") == 2  # the film, full and light
    recuse(session, mine, "My sister edited it.", now=NOON)
    session.commit()
    page = juror.get(page_of(mine))
    assert (page.status_code, "<video" in page.text, "/media/" in page.text) == (200, False, False)
    assert juror.post(f"{page_of(mine)}/sign", data=fields()).status_code == 409


def test_a_closed_round_says_so_and_takes_nothing(
    juror: TestVisitor, session: Session, sitting: Sitting, mine: Screening
) -> None:
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=NOON)
    session.commit()
    answers = [juror.get(page_of(mine)), juror.post(f"{page_of(mine)}/sign", data=fields())]
    assert [(each.status_code, "This round is closed." in each.text) for each in answers] == [
        (409, True)
    ] * 2
    assert "Closed rounds" in juror.get("/jury").text


@pytest.mark.parametrize("act", ["marks", "sign", "notes"])
def test_a_closed_round_shows_its_film_to_nobody_who_sends_nonsense(
    juror: TestVisitor, session: Session, sitting: Sitting, mine: Screening, act: str
) -> None:
    nonsense = dict.fromkeys(fields(), "much")
    answer = juror.post(f"{page_of(mine)}/{act}", data=nonsense)
    assert (answer.status_code, "<video" in answer.text) == (422, True)
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=NOON)
    session.commit()
    answer = juror.post(f"{page_of(mine)}/{act}", data=nonsense)
    assert (answer.status_code, "This round is closed." in answer.text) == (409, True)
    assert ("<video" in answer.text, "/media/" in answer.text) == (False, False)


def test_a_light_copy_is_offered_where_there_is_one(
    juror: TestVisitor,
    signed_in: Enter,
    session: Session,
    sitting: Sitting,
    mine: Screening,
    app: Flask,
) -> None:
    master = sitting.entries[0].master
    assert master is not None
    light = master.rendition(RenditionKind.LIGHT)
    assert light is not None
    app.extensions["house"].storage.keep(io.BytesIO(b"light"), light.storage_key)
    page = juror.get(page_of(mine)).text
    full_and_light = re.search(r'<video [^>]*src="([^"]+)" data-light="([^"]+)"', page)
    assert full_and_light is not None
    assert len(set(full_and_light.groups())) == 2
    with juror.get(full_and_light[2]) as fetched:
        assert fetched.data == b"light"
    assert signed_in(sitting.jurors[1]).get(full_and_light[2]).status_code == 404
    assert '<label class="choice lighter-picture" hidden>' in page  # until a script can switch
    light.state, light.storage_key = RenditionState.REQUESTED, None
    session.commit()
    page = juror.get(page_of(mine)).text
    shown = ("<video" in page, "data-light" in page, "lighter-picture" in page)
    assert shown == (True, False, False)


def test_no_juror_is_told_of_content_credentials(
    juror: TestVisitor, session: Session, sitting: Sitting, mine: Screening, app: Flask
) -> None:
    before = NEW_EACH_TIME.sub("", juror.get(page_of(mine)).text)
    keep_credentials_of(sitting.entries[0], app.extensions["house"].storage)
    session.commit()
    assert NEW_EACH_TIME.sub("", juror.get(page_of(mine)).text) == before


def test_a_film_without_a_viewing_copy_says_so(
    juror: TestVisitor, session: Session, sitting: Sitting, mine: Screening
) -> None:
    master = sitting.entries[0].master
    assert master is not None
    screener = next(each for each in master.renditions if each.kind is RenditionKind.SCREENER)
    screener.state, screener.storage_key = RenditionState.REQUESTED, None
    session.commit()
    page = juror.get(page_of(mine)).text
    assert ("<video" in page, "is still being made" in page) == (False, True)


def test_pages_cost_the_same_for_one_film_and_for_three(
    session: Session, signed_in: Enter, database: Database
) -> None:
    spent = []
    for films in (1, 3):
        made = make_sitting(session, films=films)
        reader = make_juror(session, made.edition, "Never Seated")
        session.commit()
        found = screening(session, made.jurors[0], made.entries[0], made.round)
        client = signed_in(made.jurors[0])
        spent.append([_queries(database, client, each) for each in ("/jury", page_of(found))])
        assert "No film waits for you" in signed_in(reader).get("/jury").text
    assert spent[0] == spent[1]


def _queries(database: Database, client: TestVisitor, address: str) -> int:
    with statements(database.engine) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
