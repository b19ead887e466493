"""What a juror decides about a film: to sign, to put it off, to abstain, to step aside."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contest.entries.models import Entry
from contest.jury.actions.sheet import check_open
from contest.jury.models import Ballot, Conflict, Round, Screening, Seat
from contest.logbook import log
from contest.people.models import Person
from contest.rulebook.refusal import Refused
from contest.rulebook.scoring import ScoreSheet, check_marks
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import (
    SCREENING,
    RoundStage,
    ScreeningEvent,
    ScreeningStage,
    advance,
)

NO_REASON = Sentence("Write the reason; only the organizers read it.")


def sign_ballot(session: Session, screening: Screening, *, now: datetime) -> Ballot:
    """Sign the sheet as it stands. Until the round closes a new signature replaces the last.

    Ballots are only ever added; to sign the same marks again adds none. Raises `Refused` with a
    finding for each criterion that lacks its mark.
    """
    check_open(screening)
    stage = advance(SCREENING, screening.stage, ScreeningEvent.SIGN)
    marks = dict(screening.marks)
    findings = check_marks(marks, ScoreSheet.of(screening.seat.round.rules), complete=True)
    if findings:
        raise Refused(Sentence("This ballot can't be signed yet."), findings)
    counting = _counting(screening)
    if counting is not None and screening.stage is stage and counting.marks == marks:
        return counting
    _discount(session, screening)
    ballot = Ballot(marks=marks, seconds_watched=screening.seconds_watched, signed_at=now)
    screening.ballots.append(ballot)
    screening.stage, screening.changed_at = stage, now
    session.flush()
    _log(session, "ballot.signed", screening, now, revises=counting is not None)
    return ballot


def skip(session: Session, screening: Screening, *, now: datetime) -> None:
    """Put a film off: it comes back at the end of the juror's queue."""
    check_open(screening)
    screening.stage = advance(SCREENING, screening.stage, ScreeningEvent.SKIP)
    last = session.scalar(
        select(func.max(Screening.position)).where(Screening.seat_id == screening.seat_id)
    )
    if last is not None and screening.position < last:
        screening.position = last + 1
    screening.changed_at = now
    _log(session, "screening.put_off", screening, now)


def abstain(session: Session, screening: Screening, reason: str, *, now: datetime) -> None:
    """Have seen a film and deliberately not mark it; a ballot signed before counts no more."""
    check_open(screening)
    stage = advance(SCREENING, screening.stage, ScreeningEvent.ABSTAIN)
    _discount(session, screening)
    screening.stage, screening.reason, screening.changed_at = stage, reason.strip(), now
    _log(session, "screening.abstained", screening, now)


def resume(session: Session, screening: Screening, *, now: datetime) -> None:
    """Take back a postponement or an abstention."""
    check_open(screening)
    screening.stage = advance(SCREENING, screening.stage, ScreeningEvent.RESUME)
    screening.reason, screening.changed_at = "", now
    _log(session, "screening.resumed", screening, now)


def recuse(session: Session, screening: Screening, reason: str, *, now: datetime) -> Conflict:
    """Step aside from a film for good: it may be dealt to another juror. Twice is once."""
    if screening.stage is not ScreeningStage.RECUSED:
        check_open(screening)
    juror = screening.seat.person
    return declare_conflict(
        session, juror, screening.entry, reason, by_id=screening.person_id, now=now
    )


