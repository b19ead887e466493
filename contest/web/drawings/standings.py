"""Where films stand: dots on the scale of the scores, how sure they are, the cut as a band."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from flask_babel import gettext as _
from markupsafe import Markup

from contest.web.drawings.words import spoken

HEIGHT = 24
MIDDLE = HEIGHT / 2


@dataclass(frozen=True)
class Span:
    """From one score to another."""

    low: float
    high: float


@dataclass(frozen=True)
class Mark:
    """One film on the scale. Where a model tells of it, `sure` is its interval, and `beside` the
    plain mean of a corrected score, or the corrected score of a plain mean."""

    score: float
    beside: float | None = None
    sure: Span | None = None


@dataclass(frozen=True)
class Scale:
    """Whole numbers that hold every score between them."""

    low: int
    high: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Scale:
        """The narrowest such scale; a dot needs no zero, for no length stands for a number."""
        known = list(values)
        low = floor(min(known, default=0))
        return cls(low, max(low + 1, ceil(max(known, default=1))))

    def at(self, value: float) -> float:
        """Percent of the way from one end to the other; what lies beyond is drawn at the end."""
        return 100 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def standing_mark(place: int, mark: Mark, scale: Scale, cut: Span | None) -> Markup:
    """A line from end to end: the score as a dot, its interval as a bar, the other score as a ring.

    The cut, where it is uncertain, runs behind all films as a band. The numbers stand beside it.
    """
    return Markup(
        '<svg class="drawing standing-mark" width="100%" height="{}" {}{}'
        '<line class="draw-axis" x1="0" x2="100%" y1="{}" y2="{}"/>{}{}'
        '<circle class="draw-here" cx="{:.2f}%" cy="{}" r="6"/></svg>'
    ).format(
        HEIGHT,
        spoken(f"standing-{place}", _("Score"), _told(place, mark, scale)),
        _band(cut, scale),
        MIDDLE,
        MIDDLE,
        _interval(mark, scale),
        _ring(mark, scale),
        scale.at(mark.score),
        MIDDLE,
    )


def leaning(seat: int, severity: float, sure: Span, widest: float) -> Markup:
    """How much milder (right) or more severe (left) a juror is than the others, and how sure."""
    told = _(
        "Seat %(seat)s: %(severity)s points; between %(low)s and %(high)s.",
        seat=seat,
        severity=f"{severity:+.2f}",
        low=f"{sure.low:+.2f}",
        high=f"{sure.high:+.2f}",
    )
    scale = _Around(widest)
    return Markup(
        '<svg class="drawing leaning" width="100%" height="{}" {}'
        '<line class="draw-axis" x1="0" x2="100%" y1="{}" y2="{}"/>'
        '<line class="draw-rule" x1="50%" x2="50%" y1="2" y2="{}"/>'
        '<line class="draw-sure" x1="{:.2f}%" x2="{:.2f}%" y1="{}" y2="{}"/>'
        '<circle class="draw-here" cx="{:.2f}%" cy="{}" r="6"/></svg>'
    ).format(
        HEIGHT,
        spoken(f"seat-{seat}", _("Severity"), told),
        MIDDLE,
        MIDDLE,
        HEIGHT - 2,
        scale.at(sure.low),
        scale.at(sure.high),
        MIDDLE,
        MIDDLE,
        scale.at(severity),
        MIDDLE,
    )


@dataclass(frozen=True)
class _Around:
    """A scale with zero in the middle."""

    widest: float

    def at(self, value: float) -> float:
        return 50 + 50 * max(-1.0, min(1.0, value / self.widest))


def _told(place: int, mark: Mark, scale: Scale) -> str:
    score = f"{mark.score:g}"
    if mark.sure is None:
        alone: str = _(
            "Place %(place)s: %(score)s on a scale from %(low)s to %(high)s.",
            place=place,
            score=score,
            low=scale.low,
            high=scale.high,
        )
        return alone
    said: str = _(
        "Place %(place)s: %(score)s, with 9 chances in 10 between %(from)s and %(to)s, on a scale"
        " from %(low)s to %(high)s.",
        place=place,
        score=score,
        low=scale.low,
        high=scale.high,
        **{"from": f"{mark.sure.low:.2f}", "to": f"{mark.sure.high:.2f}"},
    )
    return said


def _band(cut: Span | None, scale: Scale) -> Markup:
    if cut is None:
        return Markup()
    at = scale.at(cut.low)
    return Markup(
        '<rect class="draw-band" x="{:.2f}%" width="{:.2f}%" y="0" height="100%"/>'
    ).format(at, max(scale.at(cut.high) - at, 0.5))


def _interval(mark: Mark, scale: Scale) -> Markup:
    if mark.sure is None:
        return Markup()
    return Markup('<line class="draw-sure" x1="{:.2f}%" x2="{:.2f}%" y1="{}" y2="{}"/>').format(
        scale.at(mark.sure.low), scale.at(mark.sure.high), MIDDLE, MIDDLE
    )


def _ring(mark: Mark, scale: Scale) -> Markup:
    if mark.beside is None:
        return Markup()
    return Markup('<circle class="draw-ring" cx="{:.2f}%" cy="{}" r="5"/>').format(
        scale.at(mark.beside), MIDDLE
    )
