"""The one place where deadlines are compared: a second before, on the dot, a second after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contest.rulebook.embargo import CallPhase, call_phase, may_show
from contest.rulebook.rules import Calendar

OPENS = datetime(2026, 10, 1, tzinfo=UTC)
CLOSES = datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)
CALENDAR = Calendar("Asia/Shanghai", OPENS, CLOSES, CLOSES + timedelta(days=40))
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (OPENS - SECOND, CallPhase.BEFORE),
        (OPENS, CallPhase.OPEN),
        (CLOSES - SECOND, CallPhase.OPEN),
        (CLOSES, CallPhase.OPEN),
        (CLOSES + SECOND, CallPhase.CLOSED),
    ],
)
def test_the_call_is_open_from_its_first_to_its_last_instant(
    now: datetime, phase: CallPhase
) -> None:
    assert call_phase(CALENDAR, now) is phase


def test_a_palmares_shows_from_its_instant_on() -> None:
    shown = [may_show(OPENS, OPENS + step * SECOND) for step in (-1, 0, 1)]
    assert shown == [False, True, True]
