"""Passwords, kept as argon2id hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 10
LONGEST = 256

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane; about 30 ms here.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    """The hash to keep of a password."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was kept. Takes as long where there is none."""
    try:
        _hasher.verify(kept or _nobody, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None
