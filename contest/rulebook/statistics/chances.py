"""How sure a ranking is: chances counted over many rankings that may as well be the true one.

Chance starts from a seed and meets items in an order made of their scores, so the same scores
and seed give the same chances whatever anybody is called; twins get one and the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.scores import Scores

MOST = 20_000
FEWEST = 2_000
FEWEST_RECOUNTS = 200
"""Of a rule that has to count every mark anew for each draw."""
WORK = 80_000_000
"""Numbers drawn in all, as far as there are more than the fewest draws."""
AT_ONCE = 4_000_000
"""Numbers held at a time."""

Draw = Callable[[int, np.random.Generator], Floats]
"""`draw(count, chance)` gives (items, count) values that may as well be true; greater is better."""


@dataclass(frozen=True)
class Chances:
    """For each item: of standing first, among the first k, and above the one that follows; and
    the standard deviation of what was drawn.
    """

    first: Floats
    top: Floats
    above_next: Floats
    se: Floats


@dataclass(frozen=True)
class Field:
    """Who competes: `part` (items) with whom each item is compared, -1 for one that has no place;
    `following` (items) the index of the item on the next place below, -1 for none; `top` places
    that count; `draws` to take, each of which holds `size` numbers.
    """

    part: Whole
    following: Whole
    top: int
    draws: int
    size: int


def how_many(size: int, fewest: int = FEWEST) -> int:
    """How many draws of `size` numbers to take: 20,000 leave an error of 0.004 at most."""
    return int(np.clip(WORK // max(size, 1), fewest, MOST))


def count(draw: Draw, scores: Scores, field: Field, seed: int) -> Chances:
    """Count over as many rankings as the field is worth; the same for the same seed."""
    items = len(scores.items)
    chance = np.random.default_rng(seed)
    first, high, above, sums, squares = (np.zeros(items) for _ in range(5))
    near: Floats | None = None
    at_once = max(1, min(field.draws, AT_ONCE // field.size))
    groups = [np.flatnonzero(field.part == each) for each in np.unique(field.part[field.part >= 0])]
    done = 0
    while done < field.draws:
        values = draw(min(at_once, field.draws - done), chance)
        done += values.shape[1]
        near = values.mean(1) if near is None else near
        sums += (off := values - near[:, None]).sum(1)
        squares += (off * off).sum(1)
        for group in groups:
            first[group] += _shares(values[group], 1)
            high[group] += _shares(values[group], field.top)
        over = values[field.following]
        above += (values > over).sum(1) + (values == over).sum(1) / 2
    above = np.where(scores.twins == scores.twins[field.following], done / 2, above)
    above = np.where(field.following >= 0, above, np.nan)
    first[field.part < 0] = high[field.part < 0] = np.nan
    se = done * np.sqrt(np.maximum(squares / done - (sums / done) ** 2, 0))
    return Chances(*(_alike(each / done, scores.twins) for each in (first, high, above, se)))


def _shares(values: Floats, top: int) -> Floats:
    """How often each is among the first `top`; those equal at the edge share what is left."""
    if top >= len(values):
        return np.full(len(values), float(values.shape[1]))
    edge = np.partition(values, len(values) - top, axis=0)[len(values) - top]
    over, at = values > edge, values == edge
    share = (top - over.sum(0)) / at.sum(0)
    return np.asarray(over.sum(1) + at @ share)


def _alike(chance: Floats, twins: Whole) -> Floats:
    """One number for twins: the mean of theirs."""
    size = int(twins.max()) + 1
    told = ~np.isnan(chance)
    mean = summed(np.where(told, chance, 0.0), twins, size)
    mean /= np.maximum(np.bincount(twins, told, size), 1)
    return np.where(told, mean[twins], np.nan)
