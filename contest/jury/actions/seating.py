"""Who sits in a round and who is dealt which film, in which order."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.entries.models import Credit, Entry
from contest.jury.models import Candidacy, Conflict, Round, Screening, Seat
from contest.jury.queries.progress import fills
from contest.people.models import Person, Role
from contest.people.queries import appointed
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.refusal import Refused
from contest.rulebook.scoring import EFFECTS
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import EntryStage, ScreeningStage

if TYPE_CHECKING:  # what deals takes scipy's memory: it is loaded by who deals
    from contest.rulebook.assignment import Infeasible, Pair, Plan, Problem


def seat_jurors(
    session: Session, round_: Round, person_ids: Collection[int], now: datetime
) -> list[Seat]:
    """Let exactly these jurors sit in the round; whoever sat before and is not named leaves.

    A new seat has the next number; a juror who comes back has their old one. Raises `Refused`
    where somebody is no juror of the edition.
    """
    jurors = {each.id for each in appointed(session, round_.edition_id, Role.JUROR)}
    if not person_ids or not jurors.issuperset(person_ids):
        raise Refused(Sentence("Choose who judges this round from the jurors of this edition."))
    held = {each.person_id: each for each in round_.seats}
    for person_id, seat in held.items():
        stays = person_id in person_ids
        seat.left_at = None if stays else seat.left_at or now
    number = max((each.number for each in round_.seats), default=0)
    for person_id in sorted(set(person_ids) - set(held)):
        number += 1
        round_.seats.append(Seat(person_id=person_id, number=number))
    session.flush()  # screenings name their seat by id
    return [each for each in round_.seats if each.left_at is None]


def deal(
    session: Session,
    round_: Round,
    seats: Sequence[Seat],
    entries: Sequence[Entry],
    now: datetime,
    seed: int | str,
) -> Plan:
    """Deal the films that lack jurors to the seats, after what each has already.

    Raises `Refused` with each film that can't have its jurors, and why.
    """
    from contest.rulebook import assignment

    plan = assignment.deal(problem_of(session, round_, seats, entries), seed)
    return hand_out(session, round_, seats, plan, now)


def candidates(session: Session, round_: Round) -> list[Entry]:
    """The films of the round that are still in the competition, by number."""
    return list(
        session.scalars(
            select(Entry)
            .join(Candidacy, Candidacy.entry_id == Entry.id)
            .where(Candidacy.round_id == round_.id, Entry.stage == EntryStage.ACCEPTED)
            .order_by(Entry.number)
        )
    )


def hand_out(
    session: Session, round_: Round, seats: Sequence[Seat], plan: Plan | Infeasible, now: datetime
) -> Plan:
    """Put what a plan deals at the end of queues. Raises `Refused` where there is no plan."""
    from contest.rulebook.assignment import Infeasible

    if isinstance(plan, Infeasible):
        findings = [Finding("jury.too_few", "jurors", Severity.BLOCK, why) for why in plan.reasons]
        raise Refused(Sentence("These films can't have the jurors the rules ask for."), findings)
    _queue(session, round_, seats, plan.queues, now)
    return plan


def problem_of(
    session: Session, round_: Round, seats: Sequence[Seat], entries: Sequence[Entry]
) -> Problem:
    """What there is to deal. What nobody owes any more counts as a conflict: it is not dealt anew.

    A juror's language is the one they read letters in, which doesn't tell what films they follow.
    """
    from contest.rulebook.assignment import Film, Juror, Problem

    dealt = _dealt(session, round_)
    void = {(who, film) for who, film, stage, left in dealt if not fills(stage, left=left)}
    given = [each for each in dealt if each[:2] not in void]
    filled = Counter(film for _who, film, _stage, _left in given)
    asked = round_.rules.jurors_per_film
    names = session.execute(
        select(Person.id, Person.name).join(Seat).where(Seat.round_id == round_.id)
    ).all()
    return Problem(
        films=tuple(Film(str(each.id), per_film=max(asked, filled[each.id])) for each in entries),
        jurors=tuple(Juror(str(each.person_id)) for each in seats),
        per_film=asked,
        conflicts=frozenset(_conflicts(session, round_.edition_id) | _keys(void)),
        given=frozenset(_keys(each[:2] for each in given)),
        waiting=frozenset(_keys(each[:2] for each in given if EFFECTS[each[2]].owed)),
        within=None,
        film_names={str(each.id): _called(each) for each in entries},
        juror_names={str(key): name for key, name in names},
    )


def _called(entry: Entry) -> str:
    return f"{entry.display_title} ({entry.number})"


def _dealt(session: Session, round_: Round) -> list[tuple[int, int, ScreeningStage, bool]]:
    """Who was dealt what, its stage, and whether the juror left."""
    rows = session.execute(
        select(Seat.person_id, Seat.left_at, Screening.entry_id, Screening.stage)
        .join(Screening, Screening.seat_id == Seat.id)
        .where(Seat.round_id == round_.id)
    )
    return [(who, film, stage, left_at is not None) for who, left_at, film, stage in rows]


def _conflicts(session: Session, edition_id: int) -> set[Pair]:
    """Declared conflicts, everybody's own films, and films whose credits name a juror."""
    declared = session.execute(
        select(Conflict.person_id, Conflict.entry_id)
        .join(Entry, Entry.id == Conflict.entry_id)
        .where(Entry.edition_id == edition_id)
    )
    own = session.execute(select(Entry.person_id, Entry.id).where(Entry.edition_id == edition_id))
    return _keys([*declared, *own, *_credited(session, edition_id)])


def _credited(session: Session, edition_id: int) -> list[tuple[int, int]]:
    """Jurors and films that name them; a namesake loses one film, which costs nobody anything."""
    jurors = defaultdict(list)
    for juror in appointed(session, edition_id, Role.JUROR):
        jurors[_plain(juror.name)].append(juror.id)
    named = session.execute(
        select(Credit.entry_id, Credit.name, Credit.romanised_name)
        .join(Credit.entry)
        .where(Entry.edition_id == edition_id)
    )
    return [
        (juror, entry_id)
        for entry_id, name, romanised in named
        for each in {_plain(name), _plain(romanised)}
        for juror in jurors.get(each, ())
    ]


def _plain(name: str) -> str:
    """A name as people would say it is the same: whatever its case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _keys(pairs: Iterable[tuple[int, int]]) -> set[Pair]:
    return {(str(person_id), str(entry_id)) for person_id, entry_id in pairs}


def _queue(
    session: Session,
    round_: Round,
    seats: Sequence[Seat],
    queues: Mapping[str, Sequence[str]],
    now: datetime,
) -> None:
    last = dict(
        session.execute(
            select(Screening.seat_id, func.max(Screening.position))
            .join(Screening.seat)
            .where(Seat.round_id == round_.id)
            .group_by(Screening.seat_id)
        ).all()
    )
    for seat in seats:
        queue = queues.get(str(seat.person_id), ())
        for position, entry_id in enumerate(queue, start=last.get(seat.id, 0) + 1):
            session.add(
                Screening(
                    seat_id=seat.id,
                    entry_id=int(entry_id),
                    position=position,
                    stage=ScreeningStage.WAITING,
                    changed_at=now,
                )
            )
    session.flush()
