"""The database: model base, constraint names, column kinds, sessions that read and that write."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock, RLock
from typing import Any, ClassVar

from sqlalchemy import DateTime, Engine, Enum, MetaData, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import JSON, TypeDecorator

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 20
HAS_TURN, TURNS = "palmares_has_turn", "palmares_turns"
TURN = int.from_bytes(b"palmares")
"""PostgreSQL's number of our one write lock: any, as long as nobody else in the database has it."""
BEFORE_WRITING = {"palmares_before_writing": True}
"""Execution options of a look whose answer must still hold when something is written."""
TAKE_TURN = (
    f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true), pg_advisory_xact_lock({TURN})"
)
LOCK_NOT_AVAILABLE = "55P03"
"""What PostgreSQL says after `lock_timeout`: appendix A of its manual."""
CONNECTIONS = {"pool_size": 16, "max_overflow": -1}
"""So many are kept open; more are opened while they are asked for. Each writer that waits its turn
has one, and a bounded pool would let readers wait behind them."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive times: SQLite would keep them and forget their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone can't be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


def one_of(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds one of the values of `kind`, checked by the database as well."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda each: [member.value for member in each],
    )


class Database:
    """One engine and its three kinds of session.

    Whoever writes does it alone, on either database: what it read is still true when it writes,
    two presses of one button do its work once, and each line of the logbook seals the last. So
    whoever will write says so at the beginning and waits its turn there: by `BEGIN IMMEDIATE` on
    SQLite, by a lock of the transaction on PostgreSQL. A job, which may work for minutes in
    between, holds nothing until its first change. `info` goes along with every session as
    `session.info`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.info: dict[Any, Any] = {}
        writer = self.engine.execution_options(palmares_writes=True)
        worker = self.engine.execution_options(palmares_writes_late=True)
        self._reading = sessionmaker(self.engine, expire_on_commit=False, info=self.info)
        self._writing = sessionmaker(writer, expire_on_commit=False, info=self.info)
        self._working = sessionmaker(worker, expire_on_commit=False, info=self.info)

    def reading(self) -> Session:
        """A session for looking; nothing it changes may be committed."""
        return self._reading()

    def writing(self) -> Session:
        """A session for changing; it holds the one write lock until it ends."""
        return self._writing()

    def working(self) -> Session:
        """A session for a job: what it reads is current, its first change takes the write lock.

        Slow work belongs before that change. Nothing read before it is protected from others.
        """
        return self._working()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing session that commits at the end of the block, or rolls back when it raises."""
        with self.writing() as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def turn_never_came(problem: DBAPIError) -> bool:
    """Whether a writer gave up after `BUSY_SECONDS`, since others were writing all the while."""
    told = problem.orig
    if isinstance(told, sqlite3.Error):
        extended = getattr(told, "sqlite_errorcode", sqlite3.SQLITE_OK)
        return extended & 0xFF == sqlite3.SQLITE_BUSY  # the low byte is the kind
    return getattr(told, "sqlstate", None) == LOCK_NOT_AVAILABLE


def make_engine(url: str) -> Engine:
    """An engine for the URL with one patient write lock; SQLite gets WAL and foreign keys."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = create_engine(url, pool_pre_ping=True, **CONNECTIONS)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "before_cursor_execute", _begin_postgresql_late)
    return engine


def _sqlite(url: str) -> Engine:
    pool: dict[str, int] = {}  # of what is only in memory there is one connection
    if (file := make_url(url).database) and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        pool = CONNECTIONS
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", _begin_sqlite_late)
    if pool:
        turns = Turns()
        event.listen(engine, "connect", lambda _made, record: _bind(record, turns))
        event.listen(engine, "checkin", lambda _back, record: turns.leave(record))
    return engine


class Turns:
    """The queue of this process before SQLite's write lock: who came first goes first.

    SQLite alone lets those who wait look again ten times a second, so that whoever has just come
    gets in before them: among forty who write, some waited for twenty seconds. Other processes
    still meet at SQLite's own lock.
    """

    def __init__(self) -> None:
        self._lock = RLock()  # Python may throw a writer left behind away in the middle of ours
        self._waiting: deque[tuple[object, Lock]] = deque()
        self._holder: object | None = None

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._waiting)

    def take(self, who: object, seconds: float) -> bool:
        """Wait until it is the turn of `who`, so long at most; whether it came."""
        if self._holder is who:
            return True
        gate = Lock()  # an Event asks a lock of its own, which might be held just then
        gate.acquire()
        mine = (who, gate)
        came = False
        try:
            with self._lock:
                self._waiting.append(mine)
                self._let_in()
            came = gate.acquire(timeout=seconds)
        finally:
            if not came:
                self._step_out(mine)
        return came

    def leave(self, who: object) -> None:
        """Let the next one in, if it was the turn of `who`."""
        with self._lock:
            if self._holder is who:
                self._holder = None
                self._let_in()

    def _let_in(self) -> None:
        """The first in line, if it is nobody's turn."""
        if self._holder is None and self._waiting:
            self._holder, gate = self._waiting.popleft()
            gate.release()

    def _step_out(self, mine: tuple[object, Lock]) -> None:
        """Wait no longer; a turn that came just then goes to the next."""
        with self._lock:
            with suppress(ValueError):
                self._waiting.remove(mine)
            self.leave(mine[0])


def _bind(record: ConnectionPoolEntry, turns: Turns) -> None:
    """Who stands in line is the pool's record: whoever begins and whoever gives back know it."""
    record.info[TURNS] = turns, record


def _wait_in_line(connection: Any) -> None:
    turns, record = connection.info.get(TURNS, (None, None))
    if turns is not None and not turns.take(record, BUSY_SECONDS):
        busy = sqlite3.OperationalError("others of this process are writing")
        busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError("BEGIN IMMEDIATE", None, busy)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("palmares_writes", False):
        _wait_in_line(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not options.get("palmares_writes_late", False):
        connection.exec_driver_sql("BEGIN")


def _begin_sqlite_late(
    connection: Any, cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    has_turn = connection.connection.dbapi_connection.in_transaction
    if not has_turn and _takes_turn(connection, statement, context):
        _wait_in_line(connection)
        cursor.execute("BEGIN IMMEDIATE")


def _begin_postgresql(connection: Any) -> None:
    connection.info[HAS_TURN] = connection.get_execution_options().get("palmares_writes", False)
    if connection.info[HAS_TURN]:
        connection.exec_driver_sql(TAKE_TURN)


def _begin_postgresql_late(
    connection: Any, cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    if not connection.info[HAS_TURN] and _takes_turn(connection, statement, context):
        connection.info[HAS_TURN] = True
        cursor.execute(TAKE_TURN)


def _takes_turn(connection: Any, statement: str, context: Any) -> bool:
    """Whether a job has to wait its turn before this statement."""
    if not connection.get_execution_options().get("palmares_writes_late", False):
        return False
    told = statement.lstrip().upper()
    looks = told.startswith(("SELECT", "WITH", "PRAGMA")) and "FOR UPDATE" not in told
    return not looks or context.execution_options.get("palmares_before_writing", False)
