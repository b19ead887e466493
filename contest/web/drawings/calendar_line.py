"""An edition's calendar as a line with today on it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from contest.rulebook.rules import Calendar
from contest.web.drawings.words import spoken

MARGIN = 6.0
"""Percent left before the opening and after the announcement."""


def calendar_line(calendar: Calendar, now: datetime, name: str = "calendar") -> Markup:
    """Opening, closing and announcement on one line in true proportion, and where `now` is."""
    opens, closes, announces = (
        _at(calendar, each)
        for each in (calendar.opens_at, calendar.closes_at, calendar.announces_at)
    )
    today = _at(calendar, now)
    drawn = Markup(
        '<line class="draw-axis" x1="0%" x2="100%" y1="44" y2="44"/>'
        '<rect class="draw-band" x="{0:.2f}%" y="36" width="{1:.2f}%" height="16"/>'
    ).format(opens, closes - opens)
    ticks = Markup().join(
        Markup('<line class="draw-rule" x1="{0:.2f}%" x2="{0:.2f}%" y1="32" y2="56"/>').format(at)
        for at in (opens, closes, announces)
    )
    here = Markup(
        '<circle class="draw-here" cx="{0:.2f}%" cy="44" r="7"/>'
        '<text class="draw-text draw-strong" x="{0:.2f}%" y="20" text-anchor="{1}">{2}</text>'
    ).format(today, _anchor(today), _("today"))
    labels = Markup().join(
        Markup('<text class="draw-text" x="{:.2f}%" y="76" text-anchor="{}">{}</text>').format(
            at, anchor, _day(moment, calendar.time_zone)
        )
        for at, moment, anchor in (
            (opens, calendar.opens_at, "start"),
            (closes, calendar.closes_at, "middle" if announces - closes > 25 else "end"),
            (announces, calendar.announces_at, "end" if announces - closes > 25 else "start"),
        )
        if not (moment is calendar.announces_at and announces - closes <= 12)
    )
    return Markup('<svg class="drawing" width="100%" height="84" {}{}{}{}{}</svg>').format(
        spoken(name, _("The calendar of this edition"), _told(calendar, now)),
        drawn,
        ticks,
        here,
        labels,
    )


def _day(moment: datetime, time_zone: str) -> str:
    """Day and month where the edition is announced, in the order the reader's language has."""
    there = moment.astimezone(ZoneInfo(time_zone))
    return format_skeleton("MMMd", there, locale=get_locale())


def _at(calendar: Calendar, moment: datetime) -> float:
    """Percent of the drawing's width; moments beyond the line stay at its ends."""
    whole = (calendar.announces_at - calendar.opens_at).total_seconds()
    part = (moment - calendar.opens_at).total_seconds() / whole
    return min(98.0, max(2.0, MARGIN + part * (100 - 2 * MARGIN)))


def _anchor(percent: float) -> str:
    if percent < 15:
        return "start"
    return "end" if percent > 85 else "middle"


def _told(calendar: Calendar, now: datetime) -> str:
    opens, closes, announces, today = (
        format_date(each.astimezone(ZoneInfo(calendar.time_zone)), "long", locale=get_locale())
        for each in (calendar.opens_at, calendar.closes_at, calendar.announces_at, now)
    )
    return str(
        _(
            "Open from %(opens)s to %(closes)s, announced on %(announces)s; today is %(today)s.",
            opens=opens,
            closes=closes,
            announces=announces,
            today=today,
        )
    )
