"""Whether an entry is complete: everything still missing, each named by its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contest.rulebook.declaration import Declaration, unsaid
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import Rules
from contest.rulebook.sentences import Sentence


@dataclass(frozen=True)
class EntrySheet:
    """What an author has said of a film, as plain values."""

    category: str
    original_title: str
    title_language: str
    english_title: str
    synopsis: str
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    year: int | None
    credits: tuple[tuple[str, str], ...]
    """Pairs of name and role."""
    declaration: Declaration
    affirmed: frozenset[str]


def missing(sheet: EntrySheet, rules: Rules) -> list[Finding]:
    """Everything an entry lacks before it can be submitted, in the order of the page."""
    return [
        *_category(sheet, rules),
        *_titles(sheet),
        *_synopsis(sheet, rules),
        *_origin(sheet),
        *_year(sheet, rules),
        *_credits(sheet),
        *unsaid(sheet.declaration, rules),
        *_rights(sheet, rules),
    ]


def _category(sheet: EntrySheet, rules: Rules) -> Iterator[Finding]:
    if sheet.category not in {choice.key for choice in rules.categories}:
        yield _lack("facts.category", Sentence("Choose a category."))


def _titles(sheet: EntrySheet) -> Iterator[Finding]:
    if not sheet.original_title.strip():
        yield _lack("facts.original_title", Sentence("Write the film's title."))
    if not sheet.title_language:
        yield _lack("facts.title_language", Sentence("Say in which language the title is."))
    if not sheet.english_title.strip():
        yield _lack("facts.english_title", Sentence("Write an English title for the programme."))


def _origin(sheet: EntrySheet) -> Iterator[Finding]:
    if not sheet.languages:
        yield _lack("facts.languages", Sentence("Say which languages are spoken, or none."))
    if not sheet.countries:
        yield _lack("facts.countries", Sentence("Name the country or countries it comes from."))


def _year(sheet: EntrySheet, rules: Rules) -> Iterator[Finding]:
    if sheet.year is None:
        yield _lack("facts.year", Sentence("Say in which year the film was finished."))
    elif sheet.year < rules.facts.year_min:
        yield _lack(
            "facts.year",
            Sentence(
                "This edition takes films finished in %(year)s or later.", year=rules.facts.year_min
            ),
        )


def _synopsis(sheet: EntrySheet, rules: Rules) -> Iterator[Finding]:
    length = len(sheet.synopsis.strip())
    low, high = rules.facts.synopsis_min_chars, rules.facts.synopsis_max_chars
    if not low <= length <= high:
        yield _lack(
            "facts.synopsis",
            Sentence(
                "The synopsis has %(length)s characters; it takes %(low)s to %(high)s.",
                length=length,
                low=low,
                high=high,
            ),
        )


def _credits(sheet: EntrySheet) -> Iterator[Finding]:
    if not sheet.credits:
        yield _lack("credits", Sentence("Name at least one person who made the film."))
    for at, (name, role) in enumerate(sheet.credits, start=1):
        if not name.strip() or not role.strip():
            yield _lack(
                "credits", Sentence("Credit %(line)s needs a name and what they did.", line=at)
            )


def _rights(sheet: EntrySheet, rules: Rules) -> Iterator[Finding]:
    for statement in rules.rights:
        if statement.key not in sheet.affirmed:
            yield _lack(f"rights.{statement.key}", Sentence("Affirm this statement."))


def _lack(about: str, advice: Sentence) -> Finding:
    return Finding("missing", about, Severity.BLOCK, advice)
