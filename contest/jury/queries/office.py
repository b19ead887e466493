"""What organizers follow: the rounds, the jury's progress, declared conflicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contest.editions.models import Edition
from contest.entries.models import Entry
from contest.jury.models import Ballot, Candidacy, Conflict, Round, Screening, Seat
from contest.people.models import Person
from contest.rulebook.rules import RoundRules
from contest.rulebook.scoring import EFFECTS
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage

DAYS_SHOWN = 28
QUIET_DAYS = 3
"""A juror with films left who neither signed nor was called for so many days falls behind."""


@dataclass(frozen=True)
class RoundLine:
    """A round of the rules; `round` is None until somebody planned it, `films` counts its films."""

    key: str
    rules: RoundRules
    round: Round | None
    films: int

    @property
    def stage(self) -> RoundStage:
        return self.round.stage if self.round else RoundStage.PLANNED


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


def rounds_of(session: Session, edition: Edition) -> list[RoundLine]:
    """The edition's rounds in order: those of its rules, and any that ran under older rules."""
    rows = session.execute(
        select(Round, func.count(Candidacy.id))
        .outerjoin(Candidacy, Candidacy.round_id == Round.id)
        .where(Round.edition_id == edition.id)
        .options(joinedload(Round.rules_version))
        .group_by(Round.id)
        .order_by(Round.position)
    )
    kept = {round_.key: (round_, films) for round_, films in rows}
    lines = [
        RoundLine(each.key, each, *kept.pop(each.key, (None, 0))) for each in edition.rules.rounds
    ]
    ran = [
        RoundLine(key, round_.rules, round_, films)
        for key, (round_, films) in kept.items()
        if round_.stage is not RoundStage.PLANNED
    ]
    return [*ran, *lines]


def round_by_key(session: Session, slug: str, key: str) -> Round | None:
    """The round an address names, with its edition, rules and seats."""
    return session.scalar(
        select(Round)
        .join(Round.edition)
        .where(Edition.slug == slug, Round.key == key)
        .options(joinedload(Round.edition), joinedload(Round.rules_version))
    )


def films_to_judge(session: Session, edition: Edition, position: int) -> int:
    """How many films the round at that position would begin with if it opened now."""
    films = select(func.count(Entry.id)).where(
        Entry.edition_id == edition.id, Entry.stage == EntryStage.ACCEPTED
    )
    if position > 0:
        before = edition.rules.rounds[position - 1].key
        went_on = (
            select(Candidacy.entry_id)
            .join(Round, Round.id == Candidacy.round_id)
            .where(
                Round.edition_id == edition.id,
                Round.key == before,
                Candidacy.advanced.is_(True),
            )
        )
        films = films.where(Entry.id.in_(went_on))
    return session.scalar(films) or 0


def conflicts_of(session: Session, edition_id: int) -> Sequence[tuple[Conflict, str, int, str]]:
    """Declared conflicts with the juror's name, the entry's number and its title."""
    rows = session.execute(
        select(Conflict, Person.name, Entry)
        .join(Entry, Entry.id == Conflict.entry_id)
        .join(Person, Person.id == Conflict.person_id)
        .where(Entry.edition_id == edition_id)
        .order_by(Person.name, Entry.number)
    )
    return [
        (conflict, name, entry.number or 0, entry.display_title) for conflict, name, entry in rows
    ]


def conflict_of(session: Session, edition_id: int, conflict_id: int) -> Conflict | None:
    """A declared conflict, if it is about a film of that edition."""
    return session.scalar(
        select(Conflict)
        .join(Entry, Entry.id == Conflict.entry_id)
        .where(Conflict.id == conflict_id, Entry.edition_id == edition_id)
    )


def film_by_number(session: Session, edition_id: int, number: int) -> Entry | None:
    """The entry of that number."""
    return session.scalar(
        select(Entry).where(Entry.edition_id == edition_id, Entry.number == number)
    )


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
    dealt = _dealt(session, round_)
    quiet = now - timedelta(days=QUIET_DAYS)
    settled_in = round_.opened_at is not None and round_.opened_at <= quiet
    scores = Counter(each.entry_id for of_seat in dealt.values() for each in of_seat if each.at)
    left = {each.id for each in seats if each.left_at is not None}
    jurors = Counter(
        each.entry_id
        for seat_id, of_seat in dealt.items()
        for each in of_seat
        if fills(each.stage, seat_id in left)
    )
    films = _films(session, round_)
    return Progress(
        days=days,
        seats=tuple(
            _seat(each, dealt.get(each.id, []), days, zone, quiet if settled_in else None)
            for each in seats
        ),
        films=len(films),
        short=sum(1 for each in films if scores[each] < round_.rules.quorum),
        lacking=sum(1 for each in films if jurors[each] < round_.rules.jurors_per_film),
    )


def fills(stage: ScreeningStage, left: bool) -> bool:
    """Whether a screening fills one of its film's places.

    What a juror who left still owes fills none, nor does a film they stepped aside from.
    """
    effect = EFFECTS[stage]
    return effect.load and not (left and effect.owed)


@dataclass(frozen=True)
class _Dealt:
    """A screening, and when its counting ballot was signed."""

    entry_id: int
    stage: ScreeningStage
    at: datetime | None


def _dealt(session: Session, round_: Round) -> dict[int, list[_Dealt]]:
    """By seat id, the screenings of films still in the competition."""
    rows = session.execute(
        select(Screening.seat_id, Screening.entry_id, Screening.stage, Ballot.signed_at)
        .join(Screening.seat)
        .join(Screening.entry)
        .outerjoin(Ballot, (Ballot.screening_id == Screening.id) & Ballot.counts)
        .where(Seat.round_id == round_.id, Entry.stage == EntryStage.ACCEPTED)
    )
    found: dict[int, list[_Dealt]] = defaultdict(list)
    for seat_id, entry_id, stage, signed_at in rows:
        found[seat_id].append(_Dealt(entry_id, stage, signed_at))
    return found


def _films(session: Session, round_: Round) -> Sequence[int]:
    return session.scalars(
        select(Candidacy.entry_id)
        .join(Candidacy.entry)
        .where(Candidacy.round_id == round_.id, Entry.stage == EntryStage.ACCEPTED)
    ).all()


def _days(round_: Round, now: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """The last days of the round up to today or its close, in the edition's zone."""
    if round_.opened_at is None:
        return ()
    last = (round_.closed_at or now).astimezone(zone).date()
    first = max(round_.opened_at.astimezone(zone).date(), last - timedelta(days=DAYS_SHOWN - 1))
    return tuple(first + timedelta(days=each) for each in range((last - first).days + 1))


def _seat(
    seat: Seat,
    dealt: Sequence[_Dealt],
    days: Sequence[date],
    zone: ZoneInfo,
    quiet: datetime | None,
) -> SeatProgress:
    signed = [each.at for each in dealt if each.at is not None]
    on_day = Counter(each.astimezone(zone).date() for each in signed)
    last = max(signed, default=None)
    found = SeatProgress(
        seat=seat,
        stages=Counter(each.stage for each in dealt),
        by_day=tuple(on_day[each] for each in days),
        last_signed_at=last,
        behind=False,
    )
    heard = max((each for each in (last, seat.called_at) if each is not None), default=None)
    idle = quiet is not None and (heard is None or heard < quiet)
    return replace(found, behind=idle and found.left > 0)
