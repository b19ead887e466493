"""What may be known, and done, at an instant. Every deadline is compared here and nowhere else."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from contest.rulebook.rules import Calendar


class CallPhase(StrEnum):
    """Where an edition's call stands at an instant."""

    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"


def call_phase(calendar: Calendar, now: datetime) -> CallPhase:
    """The call is open from its opening instant to its closing instant, both included."""
    if now < calendar.opens_at:
        return CallPhase.BEFORE
    return CallPhase.OPEN if now <= calendar.closes_at else CallPhase.CLOSED


def was_announced_in_time(calendar: Calendar, announced_at: datetime | None) -> bool:
    """Whether a film's size and SHA-256 were told while the call was open."""
    return announced_at is not None and call_phase(calendar, announced_at) is CallPhase.OPEN


def may_arrive(calendar: Calendar, announced_at: datetime | None, now: datetime) -> bool:
    """Whether a film may be sent, and be there whole, at this instant.

    Any film while the call is open; after it, within the published window, one that was announced.
    """
    if call_phase(calendar, now) is CallPhase.OPEN:
        return True
    return was_announced_in_time(calendar, announced_at) and now <= calendar.films_until


def may_submit(
    calendar: Calendar, announced_at: datetime | None, checked_at: datetime | None, now: datetime
) -> bool:
    """Whether an entry may be submitted whose film was announced and checked at these instants.

    After the closing, only one whose film was announced in time and not yet checked by then: it
    was waiting for its film, or for us.
    """
    if call_phase(calendar, now) is CallPhase.OPEN:
        return True
    waited = checked_at is None or checked_at > calendar.closes_at
    in_time = was_announced_in_time(calendar, announced_at)
    return in_time and waited and now <= calendar.late_entries_until


def may_show(visible_from: datetime, now: datetime) -> bool:
    """Whether a published palmarès shows: from its instant on, to everyone; before, to no one."""
    return now >= visible_from
