"""How a film was made, as its author declares it: the AI share as typed, and what is unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from fractions import Fraction

from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import Rules
from contest.rulebook.sentences import Sentence


@dataclass(frozen=True)
class ToolLine:
    """One line of the declaration: a tool at a stage, what it made, what a human did."""

    stage: str
    tool: str
    made: str
    human_step: str


@dataclass(frozen=True)
class Declaration:
    """The tool chain line by line, and the AI share in hundredths of a percent."""

    lines: tuple[ToolLine, ...]
    share_bp: int | None


def share_from(typed: str) -> int | None:
    """A percentage as typed (`69.99`, `69,99 %`) in hundredths of a percent, never rounded up.

    None where it is no percentage between 0 and 100.
    """
    plain = typed.strip().removesuffix("%").strip().replace(",", ".")
    try:
        share = Decimal(plain)
    except InvalidOperation:
        return None
    if not share.is_finite() or not 0 <= share <= 100:
        return None
    return int((share * 100).to_integral_value(rounding=ROUND_DOWN))


def share_percent(share_bp: int) -> Fraction:
    """A share in hundredths of a percent as an exact percentage."""
    return Fraction(share_bp, 100)


def unsaid(declaration: Declaration, rules: Rules) -> list[Finding]:
    """What the declaration still lacks; a stage nobody used AI at may stay empty."""
    found = []
    if declaration.share_bp is None:
        found.append(
            _lack("declaration.share", Sentence("Say which share of the film AI made, in percent."))
        )
    found += _lines(declaration.lines, {stage.key for stage in rules.declaration.stages})
    if not declaration.lines:
        found.append(
            _lack("declaration.lines", Sentence("Name at least one AI tool and what it made."))
        )
    return found


def _lines(lines: Sequence[ToolLine], stages: set[str]) -> Iterator[Finding]:
    for at, line in enumerate(lines, start=1):
        if line.stage not in stages:
            yield _lack("declaration.lines", Sentence("Choose a stage for tool %(line)s.", line=at))
        if not line.tool.strip():
            yield _lack("declaration.lines", Sentence("Name the tool of line %(line)s.", line=at))
        elif not line.made.strip():
            yield _lack(
                "declaration.lines", Sentence("Say what %(tool)s made.", tool=line.tool.strip())
            )


def _lack(about: str, advice: Sentence) -> Finding:
    return Finding("missing", about, Severity.BLOCK, advice)
