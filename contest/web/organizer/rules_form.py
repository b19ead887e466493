"""Reading what was typed into a section of the rules back into a document, whatever was typed."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug.datastructures import MultiDict

from contest.rulebook.rules_reading import WHOLE_MARK
from contest.web.organizer.rules_shape import Field, Rows, Section
from contest.web.tongues import LANGUAGES

GIB = 1 << 30
MOST_ROWS = 100
"""Rows of one list a form may have."""
ROW_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Typed:
    """A form as it was sent, the document it was made of, and the languages it asked for."""

    form: MultiDict[str, str]
    document: Mapping[str, Any]
    languages: Sequence[str]

    def text(self, path: str) -> str:
        return self.form.get(path, "").replace("\r\n", "\n").strip()

    def texts(self, path: str) -> dict[str, str]:
        """What was written in each language, leaving out those nobody wrote in."""
        return {code: words for code in self.languages if (words := self.text(join(path, code)))}

    def count(self, path: str) -> int:
        """How many rows the form had at the path."""
        return min(_row_number(self.form.get(f"{path}.count", "0")) or 0, MOST_ROWS)


def typed_into(
    document: Mapping[str, Any], section: Section, form: MultiDict[str, str]
) -> dict[str, Any]:
    """The document with what was typed into a section's form in place of what it held."""
    changed = copy.deepcopy(dict(document))
    typed = Typed(form, document, tongues_of(document))
    for each in section.fields:
        path = join(section.at, each.key)
        put(changed, path, _typed(each, path, typed))
    return changed


def tongues_of(document: Mapping[str, Any]) -> list[str]:
    """The edition's languages, then those of this house it does not have yet."""
    languages = document.get("languages")
    return list(dict.fromkeys([*(languages if isinstance(languages, list) else []), *LANGUAGES]))


def local(value: Any, document: Mapping[str, Any]) -> str:
    """An instant of the document as a field shows it: local time of the edition's zone."""
    try:
        moment = datetime.fromisoformat(str(value))
        zone = ZoneInfo(str(get(document, "calendar.time_zone")))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return str(value or "")
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime("%Y-%m-%dT%H:%M:%S")


def in_gib(value: Any) -> str:
    """A number of bytes of the document as a field shows it; words that are no number as typed."""
    return f"{value / GIB:.15g}" if isinstance(value, int) else str(value or "")


def rearranged(document: dict[str, Any], section: Section, act: str) -> str:
    """Do what a row's button asks, such as `add:rounds`, `remove:awards.2`, `up:categories.1`.

    Returns the path of what was touched, to be shown unfolded.
    """
    verb, _colon, path = act.partition(":")
    if verb == "add":
        return _added(document, section, path)
    where, _dot, last = path.rpartition(".")
    rows, at = get(document, where), _row_number(last)
    if not isinstance(rows, list) or at is None or at >= len(rows):
        return ""
    if verb == "remove":
        rows.pop(at)
        return where
    if verb == "up" and at > 0:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
        return join(where, str(at - 1))
    return ""


def _added(document: dict[str, Any], section: Section, path: str) -> str:
    rows, blank = get(document, path), _blank_at(section, path)
    if blank is None or not isinstance(rows, list):
        return ""
    rows.append(blank)
    return join(path, str(len(rows) - 1))


def is_inside(paths: Iterable[str], at: str) -> bool:
    """Whether any of the paths is this one or lies below it."""
    return any(f"{path}.".startswith(f"{at}.") for path in paths)


def get(document: Any, path: str) -> Any:
    """What lies at a dotted path, or None."""
    for step in path.split(".") if path else []:
        if isinstance(document, list):
            at = _row_number(step)
            document = document[at] if at is not None and at < len(document) else None
        else:
            document = document.get(step) if isinstance(document, Mapping) else None
    return document


def marks_in_order(value: Any) -> list[tuple[str, Any]]:
    """Described marks from the lowest up; what is no number comes last, to be mended."""
    marks = value.items() if isinstance(value, Mapping) else ()
    return sorted(marks, key=lambda each: _rank(each[0]))


def _rank(mark: str) -> tuple[bool, int]:
    whole = WHOLE_MARK.fullmatch(mark)
    return whole is None, int(mark) if whole else 0


def _row_number(typed: str) -> int | None:
    """The row a path or a form names, counted from 0; None for what numbers no row."""
    return int(typed) if ROW_NUMBER.fullmatch(typed) else None


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Lay a value at a dotted path of mappings."""
    *way, last = path.split(".")
    for step in way:
        document = document.setdefault(step, {})
    document[last] = value


def join(*steps: str) -> str:
    """Steps of a path with dots between those that say something."""
    return ".".join(step for step in steps if step)


def _typed(each: Field | Rows, path: str, typed: Typed) -> Any:
    if isinstance(each, Rows):
        return [_row(each, join(path, str(at)), typed) for at in range(typed.count(path))]
    if each.kind in ("texts", "long"):
        return typed.texts(path)
    if each.kind == "marks":
        return _marks(path, typed)
    if each.kind == "instant":
        return _instant(path, typed)
    text = typed.text(path)
    if each.kind == "names":
        return [name.strip() for name in text.replace("\n", ",").split(",") if name.strip()]
    if each.kind == "truth":
        return text == "yes"
    if each.kind == "gib":
        return _bytes(text)
    return _number(text) if each.kind in ("whole", "number") else text


def _row(rows: Rows, path: str, typed: Typed) -> dict[str, Any]:
    return {each.key: _typed(each, join(path, each.key), typed) for each in rows.fields}


def _marks(path: str, typed: Typed) -> dict[str, dict[str, str]]:
    """Marks with words; a line without a mark or without words is a line nobody filled in."""
    marks = {}
    for at in range(typed.count(path)):
        mark, words = typed.text(join(path, str(at), "mark")), typed.texts(join(path, str(at)))
        if mark and words:
            marks[mark] = words
    return marks


def _instant(path: str, typed: Typed) -> Any:
    """What was typed, or what stood there where it is the same instant written otherwise."""
    text, before = typed.text(path), get(typed.document, path)
    try:
        same = datetime.fromisoformat(text) == datetime.fromisoformat(local(before, typed.document))
    except (ValueError, TypeError):
        return text
    return before if same else text


def _number(typed: str) -> int | float | str:
    """A number where one was typed; else the words, so that they can be shown again."""
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        return typed
    if math.isnan(number) or abs(number) > 1e15:
        return typed
    return int(number) if number == int(number) else number


def _bytes(typed: str) -> int | str:
    number = _number(typed)
    return typed if isinstance(number, str) else round(number * GIB)


def _blank_at(section: Section, path: str) -> dict[str, Any] | None:
    """An empty item for the list at the path, where the section has such a list."""
    fields: Sequence[Field | Rows] = section.fields
    rows = None
    for step in path.removeprefix(section.at).strip(".").split("."):
        if step.isdecimal():
            continue
        rows = next((each for each in fields if each.key == step), None)
        if not isinstance(rows, Rows):
            return None
        fields = rows.fields
    return {each.key: _empty(each) for each in rows.fields} if isinstance(rows, Rows) else None


def _empty(each: Field | Rows) -> Any:
    if isinstance(each, Rows):
        return []
    kinds: dict[str, Any] = {"texts": {}, "long": {}, "marks": {}, "names": [], "truth": False}
    return kinds.get(each.kind, each.choices[0] if each.choices else "")
