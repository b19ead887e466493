"""The house's books after a soak: nothing lost, nothing double, nothing left lying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from benchmarks.author import Sent
from contest.entries.models import Entry, Receipt
from contest.letters.models import Letter, LetterState
from contest.logbook import LogLine, broken_seals
from contest.machines.queue import Job
from contest.machines.storage import Storage
from contest.media.models import Inspection, InspectionState, Master, Rendition, RenditionState
from contest.rulebook.stages import EntryStage
from tests.processes import digest_of


def amiss(
    session: Session, storage: Storage, sent: Sequence[Sent], posted: Mapping[str, int]
) -> list[str]:
    """A sentence for everything that is not as it must be. `posted` counts letters by name."""
    found = [
        *_numbers(session, sent),
        *_receipts(session, sent),
        *_films(session, storage, sent),
        *_checks(session),
        *_letters(session, sent, posted),
    ]
    if open_jobs(session):
        found.append(f"{open_jobs(session)} jobs are still open")
    if given_up := _jobs(session, Job.given_up_at.is_not(None)):
        found.append(f"{given_up} jobs were given up")
    if list(broken_seals(session)):
        found.append("the logbook's seals are broken")
    return found


def open_jobs(session: Session) -> int:
    """Jobs that are due and not done."""
    due = Job.due_at <= datetime.now(UTC)
    return _jobs(session, Job.done_at.is_(None), Job.given_up_at.is_(None), due)


def _jobs(session: Session, *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(*which)) or 0


def _numbers(session: Session, sent: Sequence[Sent]) -> Iterator[str]:
    entries = session.scalars(select(Entry)).all()
    yield from _if(len(entries) != len(sent), f"{len(entries)} entries of {len(sent)} authors")
    numbers = sorted(each.number or 0 for each in entries)
    gaps = numbers != list(range(1, len(sent) + 1))
    yield from _if(gaps, f"numbers have gaps or doubles: {numbers}")
    told = {each.entry_id: each.number for each in sent}
    differ = [each.id for each in entries if told.get(each.id) != each.number]
    yield from _if(bool(differ), f"entries have another number than was told: {differ}")
    drafts = [each.id for each in entries if each.stage is not EntryStage.SUBMITTED]
    yield from _if(bool(drafts), f"entries are not submitted: {drafts}")
    logged = session.scalars(select(LogLine.about).where(LogLine.act == "entry.submitted")).all()
    twice = sorted(logged) != sorted(f"entry:{each.entry_id}" for each in sent)
    yield from _if(twice, "the logbook doesn't tell one submission of each entry")


def _receipts(session: Session, sent: Sequence[Sent]) -> Iterator[str]:
    kept = sorted(
        session.execute(select(Receipt.entry_id, Receipt.sha256, Receipt.entry_number)).tuples()
    )
    told = sorted((each.entry_id, each.sha256, each.number) for each in sent)
    yield from _if(kept != told, "receipts are not one for each entry, of the film that was sent")


def _films(session: Session, storage: Storage, sent: Sequence[Sent]) -> Iterator[str]:
    """Every film is read from the storage, byte for byte."""
    masters = session.scalars(select(Master)).all()
    yield from _if(len(masters) != len(sent), f"{len(masters)} films of {len(sent)} authors")
    digests = []
    for master in masters:
        with storage.open(master.storage_key) as film:
            digests.append(digest_of(film))
    differ = sorted(digests) != sorted(each.sha256 for each in sent)
    yield from _if(differ, "films in the storage are not the films that were sent")


def _checks(session: Session) -> Iterator[str]:
    unfinished = select(func.count()).select_from(Inspection)
    states = Inspection.state != InspectionState.FINISHED
    if count := session.scalar(unfinished.where(states)):
        yield f"{count} films are not checked to their end"
    lacking = Rendition.state != RenditionState.READY
    if count := session.scalar(select(func.count()).select_from(Rendition).where(lacking)):
        yield f"{count} renditions are not there"


def _letters(session: Session, sent: Sequence[Sent], posted: Mapping[str, int]) -> Iterator[str]:
    letters = session.scalars(select(Letter)).all()
    about = sorted(each.about for each in letters if each.template == "receipt")
    one_each = about == sorted(f"entry:{each.entry_id}" for each in sent)
    yield from _if(not one_each, "letters with receipts are not one for each entry")
    waiting = [each.id for each in letters if each.state is not LetterState.SENT]
    yield from _if(bool(waiting), f"letters are not sent: {waiting}")
    again = {name: times for name, times in posted.items() if times != 1}
    yield from _if(bool(again), f"letters came to the post office more than once: {again}")
    arrived = len(posted) != len(letters)
    yield from _if(arrived, f"{len(posted)} letters came to the post office of {len(letters)}")


def _if(is_amiss: bool, words: str) -> Iterator[str]:
    if is_amiss:
        yield words