def declare_conflict(
    session: Session, juror: Person, entry: Entry, reason: str, *, by_id: int, now: datetime
) -> Conflict:
    """Keep a juror from judging an entry, in this round and every later one.

    Where they were dealt it in an open round they step aside, whatever they signed. Closed rounds
    stay as they are. Raises `Refused` without a reason; what is declared already stays.
    """
    declared = session.scalar(
        select(Conflict).where(Conflict.person_id == juror.id, Conflict.entry_id == entry.id)
    )
    if declared is not None:
        return declared
    if not reason.strip():
        raise Refused(NO_REASON)
    conflict = Conflict(
        person_id=juror.id, entry_id=entry.id, reason=reason.strip(), declared_by_id=by_id, at=now
    )
    session.add(conflict)
    session.flush()
    log(
        session,
        "conflict.declared",
        f"entry:{entry.id}",
        now=now,
        person_id=by_id,
        edition_id=entry.edition_id,
        juror=juror.id,
    )
    for screening in _open_screenings(session, juror.id, entry.id):
        _step_aside(session, screening, conflict.reason, now)
    return conflict


def step_aside(
    session: Session,
    juror: Person,
    round_id: int,
    entry_ids: Collection[int],
    reason: str,
    *,
    now: datetime,
) -> int:
    """Declare a juror's conflicts with films they were dealt in a round; says with how many.

    Raises `Refused` where none of them was dealt to the juror, or without a reason.
    """
    dealt = session.scalars(
        select(Entry)
        .join(Screening, Screening.entry_id == Entry.id)
        .join(Screening.seat)
        .where(Seat.person_id == juror.id, Seat.round_id == round_id, Entry.id.in_(entry_ids))
    ).all()
    if not dealt:
        raise Refused(Sentence("Choose the films you can't judge."))
    for entry in dealt:
        declare_conflict(session, juror, entry, reason, by_id=juror.id, now=now)
    return len(dealt)


def withdraw_conflict(session: Session, conflict: Conflict, *, by_id: int, now: datetime) -> None:
    """Take back a conflict declared by mistake. Raises `Refused` once a juror stepped aside for it.

    The film may have gone to another juror by then, and a ballot was taken out of the count.
    """
    stepped_aside = session.scalar(
        select(Screening.id)
        .join(Screening.seat)
        .where(
            Seat.person_id == conflict.person_id,
            Screening.entry_id == conflict.entry_id,
            Screening.stage == ScreeningStage.RECUSED,
        )
        .limit(1)
    )
    if stepped_aside is not None:
        raise Refused(Sentence("The juror stepped aside from this film for it; that stays."))
    entry = session.get_one(Entry, conflict.entry_id)
    log(
        session,
        "conflict.withdrawn",
        f"entry:{entry.id}",
        now=now,
        person_id=by_id,
        edition_id=entry.edition_id,
        juror=conflict.person_id,
    )
    session.delete(conflict)


def _open_screenings(session: Session, person_id: int, entry_id: int) -> list[Screening]:
    return list(
        session.scalars(
            select(Screening)
            .join(Screening.seat)
            .join(Seat.round)
            .where(
                Seat.person_id == person_id,
                Screening.entry_id == entry_id,
                Screening.stage != ScreeningStage.RECUSED,
                Round.stage == RoundStage.OPEN,
            )
            .options(joinedload(Screening.seat).joinedload(Seat.round))
        )
    )


def _step_aside(session: Session, screening: Screening, reason: str, now: datetime) -> None:
    stage = advance(SCREENING, screening.stage, ScreeningEvent.RECUSE)
    _discount(session, screening)
    screening.stage, screening.reason, screening.changed_at = stage, reason, now
    _log(session, "screening.recused", screening, now)


def _counting(screening: Screening) -> Ballot | None:
    return next((each for each in screening.ballots if each.counts), None)


def _discount(session: Session, screening: Screening) -> None:
    """No ballot of the screening counts from now on."""
    counting = _counting(screening)
    if counting is not None:
        counting.counts = False
        session.flush()  # one ballot counts at a time, also between two statements


def _log(session: Session, act: str, screening: Screening, now: datetime, **details: Any) -> None:
    """A line that names juror and film by their numbers and tells no marks."""
    log(
        session,
        act,
        f"screening:{screening.id}",
        now=now,
        person_id=screening.person_id,
        edition_id=screening.edition_id,
        seat=screening.seat.number,
        **details,
    )
