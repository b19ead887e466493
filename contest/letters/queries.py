"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.letters.models import Letter, LetterState

PAGE = 50


def letter_of(session: Session, edition_id: int, letter_id: int) -> Letter | None:
    """A letter, where it belongs to that edition."""
    letter = session.get(Letter, letter_id)
    return letter if letter is not None and letter.edition_id == edition_id else None


def letters_of(
    session: Session, edition_id: int, state: LetterState | None = None, *, page: int = 1
) -> Sequence[Letter]:
    """One page of an edition's letters, newest first, and the first one of the next page."""
    query = select(Letter).where(Letter.edition_id == edition_id)
    if state is not None:
        query = query.where(Letter.state == state)
    newest = query.order_by(Letter.id.desc())
    return session.scalars(newest.offset((max(page, 1) - 1) * PAGE).limit(PAGE + 1)).all()


def letters_about(session: Session, about: str) -> Sequence[Letter]:
    """Every letter about one thing, such as `entry:5`, oldest first."""
    return session.scalars(select(Letter).where(Letter.about == about).order_by(Letter.id)).all()


def held_letters(session: Session, edition_id: int) -> Sequence[Letter]:
    """An edition's letters that wait for a person, oldest first."""
    held = (Letter.edition_id == edition_id, Letter.state == LetterState.HELD)
    return session.scalars(select(Letter).where(*held).order_by(Letter.id)).all()


def counts_by_state(session: Session, edition_id: int) -> dict[LetterState, int]:
    """How many of an edition's letters are in each state."""
    counted = session.execute(
        select(Letter.state, func.count())
        .where(Letter.edition_id == edition_id)
        .group_by(Letter.state)
    )
    return dict.fromkeys(LetterState, 0) | dict(counted.all())
