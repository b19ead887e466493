"""Reads JSON that people write: each value is asked for as what it must be, the rest refused."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

LARGEST_FILE = 256 << 20
LARGEST_NUMBER = 1_000_000
LEAST_AMOUNT = 1e-6
LONGEST_TEXT = 500
SHOWN = 60


class FileRefused(Exception):
    """The file can't be used as it is; the message says why and what to do."""


class Part:
    """An object of the file, asked for its keys one by one. `where` is what a refusal calls it."""

    def __init__(self, value: Any, where: str = "") -> None:
        self.where = where
        self._called = where or "the file"
        if not isinstance(value, dict):
            raise FileRefused(f"{self._called} must be an object {{…}}, not {shown(value)}.")
        self._value: dict[str, Any] = value
        self._known: list[str] = []

    def text(self, key: str) -> str:
        """A text that must be there; a whole number does as well."""
        value = self._take(key)
        if value is None:
            raise FileRefused(f"{self._called} lacks {key!r}.")
        return as_text(value, self._named(key))

    def text_or(self, key: str, otherwise: str) -> str:
        """A text, or what stands for it where the key is missing."""
        value = self._take(key)
        return otherwise if value is None else as_text(value, self._named(key))

    def texts(self, key: str) -> frozenset[str] | None:
        """A text or a list of texts; None where the key is missing."""
        value = self._take(key)
        if value is None:
            return None
        every = value if isinstance(value, list) else [value]
        return frozenset(as_text(each, self._named(key)) for each in every)

    def number(self, key: str, least: int = 0) -> int | None:
        """A whole number; None where the key is missing."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise FileRefused(f"{self._named(key)} must be a whole number, not {shown(value)}.")
        if not least <= value <= LARGEST_NUMBER:
            raise FileRefused(
                f"{self._named(key)} is {shown(value)}; it may be {least} to {LARGEST_NUMBER}."
            )
        return value

    def amount(self, key: str) -> float | None:
        """Any usable number; None where the key is missing."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FileRefused(f"{self._named(key)} must be a number, not {shown(value)}.")
        if not abs(value) <= LARGEST_NUMBER:
            raise FileRefused(f"{self._named(key)} is {shown(value)}, too great to reckon with.")
        if 0 < abs(value) < LEAST_AMOUNT:
            raise FileRefused(f"{self._named(key)} is {shown(value)}, too small to reckon with.")
        return float(value)

    def part(self, key: str) -> Part | None:
        """An object; None where the key is missing."""
        value = self._take(key)
        return None if value is None else Part(value, self._named(key))

    def rows(self, key: str) -> list[Any]:
        """A list; an empty one where the key is missing."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise FileRefused(f"{self._named(key)} must be a list […], not {shown(value)}.")
        return value

    def null(self, key: str) -> bool:
        """Whether the key is there and says null."""
        return key in self._value and self._value[key] is None

    def end(self) -> None:
        """Refuse what nobody asked for: a rule misspelt would be a rule dropped."""
        for key in self._value:
            if key not in self._known:
                near = get_close_matches(key, self._known, 1)
                hint = (
                    f"Did you mean {near[0]!r}?"
                    if near
                    else f"It may have {', '.join(self._known)}."
                )
                raise FileRefused(f"{self._called} has the key {shown(key)}, unknown here. {hint}")

    def _take(self, key: str) -> Any:
        self._known.append(key)
        return self._value.get(key)

    def _named(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key


def load(path: Path) -> Any:
    """What the JSON file holds. Raises `FileRefused`."""
    try:
        with path.open("rb") as file:
            held = file.read(LARGEST_FILE + 1)
        if len(held) > LARGEST_FILE:
            raise FileRefused(f"is larger than {LARGEST_FILE >> 20} MiB.")
        text = held.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except OSError as trouble:
        raise FileRefused(f"can't be opened: {trouble.strerror}.") from trouble
    except UnicodeDecodeError as trouble:
        raise FileRefused("is not text in UTF-8. Save it as JSON in UTF-8.") from trouble
    except RecursionError as trouble:
        raise FileRefused("is nested too deeply to be read.") from trouble
    except ValueError as trouble:
        raise FileRefused(f"is not JSON: {trouble}.") from trouble


def as_text(value: Any, where: str) -> str:
    """A text, or a whole number as one. Raises `FileRefused`."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise FileRefused(f"{where} must be a text, not {shown(value)}.")
    tidy = value.strip()
    if not 0 < len(tidy) <= LONGEST_TEXT or not tidy.isprintable():
        raise FileRefused(
            f"{where} must be one line of 1 to {LONGEST_TEXT} characters, not {shown(value)}."
        )
    return tidy


def shown(value: Any) -> str:
    """The value as the file has it, cut where it is long."""
    if isinstance(value, dict | list):
        return "an object {…}" if isinstance(value, dict) else "a list […]"
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= SHOWN else f"{written[:SHOWN]}…"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FileRefused(f"has the key {shown(twice)} twice in one object. Keep one.")
    return found


def _constant(name: str) -> float:
    raise FileRefused(f"holds {name}, which is no number. Leave such values out.")
