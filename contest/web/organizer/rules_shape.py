"""The shape of an edition's rules as pages show them: sections, rows and fields, as data.

A field's name on a page is its dotted path in the document, which is also how the rulebook names
the place of a fault, so that each is said where it was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from contest.rulebook.rules_reading import ACCENTS
from contest.rulebook.verdict import METHODS

Words: TypeAlias = LazyString | str
SEVERITIES = ("block", "flag", "penalise")
WITH_NOTE = ("ok", "flag", "penalise", "block")
CHOICES: Mapping[str, Words] = {
    "block": _("keeps the entry out"),
    "flag": _("is shown to the organizers"),
    "penalise": _("costs points"),
    "ok": _("is only told to the author"),
    "mean": _("mean of the jurors who scored"),
    "trimmed": _("mean without the highest and the lowest mark"),
    "sum": _("sum of the jurors who scored"),
    "mixed": _("mean, corrected for mild and severe jurors"),
    "robust": _("the same, and erratic jurors weigh less"),
    "copeland": _("duels won, film against film"),
    "schulze": _("strongest chains of won duels (Schulze)"),
    "irv": _("jurors’ orders, the last film goes out in turn (instant-runoff)"),
    "vermilion": _("vermilion"),
    "petrol": _("petrol"),
}
"""Values to choose from, in words."""


@dataclass(frozen=True)
class Field:
    """One value of the document; `kind` says how it is typed and read."""

    key: str
    label: Words
    kind: str = "text"
    hint: Words = ""
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Rows:
    """A list in the document whose items have these fields; items can be added, moved, removed."""

    key: str
    label: Words
    fields: Sequence[Field | Rows]
    one: Words
    kind: str = "rows"
    hint: Words = ""


@dataclass(frozen=True)
class Section:
    """A part of the document edited on one page; `at` is its path, empty for the whole."""

    key: str
    title: Words
    at: str
    fields: Sequence[Field | Rows]


def _choice_fields() -> tuple[Field, ...]:
    return Field("key", _("Key")), Field("label", _("Name"), "texts")


def _severity(key: str, label: Words) -> Field:
    return Field(key, label, "choice", choices=SEVERITIES)


def _weight(key: str, label: Words) -> Field:
    return Field(key, label, "choice", choices=WITH_NOTE)


CRITERION = (
    Field("key", _("Key")),
    Field("label", _("Name"), "texts"),
    Field("question", _("Question the juror asks"), "texts"),
    Field("weight", _("Weight in percent"), "whole"),
    Field("marks", _("Marks in words"), "marks"),
)
ROUND = (
    Field("key", _("Key")),
    Field("title", _("Name"), "texts"),
    Field("blind", _("Blind: jurors see no names"), "truth"),
    Field("jurors_per_film", _("Jurors a film"), "whole"),
    Field("quorum", _("Quorum: signed ballots a film needs to be ranked"), "whole"),
    Field("advances", _("Films that go on"), "whole"),
    Field("method", _("How marks become a score"), "choice", choices=METHODS),
    Field("precision", _("Decimals published"), "whole"),
    Field(
        "tie_chain",
        _("Tie rules, in order"),
        "names",
        _("criterion:KEY, countback, more_ballots, head_to_head; what they leave equal is shared"),
    ),
    Field("scale_min", _("Lowest mark"), "whole"),
    Field("scale_max", _("Highest mark"), "whole"),
    Rows("criteria", _("Criteria"), CRITERION, _("criterion")),
)
AWARD = (
    Field("key", _("Key")),
    Field("title", _("Name"), "texts"),
    Field("places", _("Films that share it"), "whole"),
    Field("basis", _("Drawn from"), hint=_("standing, or criterion:KEY of the last round")),
)

SECTIONS = (
    Section(
        "texts",
        _("Title and texts"),
        "",
        (
            Field("languages", _("Languages, the first one first"), "names"),
            Field("accent", _("Accent colour"), "choice", choices=ACCENTS),
            Field("texts.title", _("Title"), "texts"),
            Field("texts.tagline", _("One sentence"), "long"),
            Field("texts.about", _("About"), "long"),
        ),
    ),
    Section(
        "calendar",
        _("Calendar"),
        "calendar",
        (
            Field("time_zone", _("Time zone"), "zone"),
            Field("opens_at", _("The call opens"), "instant"),
            Field("closes_at", _("The call closes"), "instant"),
            Field("announces_at", _("The palmarès is announced"), "instant"),
            Field("late_upload_minutes", _("Late uploads may arrive for, in minutes"), "whole"),
        ),
    ),
    Section(
        "film",
        _("The film"),
        "film",
        (
            Field("duration_min_s", _("Shortest film, in seconds"), "number"),
            Field("duration_max_s", _("Longest film, in seconds"), "number"),
            Field("duration_tolerance_s", _("Tolerance at both ends, in seconds"), "number"),
            _severity("duration_severity", _("A film outside")),
            Field("ai_share_min_percent", _("Least AI share, in percent"), "number"),
            _severity("ai_share_severity", _("A share below")),
            Field("size_max_bytes", _("Largest file, in GiB"), "gib"),
            Field("containers", _("Containers"), "names"),
            _severity("containers_severity", _("Another container")),
            Field("video_codecs", _("Picture codecs"), "names"),
            Field("audio_codecs", _("Sound codecs"), "names"),
            _severity("codecs_severity", _("Another codec")),
        ),
    ),
    Section(
        "measured",
        _("Picture and sound"),
        "film",
        (
            Field("titles_count", _("Titles and credits count toward the running time"), "truth"),
            Field("picture.black_max_s", _("Longest black stretch, in seconds"), "number"),
            _weight("picture.black_severity", _("A longer black stretch")),
            Field("picture.frozen_max_s", _("Longest still stretch, in seconds"), "number"),
            _weight("picture.frozen_severity", _("A longer still stretch")),
            _weight("picture.flashing_severity", _("More than three flashes a second")),
            Field("picture.bars_max_percent", _("Black bars, in percent of the picture"), "number"),
            _weight("picture.bars_severity", _("Larger bars")),
            _weight("picture.interlaced_severity", _("Interlaced frames")),
            _weight("picture.variable_rate_severity", _("An uneven pace of frames")),
            _weight("picture.hdr_severity", _("High dynamic range")),
            _weight("sound.missing_severity", _("A film without sound")),
            _weight("sound.several_severity", _("Several sounds")),
            Field("sound.silent_max_s", _("Longest silence, in seconds"), "number"),
            _weight("sound.silent_severity", _("A longer silence")),
            Field("sound.loudness_min_lufs", _("Quietest film, in LUFS"), "number"),
            Field("sound.loudness_max_lufs", _("Loudest film, in LUFS"), "number"),
            _weight("sound.loudness_severity", _("A quieter or louder film")),
            Field("sound.true_peak_max_dbtp", _("Highest true peak, in dBTP"), "number"),
            _weight("sound.true_peak_severity", _("A higher peak")),
            Field("subtitles.reading_speed_max_cps", _("Subtitles: characters a second"), "number"),
            _weight("subtitles.reading_speed_severity", _("Faster subtitles")),
            _weight("subtitles.beyond_severity", _("Subtitles that outlast the film")),
        ),
    ),
    Section(
        "facts",
        _("What authors write"),
        "facts",
        (
            Field("synopsis_min_chars", _("Shortest synopsis, in characters"), "whole"),
            Field("synopsis_max_chars", _("Longest synopsis, in characters"), "whole"),
            Field("year_min", _("Finished in this year or later"), "whole"),
        ),
    ),
    Section(
        "categories",
        _("Categories"),
        "",
        (Rows("categories", _("Categories"), _choice_fields(), _("category")),),
    ),
    Section(
        "declaration",
        _("AI declaration"),
        "declaration",
        (
            Rows("stages", _("Stages of production"), _choice_fields(), _("stage")),
            Field("tools", _("Tools offered while typing"), "names"),
        ),
    ),
    Section(
        "rights",
        _("Rights statements"),
        "",
        (
            Rows(
                "rights",
                _("Statements to affirm"),
                (Field("key", _("Key")), Field("text", _("Statement"), "long")),
                _("statement"),
            ),
        ),
    ),
    Section("rounds", _("Rounds"), "", (Rows("rounds", _("Rounds"), ROUND, _("round")),)),
    Section(
        "awards",
        _("Prizes"),
        "",
        (
            Rows("awards", _("Prizes, the highest first"), AWARD, _("prize")),
            Field("slate.one_prize_per_film", _("One prize a film"), "truth"),
        ),
    ),
)


def section_of(key: str) -> Section | None:
    """The section of that name."""
    return next((each for each in SECTIONS if each.key == key), None)


def section_at(path: str) -> Section | None:
    """The section where the value at a dotted path is edited."""
    return next((each for each in SECTIONS if _field_at(each, path)), None)


def words_of(path: str) -> str:
    """A dotted path as its page names it, such as `round 1, criterion 2, Weight in percent`."""
    section = section_at(path)
    field = _field_at(section, path) if section else None
    if section is None or field is None:
        return path
    return ", ".join(_steps(field, path.removeprefix(_path(section, field)).strip(".")))


def _path(section: Section, field: Field | Rows) -> str:
    return f"{section.at}.{field.key}" if section.at else field.key


def _field_at(section: Section, path: str) -> Field | Rows | None:
    return next(
        (each for each in section.fields if f"{path}.".startswith(f"{_path(section, each)}.")),
        None,
    )


def _steps(field: Field | Rows, rest: str) -> Iterator[str]:
    number, _dot, inside = rest.partition(".")
    if not isinstance(field, Rows):
        yield f"{field.label} ({rest})" if rest else str(field.label)
    elif not number.isdecimal():
        yield str(field.label)
    else:
        yield f"{field.one} {int(number) + 1}"
        key = inside.partition(".")[0]
        if found := next((each for each in field.fields if each.key == key), None):
            yield from _steps(found, inside.removeprefix(key).strip("."))
