"""The house a request stands in: its settings, database, storage and clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app

from contest.db import Database
from contest.machines.storage import Storage
from contest.settings import Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class House:
    """Everything a view may need from outside. `clock` is the one clock that decides deadlines."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock


def house() -> House:
    """The house of the current application."""
    return cast(House, current_app.extensions["house"])


def now() -> datetime:
    """The server's instant, in UTC."""
    return house().clock()


def utc_clock() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)
