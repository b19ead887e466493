"""How sure a ranking is: chances counted over many rankings that may as well be the true one.

A model gives them by draws from its posterior; a rule that only adds and divides gives them by
weighing its jurors anew, each time with other weights (the Bayesian bootstrap of Rubin 1981).
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
WORK = 80_000_000
"""Numbers drawn in all, as far as there are more than the fewest draws."""
AT_ONCE = 4_000_000

Draw = Callable[[int, np.random.Generator], Floats]
"""`draw(count, chance)` gives (items, count) values that may as well be true; greater is better."""


@dataclass(frozen=True)
class Chances:
    """For each item: of standing first, among the first k, and above the one that follows."""

    first: Floats
    top: Floats
    above_next: Floats


def how_many(size: int) -> int:
    """How many draws of `size` numbers to take: 20,000 leave an error of 0.004 at most."""
    return int(np.clip(WORK // max(size, 1), FEWEST, MOST))


def count(draw: Draw, scores: Scores, top: int, following: Whole, draws: int, seed: int) -> Chances:
    """Count over `draws` rankings.

    `following` (items) is the index of the item on the next place below, or -1 for none.
    """
    items = len(scores.items)
    chance = np.random.default_rng(seed)
    first, high, above = (np.zeros(items) for _ in range(3))
    at_once = max(1, min(draws, AT_ONCE // items))
    done = 0
    while done < draws:
        values = draw(min(at_once, draws - done), chance)
        done += values.shape[1]
        first += _shares(values, 1)
        high += _shares(values, top) if top < items else values.shape[1]
        over = values[following]
        above += (values > over).sum(1) + (values == over).sum(1) / 2
    above = np.where(scores.twins == scores.twins[following], done / 2, above)
    above = np.where(following >= 0, above, np.nan)
    return Chances(
        _alike(first / done, scores.twins),
        _alike(high / done, scores.twins),
        _alike(above / done, scores.twins),
    )


def _shares(values: Floats, top: int) -> Floats:
    """How often each is among the first `top`; those equal at the edge share what is left."""
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


def jurors_anew(scores: Scores, drop: int, lower_wins: bool) -> Draw | None:
    """Draws of each item's mean when its jurors weigh otherwise; None where chance can't be told.

    `drop` jurors' worth of marks is left out at either end. Weights are drawn from a gamma
    distribution whose shape makes the spread of a mean of as many scores as usual come out
    unbiased. An item with one score, which tells nothing of its chance, is given that of the
    others.
    """
    several = scores.per_item > 1
    if not several.any():
        return None
    usual = float(np.median(scores.per_item[several]))
    shape = max((usual - 2) / usual, 0.2)
    rows = np.lexsort((scores.value, scores.item))
    item, judge, value = scores.item[rows], scores.judge[rows], scores.value[rows]
    off = value - scores.item_mean[item]
    pooled = np.sqrt(float(off @ off) / (len(value) - len(scores.items)))
    start = np.concatenate([[0], np.cumsum(scores.per_item)[:-1]])
    trim = np.where(scores.per_item > 2 * drop, drop, 0)

    def draw(count: int, chance: np.random.Generator) -> Floats:
        weight = chance.standard_gamma(shape, (len(scores.judges), count))[judge] + 1e-12
        weight *= (scores.per_item[:, None] / np.add.reduceat(weight, start))[item]
        if drop:
            weight = _trimmed(weight, start, item, trim, scores.per_item)
        total = np.add.reduceat(weight, start)
        mean = np.add.reduceat(weight * value[:, None], start) / total
        mean[~several] += pooled * chance.standard_normal((int((~several).sum()), count))
        return np.asarray(-mean if lower_wins else mean)

    return draw


def _trimmed(weight: Floats, start: Whole, item: Whole, trim: Whole, per_item: Whole) -> Floats:
    """What is left of each weight when `trim` is cut from either end of its item's marks."""
    until = np.cumsum(weight, axis=0)
    before = np.where(start[:, None] > 0, until[start - 1], 0.0)
    until -= before[item]
    low, high = trim[item][:, None], (per_item - trim)[item][:, None]
    return np.asarray(np.clip(until, low, high) - np.clip(until - weight, low, high))
