"""One worker of a name at a time: on this machine, and on every other of the house.

Two of one name would each take up what the other holds. Where the database is a file, a lock on a
file beside it is enough, since no other machine works on it. PostgreSQL keeps the lock itself, for
as long as the connection that asked for it lasts: it ends with the worker, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
from io import TextIOWrapper
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select, true
from sqlalchemy.exc import DBAPIError

from contest.db import Database

LISTEN_TO_SILENCE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""PostgreSQL asks a silent worker whether it is still there, and after 25 s lets its name go."""


class NameTaken(Exception):
    """Another worker of this name is at work; two of one name would take each other's jobs."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A worker named {name} is already at work.")


class WorkerName(Protocol):
    """A name that is this process's own."""

    def keep(self) -> None:
        """Make sure that it still is. Raises `NameTaken` where somebody else has it by now."""

    def give_back(self) -> None:
        """Let others have it; the end of the process does as well."""


def take_name(database: Database, name: str, *, locks: Path) -> WorkerName:
    """Take the name for this process; `locks` is a folder. Raises `NameTaken`."""
    if database.engine.dialect.name == "postgresql":
        return _NameInDatabase(database.engine, name)
    return _NameInFile(locks / f"{name}.lock", name)


class _NameInFile:
    def __init__(self, file: Path, name: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIOWrapper = file.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise NameTaken(name) from None

    def keep(self) -> None:
        """The system keeps it as long as the file is open."""

    def give_back(self) -> None:
        self._file.close()


class _NameInDatabase:
    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name
        digest = hashlib.sha256(f"palmares worker {name}".encode()).digest()
        self._number = int.from_bytes(digest[:8], signed=True)
        self._connection = self._take()

    def _take(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for name, value in LISTEN_TO_SILENCE.items():
            connection.execute(select(func.set_config(name, value, False)))
        if not connection.scalar(select(func.pg_try_advisory_lock(self._number))):
            connection.close()
            raise NameTaken(self._name)
        return connection

    def keep(self) -> None:
        if not self._stands():
            self._let_go()
            self._connection = self._take()

    def _stands(self) -> bool:
        """Whether the connection lasts that the name hangs on."""
        try:
            return not self._connection.closed and bool(self._connection.scalar(select(true())))
        except DBAPIError:
            return False

    def give_back(self) -> None:
        if self._stands():
            self._connection.scalar(select(func.pg_advisory_unlock(self._number)))
        self._let_go()

    def _let_go(self) -> None:
        if not self._connection.closed:
            self._connection.invalidate()  # or the pool would keep it open, and the name with it
            self._connection.close()
