"""Options of a select field, from pairs of value and words."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.fields import SelectChoice


def offered(pairs: Iterable[tuple[str, object]]) -> list[SelectChoice]:
    """One option a pair; words may be lazy, so that they are said in the reader's language."""
    return [SelectChoice(value, words) for value, words in pairs]
