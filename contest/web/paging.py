"""Where a reader is in a long list and what they look for in it, as the address says it."""

from __future__ import annotations

from flask import request

MOST = 1_000_000_000
"""No list of this house is longer, and the database can count so far."""

LONGEST_SEARCH = 200
"""Characters; SQLite refuses patterns of fifty thousand."""


def number_asked(name: str, default: int) -> int:
    """The number the address gives under that name, kept between 1 and `MOST`."""
    return min(max(request.args.get(name, default, type=int), 1), MOST)


def words_asked(name: str) -> str:
    """The words the address gives under that name, as long as databases like to look for."""
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]
