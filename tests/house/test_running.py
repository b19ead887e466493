"""`contest run` as people run it: real processes, real signals."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from sqlalchemy import select

from contest.cli import schema
from contest.db import Database
from contest.people.models import Person
from contest.settings import HOME
from tests.factories import make_person
from tests.waiting import free_port, wait_until

SECONDS = 60


@dataclass
class Running:
    """A house that somebody started at a terminal."""

    process: subprocess.Popen[str]
    port: int

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as page:
                return bool(page.status == 200)
        except (URLError, ConnectionError):
            return False

    def parts(self) -> dict[int, str]:
        """Every process that it started, or those did, by its number: the command."""
        every = processes()
        found = {self.process.pid: ""}
        while more := {
            pid: command
            for pid, (parent, _, command) in every.items()
            if parent in found and pid not in found
        }:
            found |= more
        del found[self.process.pid]
        return found

    def part(self, word: str) -> int:
        """The oldest process among them whose command has that word."""
        return min(pid for pid, command in self.parts().items() if word in command)


def processes() -> dict[int, tuple[int, str, str]]:
    """Every process of this machine by its number: parent, state, command."""
    columns = ["ps", "-A", "-o", "pid=,ppid=,stat=,args="]
    told = subprocess.run(columns, capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=3) for line in told.splitlines())
    return {int(row[0]): (int(row[1]), row[2], row[3] if len(row) > 3 else "") for row in rows}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A house with one person in it, so that no demonstration is made."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    database = Database(url)
    schema.upgrade(database)
    with database.transaction() as session:
        make_person(session)
    database.close()
    return os.environ | {
        "DATABASE_URL": url,
        "PALMARES_STORAGE_ROOT": str(tmp_path / "storage"),
        "PALMARES_LETTERS_DIR": str(tmp_path / "letters"),
        "PALMARES_SECRET_KEY": "only for tests",
    }


def begin(environment: dict[str, str], port: int, *more: str) -> Running:
    command = [sys.executable, "-m", "contest.cli", "run", "--port", str(port), *more]
    process = subprocess.Popen(
        command,
        cwd=HOME,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    return Running(process, port)


def until_open(running: Running) -> None:
    def is_open() -> bool:
        assert running.process.poll() is None, running.process.communicate()
        return running.answers()

    wait_until(is_open, SECONDS)


def kill(running: Running) -> None:
    for pid in [running.process.pid, *running.parts()]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.process.communicate()


@pytest.fixture
def port() -> int:
    """A port nobody listens at."""
    return free_port()


@pytest.fixture
def house(environment: dict[str, str], port: int) -> Iterator[Running]:
    """A house whose doors are open."""
    running = begin(environment, port)
    until_open(running)
    yield running
    kill(running)


def until_gone(pids: Iterable[int]) -> None:
    def are_gone() -> bool:
        living = {pid for pid, (_, state, _) in processes().items() if state[0] != "Z"}
        return living.isdisjoint(pids)

    wait_until(are_gone, 10)


def test_ctrl_c_ends_every_process_and_frees_the_port(house: Running) -> None:
    parts = house.parts()
    assert len(parts) >= 3  # the server, its own child, the worker
    house.process.send_signal(signal.SIGINT)
    out, err = house.process.communicate(timeout=SECONDS)
    assert (house.process.returncode, err) == (0, "")
    assert out.splitlines()[1] == f"Palmarès is open at http://localhost:{house.port}"
    until_gone(parts)
    socket.create_server(("127.0.0.1", house.port)).close()


@pytest.mark.parametrize(
    ("word", "name"), [("contest.cli worker", "worker"), ("granian", "web server")]
)
def test_a_part_that_is_killed_takes_the_house_with_it(
    house: Running, word: str, name: str
) -> None:
    parts = house.parts()
    os.kill(house.part(word), signal.SIGKILL)
    _, err = house.process.communicate(timeout=SECONDS)
    assert house.process.returncode == 1
    assert err.splitlines()[-1] == f"The {name} ended with code -9; closing the rest."
    until_gone(parts)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_nothing_outlives_a_house_that_is_killed(house: Running) -> None:
    parts = house.parts()
    house.process.kill()
    until_gone(parts)


def test_a_second_house_at_the_same_door_is_told_so_and_the_first_stays_open(
    house: Running, environment: dict[str, str]
) -> None:
    second = begin(environment, house.port)
    out, err = second.process.communicate(timeout=SECONDS)
    assert (second.process.returncode, out) == (1, "")
    assert re.match(rf"Nothing was started: port {house.port} on 127\.0\.0\.1 can't be opened", err)
    assert house.answers()


def test_a_house_opens_empty_where_it_is_told_to_and_says_how_to_begin(
    environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    running = begin(environment | {"DATABASE_URL": url}, port, "--empty")
    try:
        until_open(running)
        running.process.send_signal(signal.SIGINT)
        out, err = running.process.communicate(timeout=SECONDS)
    finally:
        kill(running)
    assert (running.process.returncode, err) == (0, "")
    assert out.splitlines()[3:4] == [
        "  Nobody runs this house yet: `contest administrator E-MAIL` lets somebody in."
    ]
    database = Database(url)
    with database.reading() as session:
        assert session.scalars(select(Person)).all() == []
    database.close()
