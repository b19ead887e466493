"""Turns a letter's templates and its facts into words in the reader's language.

A letter is a folder of `templates/letters/`: `subject.txt` and `text.txt`. The HTML twin is made
of the same text, so the two can't tell different things.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from contest.settings import HOME

TEMPLATES = HOME / "templates" / "letters"
TRANSLATIONS = HOME / "contest" / "web" / "translations"


@dataclass(frozen=True)
class Written:
    """A letter's words."""

    subject: str
    text: str
    html: str


def write(name: str, language: str, facts: dict[str, Any]) -> Written:
    """The letter called `name`, in `language`. Raises UndefinedError for a missing fact."""
    environment = _environment(language)
    subject = environment.get_template(f"{name}/subject.txt").render(facts)
    text = environment.get_template(f"{name}/text.txt").render(facts).strip() + "\n"
    return Written(" ".join(subject.split()), text, as_html(language, text))


def as_html(language: str, text: str) -> str:
    """The HTML twin of a letter's text."""
    paragraphs = [_paragraph(each) for each in text.strip().split("\n\n")]
    return str(
        _environment(language, escaping=True)
        .get_template("frame.html")
        .render(language=language, paragraphs=paragraphs)
    )


def _paragraph(words: str) -> Markup:
    """A paragraph; one that is nothing but a link becomes the letter's button."""
    if words.startswith(("https://", "http://")) and " " not in words.strip():
        address = escape(words.strip())
        return Markup('<p class="button"><a href="{0}">{0}</a></p>').format(address)
    return Markup("<p>{}</p>").format(Markup("<br>\n").join(words.split("\n")))


@lru_cache(maxsize=16)
def _environment(language: str, *, escaping: bool = False) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escaping,  # noqa: S701  # the plain-text twin is no HTML
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # from the extension
        translations(language), newstyle=True
    )
    return environment


@lru_cache(maxsize=16)
def translations(language: str) -> NullTranslations:
    """The catalogue of a language, or one that leaves English as it is."""
    if not Path(TRANSLATIONS).is_dir():
        return NullTranslations()
    return Translations.load(str(TRANSLATIONS), [language])
