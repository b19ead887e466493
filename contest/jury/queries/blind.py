"""What a juror sees: their own queue and sheets, and of a film what a blind round may show.

The juror's room has no other way to entries. Nothing here holds a name, a country or an entry's
number; a title only where the round's rules are not blind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from contest.entries.models import Entry, Reel
from contest.jury.models import Ballot, Note, Round, Screening, Seat
from contest.media.models import Inspection, Master, RenditionKind, Stored
from contest.rulebook.rules import RoundRules, Texts
from contest.rulebook.scoring import EFFECTS
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage


@dataclass(frozen=True)
class BlindEntry:
    """A film as its juror knows it. `title` is empty in a blind round.

    `screener` is the viewing copy, None until it is made; `light` the one for poor lines, where
    there is one; `subtitles` are language and place of each file.
    """

    film_code: int
    duration_s: float | None
    fps: float | None
    languages: tuple[str, ...]
    title: str
    screener: Stored | None
    light: Stored | None
    subtitles: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Place:
    """One position of a juror's queue."""

    screening_id: int
    position: int
    stage: ScreeningStage
    film_code: int
    duration_s: float | None
    begun: bool

    @property
    def owed(self) -> bool:
        """The juror still has to act on it."""
        return EFFECTS[self.stage].owed


@dataclass(frozen=True)
class Queue:
    """A juror's films in one round, in the order they are to be watched."""

    round_id: int
    edition_title: Texts
    title: Texts
    accent: str
    stage: RoundStage
    closes_at: datetime | None
    places: tuple[Place, ...]

    @property
    def left(self) -> tuple[Place, ...]:
        """What is still owed."""
        return tuple(each for each in self.places if each.owed)

    @property
    def next(self) -> Place | None:
        """Where to go on."""
        return self.left[0] if self.left else None

    def after(self, screening_id: int) -> Place | None:
        """The next film owed behind this one, else the first owed of all but this one."""
        owed = [each for each in self.left if each.screening_id != screening_id]
        here = [each.position for each in self.places if each.screening_id == screening_id]
        behind = [each for each in owed if here and each.position > here[0]]
        return next(iter(behind or owed), None)

    @property
    def seconds_left(self) -> float:
        """Running time of what is owed, as far as it is known."""
        return sum(each.duration_s or 0 for each in self.left)


@dataclass(frozen=True)
class Booth:
    """One screening with everything its page shows; only its juror may have it."""

    id: int
    person_id: int
    edition_id: int
    round_id: int
    round_stage: RoundStage
    rules: RoundRules
    accent: str
    closes_at: datetime | None
    stage: ScreeningStage
    marks: Mapping[str, Any]
    remark: str
    reason: str
    notes: Sequence[Note]
    seconds_watched: int
    seen_to_end: bool
    changed_at: datetime
    signed: Ballot | None
    film: BlindEntry


def desk(session: Session, person_id: int) -> list[Queue]:
    """The person's queues in rounds that are open, then in closed ones, newest first."""
    return _queues(session, Seat.person_id == person_id)


def queue_of(session: Session, person_id: int, round_id: int) -> Queue | None:
    """The person's queue in one round."""
    found = _queues(session, (Seat.person_id == person_id) & (Seat.round_id == round_id))
    return next(iter(found), None)


def _queues(session: Session, whose: ColumnElement[bool]) -> list[Queue]:
    seats = session.scalars(
        select(Seat)
        .join(Seat.round)
        .where(whose, Seat.left_at.is_(None))
        .options(joinedload(Seat.round).joinedload(Round.rules_version))
        .order_by(Round.stage == RoundStage.CLOSED, Round.opened_at.desc(), Round.id.desc())
    ).all()
    places = _places(session, [each.id for each in seats])
    return [_queue(each.round, places.get(each.id, ())) for each in seats]


def screening_of(session: Session, screening_id: int) -> Booth | None:
    """A screening as its juror sees it; None where there is nothing to judge."""
    found = session.scalar(
        _to_act(screening_id).options(
            selectinload(Screening.notes),
            joinedload(Screening.entry).selectinload(Entry.subtitles),
            joinedload(Screening.entry)
            .selectinload(Entry.reels)
            .joinedload(Reel.master)
            .options(joinedload(Master.inspection), selectinload(Master.renditions)),
        )
    )
    return None if found is None else booth_of(found)


