"""Every job of the house, for whoever runs them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import contest


def load_jobs() -> None:
    """Import the `jobs.py` of every floor: importing one registers what it holds.

    Their `models.py` come along: tables refer to each other across floors that don't.
    """
    for floor in iter_modules(contest.__path__, "contest."):
        for part in ("models", "jobs"):
            if floor.ispkg and find_spec(f"{floor.name}.{part}"):
                import_module(f"{floor.name}.{part}")
