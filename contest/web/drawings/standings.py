"""Where films stand: a dot on the scale of the scores, one for films that share a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from flask_babel import gettext as _
from markupsafe import Markup

from contest.web.drawings.words import spoken

HEIGHT = 24


@dataclass(frozen=True)
class Scale:
    """Whole numbers that hold every score between them."""

    low: int
    high: int

    @classmethod
    def of(cls, scores: Iterable[str]) -> Scale:
        """The narrowest such scale; a dot needs no zero, for no length stands for a number."""
        values = [float(each) for each in scores]
        low = floor(min(values, default=0))
        return cls(low, max(low + 1, ceil(max(values, default=1))))

    def at(self, score: str) -> float:
        """Percent of the way from one end to the other."""
        return 100 * (float(score) - self.low) / (self.high - self.low)


def standing_dot(place: int, score: str, scale: Scale) -> Markup:
    """A line from end to end with the score as a dot; the numbers stand beside it as text."""
    told = _(
        "Place %(place)s: %(score)s on a scale from %(low)s to %(high)s.",
        place=place,
        score=score,
        low=scale.low,
        high=scale.high,
    )
    return Markup(
        '<svg class="drawing standing-dot" width="100%" height="{}" {}'
        '<line class="draw-axis" x1="0" x2="100%" y1="12" y2="12"/>'
        '<circle class="draw-here" cx="{:.2f}%" cy="12" r="6"/></svg>'
    ).format(HEIGHT, spoken(f"standing-{place}", _("Score"), told), scale.at(score))
