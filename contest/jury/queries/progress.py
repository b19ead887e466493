"""How far a round's jury is: counted in the database, without a word about what was marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal, select
from sqlalchemy.orm import Session, joinedload

from contest.entries.models import Entry
from contest.jury.models import Ballot, Candidacy, Round, Screening, Seat
from contest.rulebook.scoring import EFFECTS
from contest.rulebook.stages import EntryStage, ScreeningStage

DAYS_SHOWN = 28
QUIET_DAYS = 3
"""A juror with films left who neither signed nor was called for so many days falls behind."""


@dataclass(frozen=True)
class SeatProgress:
    """What one seat did: screenings by stage, ballots by day, and when the last was signed."""

    seat: Seat
    stages: Mapping[ScreeningStage, int]
    by_day: tuple[int, ...]
    last_signed_at: datetime | None
    behind: bool

    @property
    def signed(self) -> int:
        return self.stages.get(ScreeningStage.SCORED, 0)

    @property
    def abstained(self) -> int:
        return self.stages.get(ScreeningStage.ABSTAINED, 0)

    @property
    def recused(self) -> int:
        return self.stages.get(ScreeningStage.RECUSED, 0)

    @property
    def left(self) -> int:
        """Films the juror still owes; none once they left the round."""
        if self.seat.left_at is not None:
            return 0
        return sum(count for stage, count in self.stages.items() if EFFECTS[stage].owed)


@dataclass(frozen=True)
class Progress:
    """A round's seats side by side over the same days.

    Of its `films`, `short` are still below quorum, and `lacking` are before fewer jurors than the
    rules ask, because some left or stepped aside.
    """

    days: tuple[date, ...]
    seats: tuple[SeatProgress, ...]
    films: int
    short: int
    lacking: int

    @property
    def signed(self) -> int:
        return sum(each.signed for each in self.seats)

    @property
    def left(self) -> int:
        return sum(each.left for each in self.seats)


def progress(session: Session, round_: Round, now: datetime) -> Progress:
    """How far each seat is, without a word about what was marked."""
    zone = ZoneInfo(round_.rules_version.rules.calendar.time_zone)
    days = _days(round_, now, zone)
    seats = session.scalars(
        select(Seat)
        .where(Seat.round_id == round_.id)
        .options(joinedload(Seat.person))
        .order_by(Seat.number)
    ).all()
    quiet = now - timedelta(days=QUIET_DAYS)
    settled_in = round_.opened_at is not None and round_.opened_at <= quiet
    stages, signed = _stages(session, round_), _signed(session, round_, days, zone)
    films = _films(session, round_)
    return Progress(
        days=days,
        seats=tuple(
            _seat(
                each,
                stages.get(each.id, {}),
                signed.get(each.id, _Signed(None, (0,) * len(days))),
                quiet if settled_in else None,
            )
            for each in seats
        ),
        films=films,
        short=films - _films_with(session, round_, _scored(), round_.rules.quorum),
        lacking=films - _films_with(session, round_, _fills(), round_.rules.jurors_per_film),
    )


def fills(stage: ScreeningStage, *, left: bool) -> bool:
    """Whether a screening fills one of its film's places.

    What a juror who left still owes fills none, nor does a film they stepped aside from.
    """
    effect = EFFECTS[stage]
    return effect.load and not (left and effect.owed)


@dataclass(frozen=True)
class _Signed:
    """When a seat's last counting ballot was signed, and how many on each day."""

    last: datetime | None
    by_day: tuple[int, ...]


def _stages(session: Session, round_: Round) -> dict[int, dict[ScreeningStage, int]]:
    """By seat id, how many screenings are at each stage; films that left don't count."""
    found: dict[int, dict[ScreeningStage, int]] = defaultdict(dict)
    counted = select(Screening.seat_id, Screening.stage, func.count())
    rows = session.execute(
        _dealt(counted, round_).group_by(Screening.seat_id, Screening.stage)
    ).all()
    for seat_id, stage, count in rows:
        found[seat_id][stage] = count
    return found


