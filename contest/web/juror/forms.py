"""The shape of what jurors send: a sheet of marks, notes with their moment, reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from contest.web.house_form import HouseForm

MARK = "mark-"
LONGEST_REMARK = 4000
MOMENT = re.compile(r"\s*(?:(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?\s*")
"""Minutes, seconds and parts of one: `1:12.5`, `72`."""


@dataclass(frozen=True)
class SentSheet:
    """Marks by criterion and the remark; a None remark was not sent."""

    marks: Mapping[str, int]
    remark: str | None


class NoteForm(HouseForm):
    """A note at a moment of the film."""

    at = StringField(
        _l("At"),
        validators=[Regexp(MOMENT.pattern + r"\Z", message=_l("Write minutes:seconds, as 1:12."))],
    )
    text = TextAreaField(
        _l("Note"),
        validators=[
            DataRequired(_l("Write what you noticed.")),
            Length(max=1000, message=_l("A note has at most 1000 characters.")),
        ],
    )


class ConflictsForm(HouseForm):
    """Why a juror can't judge the films they chose."""

    reason = TextAreaField(
        _l("Reason, for the organizers alone"),
        validators=[
            DataRequired(_l("Write the reason; only the organizers read it.")),
            Length(max=1000, message=_l("A reason has at most 1000 characters.")),
        ],
    )


def sent_sheet() -> SentSheet | None:
    """The sheet in the request, as JSON or as a form; None where its shape is not one's own."""
    if not request.is_json:
        numbers = {
            name.removeprefix(MARK): request.form.get(name, type=int)
            for name in request.form
            if name.startswith(MARK)
        }
        remark = request.form.get("remark")
        return _sheet(numbers, remark)
    told = request.get_json()
    if not isinstance(told, dict) or not isinstance(told.get("marks"), dict):
        return None
    return _sheet(told["marks"], told.get("remark"))


def milliseconds(moment: str) -> int:
    """A moment as `NoteForm` lets it through, in milliseconds."""
    found = MOMENT.fullmatch(moment)
    if found is None:
        raise ValueError(f"{moment!r} is no moment")
    minutes, seconds, part = found.groups()
    return (int(minutes or 0) * 60 + int(seconds)) * 1000 + int((part or "0").ljust(3, "0"))


def _sheet(marks: Mapping[str, object], remark: object) -> SentSheet | None:
    whole = {key: mark for key, mark in marks.items() if type(mark) is int}
    if len(whole) != len(marks) or not isinstance(remark, str | None):
        return None
    return SentSheet(whole, None if remark is None else remark[:LONGEST_REMARK])
