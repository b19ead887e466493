"""How often one address may knock, and how many streams one person may have open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import TooManyRequests

from contest.web.house import house

limiter = Limiter(get_remote_address, headers_enabled=True)


def sign_in_limit() -> str:
    """Tries to sign in, from the settings."""
    return house().settings.sign_in_limit


def letter_limit() -> str:
    """Letters somebody can cause, from the settings."""
    return house().settings.letter_limit


class Lanes:
    """Streams of each person, counted in this process; `at_once` is how many one may have."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._open: Counter[int] = Counter()
        self._lock = Lock()

    @contextmanager
    def one_for(self, person_id: int) -> Iterator[None]:
        """Hold one for the length of the block. Raises `TooManyRequests` where all are taken."""
        with self._lock:
            if self._open[person_id] >= self._at_once:
                raise TooManyRequests
            self._open[person_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[person_id] -= 1
                if not self._open[person_id]:
                    del self._open[person_id]
