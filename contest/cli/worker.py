"""`contest worker`: does the jobs that the web leaves behind, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
from argparse import ArgumentParser, Namespace

from contest.cli.jobs import load_jobs
from contest.db import Database
from contest.machines.carrier import Worker, open_queue
from contest.machines.worker_name import NameTaken
from contest.settings import load_settings


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest worker`."""
    parser.add_argument("--name", help="unlike every other worker's, and the same after a crash")
    parser.add_argument("--hands", type=int, default=2, help="films decoded at a time (default: 2)")


def run(arguments: Namespace) -> int:
    """Work until SIGTERM or SIGINT; what is half done then is done again by the next worker."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    settings = load_settings()
    load_jobs()
    database = Database(settings.database_url)
    open_queue(database, settings)
    try:
        worker = Worker(
            database,
            arguments.name or settings.worker_name,
            locks=settings.storage_path.parent,
            hands=arguments.hands,
        )
    except NameTaken as taken:
        print(f"{taken} Give this one another name: contest worker --name worker-2")
        return 1
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: worker.stop())
    worker.work()
    os._exit(0)  # a decoder may still run in a thread; its job is not done and will be done again