def screening_to_act(session: Session, screening_id: int) -> Screening | None:
    """The same for acts; None where the juror left or the film is no longer in the competition."""
    return session.scalar(_to_act(screening_id))


def _to_act(screening_id: int) -> Select[Screening]:
    return (
        select(Screening)
        .join(Screening.seat)
        .join(Screening.entry)
        .where(
            Screening.id == screening_id,
            Seat.left_at.is_(None),
            Entry.stage == EntryStage.ACCEPTED,
        )
        .options(
            joinedload(Screening.seat).joinedload(Seat.round).joinedload(Round.rules_version),
            joinedload(Screening.seat).joinedload(Seat.person),
            selectinload(Screening.ballots),
        )
    )


def booth_of(screening: Screening) -> Booth:
    """A screening, loaded to act on, as its juror sees it."""
    round_ = screening.seat.round
    return Booth(
        id=screening.id,
        person_id=screening.person_id,
        edition_id=round_.edition_id,
        round_id=round_.id,
        round_stage=round_.stage,
        rules=round_.rules,
        accent=round_.rules_version.rules.accent,
        closes_at=round_.closes_at,
        stage=screening.stage,
        marks=screening.marks,
        remark=screening.remark,
        reason=screening.reason,
        notes=screening.notes,
        seconds_watched=screening.seconds_watched,
        seen_to_end=screening.seen_to_end,
        changed_at=screening.changed_at,
        signed=next((each for each in screening.ballots if each.counts), None),
        film=_blind(screening, round_.rules.blind),
    )


def _places(session: Session, seat_ids: Sequence[int]) -> dict[int, tuple[Place, ...]]:
    newest = (
        select(Reel.entry_id, func.max(Reel.master_id).label("master_id"))
        .group_by(Reel.entry_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Screening.seat_id,
            Screening.id,
            Screening.position,
            Screening.stage,
            Screening.marks,
            Entry.film_code,
            Inspection.facts["duration_s"].as_float().label("duration_s"),
        )
        .join(Screening.entry)
        .outerjoin(newest, newest.c.entry_id == Entry.id)
        .outerjoin(Inspection, Inspection.master_id == newest.c.master_id)
        .where(Screening.seat_id.in_(seat_ids), Entry.stage == EntryStage.ACCEPTED)
        .order_by(Screening.seat_id, Screening.position)
    ).all()
    return {
        seat_id: tuple(
            Place(
                screening_id=each.id,
                position=place,
                stage=each.stage,
                film_code=each.film_code,
                duration_s=each.duration_s,
                begun=bool(each.marks),
            )
            for place, each in enumerate(of_seat, start=1)
        )
        for seat_id, of_seat in groupby(rows, key=lambda each: each.seat_id)
    }


def _queue(round_: Round, places: tuple[Place, ...]) -> Queue:
    rules = round_.rules_version.rules
    return Queue(
        round_id=round_.id,
        edition_title=rules.title,
        title=round_.rules.title,
        accent=rules.accent,
        stage=round_.stage,
        closes_at=round_.closes_at,
        places=places,
    )


def _blind(screening: Screening, blind: bool) -> BlindEntry:
    """Who stepped aside is given no film."""
    entry = screening.entry
    master = entry.master
    given = master if screening.stage is not ScreeningStage.RECUSED else None
    facts = master.inspection.facts if master and master.inspection else None
    return BlindEntry(
        film_code=entry.film_code,
        duration_s=(facts or {}).get("duration_s"),
        fps=(facts or {}).get("fps"),
        languages=tuple(entry.languages),
        title="" if blind else entry.display_title,
        screener=given.ready(RenditionKind.SCREENER) if given else None,
        light=given.ready(RenditionKind.LIGHT) if given else None,
        subtitles=tuple((each.language, each.storage_key) for each in entry.subtitles),
    )
