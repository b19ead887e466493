"""Two acts at the same instant: each waits its turn, and the record stays whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.jury.actions.ballots import sign_ballot
from contest.jury.actions.rounds import open_round
from contest.jury.actions.sheet import save_marks
from contest.jury.actions.verdict import close_round
from contest.jury.models import Ballot, Round, Screening, Seat, Standing
from contest.rulebook.refusal import Refused
from tests.factories import NOON
from tests.juries import Sitting, make_sitting, marks, screening, sign

LATER = NOON + timedelta(hours=1)


def at_once(database: Database, *acts: Callable[[Session], object]) -> list[str]:
    """Do the acts in transactions that begin together; says of each `done` or why not."""
    starting, told = threading.Barrier(len(acts)), [""] * len(acts)

    def run(at: int) -> None:
        starting.wait()
        try:
            with database.transaction() as session:
                acts[at](session)
            told[at] = "done"
        except Refused as refusal:
            told[at] = str(refusal)

    hands = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for each in hands:
        each.start()
    for each in hands:
        each.join()
    return told


def signing(screening_id: int, level: int) -> Callable[[Session], object]:
    def act(session: Session) -> Ballot:
        found = session.get_one(Screening, screening_id)
        save_marks(found, marks(level), None, now=LATER)
        return sign_ballot(session, found, now=LATER)

    return act


def test_of_ballots_signed_at_once_all_are_kept_and_one_counts(
    session: Session, database: Database
) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    session.commit()
    told = at_once(database, *(signing(found.id, level) for level in (3, 5, 7, 9)))
    assert told == ["done"] * 4
    with database.reading() as fresh:
        kept = fresh.scalars(select(Ballot).order_by(Ballot.id)).all()
        assert sorted(each.marks["story"] for each in kept) == [3, 5, 7, 9]
        assert [each.counts for each in kept] == [False, False, False, True]
        assert fresh.get_one(Screening, found.id).marks == kept[-1].marks


def test_the_same_ballot_sent_twice_at_once_is_one_ballot(
    session: Session, database: Database
) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    session.commit()
    assert at_once(database, *[signing(found.id, 8)] * 3) == ["done"] * 3
    with database.reading() as fresh:
        assert len(fresh.scalars(select(Ballot)).all()) == 1


def closing(sitting: Sitting) -> Callable[[Session], object]:
    round_id, by_id = sitting.round.id, sitting.organizer.id
    return lambda session: close_round(
        session, session.get_one(Round, round_id), by_id=by_id, now=LATER
    )


def test_a_ballot_signed_while_the_round_closes_counts_or_is_refused(
    session: Session, database: Database
) -> None:
    sitting = make_sitting(session, films=1)
    sign(session, sitting, 0, 0, 6)
    sign(session, sitting, 1, 0, 6)
    found = screening(session, sitting.jurors[2], sitting.entries[0], sitting.round)
    session.commit()
    closed, signed = at_once(database, closing(sitting), signing(found.id, 9))
    assert closed == "done"
    with database.reading() as fresh:
        counted = fresh.scalars(select(Standing)).one().ballots
    assert (signed, counted) in {("done", 3), ("This round is closed.", 2)}


def test_a_round_closed_twice_at_once_is_closed_once(session: Session, database: Database) -> None:
    sitting = make_sitting(session, films=1)
    session.commit()
    told = at_once(database, closing(sitting), closing(sitting))
    assert sorted(told) == ["This round is closed.", "done"]


def test_a_round_opened_twice_at_once_is_dealt_once(session: Session, database: Database) -> None:
    sitting = make_sitting(session, opened=False)
    round_id, by_id = sitting.round.id, sitting.organizer.id
    panel = [each.id for each in sitting.jurors]
    session.commit()

    def opening(own: Session) -> object:
        found = own.get_one(Round, round_id)
        return open_round(own, found, panel, by_id=by_id, now=NOON, seed=1)

    assert sorted(at_once(database, opening, opening)) == ["This round is open.", "done"]
    with database.reading() as fresh:
        assert len(fresh.scalars(select(Seat)).all()) == 3
        assert len(fresh.scalars(select(Screening)).all()) == 9
