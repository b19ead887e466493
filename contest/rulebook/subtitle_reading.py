"""How subtitles can be read: how much of the film they cover, how fast they pass, where they end.

Facts are taken once, when a file is sent; findings are said anew against each edition's rules.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from contest.rulebook.film_words import exact, trimmed
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import SubtitleRules
from contest.rulebook.sentences import Sentence
from contest.rulebook.subtitles import Cue

FASTEST_KEPT = 50
TAGS = re.compile(r"</?[a-zA-Z][^>]*>")
GRACE_S = Fraction(1, 2)
"""A cue may outlast the last frame by this much without a word about it."""


@dataclass(frozen=True)
class SubtitleFacts:
    """Of one file: seconds of film time. `fastest` are (start, end, characters a second), the
    fastest first, at most `FASTEST_KEPT`; `shown_s` counts a second once however many cues it has.
    """

    cues: int
    starts_s: float
    ends_s: float
    shown_s: float
    overlapping: int
    fastest: tuple[tuple[float, float, float], ...]

    def to_json(self) -> dict[str, Any]:
        """A storable form, from which `from_json` makes equal facts."""
        return dataclasses.asdict(self) | {"fastest": [list(each) for each in self.fastest]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SubtitleFacts:
        """The facts that `to_json` stored."""
        fastest = tuple((each[0], each[1], each[2]) for each in stored["fastest"])
        return cls(**{**stored, "fastest": fastest})


def subtitle_facts(cues: Sequence[Cue]) -> SubtitleFacts:
    """What cues in order of time, at least one, ask of their readers."""
    shown_ms, reached_ms, overlapping = 0, 0, 0
    for cue in cues:
        overlapping += cue.start_ms < reached_ms
        shown_ms += max(0, cue.end_ms - max(cue.start_ms, reached_ms))
        reached_ms = max(reached_ms, cue.end_ms)
    speeds = sorted(((_speed(cue), cue) for cue in cues), key=lambda each: -each[0])
    return SubtitleFacts(
        cues=len(cues),
        starts_s=cues[0].start_ms / 1000,
        ends_s=reached_ms / 1000,
        shown_s=shown_ms / 1000,
        overlapping=overlapping,
        fastest=tuple(
            (cue.start_ms / 1000, cue.end_ms / 1000, speed) for speed, cue in speeds[:FASTEST_KEPT]
        ),
    )


def subtitle_findings(
    facts: SubtitleFacts, language: str, length_s: float | None, rules: SubtitleRules
) -> Iterator[Finding]:
    """What is to be said of the subtitles in `language` (its code) of a film of `length_s`."""
    if length_s:
        yield _coverage(facts, language, exact(length_s))
    if length_s and exact(facts.ends_s) > exact(length_s) + GRACE_S:
        yield _outlasting(facts, language, exact(length_s), rules)
    fast = [each for each in facts.fastest if exact(each[2]) > rules.reading_speed_max_cps]
    if fast:
        yield _too_fast(fast, language, rules)
    if facts.overlapping:
        advice = Sentence(
            "Subtitles (%(language)s): %(count)s begin before the one before them ends, and stand "
            "on top of each other. If that is not meant, look at their times.",
            language=language,
            count=facts.overlapping,
        )
        yield Finding("subtitles_overlap", "subtitles", Severity.OK, advice)


def _coverage(facts: SubtitleFacts, language: str, length_s: Fraction) -> Finding:
    advice = Sentence(
        "Subtitles (%(language)s): %(cues)s, on the screen for %(share)s %% of the film.",
        language=language,
        cues=facts.cues,
        share=trimmed(min(Fraction(100), 100 * exact(facts.shown_s) / length_s), digits=0),
    )
    return Finding("subtitles_cover", "subtitles", Severity.OK, advice)


def _outlasting(
    facts: SubtitleFacts, language: str, length_s: Fraction, rules: SubtitleRules
) -> Finding:
    advice = Sentence(
        "Subtitles (%(language)s): the last one ends at %(ends)s s, the film at %(length)s s. "
        "They may belong to another version of the film: send those of this one.",
        language=language,
        ends=trimmed(exact(facts.ends_s)),
        length=trimmed(length_s),
    )
    return Finding("subtitles_run_on", "subtitles", rules.beyond_severity, advice)


def _too_fast(
    fast: Sequence[tuple[float, float, float]], language: str, rules: SubtitleRules
) -> Finding:
    """`fast` holds start, end and characters a second of each, the fastest first."""
    speed = trimmed(exact(fast[0][2]), digits=1)
    advice = Sentence(
        "Subtitles (%(language)s): %(count)s pass faster than most people read, up to "
        "%(speed)s characters a second. Shorten them or let them stand longer.",
        language=language,
        count=len(fast),
        speed=speed,
    )
    return Finding(
        "subtitles_too_fast",
        "subtitles",
        rules.reading_speed_severity,
        advice,
        measured=Sentence("%(speed)s a second", speed=speed),
        allowed=Sentence("up to %(speed)s a second", speed=trimmed(rules.reading_speed_max_cps)),
        at=tuple(sorted((start, end) for start, end, _ in fast)),
    )


def _speed(cue: Cue) -> float:
    """Characters a second, spaces and line breaks included; what is twice as wide, as Chinese,
    Japanese and Korean letters are, takes twice as long to read."""
    text = TAGS.sub("", cue.text)
    width = sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in text)
    return round(1000 * width / (cue.end_ms - cue.start_ms), 1)
