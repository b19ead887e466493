"""Whose severity lies far from that of all others?

Severity is no fault, and the model takes it out; it is worth a gentle word when it is far out.
Jurors differ in severity anyhow, so dealing marks anew says nothing here. The others' severities
are taken for a sample of those to be expected, beside a few of the size that juries usually show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.audit.chance import Asked, Found, named
from contest.rulebook.statistics.audit.model import Model

USUAL = 0.6
"""How far severities usually lie from their mean, as a part of the noise of one mark."""
BELIEF = 6
"""As many jurors' worth as this is believed."""
FEWEST = 3


@dataclass(frozen=True)
class Distance:
    """How far a juror's severity is from the others' (judges).

    `off` is the distance from the mean of the others, `others` the standard deviation of theirs,
    in points; `p` how often a juror like the others is as far.
    """

    off: Floats
    others: Floats
    p: Floats


def distances(model: Model) -> Distance:
    """Needs three jurors."""
    severity = model.severity
    others = len(severity) - 1
    mean = (severity.sum() - severity) / others
    squares = np.maximum((severity**2).sum() - severity**2 - others * mean**2, 0.0)
    expected = BELIEF * USUAL**2 * model.fit.variance.residual
    freedom = others - 1 + BELIEF
    width = np.sqrt((squares + expected) / freedom * (1 + 1 / others))
    off = severity - mean
    share = np.divide(np.abs(off), width, out=np.zeros(len(off)), where=width > 0)
    return Distance(off, np.sqrt(squares / (others - 1)), 2 * student.sf(share, freedom))


def ask(found: Distance, asked: Asked) -> Found:
    """No deals are made: the chance is that of Student's distribution."""
    return Found(found.p, named(found.p, asked.tested, asked.level))
