"""Carries jobs to workers with DBOS, which keeps its own tables in the same database.

The only module that knows DBOS. Sending is a row of DBOS in the caller's transaction; a worker
takes rows from there and runs `queue.attempt`. What a dead worker held comes back in two ways: DBOS
hands a worker that starts under the same name what it dropped, and the sweep sends again whatever
is due, in nobody's hands and no longer waiting in DBOS.
"""

from __future__ import annotations

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
from contest.machines.worker_name import NameTaken, take_name
from contest.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

APPLICATION = "palmares"
VERSION = "1"
"""Says which workers may take whose jobs; ours all may, since a job is only a name and ids."""
QUEUE, SLOW_QUEUE = "jobs", "slow jobs"
QUICK_HANDS = 2
WORKFLOW = "attempt"
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
POLL_SECONDS = 0.2
SWEEPS = 4
"""So often within a lease a worker gives a sign of life and looks for what others left."""
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
        """Remove what DBOS remembers of carriages that began before and lead nowhere any more.

        Those of a worker that never came back are still under way to DBOS, when their jobs have
        long been done by others.
        """
        old = self._client.list_workflows(
            status=[*ENDED, "PENDING"],
            end_time=before.isoformat(),
            limit=1000,
            load_input=False,
            load_output=False,
        )
        with self._database.reading() as session:
            over = queue.over(session, {_job_id(each.workflow_id) for each in old})
        gone = [
            each.workflow_id
            for each in old
            if each.status in ENDED or _job_id(each.workflow_id) in over
        ]
        if gone:
            self._client.delete_workflows(gone)


def _workflow_id(job: Job) -> str:
    return f"job-{job.id}-{job.sendings}"


def _job_id(workflow_id: str) -> int:
    return int(workflow_id.split("-")[1])


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
    grace = queue.lease_of(database.info) / 2
    with database.reading() as session:
        idle = list(queue.due(session, now=now - grace))
    carried = carrier.waiting(idle) if idle else set()
    lost = [job for job in idle if job.id not in carried]
    return sum(_sent_again(database, job) for job in lost)


def _sent_again(database: Database, seen: Job) -> bool:
    """Whether it was for us to send: others sweep as well, and may have been quicker."""
    with database.transaction() as session:
        job = session.get_one(Job, seen.id, with_for_update=True)
        if job.is_over or job.sendings != seen.sendings:
            return False
        queue.send(session, job)
        return True


class Worker:
    """Takes jobs until it is stopped. `hands` is how many slow ones it does at a time."""

    def __init__(self, database: Database, name: str, *, locks: Path, hands: int = 2) -> None:
        self._database, self.name, self._hands = database, name, hands
        self._carrier = DbosCarrier(database)
        self._stopped = threading.Event()
        self._own_name = take_name(database, name, locks=locks)

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
            pause = queue.lease_of(self._database.info).total_seconds() / SWEEPS
            while not self._stopped.wait(pause):
                self._look_around(datetime.now(UTC))
        finally:
            DBOS.destroy()
            self.leave()

    def stop(self) -> None:
        """Take no more jobs; what is half done is done again by the next worker."""
        self._stopped.set()

    def leave(self) -> None:
        """Give the name back; the end of the process does as well."""
        self._own_name.give_back()

    def _look_around(self, now: datetime) -> None:
        try:
            self._own_name.keep()
            queue.stay(self._database, self.name, now=now)
            sweep(self._database, self._carrier, now=now)
            self._carrier.forget(now - KEPT)
        except NameTaken as taken:
            log.error("%s This one stops.", taken)
            self.stop()
        except Exception:
            log.exception("The sweep failed; the next one comes soon.")
