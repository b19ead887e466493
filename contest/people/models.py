"""Tables of persons and of what they may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contest.db import Base, one_of


class Role(StrEnum):
    """What a person was appointed to in one edition."""

    ORGANIZER = "organizer"
    JUROR = "juror"


class Person(Base):
    """Someone with an address. Everyone may enter films; the rest is by appointment."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    language: Mapped[str] = mapped_column(String(10))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_administrator: Mapped[bool] = mapped_column(default=False)
    session_key: Mapped[str] = mapped_column(String(43))
    """Part of every sign-in cookie; a new one signs the person out everywhere."""
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    appointments: Mapped[list[Appointment]] = relationship(back_populates="person")


class Appointment(Base):
    """A person's role in an edition."""

    __tablename__ = "appointment"
    __table_args__ = (UniqueConstraint("edition_id", "person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="appointments")


class Invitation(Base):
    """A letter that offers a role; only the digest of its token is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SignInLink(Base):
    """A link by letter that signs one person in, once, for a while."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
