"""Palmarès runs AI short-film competitions, from the call to the palmarès."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from contest.settings import Settings
    from contest.web.house import Clock

# Said before anybody imports it: linear algebra keeps to one core. Its threads spin while they wait
# for each other, so that on a busy machine two took thirty times as long as one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The web application. Reads the settings where none are given; `clock` is for tests.

    The import waits for the call: the command line checks films without knowing of any web.
    """
    from contest.web.building import build  # see the docstring

    return build(settings, clock)
