"""Shapes of what filmmakers fill in, one form for each step of an entry.

A form shows what is stored and takes what was typed; `values` is the same for both: plain values by
field. Forms check shape only: an entry may be unfinished until it is submitted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from contest.entries.models import Entry
from contest.rulebook.declaration import share_from
from contest.web.geography import countries, spoken_languages, written_languages
from contest.web.parts import texts

YEAR = re.compile(r"(19|20)[0-9]{2}")
SECONDS = re.compile(r"[0-9]{1,4}")
NO_WORDS = "zxx"
"""ISO 639: a film nobody speaks in."""

LINE, TEXT, ROWS = 300, 4000, 500
"""Characters of a line and of a text, rows of a list: what fits here, whatever the rules say."""


def tidy(words: str | None) -> str:
    """Without space around, each character in its composed form, as it will be searched for."""
    return unicodedata.normalize("NFC", (words or "").replace("\r\n", "\n")).strip()


def _line(label: object, most: int = LINE, **render: Any) -> StringField:
    return StringField(
        label,
        filters=[tidy],
        validators=[Length(max=most, message=_("Use at most %(max)d characters."))],
        render_kw={"maxlength": most, **render},
    )


class Choice(SelectField):  # type: ignore[misc]  # wtforms has no types
    """One of a list."""

    def pre_validate(self, form: Form) -> None:
        if self.data not in {value for value, _label in self.choices}:
            raise ValidationError(_("Choose one from the list."))


class Choices(SelectMultipleField):  # type: ignore[misc]  # wtforms has no types
    """Several of a list."""

    def pre_validate(self, form: Form) -> None:
        if not set(self.data or []) <= {value for value, _label in self.choices}:
            raise ValidationError(_("Choose from the list."))


class StepForm(Form):  # type: ignore[misc]  # wtforms has no types
    """A step's form; the token is checked for every request by `CSRFProtect`."""

    @property
    def values(self) -> dict[str, Any]:
        """Plain values by field."""
        return dict(self.data)

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong with the shape, by the name of the input it was typed in."""
        return dict(_wrong(self))


def _wrong(form: Any) -> Iterator[tuple[str, str]]:
    for field in form:
        if isinstance(field, FieldList):
            for row in field:
                yield from _wrong(row.form)
        elif field.errors:
            yield field.name, " ".join(map(str, field.errors))


class FactsForm(StepForm):
    """What the film is."""

    category = Choice(_("Category"))
    original_title = _line(_("Original title"))
    title_language = Choice(_("Language of the original title"))
    romanised_title = _line(_("Title in Latin letters"))
    english_title = _line(_("English title"))
    synopsis = TextAreaField(
        _("Synopsis"),
        filters=[tidy],
        validators=[Length(max=TEXT, message=_("Use at most %(max)d characters."))],
        render_kw={"maxlength": TEXT, "rows": 5},
    )
    languages = Choices(_("Languages spoken"))
    countries = Choices(_("Countries"))
    year = StringField(
        _("Year it was finished"),
        filters=[tidy],
        validators=[Regexp(rf"({YEAR.pattern})?\Z", message=_("Write a year, such as 2026."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "size": 6},
    )
    titles_s = StringField(
        _("Titles and credits, in seconds"),
        filters=[tidy],
        validators=[
            Regexp(rf"({SECONDS.pattern})?\Z", message=_("Write whole seconds, such as 20."))
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "size": 6},
    )

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = entry.rules
        self.category.choices = [
            ("", _("Choose a category")),
            *((each.key, texts(each.label)) for each in rules.categories),
        ]
        self.title_language.choices = [("", ""), *written_languages()]
        self.languages.choices = [("", ""), (NO_WORDS, _("Nobody speaks")), *spoken_languages()]
        self.countries.choices = [("", ""), *countries()]

    @property
    def values(self) -> dict[str, Any]:
        told = dict(self.data)
        year = told["year"] or ""
        told["year"] = int(year) if YEAR.fullmatch(year) else None
        titles_s = told["titles_s"] or ""
        told["titles_s"] = int(titles_s) if SECONDS.fullmatch(titles_s) else None
        for name in ("languages", "countries"):
            told[name] = list(dict.fromkeys(filter(None, told[name] or [])))
        return told


class CreditRow(Form):  # type: ignore[misc]  # wtforms has no types
    """One person and what they did."""

    name = _line(_("Name, as they write it"), autocomplete="off")
    romanised_name = _line(_("In Latin letters"), autocomplete="off")
    role = _line(_("What they did"), autocomplete="off")


class ToolRow(Form):  # type: ignore[misc]  # wtforms has no types
    """One tool at one stage of production."""

    stage = SelectField(_("Stage"), validate_choice=False)
    tool = _line(_("Tool"), list="tool-names", autocomplete="off")
    vendor = _line(_("Who offers it"), autocomplete="off")
    version = _line(_("Version"), 80, autocomplete="off")
    made = _line(_("What it made"))
    human_step = _line(_("What a person did"))
    terms = _line(_("Licence or terms"))


def _rows(field: FieldList, ignored: str = "") -> list[dict[str, str]]:
    """The rows somebody wrote in; `ignored` says nothing by itself."""
    return [
        row for row in field.data if any(words for name, words in row.items() if name != ignored)
    ]


class CreditsForm(StepForm):
    """Who made the film."""

    people = FieldList(FormField(CreditRow), max_entries=ROWS)

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    @property
    def values(self) -> dict[str, Any]:
        return {"people": _rows(self.people)}


class MakingForm(StepForm):
    """How the film was made."""

    share = StringField(_("AI share of the whole film, in percent"), filters=[tidy])
    tools = FieldList(FormField(ToolRow), max_entries=ROWS)

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stages = [
            ("", _("Choose a stage")),
            *((each.key, texts(each.label)) for each in entry.rules.declaration.stages),
        ]
        for row in self.tools:
            row.form.stage.choices = self.stages

    def validate_share(self, field: StringField) -> None:
        if field.data and share_from(field.data) is None:
            raise ValidationError(_("Write a number from 0 to 100, such as 69.99."))

    @property
    def values(self) -> dict[str, Any]:
        return {
            "tools": _rows(self.tools, ignored="stage"),
            "share": share_from(self.share.data or ""),
        }


class RightsForm(StepForm):
    """What the author affirms, and one thing they may allow."""

    affirmed = Choices(
        _("Statements"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    may_play_publicly = BooleanField(
        _("If the film wins a prize, it may play on the public page of the palmarès.")
    )

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.affirmed.choices = [(each.key, texts(each.text)) for each in entry.rules.rights]


class SubtitlesForm(Form):  # type: ignore[misc]  # wtforms has no types
    """A subtitle file and its language."""

    language = Choice(_("Language of the subtitles"))
    file = FileField(_("Subtitle file, .srt or .vtt"), render_kw={"accept": ".srt,.vtt"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [("", _("Choose a language")), *written_languages()]
