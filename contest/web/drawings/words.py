"""What a drawing says to somebody who cannot see it."""

from __future__ import annotations

from markupsafe import Markup


def spoken(name: str, title: str, description: str) -> Markup:
    """The end of an opening `<svg` tag and its first two children; `name` is unique on the page."""
    return Markup(
        'role="img" aria-labelledby="{0}-title {0}-told">'
        '<title id="{0}-title">{1}</title><desc id="{0}-told">{2}</desc>'
    ).format(name, title, description)
