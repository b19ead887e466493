"""Carries jobs to workers with DBOS, which keeps its own tables in the same database.

The only module that knows DBOS. Sending is a row of DBOS in the caller's transaction; a worker
takes rows from there and runs `queue.attempt`. What a dead worker held comes back in two ways: DBOS
hands a worker that starts under the same name what it dropped, and the sweep sends again whatever
is due, in nobody's hands and no longer waiting in DBOS.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from contest.db import Database
from contest.machines import queue
from contest.machines.queue import Job
from contest.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

APPLICATION = "palmares"
VERSION = "1"
"""Says which workers may take whose jobs; ours all may, since a job is only a name and ids."""
QUEUE, SLOW_QUEUE = "jobs", "slow jobs"
QUICK_HANDS = 2
WORKFLOW = "attempt"
POLL_SECONDS = 0.2
SWEEP_SECONDS = 15
GRACE = timedelta(seconds=30)
KEPT = timedelta(days=1)

log = logging.getLogger(__name__)


def prepare(database: Database) -> None:
    """Make or update the tables of DBOS in the database."""
    from dbos import DBOS

    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS.migrate(url_of(database))


def url_of(database: Database) -> str:
    """The database's address, as DBOS wants it."""
    return database.engine.url.render_as_string(hide_password=False)


class DbosCarrier:
    """Sends from any process; needs no worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def warm(self) -> None:
        """Load DBOS beside other work: it takes most of a second, too long for a first sending."""
        threading.Thread(target=lambda: self._client, name="load-dbos", daemon=True).start()

    @cached_property
    def _client(self) -> DBOSClient:
        from dbos import DBOSClient

        engine = self._database.engine
        return DBOSClient(system_database_engine=engine, application_name=APPLICATION, lazy=True)

    def send(self, session: Session, job: Job) -> None:
        """Let DBOS carry the job's number, at `job.due_at`, if the session commits."""
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": SLOW_QUEUE if job.slow else QUEUE,
            "workflow_id": _workflow_id(job),
            "app_version": VERSION,
        }
        wait = (job.due_at - datetime.now(UTC)).total_seconds()
        if wait > 0:
            options["delay_seconds"] = wait
        self._client.enqueue_in_transaction(session, options, job.id)

    def waiting(self, jobs: list[Job]) -> set[int]:
        """Which of the jobs DBOS still has in its queue, not yet in a worker's hands."""
        numbers = {_workflow_id(job): job.id for job in jobs}
        found = self._client.list_workflows(
            workflow_ids=list(numbers), status=["ENQUEUED", "DELAYED"], load_input=False
        )
        return {numbers[each.workflow_id] for each in found}

    def forget(self, before: datetime) -> None:
        """Remove what DBOS remembers of carriages that ended before."""
        ended = self._client.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            end_time=before.isoformat(),
            limit=1000,
            load_input=False,
            load_output=False,
        )
        if ended:
            self._client.delete_workflows([each.workflow_id for each in ended])


def _workflow_id(job: Job) -> str:
    return f"job-{job.id}-{job.sendings}"


def open_queue(
    database: Database, settings: Settings, clock: Callable[[], datetime] | None = None
) -> None:
    """Let every session of the database send its jobs the way the settings say."""
    carrier = DbosCarrier(database) if settings.queue == "dbos" else None
    queue.attach(database, settings, carrier=carrier, clock=clock)
    if carrier:
        carrier.warm()


def sweep(database: Database, carrier: DbosCarrier, *, now: datetime) -> int:
    """Send again the jobs that nobody has and nobody carries; says how many."""
    with database.reading() as session:
        idle = list(queue.due(session, now=now - GRACE))
    carried = carrier.waiting(idle) if idle else set()
    lost = [job.id for job in idle if job.id not in carried]
    for job_id in lost:
        with database.transaction() as session:
            job = session.get_one(Job, job_id, with_for_update=True)
            if not job.is_over:
                queue.send(session, job)
    return len(lost)


class NameTaken(Exception):
    """Another worker of this name is at work; two of one name would take each other's jobs."""


class Worker:
    """Takes jobs until it is stopped. `hands` is how many slow ones it does at a time."""

    def __init__(self, database: Database, name: str, *, locks: Path, hands: int = 2) -> None:
        self._database, self.name, self._hands = database, name, hands
        self._carrier = DbosCarrier(database)
        self._stopped = threading.Event()
        locks.mkdir(parents=True, exist_ok=True)
        self._lock = (locks / f"{name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise NameTaken(f"A worker named {name} is already at work.") from None

    def work(self) -> None:
        """Take and do jobs; returns after `stop`."""
        from dbos import DBOS

        queue.release(self._database, self.name)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": url_of(self._database),
                "application_version": VERSION,
                "executor_id": self.name,
                "log_level": "WARNING",
            }
        )

        @DBOS.workflow(name=WORKFLOW)
        def attempt(job_id: int) -> None:
            with suppress(Exception):  # noted in the job's row, which decides what comes next
                queue.attempt(self._database, job_id, holder=self.name)

        DBOS.launch()
        for name, hands in ((QUEUE, QUICK_HANDS), (SLOW_QUEUE, self._hands)):
            DBOS.register_queue(name, worker_concurrency=hands, polling_interval_sec=POLL_SECONDS)
        try:
            while not self._stopped.wait(SWEEP_SECONDS):
                self._look_around(datetime.now(UTC))
        finally:
            DBOS.destroy()
            self.leave()

    def stop(self) -> None:
        """Take no more jobs; what is half done is done again by the next worker."""
        self._stopped.set()

    def leave(self) -> None:
        """Give the name back; the end of the process does as well."""
        self._lock.close()

    def _look_around(self, now: datetime) -> None:
        try:
            queue.stay(self._database, self.name, now=now)
            sweep(self._database, self._carrier, now=now)
            self._carrier.forget(now - KEPT)
        except Exception:
            log.exception("The sweep failed; the next one comes in %s s.", SWEEP_SECONDS)
