"""Jobs as the organizer sees them: what is being tried, how often, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from contest.machines.queue import Job


@dataclass(frozen=True)
class JobLine:
    """One job as the organizer sees it. `next_at` is None while it runs and when it is over."""

    id: int
    name: str
    ids: tuple[int | str, ...]
    asked_at: datetime
    attempts: int
    problem: str | None
    running: bool
    next_at: datetime | None
    given_up_at: datetime | None


def jobs_overview(
    session: Session, which: ColumnElement[bool] | None = None, *, now: datetime, limit: int = 200
) -> list[JobLine]:
    """Jobs that are not done, those given up first, then the oldest first.

    `which` narrows them down; without it they are the whole house's.
    """
    rows = session.scalars(
        select(Job)
        .where(Job.done_at.is_(None), true() if which is None else which)
        .order_by(Job.given_up_at.is_(None), Job.asked_at, Job.id)
        .limit(limit)
    )
    return [_line(each, now) for each in rows]


def _line(each: Job, now: datetime) -> JobLine:
    running = each.held_until is not None and each.held_until > now
    return JobLine(
        id=each.id,
        name=each.name,
        ids=tuple(each.ids),
        asked_at=each.asked_at,
        attempts=each.attempts,
        problem=each.problem,
        running=running,
        next_at=None if running or each.given_up_at else each.due_at,
        given_up_at=each.given_up_at,
    )


def job_among(session: Session, which: ColumnElement[bool], job_id: int) -> Job | None:
    """The job of that id, where it is one of `which`."""
    return session.scalar(select(Job).where(Job.id == job_id, which))
