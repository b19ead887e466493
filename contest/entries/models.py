"""Tables of entries: a film offered to one edition, and all its author said about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contest.db import Base, one_of
from contest.editions.models import Edition, RulesVersion
from contest.letters.models import Letter, LetterState
from contest.media.models import Master, Upload
from contest.people.models import Person
from contest.rulebook.findings import Severity
from contest.rulebook.rules import Rules
from contest.rulebook.stages import EntryStage


class DecisionKind(StrEnum):
    """What an organizer can decide about a submitted entry."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ASK = "ask"


HELD = (EntryStage.SUBMITTED, EntryStage.ASKED, EntryStage.ACCEPTED, EntryStage.REFUSED)
"""Stages in which the rules of the submission hold."""


class Entry(Base):
    """A film offered to an edition. `film_code` is all that a blind round shows of it."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        UniqueConstraint("edition_id", "film_code"),
        CheckConstraint(
            "stage NOT IN ('submitted', 'asked', 'accepted', 'refused')"
            " OR (number IS NOT NULL AND submitted_at IS NOT NULL)",
            name="submitted_has_number",
        ),
        CheckConstraint(
            "declared_share_bp IS NULL OR declared_share_bp BETWEEN 0 AND 10000",
            name="share_is_a_share",
        ),
        Index("ix_entry_edition_stage", "edition_id", "stage", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rules_version_id: Mapped[int] = mapped_column(ForeignKey("rules_version.id"))
    """The version in force when it was begun or last submitted. What is submitted is held to it, a
    draft to the one in force (`rules`)."""
    stage: Mapped[EntryStage] = mapped_column(one_of(EntryStage, "entry_stage"))
    number: Mapped[int | None]
    film_code: Mapped[int]
    revision: Mapped[int] = mapped_column(default=0)
    """Counts saved changes, so that an older copy of a page can't undo a newer one."""

    category: Mapped[str] = mapped_column(String(40), default="")
    original_title: Mapped[str] = mapped_column(Text, default="")
    title_language: Mapped[str] = mapped_column(String(20), default="")
    """BCP 47 with script, such as zh-Hans: how the original title is to be read and set."""
    romanised_title: Mapped[str] = mapped_column(Text, default="")
    english_title: Mapped[str] = mapped_column(Text, default="")
    synopsis: Mapped[str] = mapped_column(Text, default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    countries: Mapped[list[str]] = mapped_column(default=list)
    year: Mapped[int | None]
    titles_s: Mapped[int | None]
    """Seconds of titles and credits by the author's word, for editions that do not count them."""
    declared_share_bp: Mapped[int | None]
    """The declared AI share in hundredths of a percent, cut off, never rounded up."""
    may_play_publicly: Mapped[bool] = mapped_column(default=False)

    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    verdict: Mapped[Severity | None] = mapped_column(one_of(Severity, "entry_verdict"))
    """The heaviest finding about its film when it was last submitted; neither changes after."""
    decided_at: Mapped[datetime | None]

    edition: Mapped[Edition] = relationship()
    person: Mapped[Person] = relationship()
    rules_version: Mapped[RulesVersion] = relationship()
    credits: Mapped[list[Credit]] = relationship(
        order_by="Credit.position", cascade="all, delete-orphan", back_populates="entry"
    )
    tools: Mapped[list[ToolUse]] = relationship(
        order_by="ToolUse.position", cascade="all, delete-orphan", back_populates="entry"
    )
    affirmations: Mapped[list[Affirmation]] = relationship(cascade="all, delete-orphan")
    subtitles: Mapped[list[Subtitles]] = relationship(cascade="all, delete-orphan")
    reels: Mapped[list[Reel]] = relationship(order_by="Reel.id", back_populates="entry")
    receipts: Mapped[list[Receipt]] = relationship(order_by="Receipt.id", back_populates="entry")
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.id")

    @property
    def rules(self) -> Rules:
        """What it is held to: a draft to the rules in force, what was submitted to those it was
        submitted under, also while its author is asked about it."""
        return self.rules_version.rules if self.stage in HELD else self.edition.rules

    @property
    def master(self) -> Master | None:
        """The newest film that arrived whole."""
        arrived = [reel for reel in self.reels if reel.master is not None]
        return arrived[-1].master if arrived else None

    @property
    def display_title(self) -> str:
        """The title as its author writes it, or a stand-in while there is none."""
        return self.original_title or self.english_title or "—"


class Credit(Base):
    """One person and what they did."""

    __tablename__ = "credit"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    romanised_name: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(Text)

    entry: Mapped[Entry] = relationship(back_populates="credits")


class ToolUse(Base):
    """One line of the AI declaration: at which stage, with what, and what a human did."""

    __tablename__ = "tool_use"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    position: Mapped[int]
    stage: Mapped[str] = mapped_column(String(40))
    tool: Mapped[str] = mapped_column(Text)
    vendor: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[str] = mapped_column(Text, default="")
    made: Mapped[str] = mapped_column(Text, default="")
    human_step: Mapped[str] = mapped_column(Text, default="")
    terms: Mapped[str] = mapped_column(Text, default="")

    entry: Mapped[Entry] = relationship(back_populates="tools")


class Affirmation(Base):
    """A rights statement its author affirmed, by key of the entry's rules version."""

    __tablename__ = "affirmation"
    __table_args__ = (UniqueConstraint("entry_id", "statement"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    statement: Mapped[str] = mapped_column(String(40))
    affirmed_at: Mapped[datetime]


class Subtitles(Base):
    """Subtitles in one language, kept as the WebVTT text that was made of the file sent.

    `facts` is the JSON form of `SubtitleFacts`; None for files from before these were taken.
    """

    __tablename__ = "subtitles"
    __table_args__ = (UniqueConstraint("entry_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    language: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(80), unique=True)
    received_at: Mapped[datetime]
    facts: Mapped[dict[str, Any] | None]


class Reel(Base):
    """One version of the film: it exists from the moment its sending begins."""

    __tablename__ = "reel"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), unique=True)
    master_id: Mapped[int | None] = mapped_column(ForeignKey("master.id"), unique=True)
    number: Mapped[int | None]
    """Counts the versions that arrived whole, from 1."""

    entry: Mapped[Entry] = relationship(back_populates="reels")
    upload: Mapped[Upload] = relationship()
    master: Mapped[Master | None] = relationship()


class Receipt(Base):
    """Proof of one submission. Never changed: a later submission has a receipt of its own."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    entry_number: Mapped[int]
    master_id: Mapped[int] = mapped_column(ForeignKey("master.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    rules_version_id: Mapped[int] = mapped_column(ForeignKey("rules_version.id"))
    rules_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]

    entry: Mapped[Entry] = relationship(back_populates="receipts")
    rules_version: Mapped[RulesVersion] = relationship()


class Decision(Base):
    """What the organizers decided about an entry, with the reason its author reads."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    kind: Mapped[DecisionKind] = mapped_column(one_of(DecisionKind, "decision_kind"))
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    at: Mapped[datetime]

    letter: Mapped[Letter | None] = relationship()

    @property
    def is_told(self) -> bool:
        """Whether its author may know of it: its letter no longer waits in the outbox."""
        return self.letter is None or self.letter.state is not LetterState.HELD
