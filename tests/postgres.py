"""A PostgreSQL server for tests, where one is installed: its files last as long as the tests."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

USER = "postgres"
"""Who a server runs as where tests run as root, which it refuses to."""


def _programs() -> Path | None:
    """The folder of the server's programs: on the path, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


def _call(program: Path, *words: object) -> None:
    user = USER if os.geteuid() == 0 else None
    subprocess.run(
        [program, *map(str, words)], user=user, cwd="/", check=True, stdout=subprocess.DEVNULL
    )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server of its own."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        yield from _served(programs, Path(folder))


def _served(programs: Path, folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, log = folder / "data", folder / "log"
    _call(programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "--no-sync")
    heard = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _call(programs / "pg_ctl", "-D", data, "-l", log, "-o", heard, "-w", "start")
    try:
        yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}"
    finally:
        _call(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The URL of an empty database."""
    name = f"house_{secrets.token_hex(8)}"
    engine = create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"{postgres_server}/{name}"
