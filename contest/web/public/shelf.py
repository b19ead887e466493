"""Rendered sheets of snapshots, kept in memory while they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import get_timezone

from contest.programme.models import Snapshot
from contest.web.palmares_page import Sheet
from contest.web.tongues import language

Key = tuple[str, int, str, str]
"""A snapshot's SHA-256, a film's number or 0, a language, a time zone."""


class Shelf:
    """At most `places` sheets; the one put there first makes room for a new one.

    Whether a snapshot may be seen is asked before, each time: the shelf knows no clock.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self.sheets: dict[Key, Sheet] = {}

    def sheet(self, snapshot: Snapshot, number: int, make: Callable[[], Sheet]) -> Sheet:
        """The sheet for this reader, made if nobody asked for it before."""
        key = (snapshot.sha256, number, language(), str(get_timezone()))
        if (kept := self.sheets.get(key)) is not None:
            return kept
        made = make()
        while len(self.sheets) >= self.places:
            self.sheets.pop(next(iter(self.sheets), key), None)
        self.sheets[key] = made
        return made
