"""Secrets that travel in letters: made at random, kept only as digests."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """A secret of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256. A random token needs no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()
