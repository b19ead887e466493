"""Letters that call jurors to their films."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contest.jury.models import Round, Seat
from contest.jury.queries.progress import progress
from contest.letters.actions import write_letter
from contest.logbook import log
from contest.rulebook.rules import in_language
from contest.rulebook.stages import NOT_NOW, NotNow, RoundStage

if TYPE_CHECKING:
    from contest.rulebook.assignment import Plan


def call_jurors(
    session: Session, round_: Round, plan: Plan, *, public_url: str, now: datetime
) -> int:
    """Write to each juror who was dealt films just now; returns how many letters went."""
    dealt = {int(juror): len(queue) for juror, queue in plan.queues.items() if queue}
    called = [each for each in round_.seats if each.person_id in dealt]
    for seat in called:
        _write(session, "films_dealt", seat, dealt[seat.person_id], public_url, now)
    return len(called)


def remind_jurors(
    session: Session, round_: Round, *, by_id: int, public_url: str, now: datetime
) -> int:
    """Write to each juror who falls behind; returns how many letters went.

    Who was reminded doesn't fall behind again for some days. Raises `NotNow` unless it is open.
    """
    if round_.stage is not RoundStage.OPEN:
        raise NotNow(NOT_NOW[round_.stage])
    behind = [each for each in progress(session, round_, now).seats if each.behind]
    for each in behind:
        _write(session, "films_waiting", each.seat, each.left, public_url, now)
    if behind:
        log(
            session,
            "round.jurors_reminded",
            round_.about,
            now=now,
            person_id=by_id,
            edition_id=round_.edition_id,
            seats=[each.seat.number for each in behind],
        )
    return len(behind)


def _write(
    session: Session, template: str, seat: Seat, films: int, public_url: str, now: datetime
) -> None:
    round_, juror = seat.round, seat.person
    seat.called_at = now
    write_letter(
        session,
        template,
        address=juror.email,
        language=juror.language,
        person_id=juror.id,
        edition_id=round_.edition_id,
        about=round_.about,
        now=now,
        name=juror.name,
        edition=in_language(round_.rules_version.rules.title, juror.language),
        round=in_language(round_.rules.title, juror.language),
        films=films,
        by=_local(round_.closes_at, juror.time_zone),
        link=f"{public_url}/jury",
    )


def _local(instant: datetime | None, zone: str) -> str:
    """The instant in the juror's zone, which it names; empty where there is none."""
    if instant is None:
        return ""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
