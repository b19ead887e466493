"""What organizers look up: the rounds of an edition, and declared conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contest.editions.models import Edition
from contest.entries.models import Entry
from contest.jury.models import Candidacy, Conflict, Round
from contest.people.models import Person
from contest.rulebook.rules import RoundRules
from contest.rulebook.stages import EntryStage, RoundStage


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
