"""Submitting an entry: one act, one number, one receipt. And taking it back while there is time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.film import CLOSED, may_be_submitted
from contest.entries.judging import film_findings, obstacles
from contest.entries.models import Entry, Receipt
from contest.entries.post import write_to_author
from contest.logbook import log
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.findings import heaviest
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import ENTRY, EntryEvent, EntryStage, advance


def submit(session: Session, entry: Entry, *, public_url: str, now: datetime) -> Receipt:
    """Submit the entry under the rules in force; submitting it again gives the same receipt.

    Raises `Refused`, naming everything still missing, and outside the open call: after it only an
    entry is taken that waited for a film announced in time.
    """
    session.refresh(entry, ["stage", "number"], with_for_update=True)  # one submission at a time
    if entry.stage is EntryStage.SUBMITTED:
        return entry.receipts[-1]
    stage = advance(ENTRY, entry.stage, EntryEvent.SUBMIT)
    if not may_be_submitted(entry, now):
        raise Refused(CLOSED[call_phase(entry.edition.rules.calendar, now)])
    _must_be_complete(entry)
    if entry.number is None:
        entry.number = _next_number(session, entry.edition)
    entry.rules_version = entry.edition.current
    entry.stage, entry.submitted_at = stage, now
    receipt = _receipt(session, entry, now)
    _write_receipt_letter(session, entry, receipt, public_url, now)
    _log(session, "entry.submitted", entry, now, number=entry.number, sha256=receipt.sha256)
    return receipt


def return_to_draft(session: Session, entry: Entry, *, now: datetime) -> None:
    """Open a submitted entry for changes; it must be submitted again before the closing."""
    _step(session, entry, EntryEvent.RETURN_TO_DRAFT, "entry.returned_to_draft", now)


def withdraw(session: Session, entry: Entry, *, now: datetime) -> None:
    """Take the entry out of the competition: at any time; undone only before the closing."""
    entry.stage = advance(ENTRY, entry.stage, EntryEvent.WITHDRAW)
    _log(session, "entry.withdrawn", entry, now)


def reopen(session: Session, entry: Entry, *, now: datetime) -> None:
    """Make a withdrawn entry a draft again."""
    _step(session, entry, EntryEvent.REOPEN, "entry.reopened", now)


def answer(
    session: Session, entry: Entry, words: str, *, public_url: str, now: datetime
) -> Receipt:
    """Answer the organizers' question, with what was changed; the entry waits for them again."""
    stage = advance(ENTRY, entry.stage, EntryEvent.ANSWER)
    if not words.strip():
        raise Refused(Sentence("Write an answer to the organizers' question."))
    _must_be_complete(entry)
    entry.stage, entry.submitted_at = stage, now
    receipt = _receipt(session, entry, now)
    _write_receipt_letter(session, entry, receipt, public_url, now)
    _log(session, "entry.answered", entry, now, answer=words.strip())
    return receipt


def _step(session: Session, entry: Entry, event: EntryEvent, act: str, now: datetime) -> None:
    stage = advance(ENTRY, entry.stage, event)
    _must_be_open(entry.edition, now)
    entry.stage = stage
    _log(session, act, entry, now)


def _must_be_open(edition: Edition, now: datetime) -> None:
    phase = call_phase(edition.rules.calendar, now)
    if phase is not CallPhase.OPEN:
        raise Refused(CLOSED[phase])


def _must_be_complete(entry: Entry) -> None:
    lacking = obstacles(entry)
    if lacking:
        raise Refused(Sentence("This entry is not complete yet."), lacking)


def _next_number(session: Session, edition: Edition) -> int:
    """The edition's row is locked by counting on it, so that no two entries get one number."""
    session.refresh(edition, ["last_entry_number"], with_for_update=True)
    edition.last_entry_number += 1
    session.flush()
    return edition.last_entry_number


def _receipt(session: Session, entry: Entry, now: datetime) -> Receipt:
    master = entry.master
    if master is None or entry.number is None:
        raise Refused(Sentence("Send your film."))
    entry.verdict = heaviest(film_findings(entry))
    receipt = Receipt(
        entry=entry,
        entry_number=entry.number,
        master_id=master.id,
        sha256=master.sha256,
        size_bytes=master.size_bytes,
        rules_version=entry.rules_version,
        rules_hash=entry.rules_version.hash,
        at=now,
    )
    session.add(receipt)
    session.flush()  # the letter links to the receipt
    return receipt


def _write_receipt_letter(
    session: Session, entry: Entry, receipt: Receipt, public_url: str, now: datetime
) -> None:
    write_to_author(
        session,
        "receipt",
        entry,
        now=now,
        sha256=receipt.sha256,
        rules_version=entry.rules_version.number,
        rules_hash=receipt.rules_hash,
        instant=f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC",
        link=f"{public_url}/entries/{entry.id}/receipt",
    )


def _log(session: Session, act: str, entry: Entry, now: datetime, **details: Any) -> None:
    about = f"entry:{entry.id}"
    person_id, edition_id = entry.person_id, entry.edition_id
    log(session, act, about, now=now, person_id=person_id, edition_id=edition_id, **details)
