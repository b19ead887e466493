"""The mixed model for juries with careless and favouring members.

score = mu + severity + scale x film + noise: every juror spreads films more or less widely (scale
around 1) and with more or less noise (around the jury's), and noise is Student's t with 5 degrees
of freedom, so that one strange mark weighs little. Scale and noise are drawn towards the jury's
own as far as a juror's scores are few. Found by expectation and maximisation; errors are those of
the films and severities at the scales, noises and weights found (Laplace).
Source: Platt & Burges 2012; Ge, Welling & Ghahramani 2013; Lange, Little & Taylor 1989.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from contest.rulebook.statistics import mixed
from contest.rulebook.statistics.arrays import Floats, summed
from contest.rulebook.statistics.mixed import Variance
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.statistics.system import Design, Factored, Rows

FREEDOM = 5.0
"""Degrees of freedom of the noise."""
KNOWN_OF_NOISE = 2 * FREEDOM / (FREEDOM + 3)
"""What one score says of the log of its juror's noise (Fisher information of Student's scale)."""
ROUNDS = 60
CLOSE = 1e-3
"""A round that moves no film by more than this part of the films' spread is the last."""
SPREAD_OF_SCALES = 0.15
SPREAD_OF_NOISES = 0.35
"""How far jurors' scales, and logs of their noises, differ before the scores are seen."""
BELIEF = 10.0
"""As many jurors' worth of scores as those two numbers are believed."""
LEAST = 1e-6
"""The least noise, as a part of the scores' variance: no juror is taken for a ruler."""


@dataclass(frozen=True)
class RobustFit:
    """A fitted model, on the scale of the scores; fields as in `MixedFit`.

    `judge_scale` is what one point between films is to a judge, around 1; `judge_noise` the
    standard deviation of a judge's noise; `weight` how much each score counts, about 1 for one
    that is near what was to be expected.
    """

    scores: Scores
    mu: float
    mu_se: float
    item_effect: Floats
    item_se: Floats
    judge_effect: Floats
    judge_se: Floats
    judge_scale: Floats
    judge_noise: Floats
    weight: Floats
    variance: Variance
    singular: bool
    system: Factored
    items_are_many: bool

    @property
    def estimate(self) -> Floats:
        """Each item's score as the mean judge would have given it: mu + effect."""
        return self.mu + self.item_effect

    def draws(self, count: int, chance: np.random.Generator) -> Floats:
        """Item effects as they may well be: draws from their joint posterior (items, count)."""
        off = self.system.spread(count, chance, self.items_are_many)
        return np.asarray(self.item_effect[:, None] + off)


@dataclass(frozen=True)
class _Jury:
    """What is believed of the jurors between two rounds; variances in squared points."""

    scale: Floats
    noise: Floats
    """Squared scale of each juror's Student noise."""
    weight: Floats
    item_variance: float
    judge_variance: float
    scale_variance: float
    noise_variance: float


@dataclass(frozen=True)
class _Films:
    """Films and severities as they are most likely for such a jury, and their error variances."""

    factored: Factored
    fixed: float
    fixed_variance: float
    item: Floats
    item_variance: Floats
    judge: Floats
    judge_variance: Floats


def fit(scores: Scores) -> RobustFit:
    """Starts from the plain mixed model. Raises ValueError where that does."""
    plain = mixed.fit(scores)
    values = scores.value - plain.mu
    least = LEAST * float(np.var(scores.value))
    noise = max(plain.variance.residual * (FREEDOM - 2) / FREEDOM, least)
    judges = np.ones(len(scores.judges))
    jury = _Jury(
        scale=judges,
        noise=judges * noise,
        weight=np.ones(len(values)),
        item_variance=plain.variance.item,
        judge_variance=plain.variance.judge,
        scale_variance=SPREAD_OF_SCALES**2,
        noise_variance=SPREAD_OF_NOISES**2,
    )
    films = _films(scores, values, jury)
    for _ in range(ROUNDS):
        jury = _jury(scores, values, jury, films, least)
        following = _films(scores, values, jury)
        moved = float(np.abs(following.item - films.item).max())
        films = following
        if moved <= CLOSE * np.sqrt(jury.item_variance):
            break
    return _told(scores, plain, jury, films)


