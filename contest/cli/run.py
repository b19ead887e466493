"""`contest run`: opens the doors and keeps them open, until Ctrl-C or until a part fails.

Brings the database up to date, fills an empty house with the demonstration unless told not to, then
starts the web server and one worker beside it. Each is a process group of its own, so that whatever
they started ends with them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from urllib.parse import urlsplit

from sqlalchemy import select

from contest.cli import schema
from contest.db import Database
from contest.machines import carrier
from contest.people.models import Person
from contest.settings import HOME, Settings, load_settings

MANIFEST = HOME / "contest" / "web" / "static" / "build" / "manifest.json"
START_SECONDS = 60
STOP_SECONDS = 8
LOOK_SECONDS = 0.2
THREADS = 64
"""A part of a film on a slow line holds one for minutes; they come and go, and cost little."""
WORKER = [sys.executable, "-m", "contest.cli", "worker"]
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Part:
    """One long-running process of the house."""

    name: str
    process: subprocess.Popen[bytes]

    def signal(self, number: signal.Signals) -> None:
        """Tell the process and everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest run`."""
    parser.add_argument("--port", type=int, default=8000, help="default: 8000")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    parser.add_argument(
        "--threads", type=int, default=THREADS, help=f"requests at a time (default: {THREADS})"
    )
    parser.add_argument("--empty", action="store_true", help="make no demonstration")


def run(arguments: Namespace) -> int:
    """Returns 0 after Ctrl-C, 1 when the doors can't open or a part failed."""
    settings = load_settings()
    obstacle = what_is_missing() or what_holds_the_port(arguments.host, arguments.port)
    if obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    prepare(settings, empty=arguments.empty)
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    address = f"http://localhost:{arguments.port}"
    parts = start(arguments, address, settings)
    try:
        if opened(arguments.host, arguments.port, parts, stopping):
            welcome(settings, address)
        return keep_open(parts, stopping)
    finally:
        stop(parts)


def what_is_missing() -> str | None:
    """A sentence when the front end was never built."""
    if MANIFEST.exists():
        return None
    return "The front end is not built yet: `make setup` does that, and `make run` both."


def what_holds_the_port(host: str, port: int) -> str | None:
    """A sentence when nobody can listen there, with a port that is free."""
    try:
        _listen(host, port)
    except OverflowError:
        return f"There is no port {port}: choose one between 1024 and 65535."
    except PermissionError:
        return f"Port {port} is the system's own: choose one from 1024 up, such as --port 8000."
    except OSError as taken:
        free = next((each for each in range(port + 1, port + 50) if _is_free(host, each)), None)
        advice = f" Port {free} is free: make run PORT={free}" if free else ""
        return (
            f"Nothing was started: port {port} on {host} can't be opened ({taken.strerror}). "
            f"Perhaps another program listens there, or Palmarès already runs.{advice}"
        )
    return None


def _listen(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))


def _is_free(host: str, port: int) -> bool:
    try:
        _listen(host, port)
    except (OSError, OverflowError):
        return False
    return True


def prepare(settings: Settings, *, empty: bool) -> None:
    """The database up to date and, unless it is to stay `empty`, something in it to look at."""
    database = Database(settings.database_url)
    schema.upgrade(database)
    with database.reading() as session:
        inhabited = session.scalar(select(Person.id).limit(1)) is not None
    database.close()
    if not inhabited and not empty:
        from contest.cli import demo  # painting films is worth importing only then

        demo.fill(settings)
    carrier.prepare(database)
    database.close()


def start(arguments: Namespace, address: str, settings: Settings) -> list[Part]:
    """The web server, which streams what it is sent, and a worker."""
    environment = dict(os.environ)
    if urlsplit(settings.public_url).hostname == "localhost":
        environment["PALMARES_PUBLIC_URL"] = address
    web = web_command(arguments.host, arguments.port, arguments.threads)
    return [_part("web server", web, environment), _part("worker", WORKER, environment)]


def web_command(host: str, port: int, threads: int) -> list[str]:
    """How the web server is started, in `HOME`."""
    web = [sys.executable, "-m", "granian", "app:app", "--interface", "wsgi", "--no-ws"]
    web += ["--host", host, "--port", str(port), "--log-level", "error"]
    return [*web, "--blocking-threads", str(threads), "--workers-kill-timeout", "6"]


def _part(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Part:
    process = subprocess.Popen(
        command,
        cwd=HOME,
        env=environment,
        start_new_session=True,
        preexec_fn=_end_with_the_house if sys.platform == "linux" else None,  # noqa: PLW1509  # one thread
    )
    return Part(name, process)


def _end_with_the_house() -> None:
    """Linux sends this process SIGTERM when the one that started it was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def opened(host: str, port: int, parts: Sequence[Part], stopping: Event) -> bool:
    """Wait until the web server listens; False when it won't."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not stopping.is_set():
        if any(part.process.poll() is not None for part in parts):
            return False
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return True
        stopping.wait(LOOK_SECONDS / 4)
    return False


def welcome(settings: Settings, address: str) -> None:
    """The address, and how to get in: as who is in the demonstration, or as the first to run it."""
    from contest.cli import demo

    print(f"\nPalmarès is open at {address}\n")
    database = Database(settings.database_url)
    for sign_in in demo.sign_ins(database):
        print(f"  {sign_in.role:14}{sign_in.email:32}{sign_in.password}")
    with database.reading() as session:
        if session.scalar(select(Person.id).where(Person.is_administrator).limit(1)) is None:
            print("  Nobody runs this house yet: `contest administrator E-MAIL` lets somebody in.")
    database.close()
    print("\nCtrl-C closes it.", flush=True)


def keep_open(parts: Sequence[Part], stopping: Event) -> int:
    """Wait for Ctrl-C, or for the first part that ends by itself."""
    while not stopping.wait(LOOK_SECONDS):
        for part in parts:
            code = part.process.poll()
            if code is not None:
                print(f"The {part.name} ended with code {code}; closing the rest.", file=sys.stderr)
                return 1
    return 0


def stop(parts: Sequence[Part]) -> None:
    """End every part and all they started: asked first, then made to."""
    for part in parts:
        part.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        with suppress(subprocess.TimeoutExpired):
            part.process.wait(max(0.0, deadline - time.monotonic()))
    for part in parts:
        part.signal(signal.SIGKILL)
        part.process.wait()
