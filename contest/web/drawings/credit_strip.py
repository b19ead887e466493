"""The declared AI share of a film as a strip as long as the film."""

from __future__ import annotations

from flask_babel import gettext as _
from markupsafe import Markup

from contest.web.drawings.words import spoken
from contest.web.parts import percent_bp


def credit_strip(share_bp: int, name: str) -> Markup:
    """The part machines made, filled; the rest is left as paper. `share_bp` of 10,000."""
    told = _("%(share)s of the film is declared as made with AI.", share=percent_bp(share_bp))
    return Markup(
        '<svg class="drawing credit-strip" width="100%" height="8" {}'
        '<rect class="draw-trough" x="0" y="0" width="100%" height="8"/>'
        '<rect class="draw-bar" x="0" y="0" width="{:.2f}%" height="8"/></svg>'
    ).format(spoken(name, _("Declared AI share"), told), share_bp / 100)
