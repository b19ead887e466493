"""What every template can use: words, times, sizes, icons, built files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime as babel_datetime
from flask import Flask, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, format_decimal, get_timezone, gettext
from markupsafe import Markup

from contest.rulebook.rules import Texts, in_language
from contest.rulebook.sentences import Sentence
from contest.web.house import now
from contest.web.tongues import LANGUAGES, language, minute
from contest.web.who import person, visitor

BUILT = Path(__file__).parent / "static" / "build"
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Make the parts known to the templates, and serve the built files."""
    app.add_url_rule("/static/build/<path:name>", "static", _static)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=asset, icon=icon, LANGUAGES=LANGUAGES, language=language, now=now
    )
    app.jinja_env.globals.update(person=person, visitor=visitor)
    filters = (instant, seconds, timecode, size, country, language_name, percent_bp, say, texts)
    for each in (*filters, clock, there):
        app.jinja_env.filters[each.__name__] = each
    app.jinja_env.filters["bytes"] = size


def _static(name: str) -> ResponseReturnValue:
    """A built file; its name holds its hash, so browsers may keep it for good."""
    compressed = request.accept_encodings["gzip"] > 0 and (BUILT / f"{name}.gz").is_file()
    response = send_from_directory(
        BUILT, f"{name}.gz" if compressed else name, mimetype=guess_type(name)[0], max_age=YEAR
    )
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    if compressed:
        response.content_encoding = "gzip"
    return response


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    except FileNotFoundError:
        raise RuntimeError("The front end is not built yet: run `make setup`.") from None
    return kept


def asset(name: str) -> str:
    """The address of a built file, such as `main.css`."""
    return f"/static/build/{_manifest()[name]}"


@lru_cache(maxsize=100)  # lists draw the same few in each row
def icon(name: str) -> Markup:
    """An icon of the sprite; it stands beside words and says nothing by itself."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        asset("icons.svg"), name
    )


def say(sentence: Sentence | Mapping[str, Any] | None) -> str:
    """A sentence of the rulebook, fresh or stored, in the reader's language."""
    if sentence is None:
        return ""
    if not isinstance(sentence, Sentence):
        sentence = Sentence.from_json(sentence)
    return str(gettext(sentence.msgid, **sentence.values))


def texts(words: Texts) -> str:
    """An edition's own words in the reader's language, or the nearest it has."""
    return in_language(words, language())


def instant(moment: datetime | None) -> Markup:
    """Date and time in the reader's zone, and in UTC where that differs."""
    if moment is None:
        return Markup("—")
    shown = format_datetime(moment, minute())
    zone = str(get_timezone())
    utc = "" if zone == "UTC" else f", {moment.astimezone(UTC):%H:%M} UTC"
    return Markup('<time datetime="{}">{} ({}{})</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        shown,
        zone.rpartition("/")[2].replace("_", " "),
        utc,
    )


def there(moment: datetime, time_zone: str) -> str:
    """Date and time where an edition is announced, with the place's name."""
    shown = babel_datetime(moment.astimezone(ZoneInfo(time_zone)), minute(), locale=_locale())
    return f"{shown} ({time_zone.rpartition('/')[2].replace('_', ' ')})"


def clock(moment: datetime) -> str:
    """The time of day in the reader's zone."""
    return str(format_datetime(moment, "HH:mm:ss"))


def seconds(length: float | None) -> str:
    """A running time: `58.4 s`, `2 min 58 s`, `5 min`."""
    if length is None:
        return "—"
    if length < 60:
        return str(gettext("%(seconds)s s", seconds=format_decimal(round(length, 1))))
    minutes, rest = divmod(round(length), 60)
    if not rest:
        return str(gettext("%(minutes)s min", minutes=minutes))
    return str(gettext("%(minutes)s min %(seconds)02d s", minutes=minutes, seconds=rest))


def timecode(at_s: float) -> str:
    """A moment of a film, to the tenth where it is no whole second: `1:04`, `0:07.4`."""
    tenths = round(at_s * 10)
    minutes, rest = divmod(tenths // 10, 60)
    return f"{minutes}:{rest:02}" + (f".{tenths % 10}" if tenths % 10 else "")


def size(count: int | None) -> str:
    """A number of bytes as people say it: `1.8 GiB`, in the units that limits are set in."""
    if count is None:
        return "—"
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{format_decimal(round(count / unit, 1))} {name}"
    return f"{count} B"


def country(code: str) -> str:
    """A country's name in the reader's language, from its ISO 3166 code."""
    return str(_locale().territories.get(code, code))


def language_name(code: str) -> str:
    """A language's name in the reader's language, from its BCP 47 code."""
    names = _locale().languages
    return str(names.get(code.replace("-", "_")) or names.get(code.partition("-")[0], code))


def percent_bp(share: int | None) -> str:
    """Hundredths of a percent as a percentage, never rounded: `69.99 %`."""
    if share is None:
        return "—"
    return f"{format_decimal(Decimal(share) / 100)} %"


def _locale() -> Locale:
    return _named_locale(language())


@lru_cache(maxsize=len(LANGUAGES))
def _named_locale(name: str) -> Locale:
    return Locale.parse(name)
