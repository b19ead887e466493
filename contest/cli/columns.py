"""Text and numbers in columns of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from unicodedata import bidirectional, category, combining, east_asian_width

OTHERS = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
"""What turns the text around it, beyond its own name."""


def one_line(text: str) -> str:
    """The text with U+FFFD for what would break the line, command the terminal or turn the text."""
    return "".join(
        "\ufffd" if category(each) in {"Cc", "Zl", "Zp"} or bidirectional(each) in OTHERS else each
        for each in text
    )


def wide(text: str) -> int:
    """Columns a text takes: those of East Asia take two, accents that stand by themselves none."""
    return sum(
        0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text
    )


def padded(text: str, width: int) -> str:
    """The text in just so many columns, cut with an ellipsis."""
    if wide(text) > width:
        text = "".join(_within(text, width - 1)) + "…"
    return text + " " * (width - wide(text))


def _within(text: str, width: int) -> Iterator[str]:
    for each in text:
        width -= wide(each)
        if width < 0:
            return
        yield each


def unsigned(value: float, decimals: int) -> float:
    """Rounded, and without the sign where nothing is left of the number."""
    return round(value, decimals) + 0.0


def signed(value: float) -> str:
    """`+0.25`, or `-` for what can't be known."""
    return f"{unsigned(value, 2):+.2f}" if isfinite(value) else "-"


def plain(value: float) -> str:
    """`0.25`, or `-` for what can't be known."""
    return f"{value:.2f}" if isfinite(value) else "-"
