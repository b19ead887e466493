"""Who marks their own country's (school's, employer's) films higher than the others do?

A mark's distance from its film's mean, on a juror's own films against their other films. Which of
the films a juror saw are their own may be dealt anew: had it nothing to say, any others would do.
Source: Emerson, Seltzer & Lin 2009, on the judges of Sydney 2000.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsmr
from scipy.stats import t as student

from contest.rulebook.statistics import mixed
from contest.rulebook.statistics.arrays import Flags, Floats, Whole, summed
from contest.rulebook.statistics.audit.chance import Asked, Candidate, Found, judged
from contest.rulebook.statistics.audit.sheets import Sheets
from contest.rulebook.statistics.scores import Scores

FEWEST = 4
"""Own films, and other films, without which a juror isn't asked."""
EXACT = 1e-14


@dataclass(frozen=True)
class Bonus:
    """What own films get beyond others, from one juror (judges); points, NaN where unknown.

    `number` counts the own films.
    """

    estimate: Floats
    se: Floats
    number: Whole
    enough: Flags
    off: Floats
    """Each mark's distance from its film's mean (n)."""


@dataclass(frozen=True)
class Overall:
    """A bonus of the whole jury, in points, its standard error, and Student's p if it has one."""

    estimate: float
    se: float
    p: float = nan


def bonuses(sheets: Sheets, own: Flags) -> Bonus:
    """`own` (n) says of each ballot whether juror and film share what was asked for.

    Films with a single juror say nothing and are left out.
    """
    scores = sheets.scores
    judge, judges = scores.judge, len(scores.judges)
    off = scores.value - scores.item_mean[scores.item]
    told = sheets.panel.size > 1
    sides = []
    for side in (own & told, ~own & told):
        number = np.bincount(judge, side, judges)
        mean = summed(np.where(side, off, 0.0), judge, judges) / np.maximum(number, 1)
        squares = summed(np.where(side, (off - mean[judge]) ** 2, 0.0), judge, judges)
        sides.append((number, np.where(number > 0, mean, nan), squares))
    (number, mean, squares), (others, others_mean, others_squares) = sides
    freedom = number + others - 2
    known = (freedom > 0) & (number > 0) & (others > 0)
    variance = np.full(judges, nan)
    np.divide(squares + others_squares, freedom, out=variance, where=known)
    se = np.sqrt(variance * (1 / np.maximum(number, 1) + 1 / np.maximum(others, 1)))
    enough = (number >= FEWEST) & (others >= FEWEST)
    return Bonus(mean - others_mean, se, number.astype(np.int64), enough, off)


def ask(sheets: Sheets, own: Flags, found: Bonus, asked: Asked) -> Found:
    """The statistic is the bonus; only who gives more is named."""
    candidates = []
    for judge in np.flatnonzero(found.enough).tolist():
        ballots = sheets.panel.ballots(judge)
        ballots = ballots[sheets.panel.size[ballots] > 1]
        candidates.append(_candidate(judge, found.off[ballots], own[ballots]))
    return judged(candidates, len(found.enough), asked, sheets.judge_twins)


def _candidate(judge: int, off: Floats, own: Flags) -> Candidate:
    """The sum over as many films, drawn among all: of own films, or of the others if fewer."""
    off = off - off.mean()
    fewer, sign = (own, 1.0) if 2 * own.sum() <= len(own) else (~own, -1.0)
    number = int(fewer.sum())

    def deal(count: int, chance: np.random.Generator) -> Floats:
        keys = chance.random((count, len(off)), np.float32)
        some = np.argpartition(keys, number - 1, axis=1)[:, :number]
        return np.asarray(sign * off[some].sum(1))

    return Candidate(judge, sign * float(off[fewer].sum()), len(off), deal)


def overall_mixed(scores: Scores, covariate: Floats) -> Overall | None:
    """The coefficient of a fact of each ballot (n) beside films and jurors at random, by REML."""
    if len(covariate) < FEWEST or not np.ptp(covariate):
        return None
    try:
        fit = mixed.fit(replace(scores, covariates=covariate[:, None]))
    except ValueError:
        return None
    return Overall(float(fit.coefficient[0]), float(fit.coefficient_se[0]))


def overall_fixed(scores: Scores, covariate: Floats) -> Overall | None:
    """The same beside films and jurors as fixed effects: ordinary least squares.

    Both sides are freed of films and jurors first (Frisch & Waugh 1933; Lovell 1963), so that parts
    which no juror connects do no harm. None where the fact can't be told from film and juror.
    """
    left, value = _freed(scores, covariate), _freed(scores, scores.value)
    told = float(left @ left)
    if told <= 1e-9 * max(float(covariate @ covariate), 1e-300):
        return None
    estimate = float(left @ value) / told
    rank = len(scores.items) + len(scores.judges) - int(scores.parts.max()) - 1
    freedom = len(scores.value) - rank - 1
    if freedom <= 0:
        return Overall(estimate, nan)
    rest = value - estimate * left
    se = float(np.sqrt(rest @ rest / freedom / told))
    return Overall(estimate, se, _two_sided(estimate, se, freedom))


def _two_sided(estimate: float, se: float, freedom: int) -> float:
    share = abs(estimate) / se if se > 0 else inf
    return float(2 * student.sf(share, freedom))


def _freed(scores: Scores, column: Floats) -> Floats:
    """What is left of a column (n) once films and jurors are fitted to it."""
    n, items = len(scores.value), len(scores.items)
    at = np.arange(n)
    rows = (np.concatenate([at, at]), np.concatenate([scores.item, items + scores.judge]))
    design = csr_array((np.ones(2 * n), rows), shape=(n, items + len(scores.judges)))
    centred = column - column.mean()
    fitted = lsmr(design, centred, atol=EXACT, btol=EXACT, conlim=0, maxiter=2000)[0]
    return np.asarray(centred - design @ fitted)
