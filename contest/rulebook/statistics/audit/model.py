"""What the models leave of each mark: residuals of unit spread, severities, scales and noises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics import mixed, robust
from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.mixed import MixedFit
from contest.rulebook.statistics.scores import Scores

AT_ONCE = 4_000_000
"""Numbers held at a time while leverages are gathered."""
NOTHING = 1e-12
"""A residual variance that is no more than this part of all variance is none."""


@dataclass(frozen=True)
class Model:
    """A jury as the mixed model sees it; points of the scores' scale.

    `left` (n) is what film, juror and mean leave of each score, `freedom` (n) how much of the noise
    of that score it holds: its variance is `freedom` times the residual variance. `strange` (n) is
    `left` in units of its own standard deviation. Per juror: `severity` above 0 is mild; `scale` is
    what one point between films is to them, 1 on average, and `noise` the standard deviation of
    their noise, both drawn towards the jury's as far as their scores are few.
    """

    fit: MixedFit
    left: Floats
    freedom: Floats
    strange: Floats
    severity: Floats
    severity_se: Floats
    scale: Floats
    noise: Floats

    @property
    def outfit(self) -> Floats:
        """The mean square of strangeness (judges): about 1, a few strange scores lift it.

        Source: Wright & Masters 1982; Linacre 1989.
        """
        scores = self.fit.scores
        squares = summed(self.strange**2, scores.judge, len(scores.judges))
        return np.asarray(squares / scores.per_judge)

    @property
    def infit(self) -> Floats:
        """The same weighed by what each score can tell (judges): a steady unrest lifts it."""
        scores = self.fit.scores
        judges = len(scores.judges)
        expected = summed(self.freedom, scores.judge, judges) * self.fit.variance.residual
        squares = summed(self.left**2, scores.judge, judges)
        found = np.full(judges, np.nan)
        np.divide(squares, expected, out=found, where=expected > 0)
        return found


def fitted(scores: Scores) -> Model | None:
    """The model, or None where the scores say nothing of chance."""
    try:
        fit = mixed.fit(scores)
        sturdy = robust.fit(scores)
    except ValueError:
        return None
    left = scores.value - fit.mu - fit.item_effect[scores.item] - fit.judge_effect[scores.judge]
    freedom = np.clip(1 - leverage(fit), 0.0, 1.0)
    width = np.sqrt(fit.variance.residual * freedom)
    told = width**2 > NOTHING * float(np.var(scores.value))
    strange = np.divide(left, width, out=np.zeros(len(left)), where=told)
    return Model(
        fit=fit,
        left=left,
        freedom=freedom,
        strange=strange,
        severity=fit.judge_effect,
        severity_se=fit.judge_se,
        scale=sturdy.judge_scale,
        noise=sturdy.judge_noise,
    )


def leverage(fit: MixedFit) -> Floats:
    """How much each score decides its own fitted value, 0 to 1 (n): a diagonal of the hat matrix.

    It is the error variance of mu + film + juror in units of the residual variance: the mixed
    model's residuals have variance s2 (1 - leverage). With t the effects of the smaller group and
    mu, S their error variance, and a the row of the score once the larger group is eliminated,
    leverage is pull + a' S a.
    """
    system, scores = fit.system, fit.scores
    many, few = scores.item, scores.judge
    if not fit.items_are_many:
        many, few = few, many
    root, size = system.root_few, system.design.few
    inner = root**2 * system.inverse[:size, :size]
    side = root * system.inverse[:size, size]
    corner = float(system.inverse[size, size])
    pull, per_many = system.pull[many], system.design.per_many
    with_mean = system.design.crossing.to_many(side)
    across = _across(fit, inner, many, few) + per_many[many] * side[few]
    mean = with_mean[many] + per_many[many] * corner
    own = inner.diagonal()[few] + 2 * side[few] + corner
    return np.asarray(pull + own - 2 * pull * (across + mean) + pull**2 * system.forms[many])


def _across(fit: MixedFit, inner: Floats, many: Whole, few: Whole) -> Floats:
    """(C S) at the cells of the scores, some rows of the larger group at a time (n)."""
    counts = fit.system.design.crossing.counts
    found = np.empty(len(many))
    order = np.argsort(many, kind="stable")
    step = max(1, AT_ONCE // inner.shape[0])
    for low in range(0, counts.shape[0], step):
        begin, end = np.searchsorted(many[order], [low, low + step])
        rows = order[begin:end]
        block = counts[low : low + step] @ inner
        found[rows] = block[many[rows] - low, few[rows]]
    return found
