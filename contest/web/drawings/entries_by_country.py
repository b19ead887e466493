"""Where entries come from: a bar a country, from a common zero, the most entries first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

SHOWN = 8
"""Countries with a bar of their own; the others are summed."""


@dataclass(frozen=True)
class CountryBar:
    """One line: the country's code (empty for all the others together), its count, its bar."""

    code: str
    count: int
    countries: int
    bar: Markup


def countries_shown(counts: Sequence[tuple[str, int]]) -> list[CountryBar]:
    """Lines for the countries with the most entries, then one for all the rest."""
    lines = [(code, count, 1) for code, count in counts[:SHOWN]]
    if rest := counts[SHOWN:]:
        lines.append(("", sum(count for _code, count in rest), len(rest)))
    top = max((count for _code, count, _countries in lines), default=0) or 1
    return [
        CountryBar(code, count, countries, _bar(100 * count / top))
        for code, count, countries in lines
    ]


def _bar(percent: float) -> Markup:
    """A bar beside its number, which says all it shows."""
    return Markup(
        '<svg class="drawing" width="100%" height="12" aria-hidden="true">'
        '<rect class="draw-bar" x="0" y="0" width="{:.2f}%" height="12"/></svg>'
    ).format(percent)
