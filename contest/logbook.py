"""Who did what, and when: a line in the same transaction as the act, each sealing the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contest.db import BEFORE_WRITING, Base

FIRST_SEAL = "0" * 64


class LogLine(Base):
    """One act. `about` names its object, such as `entry:417`; `seal` covers the line before."""

    __tablename__ = "log_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)
    act: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(80), index=True)
    details: Mapped[dict[str, Any]]
    seal: Mapped[str] = mapped_column(String(64), unique=True)


def log(
    session: Session,
    act: str,
    about: str,
    *,
    now: datetime,
    person_id: int | None = None,
    edition_id: int | None = None,
    **details: Any,
) -> LogLine:
    """Append one line to the logbook. `details` must be plain JSON values without secrets."""
    newest = select(LogLine.seal).order_by(LogLine.id.desc()).limit(1)
    last = session.scalar(newest, execution_options=BEFORE_WRITING)
    line = LogLine(
        at=now, person_id=person_id, edition_id=edition_id, act=act, about=about, details=details
    )
    line.seal = _seal(last or FIRST_SEAL, line)
    session.add(line)
    session.flush()  # the next line of this transaction must find this one
    return line


def lines_of(
    session: Session, edition_id: int, *, before: int | None = None, limit: int = 50
) -> Sequence[LogLine]:
    """The newest lines of an edition, newest first; `before` pages by line id."""
    query = select(LogLine).where(LogLine.edition_id == edition_id)
    if before is not None:
        query = query.where(LogLine.id < before)
    return session.scalars(query.order_by(LogLine.id.desc()).limit(limit)).all()


def lines_about(session: Session, about: str, *, limit: int = 200) -> Sequence[LogLine]:
    """The newest lines about one thing, newest first."""
    query = select(LogLine).where(LogLine.about == about)
    return session.scalars(query.order_by(LogLine.id.desc()).limit(limit)).all()


def broken_seals(session: Session) -> Iterator[int]:
    """The ids of lines that were changed, or whose forerunner was changed, taken out or put in."""
    last = FIRST_SEAL
    query = select(LogLine).order_by(LogLine.id).execution_options(yield_per=1000)
    for line in session.scalars(query):
        if line.seal != _seal(last, line):
            yield line.id
        last = line.seal


def _seal(last: str, line: LogLine) -> str:
    told = [
        last,
        line.at.isoformat(),
        line.person_id,
        line.edition_id,
        line.act,
        line.about,
        line.details,
    ]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
