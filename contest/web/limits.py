"""How often one address may knock."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from contest.web.house import house

limiter = Limiter(get_remote_address, headers_enabled=True)


def sign_in_limit() -> str:
    """Tries to sign in, from the settings."""
    return house().settings.sign_in_limit


def letter_limit() -> str:
    """Letters somebody can cause, from the settings."""
    return house().settings.letter_limit
