"""Finding entries: one with all that belongs to it, or pages of many, in a few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import Select, String, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from contest.editions.models import Edition
from contest.entries.models import Decision, Entry, Receipt, Reel
from contest.media.models import Inspection, Master, Rendition, RenditionKind, RenditionState
from contest.people.models import Person
from contest.rulebook.findings import Severity
from contest.rulebook.stages import EntryStage

PAGE = 50
WHOLE = (
    joinedload(Entry.edition).selectinload(Edition.versions),
    joinedload(Entry.person),
    joinedload(Entry.rules_version),
    selectinload(Entry.credits),
    selectinload(Entry.tools),
    selectinload(Entry.affirmations),
    selectinload(Entry.subtitles),
    selectinload(Entry.receipts).joinedload(Receipt.rules_version),
    selectinload(Entry.decisions).joinedload(Decision.letter),
    selectinload(Entry.reels).joinedload(Reel.upload),
    selectinload(Entry.reels).joinedload(Reel.master).joinedload(Master.inspection),
    selectinload(Entry.reels).joinedload(Reel.master).selectinload(Master.renditions),
)


@dataclass(frozen=True)
class EntryRow:
    """An entry as a list shows it; `still_key` is its still's place in the storage."""

    id: int
    number: int | None
    stage: EntryStage
    original_title: str
    title_language: str
    english_title: str
    author: str
    country: str
    category: str
    declared_share_bp: int | None
    duration_s: float | None
    submitted_at: datetime | None
    verdict: Severity | None
    still_key: str | None


@dataclass(frozen=True)
class Page:
    """One page of a list: `number` counts from 1, `total` all rows that were found."""

    rows: Sequence[EntryRow]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / PAGE))


def whole_entry(session: Session, entry_id: int) -> Entry | None:
    """An entry with everything its page shows, in a fixed number of queries."""
    return session.get(Entry, entry_id, options=WHOLE)


def entry_of_edition(session: Session, edition_id: int, entry_id: int) -> Entry | None:
    """The same, where the entry belongs to that edition."""
    entry = whole_entry(session, entry_id)
    return entry if entry is not None and entry.edition_id == edition_id else None


def entry_by_number(session: Session, edition_id: int, number: int) -> Entry | None:
    """The entry that has this number in the edition."""
    return session.scalar(
        select(Entry).where(Entry.edition_id == edition_id, Entry.number == number)
    )


def entries_of_person(session: Session, person_id: int) -> Sequence[Entry]:
    """A person's entries with everything their pages show, newest first."""
    return session.scalars(
        select(Entry).where(Entry.person_id == person_id).order_by(Entry.id.desc()).options(*WHOLE)
    ).all()


def list_entries(
    session: Session,
    edition_id: int,
    *,
    search: str = "",
    stage: EntryStage | None = None,
    category: str | None = None,
    country: str | None = None,
    remarked: bool | None = None,
    page: int = 1,
) -> Page:
    """One page of an edition's entries by number, drafts last.

    `remarked` asks for films whose check found something to look at, or for those it did not.
    """
    found = _found(edition_id, search.strip(), stage, category, country)
    if remarked is not None:
        in_order = Entry.verdict == Severity.OK
        found = found.where(Entry.verdict.is_not(None), ~in_order if remarked else in_order)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    number = min(max(page, 1), max(1, ceil(total / PAGE)))
    rows = found.order_by(Entry.number.is_(None), Entry.number, Entry.id)
    ids = session.scalars(rows.limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(_rows(session, ids), number, total)


def counts_by_stage(session: Session, edition_id: int) -> dict[EntryStage, int]:
    """How many of an edition's entries stand at each stage."""
    counted = session.execute(
        select(Entry.stage, func.count())
        .where(Entry.edition_id == edition_id)
        .group_by(Entry.stage)
    )
    return dict.fromkeys(EntryStage, 0) | dict(counted.all())


def count_remarked(session: Session, edition_id: int) -> int:
    """How many entries that wait for a decision have a film with something to look at."""
    remarked = (Entry.stage == EntryStage.SUBMITTED, Entry.verdict != Severity.OK)
    return (
        session.scalar(
            select(func.count()).select_from(Entry).where(Entry.edition_id == edition_id, *remarked)
        )
        or 0
    )


def counts_by_country(session: Session, edition_id: int) -> list[tuple[str, int]]:
    """Countries of the authors of an edition's entries, the most entries first."""
    counted = session.execute(
        select(Person.country, func.count())
        .join(Entry, Entry.person_id == Person.id)
        .where(Entry.edition_id == edition_id)
        .group_by(Person.country)
        .order_by(func.count().desc(), Person.country)
    )
    return [(country, count) for country, count in counted]


def _found(
    edition_id: int,
    search: str,
    stage: EntryStage | None,
    category: str | None,
    country: str | None,
) -> Select[Any]:
    query = select(Entry.id).where(Entry.edition_id == edition_id)
    if stage is not None:
        query = query.where(Entry.stage == stage)
    if category:
        query = query.where(Entry.category == category)
    if country or search:
        query = query.join(Person, Person.id == Entry.person_id)
    if country:
        query = query.where(Person.country == country)
    return query.where(_mentions(search)) if search else query


def _mentions(search: str) -> Any:
    """The words anywhere in titles or author, or the entry's number."""
    words = f"%{search.replace('%', '').replace('_', '')}%"
    columns = (
        Entry.original_title,
        Entry.romanised_title,
        Entry.english_title,
        Person.name,
        Person.email,
    )
    conditions = [column.ilike(words) for column in columns]
    number = search.lstrip("#").lstrip("0")
    return or_(*conditions, cast(Entry.number, String) == number) if number else or_(*conditions)


def _rows(session: Session, ids: Sequence[int]) -> list[EntryRow]:
    newest = (
        select(Reel.entry_id, func.max(Reel.master_id).label("master_id"))
        .where(Reel.entry_id.in_(ids))
        .group_by(Reel.entry_id)
        .subquery()
    )
    found = session.execute(
        select(
            Entry.id,
            Entry.number,
            Entry.stage,
            Entry.original_title,
            Entry.title_language,
            Entry.english_title,
            Person.name.label("author"),
            Person.country,
            Entry.category,
            Entry.declared_share_bp,
            Inspection.facts,
            Entry.submitted_at,
            Entry.verdict,
            Rendition.storage_key.label("still_key"),
        )
        .join(Person, Person.id == Entry.person_id)
        .outerjoin(newest, newest.c.entry_id == Entry.id)
        .outerjoin(Inspection, Inspection.master_id == newest.c.master_id)
        .outerjoin(
            Rendition,
            (Rendition.master_id == newest.c.master_id)
            & (Rendition.kind == RenditionKind.STILL)
            & (Rendition.state == RenditionState.READY),
        )
        .where(Entry.id.in_(ids))
    )
    rows = {each.id: _row(each._asdict()) for each in found}
    return [rows[each] for each in ids]


def _row(found: dict[str, Any]) -> EntryRow:
    facts = found.pop("facts") or {}
    return EntryRow(duration_s=facts.get("duration_s"), **found)
