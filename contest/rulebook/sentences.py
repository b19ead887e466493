"""Sentences the rules speak, kept as message and values so that any language can say them.

The rulebook knows no gettext: it returns a `Sentence`, and whoever shows it translates
`msgid` and fills in `values`. `str()` gives the English original.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Sentence:
    """One translatable message: `msgid` in `%(name)s` style and the values that fill it."""

    __slots__ = ("msgid", "values")

    def __init__(self, msgid: str, **values: str | int) -> None:
        self.msgid = msgid
        self.values: Mapping[str, str | int] = values

    def __str__(self) -> str:
        return self.msgid % self.values

    def __repr__(self) -> str:
        return f"Sentence({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sentence)
            and self.msgid == other.msgid
            and self.values == other.values
        )

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted(self.values.items()))))

    def to_json(self) -> dict[str, Any]:
        """`{"msgid": ..., "values": {...}}`, from which `from_json` makes the same sentence."""
        return {"msgid": self.msgid, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Sentence:
        return cls(stored["msgid"], **stored["values"])
