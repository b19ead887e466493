"""What is counted: ballots for the verdict, frozen standings, where the cut runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from contest.entries.models import Entry
from contest.jury.models import Ballot, Candidacy, Round, Screening, Seat, Standing
from contest.people.models import Person
from contest.rulebook.bundle_parts import Line
from contest.rulebook.bundles import key_of
from contest.rulebook.jury_told import Circumstances
from contest.rulebook.stages import ScreeningStage


@dataclass(frozen=True)
class Placed:
    """An entry's place and published score, which is all the cut and a scale need of it."""

    entry_id: int
    place: int
    score: str


@dataclass(frozen=True)
class Cut:
    """Ranked films by what their places alone decide: on, tied across the cut, or behind."""

    through: tuple[Placed, ...]
    contested: tuple[Placed, ...]
    behind: tuple[Placed, ...]


def lines_of(session: Session, round_: Round, entry_ids: Collection[int]) -> list[Line]:
    """Every screening of these films in the round as it is counted: seat, film's number, state,
    and the marks of the latest signed ballot; none where the juror signed none or took it back."""
    rows = session.execute(
        select(Seat.number, Screening.entry_id, Entry.number, Screening.stage, Ballot.marks)
        .join(Screening, Screening.seat_id == Seat.id)
        .join(Screening.entry)
        .outerjoin(Ballot, (Ballot.screening_id == Screening.id) & Ballot.counts)
        .where(Seat.round_id == round_.id)
        .order_by(Seat.number, Entry.number)
    )
    wanted = set(entry_ids)
    return [
        (seat, number or 0, stage.value, marks or {})
        for seat, entry_id, number, stage, marks in rows
        if entry_id in wanted
    ]


def circumstances_of(session: Session, round_: Round) -> Circumstances:
    """Whose juror and author are of one country, and where films stood in each juror's order."""
    author = aliased(Person)
    rows = session.execute(
        select(
            Seat.number,
            Entry.number,
            Screening.position,
            (Person.country == author.country) & (Person.country != ""),
        )
        .join(Screening, Screening.seat_id == Seat.id)
        .join(Seat.person)
        .join(Entry, Entry.id == Screening.entry_id)
        .join(author, author.id == Entry.person_id)
        .where(Seat.round_id == round_.id)
    ).all()
    met = [((str(seat), key_of(film or 0)), place, own) for seat, film, place, own in rows]
    return Circumstances(
        own=frozenset(pair for pair, _, own in met if own),
        order={pair: place for pair, place, _ in met},
    )


def scores_of(session: Session, round_: Round) -> Iterator[tuple[int, int, str, int]]:
    """Seat number, entry number, criterion and mark of each mark that counted in the standings."""
    rows = session.execute(
        select(Seat.number, Entry.number, Ballot.marks)
        .join(Screening, Screening.seat_id == Seat.id)
        .join(Ballot, (Ballot.screening_id == Screening.id) & Ballot.counts)
        .join(Entry, Entry.id == Screening.entry_id)
        .join(Standing, (Standing.entry_id == Entry.id) & (Standing.round_id == round_.id))
        .where(Seat.round_id == round_.id, Screening.stage == ScreeningStage.SCORED)
        .order_by(Seat.number, Entry.number)
    )
    for seat, number, marks in rows:
        for key, mark in sorted(marks.items()):
            yield seat, number or 0, key, mark


def places_of(session: Session, round_: Round) -> list[Placed]:
    """The ranked films of a closed round from the first place down."""
    rows = session.execute(
        select(Standing.entry_id, Standing.place, Standing.score)
        .join(Standing.entry)
        .where(Standing.round_id == round_.id, Standing.place.is_not(None))
        .order_by(Standing.place, Entry.number)
    )
    return [Placed(entry_id, place or 0, score or "") for entry_id, place, score in rows]


def standings_of(
    session: Session, round_: Round, entry_ids: Collection[int] | None = None
) -> Sequence[Standing]:
    """The frozen standings from the first place down, films that are not ranked last.

    With `entry_ids` only those of these entries.
    """
    query = select(Standing).where(Standing.round_id == round_.id)
    if entry_ids is not None:
        query = query.where(Standing.entry_id.in_(entry_ids))
    return session.scalars(
        query.join(Standing.entry)
        .options(joinedload(Standing.entry))
        .order_by(Standing.place.is_(None), Standing.place, Entry.number)
    ).all()


def unranked_of(session: Session, round_: Round) -> Sequence[Standing]:
    """The films of a closed round that could not be ranked, by number."""
    return session.scalars(
        select(Standing)
        .join(Standing.entry)
        .where(Standing.round_id == round_.id, Standing.place.is_(None))
        .options(joinedload(Standing.entry))
        .order_by(Entry.number)
    ).all()


def cut_of(ranked: Sequence[Placed], advances: int) -> Cut:
    """What the places decide when `advances` films may go on; `ranked` come best first."""
    through: list[Placed] = []
    contested: list[Placed] = []
    behind: list[Placed] = []
    for place, group in groupby(ranked, key=lambda each: each.place):
        films = list(group)
        if place - 1 + len(films) <= advances:
            through += films
        elif place - 1 < advances:
            contested += films
        else:
            behind += films
    return Cut(tuple(through), tuple(contested), tuple(behind))


def advanced_ids(session: Session, round_: Round) -> frozenset[int] | None:
    """Ids of the entries that went on, or None while nobody has said which."""
    rows = session.execute(
        select(Candidacy.entry_id, Candidacy.advanced).where(Candidacy.round_id == round_.id)
    ).all()
    if all(each.advanced is None for each in rows):
        return None
    return frozenset(each.entry_id for each in rows if each.advanced)


def names_of_seats(session: Session, round_: Round) -> dict[int, str]:
    """Who sat where in a round, by the seat's number."""
    rows = session.execute(
        select(Seat.number, Person.name).join(Seat.person).where(Seat.round_id == round_.id)
    )
    return {each.number: each.name for each in rows}
