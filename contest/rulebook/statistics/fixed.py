"""Films and jurors as fixed effects: what scores say when nobody is drawn towards a mean.

Ordinary least squares of score on item and judge, judge effects adding up to 0, as R's
`lm(score ~ 0 + item + judge)` with sum contrasts. It needs scores that jurors connect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import inv

from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.crossings import Crossing
from contest.rulebook.statistics.scores import Scores


@dataclass(frozen=True)
class FixedFit:
    """Estimates on the scale of the scores, with standard errors.

    `item_effect` is an item's score from the mean judge, `judge_effect` what a judge gives above
    it. `sigma` is the residual standard deviation on `freedom` degrees; it and every error are NaN
    where no freedom is left.
    """

    scores: Scores
    item_effect: Floats
    item_se: Floats
    judge_effect: Floats
    judge_se: Floats
    sigma: float
    freedom: int


@dataclass(frozen=True)
class _Halves:
    """Both groups' effects and their variances in units of sigma^2; the few add up to 0."""

    many: Floats
    many_variance: Floats
    few: Floats
    few_variance: Floats


def fit(scores: Scores) -> FixedFit:
    """Raises ValueError where the scores fall into parts that no juror connects."""
    if scores.parts.any():
        raise ValueError("the scores fall into parts that no juror connects")
    halves = _by_items(scores) if len(scores.items) >= len(scores.judges) else _by_judges(scores)
    left = scores.value - halves.many[scores.item] - halves.few[scores.judge]
    freedom = len(scores.value) - len(scores.items) - len(scores.judges) + 1
    sigma = float(np.sqrt(left @ left / freedom)) if freedom > 0 else float("nan")
    return FixedFit(
        scores=scores,
        item_effect=halves.many,
        item_se=sigma * np.sqrt(halves.many_variance),
        judge_effect=halves.few,
        judge_se=sigma * np.sqrt(halves.few_variance),
        sigma=sigma,
        freedom=freedom,
    )


def _by_items(scores: Scores) -> _Halves:
    """Items are eliminated: a judge's number is what is left of it against the same items."""
    items, judges = len(scores.items), len(scores.judges)
    crossing = Crossing(scores.item, scores.judge, np.ones(len(scores.item)), items, judges)
    few, inverse = _contrasts(crossing, scores.item_mean, scores.per_judge * scores.judge_mean)
    per_item = scores.per_item
    return _Halves(
        many=scores.item_mean - crossing.to_many(few) / per_item,
        many_variance=1 / per_item + crossing.forms(inverse) / per_item**2,
        few=few,
        few_variance=inverse.diagonal(),
    )


def _by_judges(scores: Scores) -> _Halves:
    """Judges are eliminated; then the origin is moved from the mean item to the mean judge."""
    items, judges = len(scores.items), len(scores.judges)
    crossing = Crossing(scores.judge, scores.item, np.ones(len(scores.item)), judges, items)
    few, inverse = _contrasts(crossing, scores.judge_mean, scores.per_item * scores.item_mean)
    per_judge = scores.per_judge
    raw = scores.judge_mean - crossing.to_many(few) / per_judge
    to_mean = crossing.to_few(1 / per_judge) / judges
    carried = inverse @ to_mean
    of_mean = (1 / per_judge).mean() / judges + to_mean @ carried
    of_raw = 1 / per_judge + crossing.forms(inverse) / per_judge**2
    with_mean = 1 / (per_judge * judges) + crossing.to_many(carried) / per_judge
    return _Halves(
        many=few + raw.mean(),
        many_variance=inverse.diagonal() - 2 * carried + of_mean,
        few=raw - raw.mean(),
        few_variance=of_raw - 2 * with_mean + of_mean,
    )


def _contrasts(crossing: Crossing, many_mean: Floats, few_sum: Floats) -> tuple[Floats, Floats]:
    """Effects of the few, adding up to 0, and the inverse they come from: (few), (few, few).

    The Laplacian of a connected graph has one null vector, the constant: it is filled before the
    inversion, and emptied again after it.
    """
    per_many = np.asarray(crossing.counts.sum(1)).ravel()
    laplacian = -crossing.product(1 / per_many)
    at = np.arange(crossing.few)
    laplacian[at, at] += np.asarray(crossing.counts.sum(0)).ravel()
    scale = max(float(laplacian.diagonal().mean()), 1.0)
    inverse: Floats = inv(laplacian + scale / crossing.few)
    inverse -= 1 / (scale * crossing.few)
    return inverse @ (few_sum - crossing.to_few(many_mean)), inverse
