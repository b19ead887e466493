"""The unsigned score sheet, as the juror fills it in: marks, remark, notes, what was watched.

These are saved at each touch and are private to the juror, so the logbook doesn't tell of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import ceil

from sqlalchemy.orm import Session

from contest.jury.models import Note, Screening
from contest.rulebook.refusal import Refused
from contest.rulebook.scoring import ScoreSheet, check_marks
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import NOT_NOW, NotNow, RoundStage, ScreeningStage

MARKABLE = (ScreeningStage.WAITING, ScreeningStage.SKIPPED, ScreeningStage.SCORED)


def check_open(screening: Screening) -> None:
    """Raises `NotNow` unless the round takes ballots, `Refused` where the juror left it."""
    stage = screening.seat.round.stage
    if stage is not RoundStage.OPEN:
        raise NotNow(NOT_NOW[stage])
    if screening.seat.left_at is not None:
        raise Refused(Sentence("You no longer sit in this round; what you signed stays."))


def save_marks(
    screening: Screening, marks: Mapping[str, int], remark: str | None, *, now: datetime
) -> None:
    """Put marks on the unsigned sheet, which may still lack some; a None remark stays as it is.

    Raises `Refused` with a finding for each mark that is off the scale or on no criterion.
    """
    check_open(screening)
    if screening.stage not in MARKABLE:
        raise NotNow(NOT_NOW[screening.stage])
    sheet = dict(screening.marks) | dict(marks)
    findings = check_marks(sheet, ScoreSheet.of(screening.seat.round.rules), complete=False)
    if findings:
        raise Refused(Sentence("These marks are not on the score sheet."), findings)
    screening.marks, screening.changed_at = sheet, now
    if remark is not None:
        screening.remark = remark.strip()


def write_note(
    session: Session, screening: Screening, at_ms: int, text: str, *, now: datetime
) -> Note:
    """Note something at a moment of the film; the same words at the same moment are noted once.

    `at_ms` is kept within the film's length where that is known.
    """
    check_open(screening)
    if not (words := text.strip()):
        raise Refused(Sentence("Write what you noticed."))
    length = length_s(screening)
    at = max(0, at_ms if length is None else min(at_ms, int(length * 1000)))
    for note in screening.notes:
        if (note.at_ms, note.text) == (at, words):
            return note
    note = Note(at_ms=at, text=words, written_at=now)
    screening.notes.append(note)
    session.flush()  # the page names it by id
    return note


def erase_note(session: Session, screening: Screening, note_id: int) -> None:
    """Take a note back; one that is gone already is gone."""
    check_open(screening)
    for note in [each for each in screening.notes if each.id == note_id]:
        screening.notes.remove(note)
    session.flush()


def record_watching(screening: Screening, seconds: int, *, to_end: bool, now: datetime) -> None:
    """Keep how much was watched: never less than before, never more than the film is long."""
    check_open(screening)
    length = length_s(screening)
    most = seconds if length is None else min(seconds, ceil(length))
    screening.seconds_watched = max(screening.seconds_watched, most)
    screening.seen_to_end = screening.seen_to_end or to_end
    screening.changed_at = now


def length_s(screening: Screening) -> float | None:
    """The film's running time in seconds, where it was measured."""
    master = screening.entry.master
    facts = master.inspection.facts if master and master.inspection else None
    length = (facts or {}).get("duration_s")
    return None if length is None else float(length)
