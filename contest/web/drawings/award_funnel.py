"""How many films were left after each step, as bars that shrink from a common zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from contest.web.drawings.words import spoken

HEIGHT = 96
"""Pixels of the tallest bar, and of one row where bars lie."""

THINNEST = 2.0
"""Percent or pixels: few of many must still be seen."""


def standing(steps: Sequence[Mapping[str, Any]]) -> Markup:
    """Bars side by side, one column a step, for wide pages: `key` and `count` of each step."""
    top = max((each["count"] for each in steps), default=0) or 1
    width = 100 / max(len(steps), 1)
    bars = Markup().join(
        Markup(
            '<rect class="draw-bar" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>'
        ).format(at * width, (HEIGHT - tall) / 2, width * 0.9, tall)
        for at, each in enumerate(steps)
        for tall in [_seen(HEIGHT * each["count"] / top)]
    )
    return _drawing("funnel-standing", HEIGHT, bars, steps)


def lying(steps: Sequence[Mapping[str, Any]], row: int = 64) -> Markup:
    """Bars one below the other, `row` pixels a step, for narrow pages."""
    top = max((each["count"] for each in steps), default=0) or 1
    bars = Markup().join(
        Markup('<rect class="draw-bar" x="0" y="{}" width="{:.2f}%" height="{}"/>').format(
            at * row + 6, _seen(100 * each["count"] / top), row - 12
        )
        for at, each in enumerate(steps)
    )
    return _drawing("funnel-lying", row * len(steps), bars, steps)


def _seen(length: float) -> float:
    """A length that can be seen, unless there is nothing to see."""
    return max(THINNEST, length) if length else 0.0


def _drawing(name: str, height: int, bars: Markup, steps: Sequence[Mapping[str, Any]]) -> Markup:
    counts = ", ".join(format_decimal(each["count"]) for each in steps)
    told = _("Films left after each step, from first to last: %(counts)s.", counts=counts)
    return Markup('<svg class="drawing {0}" width="100%" height="{1}" {2}{3}</svg>').format(
        name, height, spoken(name, _("The way from entries to awards"), told), bars
    )
