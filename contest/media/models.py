"""Tables of film files: how they came in, what was measured, what was made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contest.db import Base, one_of


class UploadState(StrEnum):
    """An upload is open until its last byte is verified or somebody gives it up."""

    OPEN = "open"
    COMPLETE = "complete"
    ABANDONED = "abandoned"


class InspectionState(StrEnum):
    """Facts grow: asked for, header read, picture decoded; or the file can't be read."""

    REQUESTED = "requested"
    HEADER_READ = "header_read"
    FINISHED = "finished"
    UNREADABLE = "unreadable"


class RenditionKind(StrEnum):
    """What is made of a master, or taken out of it.

    A viewing copy without its author's marks, a lighter one for poor lines, a still, a row of
    stills; and its Content Credentials, which name who signed them and are for organizers and the
    author alone.
    """

    SCREENER = "screener"
    LIGHT = "light"
    STILL = "still"
    STRIP = "strip"
    CREDENTIALS = "credentials"


class RenditionState(StrEnum):
    """A rendition is asked for, ready, or impossible."""

    REQUESTED = "requested"
    READY = "ready"
    FAILED = "failed"


class Upload(Base):
    """A film on its way in, part by part. `token` names it in addresses and can't be guessed."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("size_bytes > 0", name="has_bytes"),
        CheckConstraint(
            "(state = 'complete') = (master_id IS NOT NULL)", name="complete_has_master"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    part_bytes: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(80), unique=True)
    storage_handle: Mapped[str] = mapped_column(Text, default="")
    """The storage's own name for what is on its way in; see `Transfer`."""
    state: Mapped[UploadState] = mapped_column(one_of(UploadState, "upload_state"))
    sha256: Mapped[str | None] = mapped_column(String(64))
    """What its author's browser says the whole file is; said once, and never changed."""
    sha256_at: Mapped[datetime | None]
    whole_at: Mapped[datetime | None]
    """When the last of it was there; since then it is being read once more."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    master_id: Mapped[int | None] = mapped_column(ForeignKey("master.id"), unique=True)

    parts: Mapped[list[UploadPart]] = relationship(
        back_populates="upload", order_by="UploadPart.number", cascade="all, delete-orphan"
    )
    master: Mapped[Master | None] = relationship(back_populates="upload")

    @property
    def was_thrown_away(self) -> bool:
        """Whether all of it came, was read once more, and was not taken."""
        return self.state is UploadState.ABANDONED and self.whole_at is not None


class UploadPart(Base):
    """One part, from the moment its hash is announced. Parts count from 1."""

    __tablename__ = "upload_part"
    __table_args__ = (UniqueConstraint("upload_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"))
    number: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    announced_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    """When it came through our hands; where browsers send to a bucket, the bucket knows."""

    upload: Mapped[Upload] = relationship(back_populates="parts")


@dataclass(frozen=True)
class Stored:
    """Something that lies in the storage: where, as what, and how many bytes of it."""

    storage_key: str
    media_type: str
    size_bytes: int


class Master(Base):
    """One uploaded film file, written once and never changed."""

    __tablename__ = "master"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    storage_key: Mapped[str] = mapped_column(String(80), unique=True)
    file_name: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    received_at: Mapped[datetime]

    upload: Mapped[Upload | None] = relationship(back_populates="master")
    inspection: Mapped[Inspection | None] = relationship(back_populates="master")
    renditions: Mapped[list[Rendition]] = relationship(back_populates="master")

    def rendition(self, kind: RenditionKind) -> Rendition | None:
        """The rendition of that kind, whatever its state."""
        return next((each for each in self.renditions if each.kind is kind), None)

    def ready(self, kind: RenditionKind) -> Stored | None:
        """What was made of that kind, once there is something to show."""
        made = self.rendition(kind)
        if made is None or made.storage_key is None:
            return None
        return Stored(made.storage_key, made.media_type, made.size_bytes or 0)


class Inspection(Base):
    """What the machines measured of a master. `facts` is the JSON form of `MediaFacts`.

    `looked_s` is how far the film is decoded while that goes on, in seconds.
    """

    __tablename__ = "inspection"

    id: Mapped[int] = mapped_column(primary_key=True)
    master_id: Mapped[int] = mapped_column(ForeignKey("master.id"), unique=True)
    state: Mapped[InspectionState] = mapped_column(one_of(InspectionState, "inspection_state"))
    facts: Mapped[dict[str, Any] | None]
    looked_s: Mapped[float | None]
    requested_at: Mapped[datetime]
    header_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    master: Mapped[Master] = relationship(back_populates="inspection")


class Rendition(Base):
    """Something made of a master or taken out of it, kept beside it."""

    __tablename__ = "rendition"
    __table_args__ = (
        UniqueConstraint("master_id", "kind"),
        CheckConstraint("(state = 'ready') = (storage_key IS NOT NULL)", name="ready_has_bytes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    master_id: Mapped[int] = mapped_column(ForeignKey("master.id"))
    kind: Mapped[RenditionKind] = mapped_column(one_of(RenditionKind, "rendition_kind"))
    state: Mapped[RenditionState] = mapped_column(one_of(RenditionState, "rendition_state"))
    storage_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    media_type: Mapped[str] = mapped_column(String(60))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]

    master: Mapped[Master] = relationship(back_populates="renditions")
