"""Would another film win, or reach the cut, without this juror?

The mixed model's films are estimated anew without each juror in turn, at the variances that all
jurors together show. All those equations are solved side by side by conjugate gradients, from the
estimates of the whole jury: a juror changes few of them by much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from contest.rulebook.statistics.arrays import Flags, Floats, Whole, summed
from contest.rulebook.statistics.mixed import MixedFit

ROUNDS = 300
EXACT = 1e-9
EQUAL = 5e-7
"""Estimates no further apart stand equal, in units of their spread."""
AT_ONCE = 2_000_000
"""Estimates held at a time."""


@dataclass(frozen=True)
class Without:
    """The films (indices, in order) that stand first and that reach the cut without a juror."""

    first: tuple[int, ...]
    top: tuple[int, ...]


class _Equations:
    """The mixed model equations of the films, with mu and the jurors eliminated.

    A film's unknown is mu + effect; mu is the mean of them.
    """

    def __init__(self, fit: MixedFit) -> None:
        scores, variance = fit.scores, fit.variance
        self.shape = (len(scores.items), len(scores.judges))
        ones = np.ones(len(scores.value))
        self.met = csr_array((ones, (scores.item, scores.judge)), shape=self.shape)
        self.columns = self.met.tocsc()
        self.turned = self.met.T.tocsr()
        self.value = scores.value - fit.mu
        self.given = csr_array((self.value, (scores.item, scores.judge)), shape=self.shape).tocsc()
        self.by_item = summed(self.value, scores.item, self.shape[0])
        self.by_judge = summed(self.value, scores.judge, self.shape[1])
        self.ridge = variance.residual / variance.item
        self.share: Floats = np.zeros(self.shape[1])
        if variance.judge > 0:
            self.share = 1 / (scores.per_judge + variance.residual / variance.judge)
        self.per_item = scores.per_item.astype(np.float64)

    def without(self, judges: Whole, start: Floats) -> tuple[Floats, Flags]:
        """Films' unknowns without each juror, and which films are still judged (items, judges)."""
        out = np.arange(len(judges))
        number = self.per_item[:, None] - self.columns[:, judges].toarray()
        spread = number + self.ridge
        share = np.repeat(self.share[:, None], len(judges), axis=1)
        share[judges, out] = 0.0
        given = self.by_item[:, None] - self.given[:, judges].toarray()

        def times(films: Floats) -> Floats:
            of_jurors = self.met @ (share * (self.turned @ films))
            return np.asarray(spread * films - of_jurors - self.ridge * films.mean(0))

        right = given - self.met @ (share * self.by_judge[:, None])
        begun = np.repeat(start[:, None], len(judges), axis=1)
        return _solved(times, right, begun, spread), number > 0


def _solved(times: Callable[[Floats], Floats], right: Floats, found: Floats, by: Floats) -> Floats:
    """Conjugate gradients on each column, preconditioned with the diagonal."""
    left = right - times(found)
    ahead = left / by
    step = ahead
    size = (left * ahead).sum(0)
    enough = EXACT**2 * np.maximum((right**2 / by).sum(0), 1e-300)
    for _ in range(ROUNDS):
        live = size > enough
        if not live.any():
            break
        product = times(step)
        far = np.divide(size, (step * product).sum(0), out=np.zeros(len(size)), where=live)
        found = found + far * step
        left = left - far * product
        ahead = left / by
        following = (left * ahead).sum(0)
        step = ahead + np.divide(following, size, out=np.zeros(len(size)), where=live) * step
        size = following
    return found


def each(fit: MixedFit, top: int) -> tuple[Without, list[Without]]:
    """With all jurors, and without each of them; `top` films reach the cut.

    A film that only this juror judged has no place without them.
    """
    items, judges = len(fit.scores.items), len(fit.scores.judges)
    width = float(np.ptp(fit.item_effect))
    if not (fit.variance.item > 0 and fit.variance.residual > 0 and width > 0):
        everyone = tuple(range(items))
        alike = Without(everyone, everyone)
        return alike, [alike] * judges
    equations = _Equations(fit)
    start = fit.item_effect
    found: list[Without] = []
    step = max(1, AT_ONCE // max(items, judges))
    for low in range(0, judges, step):
        some = np.arange(low, min(low + step, judges))
        films, judged = equations.without(some, start)
        found += [_standing(films[:, at], judged[:, at], top, width) for at in range(len(some))]
    return _standing(start, np.ones(items, bool), top, width), found


def _standing(films: Floats, judged: Flags, top: int, width: float) -> Without:
    worth = np.where(judged, films, -np.inf)
    number = min(top, int(judged.sum()))
    if not number:
        return Without((), ())
    line = np.partition(worth, len(worth) - number)[len(worth) - number]
    first = np.flatnonzero(worth >= worth.max() - EQUAL * width)
    high = np.flatnonzero(worth >= line - EQUAL * width)
    return Without(tuple(first.tolist()), tuple(high.tolist()))
