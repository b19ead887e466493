"""An entry as the rulebook sees it: its sheet, its findings, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contest.entries.film import open_uploads
from contest.entries.models import HELD, Entry
from contest.media.models import InspectionState
from contest.media.queries import facts_of
from contest.rulebook.declaration import Declaration, ToolLine, share_percent
from contest.rulebook.eligibility import EntrySheet, missing
from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.findings import Finding, Severity, blocks
from contest.rulebook.inspection import ai_share_finding, counted_s, inspect
from contest.rulebook.rules import FilmRules, Rules, Texts
from contest.rulebook.sentences import Sentence
from contest.rulebook.subtitle_reading import SubtitleFacts, subtitle_findings


def sheet_of(entry: Entry, rules: Rules) -> EntrySheet:
    """All the author said, as plain values, to be held to these rules."""
    lines = tuple(
        ToolLine(each.stage, each.tool, each.made, each.human_step) for each in entry.tools
    )
    return EntrySheet(
        category=entry.category,
        original_title=entry.original_title,
        title_language=entry.title_language,
        english_title=entry.english_title,
        synopsis=entry.synopsis,
        languages=tuple(entry.languages),
        countries=tuple(entry.countries),
        year=entry.year,
        credits=tuple((each.name, each.role) for each in entry.credits),
        declaration=Declaration(lines, entry.declared_share_bp),
        affirmed=affirmed(entry, rules),
    )


def affirmed(entry: Entry, rules: Rules) -> frozenset[str]:
    """Keys of the statements that were affirmed in the very words they have now."""
    kept = {each.statement: each.affirmed_at for each in entry.affirmations}
    if len(entry.edition.versions) == 1:
        return frozenset(kept)
    words = {each.key: each.text for each in rules.rights}
    return frozenset(
        key for key, at in kept.items() if words.get(key) == _words_then(entry, key, at)
    )


def _words_then(entry: Entry, key: str, at: datetime) -> Texts | None:
    """How a statement read at an instant: as it did in the version the entry was held to then."""
    if entry.stage in HELD and at >= _held_since(entry):
        return next((each.text for each in entry.rules.rights if each.key == key), None)
    versions = [each for each in entry.edition.versions if each.created_at <= at]
    then = versions[-1].rules.rights if versions else ()
    return next((each.text for each in then if each.key == key), None)


def _held_since(entry: Entry) -> datetime:
    under_these = [each for each in entry.receipts if each.rules_version is entry.rules_version]
    return min((each.at for each in under_these), default=entry.created_at)


def film_findings(entry: Entry) -> list[Finding]:
    """What the check found about the newest film and the declared AI share."""
    rules = entry.rules.film
    share = entry.declared_share_bp
    percent = None if share is None else share_percent(share)
    facts = facts_of(entry.master.inspection) if entry.master else None
    if facts is not None:
        found = inspect(facts, rules, percent, titles_s=entry.titles_s)
        return [*found, *_of_subtitles(entry, facts, rules)]
    return [] if percent is None else [ai_share_finding(percent, rules)]


def _of_subtitles(entry: Entry, film: MediaFacts, rules: FilmRules) -> Iterator[Finding]:
    for each in entry.subtitles:
        if each.facts is not None:
            facts = SubtitleFacts.from_json(each.facts)
            yield from subtitle_findings(facts, each.language, film.duration_s, rules.subtitles)


def running_s(entry: Entry) -> float | None:
    """The seconds of the newest film that count toward the duration; None before its header."""
    facts = facts_of(entry.master.inspection) if entry.master else None
    return counted_s(facts, entry.rules.film, entry.titles_s) if facts else None


def is_checked(entry: Entry) -> bool:
    """Whether the newest film's check has come to its end."""
    inspection = entry.master.inspection if entry.master else None
    ended = (InspectionState.FINISHED, InspectionState.UNREADABLE)
    return inspection is not None and inspection.state in ended


def obstacles(entry: Entry) -> list[Finding]:
    """Everything that keeps the entry from being submitted, in the order of its page."""
    rules = entry.rules
    lacking = missing(sheet_of(entry, rules), rules)
    if open_uploads(entry):
        lacking.append(
            _film(Sentence("A film is still being sent. Let it arrive, or give that upload up."))
        )
    elif entry.master is None:
        lacking.append(_film(Sentence("Send your film.")))
    elif not is_checked(entry):
        lacking.append(_film(Sentence("The check of your film is still running; wait for it.")))
    return [*lacking, *(each for each in film_findings(entry) if blocks([each]))]


def _film(advice: Sentence) -> Finding:
    return Finding("missing", "film", Severity.BLOCK, advice)
