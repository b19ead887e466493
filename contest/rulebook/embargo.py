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


def may_show(visible_from: datetime, now: datetime) -> bool:
    """Whether a published palmarès shows: from its instant on, to everyone; before, to no one."""
    return now >= visible_from
