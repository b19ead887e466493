"""Reading an edition's document: each nonsense is named at its field, none stops the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contest.rulebook.findings import Severity
from contest.rulebook.rules import (
    AwardRules,
    Calendar,
    Choice,
    Criterion,
    DeclarationRules,
    FactsRules,
    FilmRules,
    PictureRules,
    RoundRules,
    Rules,
    SoundRules,
    Statement,
    SubtitleRules,
    Texts,
)
from contest.rulebook.rules_sense import Fault, senseless
from contest.rulebook.sentences import Sentence
from contest.rulebook.verdict import METHODS

ACCENTS = ("vermilion", "petrol")
WHOLE_MARK = re.compile(r"-?[0-9]{1,6}")
"""A mark as a document writes it; no scale is longer."""

Item = TypeVar("Item")
Measured = TypeVar("Measured", PictureRules, SoundRules, SubtitleRules)


class RulesRefused(ValueError):
    """The document is no set of rules; `faults` says why, each at its field."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in self.faults))


def read_rules(document: Mapping[str, Any]) -> Rules:
    """The rules a document holds. Raises `RulesRefused` with every fault found."""
    reader = _Reader(document, "", [])
    rules = _rules(reader)
    faults = reader.faults or list(senseless(rules))
    if faults:
        raise RulesRefused(faults)
    return rules


@dataclass
class _Reader:
    """A mapping under `path`; what can't be read becomes a fault and a harmless stand-in."""

    values: Mapping[str, Any]
    path: str
    faults: list[Fault]

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, message: Sentence) -> None:
        self.faults.append(Fault(self.at(key), message))

    def inside(self, key: str) -> _Reader:
        value = self.values.get(key)
        if not isinstance(value, Mapping):
            self.fault(key, Sentence("This part is missing."))
            value = {}
        return _Reader(value, self.at(key), self.faults)

    def each(self, key: str, read: Callable[[_Reader], Item]) -> tuple[Item, ...]:
        values = self.values.get(key)
        if not isinstance(values, list) or not values:
            self.fault(key, Sentence("Name at least one."))
            return ()
        return tuple(read(self._item(key, at, value)) for at, value in enumerate(values))

    def _item(self, key: str, at: int, value: Any) -> _Reader:
        values = value if isinstance(value, Mapping) else {}
        return _Reader(values, f"{self.at(key)}.{at}", self.faults)

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fault(key, Sentence("Write something here."))
            return ""
        return value.strip()

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value and value not in allowed:
            self.fault(key, Sentence("Choose one of: %(choices)s.", choices=", ".join(allowed)))
        return value

    def names(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self.fault(key, Sentence("Name at least one."))
            return ()
        return tuple(name.strip() for name in value if name.strip())

    def texts(self, key: str) -> Texts:
        value = self.values.get(key)
        words = value if isinstance(value, Mapping) else {}
        kept = {str(k): v.strip() for k, v in words.items() if isinstance(v, str) and v.strip()}
        if not kept:
            self.fault(key, Sentence("Write this in at least one language."))
        return kept

    def whole(self, key: str, absent: int | None = None) -> int:
        """`absent` stands for a key that older documents don't have."""
        value = self.values.get(key, absent)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, Sentence("Give a whole number."))
            return 0
        return value

    def number(self, key: str) -> Fraction:
        value = self.values.get(key)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            self.fault(key, Sentence("Give a number."))
            return Fraction(0)
        return Fraction(number)

    def truth(self, key: str) -> bool:
        value = self.values.get(key)
        if not isinstance(value, bool):
            self.fault(key, Sentence("Say yes or no."))
        return bool(value)

    def severity(self, key: str, *lighter: Severity) -> Severity:
        allowed = (Severity.BLOCK, Severity.FLAG, Severity.PENALISE, *lighter)
        value = self.one_of(key, tuple(each.value for each in allowed))
        return Severity(value) if value in {each.value for each in allowed} else Severity.BLOCK

    def instant(self, key: str, zone: ZoneInfo) -> datetime:
        value = self.values.get(key)
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fault(key, Sentence("Give a date and a time."))
            return datetime(1970, 1, 1, tzinfo=UTC)


