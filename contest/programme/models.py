"""Tables of what the public may see. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contest.db import Base


class Snapshot(Base):
    """A palmarès as published. It shows from `visible_from` on, to everyone at once."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("edition_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    sequence: Mapped[int]
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    visible_from: Mapped[datetime]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    assets: Mapped[list[Asset]] = relationship(back_populates="snapshot")


class Asset(Base):
    """A still, a film or subtitles the snapshot shows, under a name that tells nothing."""

    __tablename__ = "asset"

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    storage_key: Mapped[str] = mapped_column(String(80))
    media_type: Mapped[str] = mapped_column(String(60))

    snapshot: Mapped[Snapshot] = relationship(back_populates="assets")
