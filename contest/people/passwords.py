"""Passwords, kept as argon2id hashes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 10
LONGEST = 256

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane; about 30 ms here.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
HASHED_AT_ONCE = 2
"""One hash holds 19 MiB while it is made: forty people at the door at once would hold 760."""
_hands = ThreadPoolExecutor(HASHED_AT_ONCE, thread_name_prefix="passwords")
_nobody = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    """The hash to keep of a password."""
    return _hands.submit(_hasher.hash, password).result()


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was kept. Takes as long where there is none."""
    try:
        _hands.submit(_hasher.verify, kept or _nobody, password).result()
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None