def with_measures(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every threshold and weight of what is measured, to be shown and edited."""
    film: dict[str, Any] = {"titles_count": True} | dict(document.get("film", {}))
    kinds = {"picture": PictureRules, "sound": SoundRules, "subtitles": SubtitleRules}
    for key, kind in kinds.items():
        film[key] = {
            name: value.value if isinstance(value, Severity) else int(value)
            for name, value in vars(kind()).items()
        } | film.get(key, {})
    return dict(document) | {"film": film}


def _rules(reader: _Reader) -> Rules:
    texts = reader.inside("texts")
    return Rules(
        languages=reader.names("languages"),
        accent=reader.one_of("accent", ACCENTS),
        title=texts.texts("title"),
        tagline=texts.texts("tagline"),
        about=texts.texts("about"),
        calendar=_calendar(reader.inside("calendar")),
        film=_film(reader.inside("film")),
        facts=_facts(reader.inside("facts")),
        categories=reader.each("categories", _choice),
        declaration=_declaration(reader.inside("declaration")),
        rights=reader.each("rights", lambda each: Statement(each.text("key"), each.texts("text"))),
        rounds=reader.each("rounds", _round),
        awards=reader.each("awards", _award),
        one_prize_per_film=reader.inside("slate").truth("one_prize_per_film"),
    )


def _calendar(reader: _Reader) -> Calendar:
    name = reader.text("time_zone")
    try:
        zone = ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.fault("time_zone", Sentence("No time zone is called %(name)s.", name=name))
        zone = ZoneInfo("UTC")
    return Calendar(
        time_zone=name,
        opens_at=reader.instant("opens_at", zone),
        closes_at=reader.instant("closes_at", zone),
        announces_at=reader.instant("announces_at", zone),
        late_upload_minutes=reader.whole("late_upload_minutes", absent=0),
    )


def _film(reader: _Reader) -> FilmRules:
    return FilmRules(
        duration_min_s=reader.number("duration_min_s"),
        duration_max_s=reader.number("duration_max_s"),
        duration_tolerance_s=reader.number("duration_tolerance_s"),
        duration_severity=reader.severity("duration_severity"),
        ai_share_min_percent=reader.number("ai_share_min_percent"),
        ai_share_severity=reader.severity("ai_share_severity"),
        size_max_bytes=reader.whole("size_max_bytes"),
        containers=reader.names("containers"),
        containers_severity=reader.severity("containers_severity"),
        video_codecs=reader.names("video_codecs"),
        audio_codecs=reader.names("audio_codecs"),
        codecs_severity=reader.severity("codecs_severity"),
        picture=_measured(reader, "picture", PictureRules),
        sound=_measured(reader, "sound", SoundRules),
        subtitles=_measured(reader, "subtitles", SubtitleRules),
        titles_count="titles_count" not in reader.values or reader.truth("titles_count"),
    )


def _measured(reader: _Reader, key: str, kind: type[Measured]) -> Measured:
    """Thresholds and weights of what a pass measures; what a document leaves out has a value."""
    if key not in reader.values:
        return kind()
    inside = reader.inside(key)
    values: dict[str, Any] = {}
    for each in fields(kind):
        if each.name not in inside.values:
            continue
        if each.name.endswith("_severity"):
            values[each.name] = inside.severity(each.name, Severity.OK)
        else:
            values[each.name] = inside.number(each.name)
    return kind(**values)


def _facts(reader: _Reader) -> FactsRules:
    return FactsRules(
        synopsis_min_chars=reader.whole("synopsis_min_chars"),
        synopsis_max_chars=reader.whole("synopsis_max_chars"),
        year_min=reader.whole("year_min"),
    )


def _choice(reader: _Reader) -> Choice:
    return Choice(reader.text("key"), reader.texts("label"))


def _declaration(reader: _Reader) -> DeclarationRules:
    return DeclarationRules(reader.each("stages", _choice), reader.names("tools"))


def _round(reader: _Reader) -> RoundRules:
    return RoundRules(
        key=reader.text("key"),
        title=reader.texts("title"),
        blind=reader.truth("blind"),
        jurors_per_film=reader.whole("jurors_per_film"),
        quorum=reader.whole("quorum"),
        advances=reader.whole("advances"),
        method=reader.one_of("method", METHODS),
        precision=reader.whole("precision"),
        tie_chain=reader.names("tie_chain"),
        scale_min=reader.whole("scale_min"),
        scale_max=reader.whole("scale_max"),
        criteria=reader.each("criteria", _criterion),
    )


def _criterion(reader: _Reader) -> Criterion:
    marks = reader.inside("marks")
    for mark in marks.values:
        if not WHOLE_MARK.fullmatch(str(mark)):
            marks.fault(str(mark), Sentence("Marks are whole numbers."))
    return Criterion(
        key=reader.text("key"),
        label=reader.texts("label"),
        question=reader.texts("question"),
        weight=reader.whole("weight"),
        marks={int(k): marks.texts(k) for k in marks.values if WHOLE_MARK.fullmatch(str(k))},
    )


def _award(reader: _Reader) -> AwardRules:
    return AwardRules(
        key=reader.text("key"),
        title=reader.texts("title"),
        places=reader.whole("places"),
        basis=reader.text("basis"),
    )
