"""Films and jurors as crossed random effects: score = mu + film + juror + noise, by REML.

A juror who is milder than others lifts every film they see; the model takes out what a juror's
other scores say of them, and draws a film with few scores towards the mean. Predictions are the
BLUPs of lme4's `score ~ 1 + (1|item) + (1|judge)`, their errors those of Henderson's equations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.reml import Found, Response, find
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.statistics.system import Design, Factored, Rows


@dataclass(frozen=True)
class Variance:
    """Where scores differ, in squared points: between items, between judges, and from chance."""

    item: float
    judge: float
    residual: float


@dataclass(frozen=True)
class MixedFit:
    """A fitted model, on the scale of the scores.

    `mu` is the mean item's score from the mean judge (with covariates: at their means). An item's
    or a judge's `effect` is the BLUP of its distance from `mu`: above 0 a better film, a milder
    judge. `…_se` is the standard deviation of the effect given the scores and the variances; it
    holds what is not known of `mu`, covariates and the other group. `singular` says that a
    variance is exactly 0; `criterion` is minus twice the restricted log likelihood, `log` the same
    at each step of the search.
    """

    scores: Scores
    mu: float
    mu_se: float
    coefficient: Floats
    coefficient_se: Floats
    item_effect: Floats
    item_se: Floats
    judge_effect: Floats
    judge_se: Floats
    variance: Variance
    criterion: float
    singular: bool
    log: tuple[float, ...]
    system: Factored
    items_are_many: bool

    @property
    def estimate(self) -> Floats:
        """Each item's score as the mean judge would have given it: mu + effect."""
        return self.mu + self.item_effect

    def draws(self, count: int, chance: np.random.Generator) -> Floats:
        """Item effects as they may well be: draws from their joint posterior (items, count)."""
        off = self.system.spread(count, chance, self.items_are_many)
        return np.asarray(self.item_effect[:, None] + np.sqrt(self.variance.residual) * off)


def too_few(scores: Scores) -> bool:
    """Whether no item has a second score, so that films can't be told from chance."""
    return len(scores.value) == len(scores.items)


def fit(scores: Scores) -> MixedFit:
    """Fit by REML. Raises ValueError where no variance can be told from chance.

    A single item or a single judge has no variance of its own: it is 0, and the model goes on
    without. Scores in parts that no juror connects are fitted, but compared at the reader's peril.
    """
    if too_few(scores) or not np.ptp(scores.value):
        raise ValueError("the scores say nothing of chance: no item has two, or all are equal")
    items_are_many = len(scores.items) >= len(scores.judges)
    design = _design(scores, items_are_many)
    centre = float(scores.value.mean())
    values = scores.value - centre
    free = (len(scores.items) > 1, len(scores.value) > len(scores.judges) > 1)
    found = find(
        design,
        Response(values, design.sums(values)),
        free if items_are_many else (free[1], free[0]),
    )
    return _told(scores, found, centre, items_are_many)


def _design(scores: Scores, items_are_many: bool) -> Design:
    alike = np.ones(len(scores.value))
    facts = scores.covariates - scores.covariates.mean(0)
    fixed = np.column_stack([alike, facts])
    items, judges = len(scores.items), len(scores.judges)
    if items_are_many:
        return Design(Rows(scores.item, scores.judge, alike, alike, fixed), items, judges)
    return Design(Rows(scores.judge, scores.item, alike, alike, fixed), judges, items)


def _told(scores: Scores, found: Found, centre: float, items_are_many: bool) -> MixedFit:
    point = found.point
    scale = max(point.misfit, 0.0) / point.freedom
    ratios = point.ratios if items_are_many else point.ratios[::-1]
    effects = point.effects.items_first(items_are_many)
    errors = point.factored.uncertainty.items_first(items_are_many)
    wide = np.sqrt(scale)
    fixed_se = wide * np.sqrt(point.factored.uncertainty.fixed)
    return MixedFit(
        scores=scores,
        mu=centre + float(point.effects.fixed[0]),
        mu_se=float(fixed_se[0]),
        coefficient=point.effects.fixed[1:],
        coefficient_se=fixed_se[1:],
        item_effect=effects[0],
        item_se=wide * np.sqrt(errors[0]),
        judge_effect=effects[1],
        judge_se=wide * np.sqrt(errors[1]),
        variance=Variance(float(ratios[0] * scale), float(ratios[1] * scale), scale),
        criterion=point.criterion,
        singular=bool((point.ratios == 0).any()),
        log=found.log,
        system=point.factored,
        items_are_many=items_are_many,
    )
