"""Jobs: what must be done is a row of the caller's transaction, and is done once.

`enqueue` writes the row; a carrier (`contest/machines/carrier.py`) takes its number to a worker;
tests and scripts do without one and call `run_pending`. Either way `attempt` is what runs a job:
its work and the note that it is done are one commit, so that a worker killed at any instant leaves
a job either done or still to do. What a job does outside the database must bear being done twice.

A job is a function of a session and ids, registered by name in a `jobs.py`:

    @job("inspect_master")
    def inspect_master(session: Session, master_id: int) -> None: ...

It does its slow work before its first change, since that change takes SQLite's write lock. What a
job was for may want to know when it is given up: `given_up(session, *ids, problem)`, registered
with it, tells in the transaction that gives it up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, or_, select, text, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, Session, mapped_column

from contest.db import Base, Database
from contest.settings import Settings

JobFunction = Callable[..., None]
Clock = Callable[[], datetime]
Beside = Callable[[], AbstractContextManager[Session]]

ATTEMPTS = 6
"""So often a job is begun before it is given up; a worker that died in it counts as an attempt."""
LEASE = timedelta(seconds=60)
"""So long a job stays its worker's without a sign of life, unless the settings say otherwise."""
OPEN = text("done_at IS NULL AND given_up_at IS NULL")
LONGEST_PAUSE = timedelta(hours=1)

REGISTERED: dict[str, JobFunction] = {}
WHEN_GIVEN_UP: dict[str, JobFunction] = {}
log = logging.getLogger(__name__)


class Job(Base):
    """One thing to do. `ids` name what it works on; `problem` is what went wrong the last time."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done_at IS NULL OR given_up_at IS NULL", name="ends_once"),
        CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name="held_by_somebody"),
        Index("ix_job_open", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    ids: Mapped[list[Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    slow: Mapped[bool] = mapped_column(default=False)
    """It may take minutes. Such jobs wait for each other, and no other job waits for them."""
    sendings: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    held_by: Mapped[str | None] = mapped_column(String(120))
    held_until: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]

    @property
    def is_over(self) -> bool:
        return self.done_at is not None or self.given_up_at is not None


class Carrier(Protocol):
    """Takes a job's number to a worker, at the earliest at `job.due_at`, if the session commits."""

    def send(self, session: Session, job: Job) -> None: ...


def job(name: str, *, given_up: JobFunction | None = None) -> Callable[[JobFunction], JobFunction]:
    """Register a function as the job of that name. A name means one function."""

    def register(function: JobFunction) -> JobFunction:
        known = REGISTERED.setdefault(name, function)
        if known.__qualname__ != function.__qualname__ or known.__module__ != function.__module__:
            raise ValueError(f"Two functions want to be the job {name!r}.")
        if given_up:
            WHEN_GIVEN_UP[name] = given_up
        return function

    return register


def attach(
    database: Database,
    settings: Settings,
    *,
    carrier: Carrier | None = None,
    clock: Clock | None = None,
) -> None:
    """Let every session of the database know the house's settings, carrier and clock."""
    database.info["settings"] = settings
    database.info["carrier"] = carrier
    database.info["clock"] = clock or _utc
    database.info["lease"] = timedelta(seconds=settings.worker_silence_seconds)


def settings_of(session: Session) -> Settings:
    """The settings of the house a job runs in."""
    return cast(Settings, session.info["settings"])


def now_of(session: Session) -> datetime:
    """The instant by the clock of whoever runs the job of this session."""
    clock: Clock = session.info.get("clock", _utc)
    return clock()


def lease_of(info: Mapping[Any, Any]) -> timedelta:
    """How long a worker may be silent; `info` is that of a database or of its sessions."""
    return cast(timedelta, info.get("lease", LEASE))


def beside(session: Session) -> Beside | None:
    """What opens a transaction beside a job's own, to tell how far it is; None outside a worker.

    Only before the job's first change: after it, SQLite's write lock is the job's.
    """
    return cast("Beside | None", session.info.get("beside"))


def enqueue(
    session: Session,
    name: str,
    *ids: int | str,
    now: datetime | None = None,
    due: datetime | None = None,
    slow: bool = False,
) -> Job:
    """Ask for a job; it is sent when the caller's transaction commits, and only then.

    `now` is by the house's clock where none is given; the job waits until `due`, if that is later.
    One that is `slow`, because it decodes a film, keeps no other kind of job waiting.
    """
    at = now or session.info.get("clock", _utc)()
    asked = Job(name=name, ids=list(ids), asked_at=at, due_at=due or at, slow=slow)
    session.add(asked)
    send(session, asked)
    return asked


def send(session: Session, asked: Job) -> None:
    """Hand a job to the carrier, once more or for the first time."""
    asked.sendings = (asked.sendings or 0) + 1
    session.flush()
    carrier: Carrier | None = session.info.get("carrier")
    if carrier:
        carrier.send(session, asked)


def send_again(session: Session, asked: Job, *, now: datetime) -> None:
    """Give a job that was given up all its attempts again, at a person's wish."""
    asked.given_up_at, asked.attempts, asked.due_at = None, 0, now
    send(session, asked)


