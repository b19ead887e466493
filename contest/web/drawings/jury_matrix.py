"""The jury day by day: a square a day, the darker the more ballots were signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from contest.web.drawings.words import spoken
from contest.web.tongues import day

SIDE = 16
STEP = 20
"""Pixels of a square, and from one to the next."""

FAINTEST = 0.25
"""How strong the colour of a single ballot is, 1 being the busiest day of the round."""


def days_strip(number: int, by_day: Sequence[int], days: Sequence[date], busiest: int) -> Markup:
    """One seat's squares; `busiest` is the most ballots any seat signed on one of the days."""
    width = max(1, len(days) * STEP - (STEP - SIDE))
    shown = by_day[: len(days)]
    squares = [_squares("draw-trough", 1, [at for at, signed in enumerate(shown) if not signed])]
    for most in sorted({*shown} - {0}):
        strength = FAINTEST + (1 - FAINTEST) * (most - 1) / max(1, busiest - 1)
        at = [at for at, signed in enumerate(shown) if signed == most]
        squares.append(_squares("draw-bar", strength, at))
    name = f"seat-{number}"
    return Markup(
        '<svg class="drawing jury-days" width="{0}" height="{1}" viewBox="0 0 {0} {1}" {2}{3}</svg>'
    ).format(width, SIDE, spoken(name, _title(number), _told(by_day, days)), Markup().join(squares))


def _squares(kind: str, strength: float, days: Sequence[int]) -> Markup:
    """The squares of these days as one shape: a long round of a large jury has thousands."""
    if not days:
        return Markup()
    outline = "".join(f"M{at * STEP} 0h{SIDE}v{SIDE}h-{SIDE}z" for at in days)
    return Markup('<path class="{}" fill-opacity="{:.2f}" d="{}"/>').format(kind, strength, outline)


def _title(number: int) -> str:
    return str(_("Seat %(number)s, day by day", number=number))


def _told(by_day: Sequence[int], days: Sequence[date]) -> str:
    """The counts in words, days without a ballot left out."""
    counts = [
        f"{format_date(each, day())}: {signed}"
        for each, signed in zip(days, by_day, strict=True)
        if signed
    ]
    if not counts:
        return str(_("No ballot was signed on these days."))
    return str(_("Ballots signed: %(counts)s.", counts=", ".join(counts)))
