"""How much of a score is the work itself, and how many jurors it takes to know.

Sources: Shrout & Fleiss 1979 for the six coefficients of a complete table; Spearman 1910 and
Brown 1910 for the number of jurors.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, isfinite, nan

import numpy as np

from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.mixed import Variance
from contest.rulebook.statistics.scores import Scores

WANTED = 0.8


@dataclass(frozen=True)
class Agreement:
    """Intraclass correlations: of one score (`…1`) and of the mean of all k (`…k`).

    1: each item has jurors of its own; 2: the jurors are a sample, their severities count as
    error; 3: these jurors and no others, their severities cancel out.
    """

    icc1: float
    icc2: float
    icc3: float
    icc1k: float
    icc2k: float
    icc3k: float


def single(variance: Variance) -> float:
    """The share of one score's variance that is the item: severity counts as error. 0 to 1."""
    total = variance.item + variance.judge + variance.residual
    return variance.item / total if total > 0 else nan


def single_corrected(variance: Variance) -> float:
    """The same once severities are taken out, as a model does where jurors see many items."""
    total = variance.item + variance.residual
    return variance.item / total if total > 0 else nan


def jurors_needed(share: float, wanted: float = WANTED) -> float:
    """Scores an item needs for a mean of reliability `wanted`; infinite where items don't differ.

    NaN where the share is not known.
    """
    if not isfinite(share):
        return nan
    if share <= 0:
        return inf
    return max(1, ceil(wanted / (1 - wanted) * (1 - share) / share - 1e-9))


def of_mean(share: float, jurors: int) -> float:
    """The reliability of a mean of so many scores."""
    return jurors * share / (1 + (jurors - 1) * share)


def complete_table(scores: Scores) -> Floats | None:
    """The scores as (items, judges), or None unless every judge scored every item once."""
    items, judges = len(scores.items), len(scores.judges)
    if len(scores.value) != items * judges:
        return None
    if (np.bincount(scores.item * judges + scores.judge, minlength=items * judges) != 1).any():
        return None
    table = np.empty((items, judges))
    table[scores.item, scores.judge] = scores.value
    return table


def agreement(table: Floats) -> Agreement:
    """The six coefficients of a complete table (items, judges) of at least 2 by 2."""
    n, k = table.shape
    mean = table.mean()
    rows = k * float(((table.mean(1) - mean) ** 2).sum())
    columns = n * float(((table.mean(0) - mean) ** 2).sum())
    total = float(((table - mean) ** 2).sum())
    between, judges = rows / (n - 1), columns / (k - 1)
    error = (total - rows - columns) / ((n - 1) * (k - 1))
    within = (total - rows) / (n * (k - 1))
    return Agreement(
        icc1=_ratio(between - within, between + (k - 1) * within),
        icc2=_ratio(between - error, between + (k - 1) * error + k * (judges - error) / n),
        icc3=_ratio(between - error, between + (k - 1) * error),
        icc1k=_ratio(between - within, between),
        icc2k=_ratio(between - error, between + (judges - error) / n),
        icc3k=_ratio(between - error, between),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else nan
