"""Planning and opening rounds, and filling places that became empty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.models import Entry
from contest.jury.actions.seating import candidates, deal, seat_jurors
from contest.jury.models import Candidacy, Round
from contest.logbook import log
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import (
    NOT_NOW,
    ROUND,
    EntryStage,
    NotNow,
    RoundEvent,
    RoundStage,
    advance,
)

if TYPE_CHECKING:
    from contest.rulebook.assignment import Plan


def plan_rounds(session: Session, edition: Edition, now: datetime) -> list[Round]:
    """The edition's rounds as its rules have them, made where they are missing, in their order.

    A round that is not open yet follows the rules in force; one they no longer name goes.
    """
    kept = {
        each.key: each
        for each in session.scalars(select(Round).where(Round.edition_id == edition.id))
    }
    wanted = {rules.key: position for position, rules in enumerate(edition.rules.rounds)}
    for key, position in wanted.items():
        if key not in kept:
            kept[key] = _planned(session, edition, key, position, now)
        elif kept[key].stage is RoundStage.PLANNED:
            kept[key].position, kept[key].rules_version = position, edition.current
    for key, round_ in list(kept.items()):
        if key not in wanted and round_.stage is RoundStage.PLANNED:
            session.delete(kept.pop(key))
    session.flush()
    return sorted(kept.values(), key=lambda each: each.position)


def open_round(
    session: Session,
    round_: Round,
    juror_person_ids: Collection[int],
    *,
    by_id: int,
    now: datetime,
    seed: int,
    closes_at: datetime | None = None,
) -> Plan:
    """Open a round: freeze its rules, seat the jurors and deal each film to as many as they ask.

    The first round takes every accepted film, a later one what the round before sent on. `seed`
    makes the dealing reproducible; `closes_at` only tells jurors by when to be done. Raises
    `NotNow` unless the round is planned, and `Refused` where no fair dealing is possible.
    """
    stage = advance(ROUND, round_.stage, RoundEvent.OPEN)
    entries = _starters(session, round_)
    round_.rules_version = round_.edition.current
    round_.stage, round_.opened_at, round_.closes_at, round_.seed = stage, now, closes_at, seed
    for each in entries:
        session.add(Candidacy(round_id=round_.id, entry_id=each.id))
    seats = seat_jurors(session, round_, juror_person_ids, now)
    plan = deal(session, round_, seats, entries, now, seed)
    log(
        session,
        "round.opened",
        round_.about,
        now=now,
        person_id=by_id,
        edition_id=round_.edition_id,
        films=len(entries),
        jurors=len(seats),
        screenings=len(plan.pairs),
        seed=seed,
        rules=round_.rules_version.hash,
    )
    return plan


def top_up(
    session: Session,
    round_: Round,
    juror_person_ids: Collection[int],
    *,
    by_id: int,
    now: datetime,
) -> Plan:
    """Let these jurors sit from now on and deal what lacks jurors; what was signed stays signed.

    To be used after jurors left, came or stepped aside from films; to do it twice deals nothing
    more. Raises `NotNow` unless the round is open, `Refused` where the panel is too small.
    """
    if round_.stage is not RoundStage.OPEN:
        raise NotNow(NOT_NOW[round_.stage])
    seats = seat_jurors(session, round_, juror_person_ids, now)
    plan = deal(session, round_, seats, candidates(session, round_), now, f"{round_.seed}/top-up")
    log(
        session,
        "round.topped_up",
        round_.about,
        now=now,
        person_id=by_id,
        edition_id=round_.edition_id,
        jurors=len(seats),
        screenings=len(plan.pairs),
    )
    return plan


def _planned(session: Session, edition: Edition, key: str, position: int, now: datetime) -> Round:
    round_ = Round(
        edition=edition,
        key=key,
        position=position,
        stage=RoundStage.PLANNED,
        rules_version=edition.current,
        seed=0,
    )
    session.add(round_)
    session.flush()  # the log names it by id
    log(session, "round.planned", round_.about, now=now, edition_id=edition.id, key=key)
    return round_


def _starters(session: Session, round_: Round) -> Sequence[Entry]:
    films = select(Entry).where(
        Entry.edition_id == round_.edition_id, Entry.stage == EntryStage.ACCEPTED
    )
    before = _round_before(session, round_)
    if before is not None:
        if before.stage is not RoundStage.CLOSED:
            raise Refused(Sentence("Close the round before this one first."))
        went_on = select(Candidacy.entry_id).where(
            Candidacy.round_id == before.id, Candidacy.advanced.is_(True)
        )
        films = films.where(Entry.id.in_(went_on))
    found = session.scalars(films.order_by(Entry.number)).all()
    if not found:
        raise Refused(
            Sentence("No film goes into this round yet. Accept entries first.")
            if before is None
            else Sentence("Choose which films of the round before go on to this one.")
        )
    return found


def _round_before(session: Session, round_: Round) -> Round | None:
    return session.scalar(
        select(Round)
        .where(Round.edition_id == round_.edition_id, Round.position < round_.position)
        .order_by(Round.position.desc())
        .limit(1)
    )
