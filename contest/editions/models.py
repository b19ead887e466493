"""Tables of editions and their rules."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contest.db import Base
from contest.rulebook.rules import Rules
from contest.rulebook.rules_reading import read_rules


class Edition(Base):
    """One run of a competition. What it is lies in its rules; here is only what happened to it."""

    __tablename__ = "edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    created_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    """When its call was made public; before that only its organizers see it."""
    published_at: Mapped[datetime | None]
    """When its palmarès was published (it shows from the announced instant)."""
    last_entry_number: Mapped[int] = mapped_column(default=0)

    versions: Mapped[list[RulesVersion]] = relationship(
        back_populates="edition", order_by="RulesVersion.number"
    )
    current: Mapped[RulesVersion] = relationship(
        primaryjoin="and_(Edition.id == foreign(RulesVersion.edition_id), RulesVersion.is_current)",
        viewonly=True,
        uselist=False,
        lazy="joined",
    )

    @property
    def edition_id(self) -> int:
        """An edition belongs to itself, so that permissions ask every thing alike."""
        return self.id

    @property
    def rules(self) -> Rules:
        """The rules in force now."""
        return self.current.rules


class RulesVersion(Base):
    """One wording of an edition's rules. The database refuses to change text, hash or number."""

    __tablename__ = "rules_version"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        Index(
            "uq_rules_version_one_is_current",
            "edition_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    """Canonical JSON of the document."""
    hash: Mapped[str] = mapped_column(String(64))
    is_current: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    edition: Mapped[Edition] = relationship(back_populates="versions")

    @property
    def rules(self) -> Rules:
        """The rules this version's text holds."""
        return _rules_of(self.text)


@lru_cache(maxsize=64)
def _rules_of(text: str) -> Rules:
    return read_rules(json.loads(text))
