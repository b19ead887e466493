"""What a rule says about a film or an entry: one finding for each thing looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contest.rulebook.sentences import Sentence


class Severity(StrEnum):
    """How much a finding weighs, lightest first; rules choose between the last three."""

    OK = "ok"
    FLAG = "flag"
    PENALISE = "penalise"
    BLOCK = "block"


@dataclass(frozen=True)
class Finding:
    """One rule applied once.

    `about` names the field or the part of the film it speaks of; `measured` and `allowed` carry
    their units; `at` holds (start, end) pairs in seconds of film time where the finding applies.
    """

    code: str
    about: str
    severity: Severity
    advice: Sentence
    measured: Sentence | None = None
    allowed: Sentence | None = None
    at: tuple[tuple[float, float], ...] = ()


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings keeps the entry from being submitted."""
    return any(finding.severity is Severity.BLOCK for finding in findings)


def heaviest(findings: Iterable[Finding]) -> Severity:
    """The gravest severity among the findings; OK where there are none."""
    order = list(Severity)
    return max((finding.severity for finding in findings), key=order.index, default=Severity.OK)


def to_json(finding: Finding) -> dict[str, Any]:
    """A storable form that keeps messages apart from values, so it can be shown in any language."""
    return {
        "code": finding.code,
        "about": finding.about,
        "severity": finding.severity.value,
        "advice": finding.advice.to_json(),
        "measured": finding.measured.to_json() if finding.measured else None,
        "allowed": finding.allowed.to_json() if finding.allowed else None,
        "at": [list(span) for span in finding.at],
    }


def from_json(stored: Mapping[str, Any]) -> Finding:
    """The finding that `to_json` stored."""
    return Finding(
        code=stored["code"],
        about=stored["about"],
        severity=Severity(stored["severity"]),
        advice=Sentence.from_json(stored["advice"]),
        measured=Sentence.from_json(stored["measured"]) if stored["measured"] else None,
        allowed=Sentence.from_json(stored["allowed"]) if stored["allowed"] else None,
        at=tuple((span[0], span[1]) for span in stored["at"]),
    )
