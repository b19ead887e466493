"""The declared AI share of a film as a strip of it, with the least share an edition asks for."""

from __future__ import annotations

from fractions import Fraction

from flask_babel import gettext as _
from markupsafe import Markup

from contest.rulebook.findings import Severity
from contest.web.drawings.duration_band import anchor, tick
from contest.web.drawings.words import spoken
from contest.web.parts import percent_bp


def share_strip(
    share_bp: int, least_percent: Fraction, severity: Severity, name: str = "ai-share"
) -> Markup:
    """What machines made, filled; the rest as paper. `share_bp` of 10,000, never rounded up."""
    least, share = float(least_percent), share_bp / 100
    asked = percent_bp(int(least_percent * 100))
    told = _(
        "%(share)s of the film is declared as made with AI; this edition asks for at least "
        "%(least)s.",
        share=percent_bp(share_bp),
        least=asked,
    )
    return Markup(
        '<svg class="drawing" width="100%" height="76" {}'
        '<rect class="draw-trough" x="0" y="32" width="100%" height="12"/>'
        '<rect class="draw-bar" x="0" y="32" width="{:.2f}%" height="12"/>{}'
        '<line class="draw-rule" x1="{:.2f}%" x2="{:.2f}%" y1="26" y2="50"/>'
        '<text class="draw-text" x="{:.2f}%" y="68" text-anchor="{}">{}</text></svg>'
    ).format(
        spoken(name, _("Declared AI share"), told),
        share,
        tick(min(99.5, max(0.5, share)), 26, 50, percent_bp(share_bp), severity),
        least,
        least,
        least,
        anchor(least),
        _("at least %(least)s", least=asked),
    )
