"""Reading what was typed into a section of the rules back into a document, whatever was typed."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from contest.web.organizer.rules_shape import Field, Rows, Section
from contest.web.tongues import LANGUAGES


def typed_into(document: Mapping[str, Any], section: Section, form: MultiDict[str, str]) -> Any:
    """The document with what was typed into a section's form in place of what it held."""
    changed = copy.deepcopy(dict(document))
    for each in section.fields:
        path = join(section.at, each.key)
        put(changed, path, _typed(each, path, form))
    return changed


def rearranged(document: dict[str, Any], section: Section, act: str) -> None:
    """Do what a row's button asks, such as `add:rounds`, `remove:awards.2`, `up:categories.1`."""
    verb, _colon, path = act.partition(":")
    if verb == "add" and (blank := _blank_at(section, path)) is not None:
        get(document, path).append(blank)
        return
    where, _dot, last = path.rpartition(".")
    rows = get(document, where)
    if not isinstance(rows, list) or not last.isdigit() or int(last) >= len(rows):
        return
    at = int(last)
    if verb == "remove":
        rows.pop(at)
    elif verb == "up" and at > 0:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]


def get(document: Any, path: str) -> Any:
    """What lies at a dotted path, or None."""
    for step in path.split(".") if path else []:
        if isinstance(document, list):
            document = document[int(step)] if step.isdigit() and int(step) < len(document) else None
        else:
            document = document.get(step) if isinstance(document, Mapping) else None
    return document


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Lay a value at a dotted path of mappings."""
    *way, last = path.split(".")
    for step in way:
        document = document.setdefault(step, {})
    document[last] = value


def join(*steps: str) -> str:
    """Steps of a path with dots between those that say something."""
    return ".".join(step for step in steps if step)


def _typed(each: Field | Rows, path: str, form: MultiDict[str, str]) -> Any:
    if isinstance(each, Rows):
        return [_row(each, join(path, str(at)), form) for at in range(_count(path, form))]
    if each.kind in ("texts", "long"):
        return {code: words for code in LANGUAGES if (words := _text(form, join(path, code)))}
    if each.kind == "marks":
        return _marks(path, form)
    typed = _text(form, path)
    if each.kind == "names":
        return [name.strip() for name in typed.replace("\n", ",").split(",") if name.strip()]
    if each.kind == "truth":
        return typed == "yes"
    return _number(typed) if each.kind in ("whole", "number") else typed


def _row(rows: Rows, path: str, form: MultiDict[str, str]) -> dict[str, Any]:
    return {each.key: _typed(each, join(path, each.key), form) for each in rows.fields}


def _count(path: str, form: MultiDict[str, str]) -> int:
    typed = form.get(f"{path}.count", "0")
    return min(int(typed), 100) if typed.isdigit() else 0


def _marks(path: str, form: MultiDict[str, str]) -> dict[str, dict[str, str]]:
    """Marks with words; a line without a mark or without words is a line nobody filled in."""
    marks = {}
    for at in range(_count(path, form)):
        mark = _text(form, join(path, str(at), "mark"))
        words = {c: w for c in LANGUAGES if (w := _text(form, join(path, str(at), c)))}
        if mark and words:
            marks[mark] = words
    return marks


def _text(form: MultiDict[str, str], path: str) -> str:
    return form.get(path, "").replace("\r\n", "\n").strip()


def _number(typed: str) -> int | float | str:
    """A number where one was typed; else the words, so that they can be shown again."""
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        return typed
    if math.isnan(number) or abs(number) > 1e15:
        return typed
    return int(number) if number == int(number) else number


def _blank_at(section: Section, path: str) -> dict[str, Any] | None:
    """An empty item for the list at the path, where the section has such a list."""
    fields: Sequence[Field | Rows] = section.fields
    rows = None
    for step in path.removeprefix(section.at).strip(".").split("."):
        if step.isdigit():
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
