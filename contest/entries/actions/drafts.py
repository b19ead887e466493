"""Beginning an entry and filling it in. Saving refuses what is late, never what is unfinished."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.film import CLOSED, check_open_for_changes
from contest.entries.judging import affirmed
from contest.entries.models import Affirmation, Credit, Entry, Subtitles, ToolUse
from contest.logbook import log
from contest.machines.storage import Storage
from contest.people.models import Person
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage
from contest.rulebook.subtitle_reading import subtitle_facts
from contest.rulebook.subtitles import as_webvtt, read_subtitles

FACTS = (
    "category",
    "original_title",
    "title_language",
    "romanised_title",
    "english_title",
    "synopsis",
    "languages",
    "countries",
    "year",
    "titles_s",
    "may_play_publicly",
)
FILM_CODES = range(1000, 100_000)


def begin_entry(session: Session, edition: Edition, person: Person, *, now: datetime) -> Entry:
    """A new draft, or the one that was begun and never touched. Refused outside the open call."""
    phase = call_phase(edition.rules.calendar, now)
    if phase is not CallPhase.OPEN:
        raise Refused(CLOSED[phase])
    if (untouched := _untouched(session, edition, person)) is not None:
        return untouched
    entry = Entry(
        edition=edition,
        person=person,
        rules_version=edition.current,
        stage=EntryStage.DRAFT,
        film_code=_free_code(session, edition),
        countries=[person.country] if person.country else [],
        title_language="",
        languages=[],
        created_at=now,
        changed_at=now,
    )
    session.add(entry)
    session.flush()  # the log names the entry by id
    _log(session, "entry.begun", entry, now)
    return entry


def save_facts(session: Session, entry: Entry, facts: Mapping[str, Any], *, now: datetime) -> None:
    """Keep the facts given, by name of `FACTS`; what is not given stays as it is."""
    check_open_for_changes(entry, now)
    for name in FACTS:
        if name in facts:
            setattr(entry, name, facts[name])
    _changed(session, entry, "entry.facts_saved", now)


def save_credits(
    session: Session, entry: Entry, people: Sequence[Mapping[str, str]], *, now: datetime
) -> None:
    """Replace the credits by these rows of name, romanised_name and role, in this order."""
    check_open_for_changes(entry, now)
    entry.credits = [
        Credit(
            position=at,
            name=each["name"],
            romanised_name=each.get("romanised_name", ""),
            role=each["role"],
        )
        for at, each in enumerate(people)
    ]
    _changed(session, entry, "entry.credits_saved", now)


def save_declaration(
    session: Session,
    entry: Entry,
    lines: Sequence[Mapping[str, str]],
    share_bp: int | None,
    *,
    now: datetime,
) -> None:
    """Replace the tool lines, and keep the declared AI share in hundredths of a percent."""
    check_open_for_changes(entry, now)
    names = ("stage", "tool", "vendor", "version", "made", "human_step", "terms")
    entry.tools = [
        ToolUse(position=at, **{name: line.get(name, "") for name in names})
        for at, line in enumerate(lines)
    ]
    entry.declared_share_bp = share_bp
    _changed(session, entry, "entry.declaration_saved", now)


def affirm(session: Session, entry: Entry, statements: Sequence[str], *, now: datetime) -> None:
    """Let exactly these statements stand affirmed; those affirmed before keep their time."""
    check_open_for_changes(entry, now)
    rules = entry.rules
    standing = affirmed(entry, rules)
    held = {each.statement: each for each in entry.affirmations if each.statement in standing}
    known = {each.key for each in rules.rights}
    entry.affirmations = list(held.values())
    session.flush()  # a statement reworded since is affirmed anew, in a row of its own
    entry.affirmations = [
        held.get(key) or Affirmation(statement=key, affirmed_at=now)
        for key in dict.fromkeys(statements)
        if key in known
    ]
    _changed(session, entry, "entry.rights_saved", now)


def keep_subtitles(
    session: Session,
    storage: Storage,
    entry: Entry,
    *,
    language: str,
    file_name: str,
    data: bytes,
    now: datetime,
) -> Subtitles:
    """Keep subtitles in a language, as WebVTT; a second file takes the first one's place.

    Raises `Refused` where `data` holds no subtitles that can be read.
    """
    check_open_for_changes(entry, now)
    cues = read_subtitles(data)
    text = as_webvtt(cues).encode()
    kept = next((each for each in entry.subtitles if each.language == language), None)
    if kept is None:
        kept = Subtitles(language=language)
        entry.subtitles.append(kept)
    kept.file_name, kept.received_at = file_name, now
    kept.facts = subtitle_facts(cues).to_json()
    kept.storage_key = storage.keep(io.BytesIO(text))
    _changed(session, entry, "entry.subtitles_kept", now)
    return kept


def remove_subtitles(session: Session, entry: Entry, language: str, *, now: datetime) -> None:
    """Let the subtitles in a language go. Removing what is not there changes nothing."""
    check_open_for_changes(entry, now)
    entry.subtitles = [each for each in entry.subtitles if each.language != language]
    _changed(session, entry, "entry.subtitles_removed", now)


def _untouched(session: Session, edition: Edition, person: Person) -> Entry | None:
    """A button pressed twice begins one entry."""
    return session.scalar(
        select(Entry)
        .where(Entry.edition_id == edition.id, Entry.person_id == person.id)
        .where(Entry.stage == EntryStage.DRAFT, Entry.revision == 0, ~Entry.reels.any())
        .order_by(Entry.id)
        .limit(1)
    )


def _free_code(session: Session, edition: Edition) -> int:
    taken = set(session.scalars(select(Entry.film_code).where(Entry.edition_id == edition.id)))
    while True:
        code = secrets.choice(FILM_CODES)
        if code not in taken:
            return code


def _changed(session: Session, entry: Entry, act: str, now: datetime) -> None:
    """Count the change. Drafts change all the time; what changes later goes into the logbook."""
    entry.revision += 1
    entry.changed_at = now
    session.flush()  # rows replaced by others must be gone before the log line is written
    if entry.stage is EntryStage.ASKED:
        _log(session, act, entry, now, revision=entry.revision)


def _log(session: Session, act: str, entry: Entry, now: datetime, **details: Any) -> None:
    about = f"entry:{entry.id}"
    person_id, edition_id = entry.person_id, entry.edition_id
    log(session, act, about, now=now, person_id=person_id, edition_id=edition_id, **details)
