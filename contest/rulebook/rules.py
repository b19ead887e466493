"""An edition as data: the shapes of its rules, read from a document and frozen.

A document is what TOML or JSON gives: nested mappings and lists. `read_rules` turns it into
`Rules` or raises `RulesRefused` with every fault at its field, so that a form can show each
where it was typed. Nothing here knows where a document came from or where it is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from contest.rulebook.findings import Severity

Texts = Mapping[str, str]
"""The same words in several languages, by language code."""


@dataclass(frozen=True)
class Calendar:
    """The instants of an edition, in UTC; `time_zone` is the zone they are announced in.

    `late_upload_minutes` is how long after the closing a film may still arrive that was announced
    before it, by size and SHA-256.
    """

    time_zone: str
    opens_at: datetime
    closes_at: datetime
    announces_at: datetime
    late_upload_minutes: int = 0

    @property
    def films_until(self) -> datetime:
        """The last instant at which a film announced in time may be there whole."""
        return self.closes_at + timedelta(minutes=self.late_upload_minutes)

    @property
    def late_entries_until(self) -> datetime:
        """The last instant at which the entry of such a film may be submitted: as long again."""
        return self.closes_at + 2 * timedelta(minutes=self.late_upload_minutes)


@dataclass(frozen=True)
class PictureRules:
    """What of the decoded picture is spoken of, and how gravely. Seconds; percent of the picture.

    Editions that say nothing of it get these values.
    """

    black_max_s: Fraction = Fraction(5)
    black_severity: Severity = Severity.FLAG
    frozen_max_s: Fraction = Fraction(5)
    frozen_severity: Severity = Severity.FLAG
    flashing_severity: Severity = Severity.FLAG
    bars_max_percent: Fraction = Fraction(3)
    bars_severity: Severity = Severity.OK
    interlaced_severity: Severity = Severity.FLAG
    variable_rate_severity: Severity = Severity.OK
    hdr_severity: Severity = Severity.OK


@dataclass(frozen=True)
class SoundRules:
    """What of the decoded sound is spoken of, and how gravely. Seconds; LUFS and dBTP of EBU R 128.

    Editions that say nothing of it get these values.
    """

    missing_severity: Severity = Severity.FLAG
    several_severity: Severity = Severity.OK
    silent_max_s: Fraction = Fraction(10)
    silent_severity: Severity = Severity.FLAG
    loudness_min_lufs: Fraction = Fraction(-27)
    loudness_max_lufs: Fraction = Fraction(-14)
    loudness_severity: Severity = Severity.FLAG
    true_peak_max_dbtp: Fraction = Fraction(0)
    true_peak_severity: Severity = Severity.FLAG


@dataclass(frozen=True)
class SubtitleRules:
    """What of subtitles is spoken of, and how gravely. Characters a second.

    Editions that say nothing of it get these values.
    """

    reading_speed_max_cps: Fraction = Fraction(20)
    reading_speed_severity: Severity = Severity.OK
    beyond_severity: Severity = Severity.FLAG


@dataclass(frozen=True)
class FilmRules:
    """What a film must be. Seconds, bytes and percent; both ends of the duration are allowed."""

    duration_min_s: Fraction
    duration_max_s: Fraction
    duration_tolerance_s: Fraction
    duration_severity: Severity
    ai_share_min_percent: Fraction
    ai_share_severity: Severity
    size_max_bytes: int
    containers: tuple[str, ...]
    containers_severity: Severity
    video_codecs: tuple[str, ...]
    audio_codecs: tuple[str, ...]
    codecs_severity: Severity
    picture: PictureRules = PictureRules()
    sound: SoundRules = SoundRules()
    subtitles: SubtitleRules = SubtitleRules()
    titles_count: bool = True
    """Whether opening titles and closing credits count toward the duration."""


@dataclass(frozen=True)
class FactsRules:
    """Limits of what an author writes about the film."""

    synopsis_min_chars: int
    synopsis_max_chars: int
    year_min: int


@dataclass(frozen=True)
class Choice:
    """One of a closed list: a category, a production stage."""

    key: str
    label: Texts


@dataclass(frozen=True)
class DeclarationRules:
    """The tool chain an author speaks of: its stages, and tool names offered while typing."""

    stages: tuple[Choice, ...]
    tools: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A rights statement the author affirms word by word."""

    key: str
    text: Texts


@dataclass(frozen=True)
class Criterion:
    """What a juror marks; `weight` in percent of the round, `marks` describes some marks."""

    key: str
    label: Texts
    question: Texts
    weight: int
    marks: Mapping[int, Texts]


@dataclass(frozen=True)
class RoundRules:
    """One round of judging: who sees what, how it is marked and how it is ranked."""

    key: str
    title: Texts
    blind: bool
    jurors_per_film: int
    quorum: int
    advances: int
    method: str
    precision: int
    tie_chain: tuple[str, ...]
    scale_min: int
    scale_max: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class AwardRules:
    """A prize of the slate: `places` films share it; `basis` is `standing` or `criterion:KEY`."""

    key: str
    title: Texts
    places: int
    basis: str


@dataclass(frozen=True)
class Rules:
    """All of an edition's rules. `awards` stand in order of precedence."""

    languages: tuple[str, ...]
    accent: str
    title: Texts
    tagline: Texts
    about: Texts
    calendar: Calendar
    film: FilmRules
    facts: FactsRules
    categories: tuple[Choice, ...]
    declaration: DeclarationRules
    rights: tuple[Statement, ...]
    rounds: tuple[RoundRules, ...]
    awards: tuple[AwardRules, ...]
    one_prize_per_film: bool

    def round(self, key: str) -> RoundRules:
        """The round called `key`. Raises KeyError when the edition has none."""
        return {each.key: each for each in self.rounds}[key]

    @property
    def awarded_films(self) -> int:
        """How many prizes the slate hands out, counting each shared place."""
        return sum(award.places for award in self.awards)


def in_language(texts: Texts, language: str) -> str:
    """The words in `language`, else in the edition's first language that has any."""
    return texts.get(language) or next((words for words in texts.values() if words), "")


def canonical(document: Mapping[str, Any]) -> str:
    """The document as JSON text that is the same for the same rules: sorted keys, no spaces."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def rules_hash(text: str) -> str:
    """SHA-256 of the canonical text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def storable(document: Any) -> Any:
    """The document with TOML's dates as ISO text and its keys as text, ready for JSON."""
    if isinstance(document, Mapping):
        return {str(key): storable(value) for key, value in document.items()}
    if isinstance(document, Sequence) and not isinstance(document, str):
        return [storable(value) for value in document]
    if isinstance(document, datetime):
        moment = document if document.tzinfo is None else document.astimezone(UTC)
        return moment.isoformat(timespec="seconds")
    return document
