"""Where a reader is in a long list, as the address says it."""

from __future__ import annotations

from flask import request

MOST = 1_000_000_000
"""No list of this house is longer, and the database can count so far."""


def number_asked(name: str, default: int) -> int:
    """The number the address gives under that name, kept between 1 and `MOST`."""
    return min(max(request.args.get(name, default, type=int), 1), MOST)
