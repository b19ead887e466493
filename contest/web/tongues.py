"""Which language and which time zone the reader gets."""

from __future__ import annotations

from typing import Any, cast

from babel.support import NullTranslations
from flask import Flask, g, request, session
from flask_babel import Babel, get_locale, get_translations
from markupsafe import Markup

from contest.settings import HOME
from contest.web.who import person

LANGUAGES = {"en": "English", "fr": "Français", "zh": "中文"}
MINUTES = {"zh": "y年M月d日 HH:mm"}
"""How a language writes a date with its time, where not as `MINUTE` does."""

MINUTE = "d MMMM y, HH:mm"
DAYS = {"zh": "M月d日"}
"""How a language writes a day of this year, where not as `DAY` does."""

DAY = "d MMMM"


def init_app(app: Flask) -> None:
    """Teach the application its languages."""
    Babel(
        app,
        default_translation_directories=str(HOME / "contest" / "web" / "translations"),
        locale_selector=_locale,
        timezone_selector=_time_zone,
    )
    words = {"_": said, "gettext": said, "ngettext": said_of_many}
    app.jinja_env.globals.update(words)


def said(words: str, **values: Any) -> Markup:
    """A template's sentence in the reader's language, the values in it escaped."""
    return Markup(_catalogue().gettext(words)) % values  # noqa: S704  # the words are ours


def said_of_many(one: str, many: str, num: int, **values: Any) -> Markup:
    """A template's sentence about so many things, in the reader's language."""
    values.setdefault("num", num)
    words = _catalogue().ngettext(one, many, num)
    return Markup(words) % values  # noqa: S704  # the words are ours


def _catalogue() -> NullTranslations:
    """The reader's catalogue, looked for once: a page of a list asks it hundreds of times."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return cast(NullTranslations, g.catalogue)


def language() -> str:
    """The reader's language, as one of `LANGUAGES`."""
    return str(get_locale().language)


def minute() -> str:
    """The pattern by which the reader's language writes a date with its time."""
    return MINUTES.get(language(), MINUTE)


def day() -> str:
    """The pattern by which the reader's language writes a day of this year."""
    return DAYS.get(language(), DAY)


def _locale() -> str:
    """English pages name the day before the month, as the whole house does."""
    return {"en": "en_GB"}.get(found := _language(), found)


def _language() -> str:
    """Chosen at the foot of the page, else the account's, else the browser's."""
    if (chosen := session.get("language")) in LANGUAGES:
        return str(chosen)
    reader = person()
    if reader is not None and reader.language in LANGUAGES:
        return reader.language
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _time_zone() -> str:
    reader = person()
    return reader.time_zone if reader else "UTC"
