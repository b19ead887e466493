"""How many more scores would settle the cut, by the errors of the model of films and jurors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Flags, Floats

UNSURE = 0.1
"""A film is near the cut while its chance to be above it lies between this and 1 less this."""
SURE_ERRORS = 1.2816
"""Standard errors from the cut at which that chance is 9 in 10."""
MOST_MORE = 25
"""Scores one film may ask for; a film that wants more is too close to its neighbours."""


@dataclass(frozen=True)
class Settling:
    """`more_scores` would decide all but `too_close` of the films near the cut."""

    more_scores: int
    too_close: int


def near(p_top: Floats) -> Flags:
    """Which films are near the cut (items); where the chance is not known, none."""
    return (p_top > UNSURE) & (p_top < 1 - UNSURE)


def settle(estimate: Floats, se: Floats, p_top: Floats, top: int, noise: float) -> Settling:
    """What it takes for all films near the cut (items) to be 9 chances in 10 on one side of it.

    The cut lies midway between the last estimate above it and the first below. A film's precision
    grows with each score by 1 over `noise`, the variance of a score that is neither film nor juror;
    its estimate stays what it is.
    """
    ordered = np.sort(estimate[np.isfinite(estimate)])[::-1]
    close = near(p_top) & np.isfinite(se) & (se > 0)
    if not 0 < top < len(ordered) or not close.any():
        return Settling(0, 0)
    gap = np.abs(estimate[close] - (ordered[top - 1] + ordered[top]) / 2)
    wanted = np.divide(SURE_ERRORS, gap, out=np.full(len(gap), np.inf), where=gap > 0) ** 2
    more = np.ceil(np.maximum(wanted - se[close] ** -2, 0) * noise)
    within = more <= MOST_MORE
    return Settling(int(np.maximum(more[within], 1).sum()), int((~within).sum()))
