"""One film's check drawn for a terminal: its verdict, its facts, its duration on the band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.film_words import size_words
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.inspection import Verdict, verdict
from contest.rulebook.rules import FilmRules

COLUMNS = 60
SAID = {
    Verdict.PASS: "meets the rules",
    Verdict.FLAG: "meets the rules; something to look at",
    Verdict.BLOCK: "breaks a rule",
    Verdict.UNREADABLE: "can't be read as a film",
}
MARKS = {
    Severity.OK: "ok   ",
    Severity.FLAG: "look ",
    Severity.PENALISE: "costs",
    Severity.BLOCK: "no   ",
}

TIMES_SHOWN = 6


def sheet(
    name: str, facts: MediaFacts, findings: Sequence[Finding], rules: FilmRules
) -> Iterator[str]:
    """Lines to print, the last one empty. Names lose what a terminal would obey."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    yield f"{plain}: {SAID[verdict(findings, facts)]}"
    if facts.readable:
        yield "  " + ", ".join(_facts(facts))
    if facts.duration_s is not None:
        yield from band(facts.duration_s, rules)
    for finding in findings:
        yield f"  {MARKS[finding.severity]}  {finding.advice}"
        if finding.at:
            yield f"        {', '.join(_times(finding))}"
    yield ""


def _times(finding: Finding) -> Iterator[str]:
    """Where to look in the film, as players count: `0:12 to 0:18.5`."""
    for span in finding.at[:TIMES_SHOWN]:
        yield " to ".join(map(_time, span))
    if len(finding.at) > TIMES_SHOWN:
        yield f"and {len(finding.at) - TIMES_SHOWN} more"


def _time(at_s: float) -> str:
    minutes, tenths = divmod(round(at_s * 10), 600)
    return f"{minutes}:{tenths // 10:02}" + (f".{tenths % 10}" if tenths % 10 else "")


def _facts(facts: MediaFacts) -> Iterator[str]:
    yield f"{facts.width} x {facts.height}"
    if facts.fps is not None:
        yield f"{facts.fps:g} fps"
    yield f"{facts.video_codec} and {facts.audio_codec or 'no sound'} in {facts.container}"
    yield size_words(facts.size_bytes)


def band(duration_s: float, rules: FilmRules) -> Iterator[str]:
    """The film's length as a mark on a scale up to 1.2 times the longest, allowed part filled."""
    longest = float(rules.duration_max_s)
    scale = COLUMNS / (longest * 1.2)
    low, high = round(float(rules.duration_min_s) * scale), round(longest * scale)
    at = min(round(duration_s * scale), COLUMNS)
    cells = ["=" if low <= column <= high else "-" for column in range(COLUMNS + 1)]
    cells[at] = ">" if duration_s * scale > COLUMNS else "|"
    yield "  0 s " + "".join(cells) + f" {longest * 1.2:g} s"
    label = f"{duration_s:g} s"
    yield " " * (6 + max(0, min(at - len(label) // 2, COLUMNS + 1 - len(label)))) + label
