"""What one version of the rules says differently from another, path by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 80
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Change:
    """One value that differs; None stands for nothing there."""

    path: str
    before: str | None
    after: str | None


def changes_between(old: Any, new: Any) -> list[Change]:
    """Every value that differs, by its dotted path; empty for the first version."""
    return [] if old is None else list(_changes("", old, new))


def _changes(path: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _changes(f"{path}.{key}".strip("."), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for at, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _changes(f"{path}.{at}", one, other)
    else:
        yield Change(path, _shown(old), _shown(new))


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        text = ", ".join(value)
    elif isinstance(value, list):
        text = f"{len(value)} ×"
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
