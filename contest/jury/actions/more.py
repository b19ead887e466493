"""More jurors for the films about which the ballots signed so far decide least."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.jury.actions.seating import candidates, hand_out, problem_of
from contest.jury.models import Ballot, Round, Screening, Seat
from contest.logbook import log
from contest.rulebook.refusal import Refused
from contest.rulebook.scoring import weighted_total, weights_of
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import NOT_NOW, NotNow, RoundStage, ScreeningStage

if TYPE_CHECKING:  # what deals takes scipy's memory: it is loaded by who deals
    from contest.rulebook.assignment import Plan
    from contest.rulebook.statistics.scores import Scores


def deal_more(
    session: Session, round_: Round, screenings: int, *, by_id: int, now: datetime
) -> Plan:
    """Deal what films lack, then so many screenings where one more ballot decides most.

    Near the line above which films go on, and at the top; by the robust model of the ballots
    signed so far, which nobody is shown. Raises `NotNow` unless the round is open, and `Refused`
    where ballots tell nothing yet or films can't have their jurors.
    """
    from contest.rulebook import assignment

    if round_.stage is not RoundStage.OPEN:
        raise NotNow(NOT_NOW[round_.stage])
    seats = [each for each in round_.seats if each.left_at is None]
    films = candidates(session, round_)
    keys = [str(each.id) for each in films]
    found = assignment.believed(_scores(session, round_), keys, round_.rules.advances, round_.seed)
    if not found.telling:
        raise Refused(
            Sentence(
                "Nothing tells yet which films need more jurors: no film has two signed ballots, or"
                " all marks are the same. Come back when more is signed."
            )
        )
    problem = problem_of(session, round_, seats, films)
    seed = f"{round_.seed}/more/{_dealt(session, round_)}"
    plan = assignment.deal_more(problem, found.beliefs, found.telling, screenings, seed)
    plan = hand_out(session, round_, seats, plan, now)
    log(
        session,
        "round.dealt_more",
        round_.about,
        now=now,
        person_id=by_id,
        edition_id=round_.edition_id,
        asked=screenings,
        screenings=len(plan.pairs),
        seed=seed,
    )
    return plan


def _scores(session: Session, round_: Round) -> Scores:
    """The weighted total of each ballot signed so far, by juror and film."""
    from contest.rulebook.statistics.scores import Scores

    weights = weights_of(round_.rules.criteria)
    rows = session.execute(
        select(Screening.entry_id, Seat.person_id, Ballot.marks)
        .join(Screening.seat)
        .join(Ballot, (Ballot.screening_id == Screening.id) & Ballot.counts)
        .where(Seat.round_id == round_.id, Screening.stage == ScreeningStage.SCORED)
    )
    return Scores.of(
        (str(film), str(juror), float(weighted_total(marks, weights)))
        for film, juror, marks in rows
    )


def _dealt(session: Session, round_: Round) -> int:
    """How many screenings the round has: each dealing follows a chance of its own."""
    count = select(func.count(Screening.id)).join(Screening.seat)
    return session.scalar(count.where(Seat.round_id == round_.id)) or 0