def _signed(
    session: Session, round_: Round, days: Sequence[date], zone: ZoneInfo
) -> dict[int, _Signed]:
    """By seat id, counting ballots a day. The days are the zone's own, also when clocks change."""
    if not days:
        return {}
    starts = [datetime.combine(each, time(), zone) for each in days]
    end = datetime.combine(days[-1] + timedelta(days=1), time(), zone)
    number = _number_of_last(starts, Ballot.signed_at)
    day = case((Ballot.signed_at < end, number), else_=-1).label("day")
    query = select(Screening.seat_id, day, func.count(), func.max(Ballot.signed_at))
    rows = session.execute(
        _dealt(query, round_)
        .join(Ballot, (Ballot.screening_id == Screening.id) & Ballot.counts)
        .group_by(Screening.seat_id, day)
    )
    found: dict[int, _Signed] = {}
    for seat_id, number, count, last in rows:
        before = found.get(seat_id, _Signed(last, (0,) * len(days)))
        by_day = [count if at == number else each for at, each in enumerate(before.by_day)]
        found[seat_id] = _Signed(max(last, before.last or last), tuple(by_day))
    return found


def _number_of_last(
    starts: Sequence[datetime], moment: SQLColumnExpression[datetime], first: int = 0
) -> ColumnElement[int]:
    """The place in `starts`, which ascend, of the last that is not after the moment; -1 before all.

    It halves the days at each step, since the database asks this of every ballot of a round.
    """
    if not starts:
        return literal(first - 1)
    middle = len(starts) // 2
    return case(
        (moment < starts[middle], _number_of_last(starts[:middle], moment, first)),
        else_=_number_of_last(starts[middle + 1 :], moment, first + middle + 1),
    )


def _films(session: Session, round_: Round) -> int:
    query = (
        select(func.count())
        .select_from(Candidacy)
        .join(Candidacy.entry)
        .where(Candidacy.round_id == round_.id, Entry.stage == EntryStage.ACCEPTED)
    )
    return session.scalar(query) or 0


def _films_with(session: Session, round_: Round, what: ColumnElement[bool], at_least: int) -> int:
    """How many films have at least so many screenings of that kind."""
    films = (
        _dealt(select(Screening.entry_id), round_)
        .where(what)
        .group_by(Screening.entry_id)
        .having(func.count() >= at_least)
    )
    return session.scalar(select(func.count()).select_from(films.subquery())) or 0


def _scored() -> ColumnElement[bool]:
    return Screening.ballots.any(Ballot.counts)


def _fills() -> ColumnElement[bool]:
    """Screenings that fill one of their film's places, as `fills` says of one."""
    staying = [each for each in ScreeningStage if fills(each, left=False)]
    gone = [each for each in ScreeningStage if fills(each, left=True)]
    return Screening.stage.in_(gone) | (Screening.stage.in_(staying) & Seat.left_at.is_(None))


def _dealt(query: Any, round_: Round) -> Any:
    """The query over screenings of a round whose films are still in the competition."""
    return (
        query.select_from(Screening)
        .join(Screening.seat)
        .join(Screening.entry)
        .where(Seat.round_id == round_.id, Entry.stage == EntryStage.ACCEPTED)
    )


def _days(round_: Round, now: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """The last days of the round up to today or its close, in the edition's zone."""
    if round_.opened_at is None:
        return ()
    last = (round_.closed_at or now).astimezone(zone).date()
    first = max(round_.opened_at.astimezone(zone).date(), last - timedelta(days=DAYS_SHOWN - 1))
    return tuple(first + timedelta(days=each) for each in range((last - first).days + 1))


def _seat(
    seat: Seat, stages: Mapping[ScreeningStage, int], signed: _Signed, quiet: datetime | None
) -> SeatProgress:
    found = SeatProgress(
        seat=seat,
        stages=stages,
        by_day=signed.by_day,
        last_signed_at=signed.last,
        behind=False,
    )
    heard = max((each for each in (signed.last, seat.called_at) if each is not None), default=None)
    idle = quiet is not None and (heard is None or heard < quiet)
    return replace(found, behind=idle and found.left > 0)
