"""The one place where deadlines are compared: a second before, on the dot, a second after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contest.rulebook.embargo import CallPhase, call_phase, may_arrive, may_show, may_submit
from contest.rulebook.rules import Calendar
from contest.rulebook.rules_reading import read_rules
from tests.factories import document

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


WINDOW = replace(CALENDAR, late_upload_minutes=60)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("announced_at", "now", "may"),
    [
        (None, CLOSES, True),
        (None, CLOSES + SECOND, False),
        (OPENS - SECOND, CLOSES + SECOND, False),
        (OPENS, CLOSES + SECOND, True),
        (CLOSES - SECOND, CLOSES + HOUR - SECOND, True),
        (CLOSES, CLOSES + HOUR, True),
        (CLOSES, CLOSES + HOUR + SECOND, False),
        (CLOSES + SECOND, CLOSES + SECOND, False),
    ],
)
def test_after_the_closing_a_film_arrives_that_was_announced_within_the_window(
    announced_at: datetime | None, now: datetime, may: bool
) -> None:
    assert may_arrive(WINDOW, announced_at, now) is may


def test_without_a_window_nothing_arrives_after_the_closing() -> None:
    assert may_arrive(CALENDAR, CLOSES, CLOSES)
    assert not may_arrive(CALENDAR, CLOSES, CLOSES + SECOND)
    assert not may_submit(CALENDAR, CLOSES, None, CLOSES + SECOND)


@pytest.mark.parametrize(
    ("announced_at", "checked_at", "now", "may"),
    [
        (None, None, CLOSES, True),
        (None, None, CLOSES + SECOND, False),
        (CLOSES, None, CLOSES + SECOND, True),
        (CLOSES, CLOSES + HOUR, CLOSES + 2 * HOUR, True),
        (CLOSES, CLOSES + HOUR, CLOSES + 2 * HOUR + SECOND, False),
        (CLOSES, CLOSES + SECOND, CLOSES + SECOND, True),
        (CLOSES, CLOSES, CLOSES + SECOND, False),
        (CLOSES + SECOND, CLOSES + HOUR, CLOSES + HOUR, False),
    ],
)
def test_after_the_closing_an_entry_is_submitted_that_waited_for_its_film(
    announced_at: datetime | None, checked_at: datetime | None, now: datetime, may: bool
) -> None:
    assert may_submit(WINDOW, announced_at, checked_at, now) is may


@pytest.mark.parametrize(
    ("closes", "ends"),
    [
        ("2027-03-28T01:59:59", "2027-03-28T03:59:59"),
        ("2027-03-28T01:30:00", "2027-03-28T03:30:00"),
        ("2027-10-31T01:59:59", "2027-10-31T02:59:59"),
        ("2027-10-31T03:00:00", "2027-10-31T04:00:00"),
    ],
)
def test_an_hour_is_an_hour_in_the_night_the_clocks_change(closes: str, ends: str) -> None:
    paris = ZoneInfo("Europe/Paris")
    told = {"time_zone": "Europe/Paris", "opens_at": "2027-01-01T00:00:00", "closes_at": closes}
    calendar = read_rules(document(**told, announces_at="2028-01-01T00:00:00")).calendar
    assert calendar.films_until - calendar.closes_at == HOUR
    assert calendar.films_until.astimezone(paris).replace(tzinfo=None).isoformat() == ends
    sent = [
        may_arrive(calendar, calendar.closes_at, calendar.films_until + step * SECOND)
        for step in (-1, 0, 1)
    ]
    assert sent == [True, True, False]
    begun = [call_phase(calendar, calendar.closes_at + step * SECOND) for step in (-1, 0, 1)]
    assert begun == [CallPhase.OPEN, CallPhase.OPEN, CallPhase.CLOSED]
