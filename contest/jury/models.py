"""Tables of judging: rounds, seats, who watches what, ballots and frozen standings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contest.db import Base, one_of
from contest.editions.models import Edition, RulesVersion
from contest.entries.models import Entry
from contest.people.models import Person
from contest.rulebook.rules import RoundRules
from contest.rulebook.stages import RoundStage, ScreeningStage


class Round(Base):
    """One round of an edition. Its rules are frozen by naming a rules version at the opening."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("edition_id", "key"),
        CheckConstraint("(stage = 'closed') = (closed_at IS NOT NULL)", name="closed_has_instant"),
        CheckConstraint(
            "(stage = 'closed') = (ballots_digest IS NOT NULL)", name="closed_has_digest"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    stage: Mapped[RoundStage] = mapped_column(one_of(RoundStage, "round_stage"))
    rules_version_id: Mapped[int] = mapped_column(ForeignKey("rules_version.id"))
    seed: Mapped[int]
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ballots_digest: Mapped[str | None] = mapped_column(String(64))
    method: Mapped[dict[str, Any] | None]
    """What an outsider needs to recompute: method, weights, precision, tie chain, software."""
    jury: Mapped[dict[str, Any] | None]
    """What the closing told of the jury: see `rulebook.jury_told.JuryTold`."""

    edition: Mapped[Edition] = relationship()
    rules_version: Mapped[RulesVersion] = relationship()
    seats: Mapped[list[Seat]] = relationship(back_populates="round", order_by="Seat.id")

    @property
    def rules(self) -> RoundRules:
        """This round's part of the rules version it runs under."""
        return self.rules_version.rules.round(self.key)

    @property
    def about(self) -> str:
        """What the logbook calls it."""
        return f"round:{self.id}"


class Candidacy(Base):
    """An entry that takes part in a round, and whether it went on from there."""

    __tablename__ = "candidacy"
    __table_args__ = (UniqueConstraint("round_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    advanced: Mapped[bool | None]

    entry: Mapped[Entry] = relationship()


class Seat(Base):
    """A juror in a round. Its number, not the name, is what others see."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("round_id", "person_id"),
        UniqueConstraint("round_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    called_at: Mapped[datetime | None]
    """When a letter last called the juror to films that wait."""
    left_at: Mapped[datetime | None]
    """When the juror left the round; what they signed stays."""

    round: Mapped[Round] = relationship(back_populates="seats")
    person: Mapped[Person] = relationship()


class Conflict(Base):
    """A juror who must not judge an entry, and why."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("person_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Screening(Base):
    """One juror shown one entry. `marks` is the unsigned sheet, saved at each touch."""

    __tablename__ = "screening"
    __table_args__ = (
        UniqueConstraint("seat_id", "entry_id"),
        UniqueConstraint("seat_id", "position"),
        CheckConstraint("seconds_watched >= 0", name="watched_is_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    position: Mapped[int]
    stage: Mapped[ScreeningStage] = mapped_column(one_of(ScreeningStage, "screening_stage"))
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    remark: Mapped[str] = mapped_column(Text, default="")
    """A private note about the whole film."""
    seconds_watched: Mapped[int] = mapped_column(default=0)
    seen_to_end: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why the juror recused or abstained."""
    changed_at: Mapped[datetime]

    seat: Mapped[Seat] = relationship()
    entry: Mapped[Entry] = relationship()
    notes: Mapped[list[Note]] = relationship(order_by="Note.at_ms", cascade="all, delete-orphan")
    ballots: Mapped[list[Ballot]] = relationship(order_by="Ballot.id", back_populates="screening")

    @property
    def person_id(self) -> int:
        """The juror it belongs to, as permissions ask for it."""
        return self.seat.person_id

    @property
    def edition_id(self) -> int:
        """The edition of its round."""
        return self.seat.round.edition_id


class Note(Base):
    """A private remark at a moment of the film, in milliseconds of film time."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    at_ms: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


class Ballot(Base):
    """A signed score sheet. Appended, never changed; one per screening counts: the latest."""

    __tablename__ = "ballot"
    __table_args__ = (
        Index(
            "uq_ballot_one_counts",
            "screening_id",
            unique=True,
            sqlite_where=text("counts"),
            postgresql_where=text("counts"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    marks: Mapped[dict[str, Any]]
    counts: Mapped[bool] = mapped_column(default=True)
    seconds_watched: Mapped[int]
    signed_at: Mapped[datetime]

    screening: Mapped[Screening] = relationship(back_populates="ballots")


class Standing(Base):
    """An entry's frozen result in a closed round."""

    __tablename__ = "standing"
    __table_args__ = (UniqueConstraint("round_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    place: Mapped[int | None]
    shared: Mapped[bool]
    score: Mapped[str | None] = mapped_column(String(20))
    """The published score as decimal text, rounded to the round's precision."""
    ballots: Mapped[int]
    criteria: Mapped[dict[str, Any]]
    """Mean per criterion as decimal text, by criterion key."""
    why: Mapped[list[dict[str, Any]]]
    """Sentences that explain the place, in their storable form."""
    model: Mapped[dict[str, Any] | None]
    """What the model of films and jurors says of it: see `rulebook.jury_told.FilmTold`."""

    entry: Mapped[Entry] = relationship()
