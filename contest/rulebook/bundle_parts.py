"""The parts of a bundle, each as what it must be: a file may hold anything else."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from contest.rulebook.stages import ScreeningStage
from contest.rulebook.verdict import VerdictRule

GREATEST = 10**9
WEIGHT = re.compile(r"[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,9})?")
SHOWN = 60

Line = tuple[int, int, str, Mapping[str, Any]]
"""Seat, film, state and marks of one ballot."""


class BundleRefused(ValueError):
    """The file is no bundle that this version can count again; the message says why."""


def part(whole_: Any, key: str) -> Any:
    """What an object has under a key that it must have."""
    if not isinstance(whole_, dict):
        raise BundleRefused(f"It has {shown(whole_)} where an object with {key!r} belongs.")
    if key not in whole_:
        raise BundleRefused(f"It lacks {key!r}.")
    return whole_[key]


def rows(value: Any, what: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise BundleRefused(f"Its {what} must be a list, not {shown(value)}.")
    return value


def mapping(value: Any, what: str) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise BundleRefused(f"Its {what} must be an object, not {shown(value)}.")
    return value


def text(value: Any, what: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise BundleRefused(f"Its {what} must be a text, not {shown(value)}.")
    return value


def whole(value: Any, what: str, least: int = 0, most: int = GREATEST) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BundleRefused(
            f"Its {what} must be a whole number from {least} to {most}, not {shown(value)}."
        )
    return value


def line_of(value: Any) -> Line:
    """A ballot."""
    ballot = rows(value, "ballot")
    if len(ballot) != 4:
        raise BundleRefused(f"A ballot has seat, film, state and marks, not {shown(value)}.")
    seat, film, state, marks = ballot
    if state not in tuple(each.value for each in ScreeningStage):
        raise BundleRefused(f"A ballot's state can't be {shown(state)}.")
    for mark in mapping(marks, "marks").values():
        whole(mark, "mark", least=-GREATEST)
    return whole(seat, "seat"), whole(film, "film"), state, marks


def rule_of(told: Mapping[str, Any]) -> VerdictRule:
    """The rule that `rule_to_json` told."""
    weights = mapping(part(told, "weights"), "weights")
    highest = told.get("highest")
    try:
        return VerdictRule(
            method=text(part(told, "method"), "method"),
            weights={key: _weight(weight) for key, weight in weights.items()},
            quorum=whole(part(told, "quorum"), "quorum", least=1),
            decimals=whole(part(told, "precision"), "precision", most=9),
            tie_chain=tuple(
                text(each, "tie rule") for each in rows(part(told, "tie_chain"), "tie_chain")
            ),
            highest=None if highest is None else whole(highest, "highest mark", least=-GREATEST),
        )
    except BundleRefused:
        raise
    except ValueError as wrong:
        raise BundleRefused(f"Its rule can't decide: {wrong}.") from wrong


def once(keys: Iterable[Hashable], what: str) -> None:
    """Refuse what is there twice: one of the two would not be counted."""
    seen: set[Hashable] = set()
    for key in keys:
        if key in seen:
            raise BundleRefused(f"It has {what} {key} twice.")
        seen.add(key)


def shown(value: Any) -> str:
    """A value in a refusal, cut where it is long."""
    told = ascii(value)
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}…"


def _weight(value: Any) -> Fraction:
    if not WEIGHT.fullmatch(text(value, "weight")) or re.search(r"/0+$", value):
        raise BundleRefused(f"A weight is written like 50 or 1/3, not {shown(value)}.")
    return Fraction(value)
