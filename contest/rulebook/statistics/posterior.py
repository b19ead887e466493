"""What a model believes of films and jurors after the scores, and what it can't know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics import mixed, robust
from contest.rulebook.statistics.arrays import Floats, summed
from contest.rulebook.statistics.chances import Draw
from contest.rulebook.statistics.mixed import MixedFit, Variance
from contest.rulebook.statistics.robust import RobustFit
from contest.rulebook.statistics.scores import Scores

NO_CHANCE = 1e-5
"""A part of the scores' variance that is as good as none."""


class Model(StrEnum):
    """How films and jurors are told apart."""

    MIXED = "mixed"
    ROBUST = "robust"


@dataclass(frozen=True)
class Posterior:
    """Films and jurors in the order of `scores`, on its scale; NaN is what can't be known.

    `estimate` (items) is the score of the mean judge, `se` its error as `mixed.MixedFit` has it;
    `severity`, `severity_se` and `scale` (judges) as in `results.Judge`; `mean` the mean item's
    score. `draw` draws estimates that may as well be true. `remarks` say what could not be done.
    """

    scores: Scores
    mean: float
    estimate: Floats
    se: Floats
    severity: Floats
    severity_se: Floats
    scale: Floats
    variance: Variance
    draw: Draw | None
    remarks: tuple[Sentence, ...] = ()


def of_scores(scores: Scores, model: Model) -> Posterior:
    """The model of one score per ballot."""
    if not np.ptp(scores.value):
        return _all_equal(scores)
    if mixed.too_few(scores):
        reason = Sentence(
            "No film has scores from two jurors, so a film can't be told from its juror's taste:"
            " films stand by their raw means, and how sure that is can't be known."
        )
        return raw(scores, (reason,))
    fit = robust.fit(scores) if model is Model.ROBUST else mixed.fit(scores)
    alone = len(scores.items) == 1
    return Posterior(
        scores=scores,
        mean=fit.mu,
        estimate=fit.estimate,
        se=np.array([fit.mu_se]) if alone else fit.item_se,
        severity=fit.judge_effect,
        severity_se=fit.judge_se,
        scale=fit.judge_scale if isinstance(fit, RobustFit) else _scale(fit),
        variance=fit.variance,
        draw=lambda count, chance: fit.mu + fit.draws(count, chance),
        remarks=_of_variance(fit),
    )


def _of_variance(fit: MixedFit | RobustFit) -> tuple[Sentence, ...]:
    """What the variances, or the numbers of scores, forbid to be read into the errors."""
    scores, found = fit.scores, []
    if len(scores.items) > 1 and fit.variance.item == 0:
        found.append(
            Sentence(
                "The films' means differ no more than chance makes them differ: the model holds all"
                " films equal. More scores may part them."
            )
        )
    parts = int(scores.parts.max()) + 1
    if len(scores.value) <= len(scores.items) + len(scores.judges) - parts:
        found.append(
            Sentence(
                "There are no more scores than films and jurors to tell apart: what is chance, and"
                " so every error, is little more than a guess."
            )
        )
    elif fit.variance.residual <= NO_CHANCE * float(np.var(scores.value)):
        found.append(
            Sentence(
                "The scores are exactly film plus juror, with nothing left to chance; the errors"
                " say no more than that."
            )
        )
    return tuple(found)


def _scale(fit: MixedFit) -> Floats:
    """What one point between films is to each judge of a plain model, drawn towards 1."""
    scores, noise = fit.scores, fit.variance.residual
    own = fit.item_effect[scores.item]
    left = scores.value - fit.mu - fit.judge_effect[scores.judge]
    belief = noise / robust.SPREAD_OF_SCALES**2
    judges = len(scores.judges)
    known = summed(own**2 + fit.item_se[scores.item] ** 2, scores.judge, judges) + belief
    told = summed(left * own, scores.judge, judges) + belief
    return np.divide(told, known, out=np.ones(judges), where=known > 0)


def _all_equal(scores: Scores) -> Posterior:
    items, judges = len(scores.items), len(scores.judges)
    reason = Sentence("All scores are equal: nothing tells one film from another.")
    unknown = np.full(judges, np.nan)
    value = np.full(items, scores.value[0])
    return Posterior(
        scores=scores,
        mean=float(value[0]),
        estimate=value,
        se=np.full(items, np.nan),
        severity=np.zeros(judges),
        severity_se=unknown,
        scale=unknown,
        variance=Variance(0.0, 0.0, 0.0),
        draw=lambda count, _: np.zeros((items, count)),
        remarks=(reason,),
    )


def raw(scores: Scores, remarks: tuple[Sentence, ...]) -> Posterior:
    """Raw means, with nothing known of their errors."""
    judges, unknown = len(scores.judges), float("nan")
    return Posterior(
        scores=scores,
        mean=float(scores.value.mean()),
        estimate=scores.item_mean,
        se=np.full(len(scores.items), np.nan),
        severity=np.full(judges, np.nan),
        severity_se=np.full(judges, np.nan),
        scale=np.full(judges, np.nan),
        variance=Variance(unknown, unknown, unknown),
        draw=None,
        remarks=remarks,
    )
