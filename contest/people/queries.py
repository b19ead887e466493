"""Finding persons, what they may do, and the papers that let them in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from contest.people.models import Appointment, Invitation, Person, Role, SignInLink
from contest.people.tokens import digest_of


def person_at_door(session: Session, person_id: int, session_key: str) -> Person | None:
    """The person a cookie names, with appointments; None once they signed out everywhere."""
    found = session.get(Person, person_id, options=[selectinload(Person.appointments)])
    return found if found is not None and found.session_key == session_key else None


def person_by_email(session: Session, email: str) -> Person | None:
    """The person with that address, in whatever case it was typed."""
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def sign_in_link(session: Session, token: str, now: datetime) -> SignInLink | None:
    """The unused, unexpired link a token stands for."""
    found = session.scalar(select(SignInLink).where(SignInLink.token_digest == digest_of(token)))
    return found if found and found.used_at is None and found.expires_at > now else None


def open_invitation(session: Session, token: str, now: datetime) -> Invitation | None:
    """The invitation a token stands for, while it can still be accepted."""
    found = session.scalar(select(Invitation).where(Invitation.token_digest == digest_of(token)))
    if found is None or found.revoked_at or found.accepted_at or found.expires_at <= now:
        return None
    return found


def invitation_to(
    session: Session, invitation_id: int, edition_id: int, role: Role
) -> Invitation | None:
    """The invitation of that number, where it is one to this edition in this role."""
    found = session.get(Invitation, invitation_id)
    fits = found is not None and (found.edition_id, found.role) == (edition_id, role)
    return found if fits else None


def appointed(session: Session, edition_id: int, role: Role) -> Sequence[Person]:
    """The persons with a role in an edition, by name."""
    return session.scalars(
        select(Person)
        .join(Appointment)
        .where(Appointment.edition_id == edition_id, Appointment.role == role)
        .order_by(Person.name, Person.id)
    ).all()


def names_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of persons by id."""
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def staff(session: Session) -> Sequence[Person]:
    """Administrators and organizers by name, with their appointments."""
    organizes = Person.appointments.any(Appointment.role == Role.ORGANIZER)
    return session.scalars(
        select(Person)
        .where(or_(Person.is_administrator, organizes))
        .order_by(Person.name, Person.id)
        .options(selectinload(Person.appointments))
    ).all()


def people_like(session: Session, words: str, *, limit: int = 50) -> Sequence[Person]:
    """Persons whose name or address has the words in it, by name, with their appointments."""
    names = or_(Person.name.icontains(words, autoescape=True), _address_like(words))
    return session.scalars(
        select(Person)
        .where(names)
        .order_by(Person.name, Person.id)
        .limit(limit)
        .options(selectinload(Person.appointments))
    ).all()


def _address_like(words: str) -> ColumnElement[bool]:
    return Person.email.contains(words.strip().lower(), autoescape=True)


def count_people(session: Session) -> int:
    """How many people have an account."""
    return session.scalar(select(func.count()).select_from(Person)) or 0


def invitations_of(session: Session, edition_id: int) -> Sequence[Invitation]:
    """An edition's invitations, newest first."""
    return session.scalars(
        select(Invitation).where(Invitation.edition_id == edition_id).order_by(Invitation.id.desc())
    ).all()
