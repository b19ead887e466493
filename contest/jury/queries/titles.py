"""The titles of a juror's films, from which nothing leads to the codes they are shown under."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contest.entries.models import Entry
from contest.jury.models import Round, Screening, Seat
from contest.rulebook.rules import Texts
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage


@dataclass(frozen=True)
class Title:
    """A film by its title alone, so that its juror can say they know who made it."""

    entry_id: int
    title: str
    language: str


@dataclass(frozen=True)
class Titles:
    """What a juror was dealt in an open round, by title; nothing leads from a title to a code."""

    person_id: int
    edition_id: int
    round_id: int
    round_title: Texts
    accent: str
    films: tuple[Title, ...]


def titles_of(session: Session, person_id: int, round_id: int) -> Titles | None:
    """The titles of a juror's films in an open round; those they stepped aside from are gone."""
    seat = session.scalar(
        select(Seat)
        .join(Seat.round)
        .where(
            Seat.person_id == person_id,
            Seat.round_id == round_id,
            Seat.left_at.is_(None),
            Round.stage == RoundStage.OPEN,
        )
        .options(joinedload(Seat.round).joinedload(Round.rules_version))
    )
    if seat is None:
        return None
    entries = session.scalars(
        select(Entry)
        .join(Screening, Screening.entry_id == Entry.id)
        .where(
            Screening.seat_id == seat.id,
            Screening.stage != ScreeningStage.RECUSED,
            Entry.stage == EntryStage.ACCEPTED,
        )
    )
    films = [Title(each.id, each.display_title, each.title_language) for each in entries]
    return Titles(
        person_id=person_id,
        edition_id=seat.round.edition_id,
        round_id=round_id,
        round_title=seat.round.rules.title,
        accent=seat.round.rules_version.rules.accent,
        films=tuple(sorted(films, key=lambda each: (each.title.casefold(), each.entry_id))),
    )
