"""Jobs are sent with the transaction that asks for them, and done once whatever is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import TableClause, column, delete, inspect, select, table, text
from sqlalchemy.orm import Session

from contest.db import Base, Database
from contest.machines import carrier, queue
from contest.machines.overview import JobLine, jobs_overview
from contest.machines.queue import ATTEMPTS, LEASE, Job, enqueue, job
from contest.settings import load_settings
from tests.machines import queue_worker

WORKER = Path(queue_worker.__file__)
NOON = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A house without a carrier, with a table where jobs leave their mark."""
    made = Database(database_url)
    with made.transaction() as session:
        session.execute(text("CREATE TABLE effect (number INTEGER)"))
    yield made
    made.close()


@pytest.fixture
def carried(database: Database) -> Database:
    """The same house with DBOS as its carrier."""
    carrier.prepare(database)
    settings = load_settings(database_url=database.url, queue="dbos", secret_key="test")
    queue.attach(database, settings, carrier=carrier.DbosCarrier(database))
    return database


@pytest.fixture
def start_worker(
    carried: Database, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts real workers; none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str = "worker-1") -> subprocess.Popen[str]:
        command = [sys.executable, str(WORKER), carried.url, name, str(tmp_path)]
        root = WORKER.parent.parent.parent
        started.append(subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.communicate()


def effects(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(text("SELECT number FROM effect ORDER BY number")))


def _same(instant: datetime) -> datetime:
    return instant


def only_job(database: Database) -> Job:
    with database.reading() as session:
        return session.scalars(select(Job)).one()


def ask(database: Database, name: str, *ids: int) -> int:
    with database.transaction() as session:
        return enqueue(session, name, *ids).id


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def all_done(database: Database) -> bool:
    with database.reading() as session:
        return not session.scalars(select(Job.id).where(Job.done_at.is_(None))).all()


def test_a_job_of_a_transaction_that_is_rolled_back_was_never_asked_for(carried: Database) -> None:
    with carried.writing() as session:
        enqueue(session, "quick", 1)
        session.rollback()
    with carried.reading() as session:
        assert session.scalars(select(Job)).all() == []
    assert carried_by(carried) == []


def carriages(database: Database) -> TableClause:
    """The carrier's table of what it carries: on PostgreSQL in a schema of its own."""
    schema = "dbos" if database.engine.dialect.name == "postgresql" else None
    return table("workflow_status", column("workflow_uuid"), schema=schema)


def carried_by(database: Database) -> list[str]:
    """What the carrier knows of, by its own names."""
    name = carriages(database).c.workflow_uuid
    with database.reading() as session:
        return list(session.scalars(select(name).order_by(name)))


def test_a_job_of_a_transaction_that_commits_is_sent_with_it(carried: Database) -> None:
    asked = ask(carried, "quick", 1)
    assert carried_by(carried) == [f"job-{asked}-1"]


def test_pending_jobs_run_in_the_order_they_were_asked_for(database: Database) -> None:
    done: list[int] = []

    @job("in_order")
    def in_order(_session: Session, number: int) -> None:
        done.append(number)

    for number in (3, 1, 2):
        ask(database, "in_order", number)
    assert queue.run_pending(database) == 3
    assert done == [3, 1, 2]
    assert queue.run_pending(database) == 0


def test_a_job_asked_for_later_waits_until_then_by_the_clock_of_the_house(
    database: Database,
) -> None:
    now = NOON
    queue.attach(database, load_settings(secret_key="test"), clock=lambda: now)
    with database.transaction() as session:
        enqueue(session, "quick", 1, due=NOON + timedelta(hours=1))
        enqueue(session, "quick", 2)
    assert queue.run_pending(database) == 1
    now += timedelta(hours=1)
    assert queue.run_pending(database) == 1
    assert effects(database) == [1, 2]


def test_a_job_that_a_job_asks_for_runs_as_well(database: Database) -> None:
    @job("asks")
    def asks(session: Session, number: int) -> None:
        enqueue(session, "quick", number)

    ask(database, "asks", 7)
    assert queue.run_pending(database) == 2
    assert effects(database) == [7]


def test_a_job_that_fails_leaves_nothing_but_its_problem(database: Database) -> None:
    @job("half")
    def half(session: Session, number: int) -> None:
        queue_worker.quick(session, number)
        raise OSError("the disk is full")

    ask(database, "half", 1)
    with pytest.raises(OSError, match="the disk is full"):
        queue.run_pending(database)
    assert effects(database) == []
    failed = only_job(database)
    assert (failed.attempts, failed.problem) == (1, "OSError: the disk is full")
    assert failed.done_at is None


def test_a_failing_job_rests_longer_each_time_and_is_given_up_in_the_end(
    database: Database,
) -> None:
    now = NOON

    @job("never")
    def never(_session: Session) -> None:
        raise OSError("no")

    with database.transaction() as session:
        enqueue(session, "never", now=NOON)
    pauses = []
    while only_job(database).given_up_at is None:
        with pytest.raises(OSError, match="no"):
            queue.run_pending(database, clock=partial(_same, now))
        pauses.append((only_job(database).due_at - now).total_seconds())
        now = max(now, only_job(database).due_at)
    assert pauses == [2, 8, 32, 128, 512, 0]
    assert queue.run_pending(database, clock=partial(_same, now)) == 0


def test_a_job_given_up_runs_again_at_a_persons_wish(database: Database) -> None:
    asked = ask(database, "quick", 1)
    with database.transaction() as session:
        given_up = session.get_one(Job, asked)
        given_up.attempts, given_up.given_up_at = ATTEMPTS, NOON
    assert queue.run_pending(database) == 0
    with database.transaction() as session:
        queue.send_again(session, session.get_one(Job, asked), now=NOON)
    assert queue.run_pending(database) == 1
    assert effects(database) == [1]


def test_a_job_that_ended_its_worker_each_time_is_given_up(database: Database) -> None:
    asked = ask(database, "quick", 1)
    with database.transaction() as session:
        session.get_one(Job, asked).attempts = ATTEMPTS
    queue.run_pending(database)
    assert effects(database) == []
    assert only_job(database).problem == "The worker ended in the middle, each time."


def test_a_job_in_one_workers_hands_is_left_alone_by_another(database: Database) -> None:
    asked = ask(database, "quick", 1)
    with database.transaction() as session:
        held = session.get_one(Job, asked)
        held.held_by, held.held_until = "worker-1", datetime.now(UTC) + LEASE
    queue.attempt(database, asked, holder="worker-2")
    assert effects(database) == []


def test_work_of_a_worker_that_lost_its_job_to_another_is_dropped(database: Database) -> None:
    @job("overtaken")
    def overtaken(session: Session, number: int) -> None:
        with database.transaction() as other:
            other.get_one(Job, asked).held_by = "worker-2"
        queue_worker.quick(session, number)

    asked = ask(database, "overtaken", 1)
    queue.attempt(database, asked, holder="worker-1")
    assert effects(database) == []
    assert only_job(database).done_at is None


@pytest.mark.parametrize("done", [False, True], ids=["at work", "done"])
def test_a_worker_that_fails_after_it_lost_its_job_to_another_leaves_it_alone(
    database: Database, done: bool
) -> None:
    @job(f"fails late, {done}")
    def overtaken_and_failed(_session: Session) -> None:
        with database.transaction() as other:
            taken = other.get_one(Job, asked)
            taken.held_by, taken.attempts = "worker-2", ATTEMPTS
            if done:
                taken.held_by, taken.held_until, taken.done_at = None, None, NOON
        raise OSError("too late")

    asked = ask(database, f"fails late, {done}")
    with pytest.raises(OSError, match="too late"):
        queue.attempt(database, asked, holder="worker-1")
    left = only_job(database)
    assert (left.held_by, left.done_at) == ((None, NOON) if done else ("worker-2", None))
    assert (left.problem, left.given_up_at, left.sendings) == (None, None, 1)


def test_slow_work_before_the_first_change_keeps_nobody_waiting(database: Database) -> None:
    looked, go_on = Event(), Event()

    @job("looks_long")
    def looks_long(session: Session, number: int) -> None:
        session.scalars(text("SELECT number FROM effect")).all()
        looked.set()
        assert go_on.wait(10)
        queue_worker.quick(session, number)

    ask(database, "looks_long", 1)
    running = Thread(target=queue.run_pending, args=(database,))
    running.start()
    assert looked.wait(10)
    began = time.monotonic()
    with database.transaction() as session:
        queue_worker.quick(session, 2)
    waited = time.monotonic() - began
    go_on.set()
    running.join()
    assert effects(database) == [1, 2]
    assert waited < 2


def test_the_overview_shows_what_is_given_up_first_and_when_the_rest_comes(
    database: Database,
) -> None:
    at = [NOON + timedelta(seconds=seconds) for seconds in range(4)]
    with database.transaction() as session:
        waiting, running, lost, done = (
            enqueue(session, "quick", number, now=now) for number, now in enumerate(at, start=1)
        )
        running.attempts, running.held_by, running.held_until = 1, "worker-1", NOON + LEASE
        lost.attempts, lost.problem, lost.given_up_at = ATTEMPTS, "OSError: no", NOON
        done.done_at = NOON
    with database.reading() as session:
        lines = jobs_overview(session, now=NOON)
    assert lines == [
        JobLine(lost.id, "quick", (3,), at[2], ATTEMPTS, "OSError: no", False, None, NOON),
        JobLine(waiting.id, "quick", (1,), at[0], 0, None, False, at[0], None),
        JobLine(running.id, "quick", (2,), at[1], 1, None, True, None, None),
    ]


def test_one_name_is_one_job() -> None:
    with pytest.raises(ValueError, match="Two functions want to be the job 'quick'"):

        @job("quick")
        def other(_session: Session) -> None: ...


def test_a_worker_does_what_was_asked_before_and_after_it_started(
    carried: Database, start_worker: Callable[..., subprocess.Popen[str]]
) -> None:
    ask(carried, "quick", 1)
    worker = start_worker()
    until(lambda: effects(carried) == [1])
    ask(carried, "quick", 2)
    until(lambda: effects(carried) == [1, 2])
    worker.terminate()
    assert worker.wait(15) == 0


@pytest.mark.parametrize("instant", ["slow_before", "slow_after"])
def test_a_job_whose_worker_is_killed_is_done_once_by_the_next(
    carried: Database,
    start_worker: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    instant: str,
) -> None:
    ask(carried, instant, 5)
    worker = start_worker()
    until((tmp_path / "arrived-5").exists)
    worker.kill()
    worker.wait()
    assert effects(carried) == []
    start_worker()
    until(lambda: all_done(carried))
    assert effects(carried) == [5]
    assert only_job(carried).attempts == 2


def test_slow_jobs_in_every_hand_keep_no_quick_job_waiting(
    carried: Database, start_worker: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    with carried.transaction() as session:
        for number in (1, 2, 3):
            enqueue(session, "slow_before", number, slow=True)
    start_worker()
    until(lambda: len(list(tmp_path.glob("arrived-*"))) == 2)
    ask(carried, "quick", 9)
    until(lambda: effects(carried) == [9], seconds=10)


def test_what_a_dead_worker_held_goes_to_one_of_another_name(
    carried: Database, start_worker: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    asked = ask(carried, "slow_before", 5)
    worker = start_worker("worker-1")
    until((tmp_path / "arrived-5").exists)
    worker.kill()
    worker.wait()
    later = datetime.now(UTC) + LEASE * 2
    assert carrier.sweep(carried, carrier.DbosCarrier(carried), now=later) == 1
    with carried.transaction() as session:
        session.get_one(Job, asked).held_until = datetime.now(UTC)  # as if the lease were over
    start_worker("worker-2")
    until(lambda: effects(carried) == [5])


def test_the_sweep_sends_again_what_nobody_carries_and_nothing_else(carried: Database) -> None:
    lost, waiting = ask(carried, "quick", 1), ask(carried, "quick", 2)
    with carried.transaction() as session:
        there = carriages(carried)
        session.execute(delete(there).where(there.c.workflow_uuid == f"job-{lost}-1"))
    later = datetime.now(UTC) + LEASE
    assert carrier.sweep(carried, carrier.DbosCarrier(carried), now=later) == 1
    assert carried_by(carried) == [f"job-{lost}-2", f"job-{waiting}-1"]


def test_two_sweeps_at_a_time_send_a_lost_job_once(carried: Database) -> None:
    ask(carried, "quick", 1)
    with carried.transaction() as session:
        session.execute(delete(carriages(carried)))
    seen = only_job(carried)
    assert [carrier._sent_again(carried, seen) for _ in range(2)] == [True, False]
    assert carried_by(carried) == [f"job-{seen.id}-2"]


def test_what_a_worker_held_that_never_came_back_is_forgotten_when_others_have_done_it(
    carried: Database, start_worker: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    asked = ask(carried, "slow_before", 5)
    worker = start_worker("worker-1")
    until((tmp_path / "arrived-5").exists)
    worker.kill()
    worker.wait()
    post, tomorrow = carrier.DbosCarrier(carried), datetime.now(UTC) + timedelta(days=1)
    post.forget(tomorrow)
    assert carried_by(carried) == [f"job-{asked}-1"]
    with carried.transaction() as session:
        over = session.get_one(Job, asked)
        over.held_by, over.held_until, over.done_at = None, None, NOON
    post.forget(tomorrow)
    assert carried_by(carried) == []


def test_what_was_carried_long_ago_is_forgotten(
    carried: Database, start_worker: Callable[..., subprocess.Popen[str]]
) -> None:
    ask(carried, "quick", 1)
    start_worker()
    until(lambda: all_done(carried))
    post = carrier.DbosCarrier(carried)

    def remembered_after(before: datetime) -> int:
        post.forget(before)
        return len(carried_by(carried))

    now = datetime.now(UTC)
    assert remembered_after(now - carrier.KEPT) == 1
    until(lambda: remembered_after(now + timedelta(minutes=1)) == 0)


def test_the_tables_of_the_carrier_are_none_of_ours(carried: Database) -> None:
    looking = inspect(carried.engine)
    ours = set(Base.metadata.tables) | {"alembic_version", "effect"}
    if carried.engine.dialect.name == "postgresql":
        assert set(looking.get_table_names()) == ours
        theirs = set(looking.get_table_names("dbos"))
    else:
        theirs = set(looking.get_table_names()) - ours
    assert "workflow_status" in theirs
    assert theirs & ours == set()
