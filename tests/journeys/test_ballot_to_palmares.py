"""From signed ballots to the public page, through the office, with nothing prepared in between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.jury.actions.ballots import sign_ballot
from contest.jury.actions.rounds import open_round
from contest.jury.actions.sheet import save_marks
from contest.jury.actions.verdict import advance_films, close_round
from contest.jury.models import Round, Screening, Seat
from contest.people.models import Person
from tests.conftest import Clock
from tests.factories import NOON
from tests.juries import Sitting, make_sitting
from tests.visitor import TestVisitor

ANNOUNCED = datetime.fromisoformat("2027-01-15T20:00:00+08:00").astimezone(UTC)


def judge(session: Session, sitting: Sitting, round_: Round, favour: dict[int, int]) -> None:
    """Every juror signs a ballot for every film of the round; `favour` is its mark, by film."""
    films = {entry.id: at for at, entry in enumerate(sitting.entries)}
    dealt = select(Screening).join(Seat).where(Seat.round_id == round_.id)
    for screening in session.scalars(dealt.order_by(Screening.id)).all():
        mark = favour[films[screening.entry_id]]
        marks = {criterion.key: mark for criterion in round_.rules.criteria}
        save_marks(screening, marks, None, now=NOON)
        sign_ballot(session, screening, now=NOON)
    close_round(session, round_, by_id=sitting.organizer.id, now=NOON)


def test_what_jurors_signed_is_what_the_public_reads(
    session: Session,
    signed_in: Callable[[Person], TestVisitor],
    visitor: TestVisitor,
    clock: Clock,
) -> None:
    sitting = make_sitting(session, "shorts", films=3, jurors=5, advances=2)
    for at, title in enumerate(("Third in the end", "The winner", "Second best")):
        sitting.entries[at].original_title, sitting.entries[at].english_title = title, title
    organizer = sitting.organizer
    judge(session, sitting, sitting.rounds[0], {0: 4, 1: 8, 2: 9})
    advance_films(session, sitting.rounds[0], None, by_id=organizer.id, now=NOON)
    seats = [each.id for each in sitting.jurors]
    open_round(session, sitting.rounds[1], seats, by_id=organizer.id, now=NOON, seed=8)
    judge(session, sitting, sitting.rounds[1], {1: 9, 2: 8})
    session.commit()
    office = signed_in(organizer)
    table = office.get("/office/shorts/awards").text
    assert table.index("The winner") < table.index("Second best")
    assert "Third in the end" not in table
    winner = sitting.entries[1].number
    office.post("/office/shorts/awards/proposed")
    cited = {"citation": "Two rounds, one film."}
    office.post(f"/office/shorts/awards/first/films/{winner}/citation", data=cited)
    done = office.post("/office/shorts/awards/publish", follow_redirects=True).text
    assert "not before" in done

    clock.now = ANNOUNCED - timedelta(seconds=1)
    assert visitor.get("/editions/shorts/palmares").status_code == 404
    clock.now = ANNOUNCED
    page = visitor.get("/editions/shorts/palmares").text
    assert "The winner" in page
    assert "Two rounds, one film." in page
    assert "Second best" not in page
    answer = visitor.get("/editions/shorts/palmares.json")
    feed = answer.json
    assert feed is not None
    assert hashlib.sha256(answer.data).hexdigest() in page
    assert [(step["key"], step["count"]) for step in feed["funnel"]] == [
        ("started", 3),
        ("submitted", 3),
        ("met_the_rules", 3),
        ("round:selection", 2),
        ("awarded", 1),
    ]
    assert feed["method"]["ballots_digest"] == sitting.rounds[1].ballots_digest
    assert feed["jury"]["names"] == [each.name for each in sitting.jurors]
