"""Text and numbers in columns of a terminal."""

from __future__ import annotations

from math import isfinite
from unicodedata import east_asian_width


def wide(text: str) -> int:
    """Columns a text takes: those of East Asia take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def padded(text: str, width: int) -> str:
    """The text in just so many columns, cut with an ellipsis."""
    if wide(text) > width:
        while wide(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - wide(text))


def unsigned(value: float, decimals: int) -> float:
    """Rounded, and without the sign where nothing is left of the number."""
    return round(value, decimals) + 0.0


def signed(value: float) -> str:
    """`+0.25`, or `-` for what can't be known."""
    return f"{unsigned(value, 2):+.2f}" if isfinite(value) else "-"


def plain(value: float) -> str:
    """`0.25`, or `-` for what can't be known."""
    return f"{value:.2f}" if isfinite(value) else "-"
