"""A film's running time as a tick on the band an edition allows."""

from __future__ import annotations

from flask_babel import gettext as _
from markupsafe import Markup

from contest.rulebook.findings import Severity
from contest.rulebook.rules import FilmRules
from contest.web.drawings.rule_scales import BEYOND
from contest.web.drawings.words import spoken
from contest.web.parts import seconds


def duration_band(
    film: FilmRules, runs_s: float, severity: Severity, name: str = "duration"
) -> Markup:
    """From 0 to 1.2 times the longest film; what is longer still has its tick at the end."""
    low, high = float(film.duration_min_s), float(film.duration_max_s)
    whole = high * BEYOND
    start, end, here = 100 * low / whole, 100 / BEYOND, min(99.5, max(0.5, 100 * runs_s / whole))
    told = _(
        "The film runs %(runs)s; this edition takes %(shortest)s to %(longest)s.",
        runs=seconds(runs_s),
        shortest=seconds(low),
        longest=seconds(high),
    )
    return Markup(
        '<svg class="drawing" width="100%" height="76" {}'
        '<rect class="draw-trough" x="0" y="32" width="100%" height="12"/>'
        '<rect class="draw-band" x="{:.2f}%" y="32" width="{:.2f}%" height="12"/>{}{}{}</svg>'
    ).format(
        spoken(name, _("Running time"), told),
        start,
        end - start,
        tick(here, 20, 54, seconds(runs_s), severity),
        _limit(start, seconds(low)),
        _limit(end, seconds(high)),
    )


def tick(at: float, top: int, bottom: int, words: str, severity: Severity) -> Markup:
    """A line at `at` percent with the measured value above it, in the colour of its verdict."""
    return Markup(
        '<g class="draw-{0}"><line x1="{1:.2f}%" x2="{1:.2f}%" y1="{2}" y2="{3}" stroke-width="3"/>'
        '<text class="draw-text" x="{1:.2f}%" y="14" text-anchor="{4}">{5}</text></g>'
    ).format(severity.value, at, top, bottom, anchor(at), words)


def anchor(at: float) -> str:
    """Words near an end of the drawing stay inside it."""
    if at < 12:
        return "start"
    return "end" if at > 88 else "middle"


def _limit(at: float, words: str) -> Markup:
    return Markup(
        '<line class="draw-rule" x1="{0:.2f}%" x2="{0:.2f}%" y1="32" y2="50"/>'
        '<text class="draw-text" x="{0:.2f}%" y="68" text-anchor="middle">{1}</text>'
    ).format(at, words)
