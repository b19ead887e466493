"""Several criteria: what is modelled is each ballot's weighted total, or each criterion."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from contest.rulebook.statistics import mixed
from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.posterior import Model, Posterior, of_scores, raw
from contest.rulebook.statistics.scores import Scores


class Criteria(StrEnum):
    """What is modelled."""

    TOTAL = "total"
    """Each ballot's weighted total."""
    EACH = "each"
    """Each criterion, with films and jurors of its own; the estimates are weighted."""


def posterior_of(
    marks: Marks, weights: Mapping[str, float], model: Model, criteria: Criteria
) -> Posterior:
    """Fit the model, or say why it can't be fitted and let the raw means stand."""
    totals = marks.totals(weights)
    if criteria is Criteria.TOTAL or len(marks.criteria) == 1:
        return of_scores(totals, model)
    parts = [of_scores(marks.on(key), model) for key in marks.criteria]
    for part in parts:
        if part.draw is None:
            return raw(totals, part.remarks)
    share = np.array([weights[key] for key in marks.criteria])
    return _Together(totals, parts, share / share.sum(), _agreement(marks)).posterior()


class _Together:
    """Criteria added up by their shares, with errors that go together as residuals do."""

    def __init__(
        self, totals: Scores, parts: list[Posterior], share: Floats, agreement: Floats
    ) -> None:
        self.totals, self.parts, self.share = totals, parts, share
        self.item = [_at(totals.items, part.scores.items) for part in parts]
        self.judge = [_at(totals.judges, part.scores.judges) for part in parts]
        self.error = np.stack(
            [
                _spread(part.se, at, float(np.sqrt(part.variance.item)))
                for part, at in zip(parts, self.item, strict=True)
            ]
        )
        weighted = self.error * share[:, None]
        self.se = np.sqrt(np.einsum("ci,cd,di->i", weighted, agreement, weighted))
        alone = np.sqrt((weighted**2).sum(0))
        self.wider = np.divide(self.se, alone, out=np.ones_like(self.se), where=alone > 0)
        self.estimate = self._summed(
            [
                _spread(part.estimate, at, part.mean)
                for part, at in zip(parts, self.item, strict=True)
            ]
        )

    def posterior(self) -> Posterior:
        """The sum, as if one model had made it."""
        return Posterior(
            scores=self.totals,
            mean=float(self.share @ [part.mean for part in self.parts]),
            estimate=self.estimate,
            se=self.se,
            severity=self._of_judges([part.severity for part in self.parts], 0.0),
            severity_se=self._of_judges([part.severity_se for part in self.parts], 0.0),
            scale=self._of_judges([part.scale for part in self.parts], 1.0),
            variance=mixed.fit(self.totals).variance,
            draw=self._draw,
            remarks=tuple(dict.fromkeys(each for part in self.parts for each in part.remarks)),
        )

    def _draw(self, count: int, chance: np.random.Generator) -> Floats:
        off = np.zeros((len(self.totals.items), count))
        for part, at, error, share in zip(
            self.parts, self.item, self.error, self.share, strict=True
        ):
            if part.draw is not None:
                unseen = error[:, None] * chance.standard_normal(off.shape)
                drawn = part.draw(count, chance) - part.estimate[:, None]
                off += share * np.where(at[:, None] >= 0, drawn[at], unseen)
        return np.asarray(self.estimate[:, None] + self.wider[:, None] * off)

    def _of_judges(self, columns: list[Floats], otherwise: float) -> Floats:
        return self._summed(
            [_spread(each, at, otherwise) for each, at in zip(columns, self.judge, strict=True)]
        )

    def _summed(self, columns: list[Floats]) -> Floats:
        return np.asarray(self.share @ np.stack(columns))


def _agreement(marks: Marks) -> Floats:
    """How residuals of two criteria on one ballot go together (criteria, criteria).

    Marks on one ballot rise and fall together, so the errors of criteria do not cancel out as
    those of strangers would. Correlation of marks less their item's and their judge's means.
    """
    left = marks.value.copy()
    criteria = len(marks.criteria)
    for at, size in ((marks.item, len(marks.items)), (marks.judge, len(marks.judges))):
        cell = at * criteria + marks.criterion
        count = np.maximum(np.bincount(cell, minlength=size * criteria), 1)
        left -= (summed(left, cell, size * criteria) / count)[cell]
    item, _, ballot = marks.ballots
    table = np.zeros((len(item), criteria))
    table[ballot, marks.criterion] = left
    joint = table.T @ table
    own = np.sqrt(np.maximum(joint.diagonal(), np.finfo(float).tiny))
    found = joint / np.outer(own, own)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _at(names: tuple[str, ...], among: tuple[str, ...]) -> Whole:
    """Where each name is among others, or -1 (names)."""
    found = {name: at for at, name in enumerate(among)}
    return np.array([found.get(name, -1) for name in names])


def _spread(values: Floats, at: Whole, otherwise: float) -> Floats:
    return np.where(at >= 0, values[at], otherwise)
