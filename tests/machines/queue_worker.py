"""A worker for the queue's tests, started as a process of its own so that it can be killed.

    python tests/machines/queue_worker.py DATABASE_URL NAME FOLDER

Its jobs write a line into the table `effect` and say in FOLDER how far they have come.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from contest.db import Database
from contest.machines.carrier import Worker, open_queue
from contest.machines.queue import job
from contest.settings import load_settings

FOLDER = Path(sys.argv[3]) if len(sys.argv) > 3 else Path()


@job("quick")
def quick(session: Session, number: int) -> None:
    session.execute(text("INSERT INTO effect (number) VALUES (:number)"), {"number": number})


@job("slow_before")
def slow_before(session: Session, number: int) -> None:
    _arrive(number)
    quick(session, number)


@job("slow_after")
def slow_after(session: Session, number: int) -> None:
    quick(session, number)
    _arrive(number)


def _arrive(number: int) -> None:
    """Tell the test where we are, the first time; then wait long enough to be killed there."""
    arrived = FOLDER / f"arrived-{number}"
    if not arrived.exists():
        arrived.touch()
        time.sleep(60)


def main() -> None:
    database = Database(sys.argv[1])
    open_queue(database, load_settings(database_url=sys.argv[1], queue="dbos", secret_key="test"))
    worker = Worker(database, sys.argv[2], locks=FOLDER)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.work()


if __name__ == "__main__":
    main()