def _films(scores: Scores, values: Floats, jury: _Jury) -> _Films:
    """Films and severities, given the jury: weighted mixed model equations."""
    root = np.sqrt(jury.weight / jury.noise[scores.judge])
    by_film = root * jury.scale[scores.judge]
    items, judges = len(scores.items), len(scores.judges)
    fixed = root[:, None]
    if items >= judges:
        rows = Rows(scores.item, scores.judge, by_film, root, fixed)
        design = Design(rows, items, judges)
        factored = Factored(design, jury.item_variance, jury.judge_variance)
    else:
        rows = Rows(scores.judge, scores.item, root, by_film, fixed)
        design = Design(rows, judges, items)
        factored = Factored(design, jury.judge_variance, jury.item_variance)
    effects = factored.solve(design.sums(root * values))
    errors = factored.uncertainty
    item, judge = effects.items_first(items >= judges)
    item_error, judge_error = errors.items_first(items >= judges)
    return _Films(
        factored,
        float(effects.fixed[0]),
        float(errors.fixed[0]),
        item,
        item_error,
        judge,
        judge_error,
    )


def _jury(scores: Scores, values: Floats, jury: _Jury, films: _Films, least: float) -> _Jury:
    """The jury as it is most likely, given the films; one round."""
    own = films.item[scores.item]
    unsure = films.item_variance[scores.item]
    severity = films.fixed + films.judge[scores.judge]
    scale, scale_variance, unit = _scales(scores, values - severity, own, unsure, jury)
    own, unsure = own * unit, unsure * unit**2
    left = values - severity - scale[scores.judge] * own
    squares = left**2 + scale[scores.judge] ** 2 * unsure
    weight = (FREEDOM + 1) / (FREEDOM + squares / jury.noise[scores.judge])
    noise, noise_variance = _noises(scores, weight * squares, jury, least)
    return replace(
        jury,
        scale=scale,
        scale_variance=scale_variance,
        weight=weight,
        noise=noise,
        noise_variance=noise_variance,
        item_variance=unit**2 * _mean_square(films.item, films.item_variance),
        judge_variance=_mean_square(films.judge, films.judge_variance),
    )


def _mean_square(effect: Floats, variance: Floats) -> float:
    return float((effect**2 + variance).mean())


def _scales(
    scores: Scores, against: Floats, own: Floats, unsure: Floats, jury: _Jury
) -> tuple[Floats, float, float]:
    """Each juror's scale, drawn towards 1; how far scales differ; and the unit they are told in.

    Marks say only what films and scales make together: the mean juror's scale is made 1, and films
    are stretched by the unit instead.
    """
    judges = len(scores.judges)
    counts = jury.weight / jury.noise[scores.judge]
    known = summed(counts * (own**2 + unsure), scores.judge, judges) + 1 / jury.scale_variance
    told = summed(counts * against * own, scores.judge, judges) + 1 / jury.scale_variance
    unit = float((told / known).mean())
    if unit <= 0:
        return np.ones(judges), jury.scale_variance, 1.0
    scale = told / known / unit
    shown = ((scale - 1) ** 2 + 1 / known).sum() + BELIEF * SPREAD_OF_SCALES**2
    return scale, float(shown / (judges + BELIEF)), unit


def _noises(scores: Scores, squares: Floats, jury: _Jury, least: float) -> tuple[Floats, float]:
    """Each juror's squared noise, drawn towards the jury's, and how far its logs differ.

    Newton's steps on the log of the noise, whose likelihood is concave.
    """
    judges, n = len(scores.judges), scores.per_judge
    shown = summed(squares, scores.judge, judges)
    logs = np.log(jury.noise) / 2
    middle = float(logs.mean())
    for _ in range(8):
        part = shown * np.exp(-2 * logs)
        slope = part - n - (logs - middle) / jury.noise_variance
        logs = logs + np.clip(slope / (2 * part + 1 / jury.noise_variance), -1, 1)
    unsure = 1 / (KNOWN_OF_NOISE * n + 1 / jury.noise_variance)
    spread = ((logs - logs.mean()) ** 2 + unsure).sum() + BELIEF * SPREAD_OF_NOISES**2
    return np.maximum(np.exp(2 * logs), least), float(spread / (judges + BELIEF))


def _told(scores: Scores, plain: mixed.MixedFit, jury: _Jury, films: _Films) -> RobustFit:
    widened = FREEDOM / (FREEDOM - 2)
    return RobustFit(
        scores=scores,
        mu=plain.mu + films.fixed,
        mu_se=float(np.sqrt(films.fixed_variance)),
        item_effect=films.item,
        item_se=np.sqrt(films.item_variance),
        judge_effect=films.judge,
        judge_se=np.sqrt(films.judge_variance),
        judge_scale=jury.scale,
        judge_noise=np.sqrt(widened * jury.noise),
        weight=jury.weight,
        variance=Variance(
            jury.item_variance,
            jury.judge_variance,
            float(widened * np.exp(np.log(jury.noise).mean())),
        ),
        singular=plain.singular,
        system=films.factored,
        items_are_many=len(scores.items) >= len(scores.judges),
    )