def given_up_on(session: Session, name: str, thing: int) -> Job | None:
    """The newest job of that name, on the thing of that id, that was given up."""
    given_up = Job.name == name, Job.ids[0].as_integer() == thing, Job.given_up_at.is_not(None)
    return session.scalar(select(Job).where(*given_up).order_by(Job.id.desc()).limit(1))


def attempt(database: Database, job_id: int, *, holder: str, clock: Clock | None = None) -> None:
    """Do a job, unless it is over, not yet due or another's. Raises what the job raised.

    `holder` names the worker. A failure is noted before it is raised, with the time to try again.
    """
    clock = clock or database.info.get("clock", _utc)
    held = _take(database, job_id, holder, clock())
    if held is None:
        return
    name, ids = held
    try:
        with database.working() as session:
            session.info["clock"], session.info["beside"] = clock, database.transaction
            _function(name)(session, *ids)
            if _finish(session, job_id, holder, clock()):
                session.commit()
    except Exception as problem:
        _put_off(database, job_id, holder, problem, clock())
        raise


def _take(
    database: Database, job_id: int, holder: str, now: datetime
) -> tuple[str, list[Any]] | None:
    with database.transaction() as session:
        asked = session.get(Job, job_id, with_for_update=True)
        if asked is None or asked.is_over or asked.due_at > now:
            return None
        if asked.held_until and asked.held_until > now:
            return None
        if asked.attempts >= ATTEMPTS:
            asked.held_by = asked.held_until = None
            asked.problem = asked.problem or "The worker ended in the middle, each time."
            _give_up(session, asked, now)
            return None
        asked.attempts += 1
        asked.held_by, asked.held_until = holder, now + lease_of(session.info)
        return asked.name, asked.ids


def _function(name: str) -> JobFunction:
    if name not in REGISTERED:
        raise LookupError(f"No job is called {name!r} in this version of the house.")
    return REGISTERED[name]


def _finish(session: Session, job_id: int, holder: str, now: datetime) -> bool:
    """Whether the job was still this worker's; if not, another's work counts, not this."""
    finished = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.held_by == holder, Job.done_at.is_(None))
        .values(done_at=now, held_by=None, held_until=None, problem=None)
    )
    return cast("CursorResult[Any]", finished).rowcount == 1


def _put_off(
    database: Database, job_id: int, holder: str, problem: Exception, now: datetime
) -> None:
    log.warning("job %s failed", job_id, exc_info=problem)
    with database.transaction() as session:
        asked = session.get_one(Job, job_id, with_for_update=True)
        if asked.held_by != holder:
            return  # another's by now, or done
        asked.held_by = asked.held_until = None
        asked.problem = f"{type(problem).__name__}: {problem}"[:1000]
        if asked.attempts >= ATTEMPTS:
            _give_up(session, asked, now)
        else:
            asked.due_at = now + pause_after(asked.attempts)
            send(session, asked)


def _give_up(session: Session, asked: Job, now: datetime) -> None:
    asked.given_up_at = now
    if asked.name in WHEN_GIVEN_UP:
        WHEN_GIVEN_UP[asked.name](session, *asked.ids, asked.problem)


def pause_after(attempts: int) -> timedelta:
    """How long a job rests after it failed so often: 2, 8, 32, 128 s … an hour at most."""
    return min(timedelta(seconds=2 * 4 ** (attempts - 1)), LONGEST_PAUSE)


def release(database: Database, holder: str) -> None:
    """Let go of what a worker of this name held when it ended without a word."""
    with database.transaction() as session:
        session.execute(
            update(Job).where(Job.held_by == holder).values(held_by=None, held_until=None)
        )


def stay(database: Database, holder: str, *, now: datetime) -> None:
    """A worker's sign of life: what it holds stays its own for another lease."""
    with database.transaction() as session:
        until = now + lease_of(session.info)
        session.execute(update(Job).where(Job.held_by == holder).values(held_until=until))


def over(session: Session, job_ids: Collection[int]) -> set[int]:
    """Which of these jobs are done or given up."""
    ended = or_(Job.done_at.is_not(None), Job.given_up_at.is_not(None))
    return set(session.scalars(select(Job.id).where(Job.id.in_(job_ids), ended)))


def due(session: Session, *, now: datetime, limit: int = 500) -> Sequence[Job]:
    """Jobs that could be running and are in nobody's hands, the longest waiting first."""
    free = or_(Job.held_until.is_(None), Job.held_until <= now)
    waiting = Job.done_at.is_(None), Job.given_up_at.is_(None), Job.due_at <= now, free
    return session.scalars(
        select(Job).where(*waiting).order_by(Job.due_at, Job.id).limit(limit)
    ).all()


def run_pending(database: Database, *, clock: Clock | None = None) -> int:
    """Do every due job in this process, also those that jobs ask for; says how many were done.

    `clock` is the house's unless another is given. Stops at the first job that fails and raises
    what it raised; the failure is noted as a worker would.
    """
    clock = clock or database.info.get("clock", _utc)
    done = 0
    while True:
        with database.reading() as session:
            waiting = [each.id for each in due(session, now=clock())]
        if not waiting:
            return done
        for job_id in waiting:
            attempt(database, job_id, holder="in-process", clock=clock)
            done += 1


def _utc() -> datetime:
    return datetime.now(UTC)
