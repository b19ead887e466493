"""What an edition asks of a film, drawn: its length on a band, its AI share on a bar."""

from __future__ import annotations

from flask_babel import gettext as _
from markupsafe import Markup

from contest.rulebook.rules import FilmRules
from contest.web.drawings.words import spoken
from contest.web.parts import percent_bp
from contest.web.plain_rules import short

BEYOND = 1.2
"""The scale of lengths goes on beyond the limit, so that the limit is seen to be one."""


def length_band(film: FilmRules, name: str = "length") -> Markup:
    """From 0 to 1.2 times the longest film, with the allowed lengths filled."""
    low, high = float(film.duration_min_s), float(film.duration_max_s)
    start, end = 100 * low / (high * BEYOND), 100 / BEYOND
    told = _(
        "Films may run from %(shortest)s to %(longest)s, both ends included.",
        shortest=short(film.duration_min_s),
        longest=short(film.duration_max_s),
    )
    return _scale(
        name,
        _("Allowed running time"),
        told,
        (start, end),
        [(start, short(film.duration_min_s)), (end, short(film.duration_max_s))],
    )


def share_bar(film: FilmRules, name: str = "share") -> Markup:
    """From 0 to 100 percent, with the allowed shares filled and the least one named."""
    least = float(film.ai_share_min_percent)
    words = percent_bp(int(film.ai_share_min_percent * 100))
    told = _("At least %(share)s of the film is made with AI.", share=words)
    return _scale(name, _("Allowed AI share"), told, (least, 100.0), [(least, words)])


def _scale(
    name: str, title: str, told: str, band: tuple[float, float], marks: list[tuple[float, str]]
) -> Markup:
    """A trough from end to end, the allowed part filled, each limit as a line with its name."""
    start, end = band
    ticks = Markup().join(
        Markup(
            '<line class="draw-rule" x1="{0:.2f}%" x2="{0:.2f}%" y1="28" y2="56"/>'
            '<text class="draw-text draw-strong" x="{0:.2f}%" y="20" text-anchor="middle">'
            "{1}</text>"
        ).format(at, words)
        for at, words in marks
    )
    return Markup(
        '<svg class="drawing" width="100%" height="64" {}'
        '<rect class="draw-trough" x="0" y="36" width="100%" height="16"/>'
        '<rect class="draw-band" x="{:.2f}%" y="36" width="{:.2f}%" height="16"/>{}</svg>'
    ).format(spoken(name, title, told), start, end - start, ticks)
