"""How often chance alone would stand out as far, and how many may be named for it.

Every juror has a stream of chance of their own, started by the seed, the question and their place
in the order that scores make, so that the same scores and seed give the same answer whatever
anybody is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Flags, Floats, Whole

FALSE = 0.1
"""Of the flags raised in one audit, the share that may be false; if nothing is odd, the chance
that any flag is raised."""
FIRST = 2_000
ENOUGH = 400
"""When chance has stood out as far so many times, it is known well enough how often it does."""
MARGIN = 3
"""How many times more deals are made than the smallest share that must be told from none."""
LEAST = 10_000
"""Deals that a small jury is worth anyway, so that what is told of chance is told well."""
WORK = 100_000_000
"""Numbers drawn at most for one juror and question."""
AT_ONCE = 2_000_000
NOISE = 1e-9
"""Two statistics that differ by no more than this part of their size are equal."""

Deal = Callable[[int, np.random.Generator], Floats]
"""`deal(count, chance)` gives `count` values of a statistic as chance might have made it."""


@dataclass(frozen=True)
class Candidate:
    """A juror whose `observed` statistic is large enough to matter.

    `at` is the juror's index, `size` how many numbers one deal draws.
    """

    at: int
    observed: float
    size: int
    deal: Deal


@dataclass(frozen=True)
class Asked:
    """One question asked of `tested` jurors or pairs, at a share `level` of false flags.

    `seed` is the question's own.
    """

    tested: int
    level: float
    seed: tuple[int, int]

    @property
    def most(self) -> int:
        """Deals at most: enough to tell the smallest share that counts from none."""
        return max(LEAST, int(np.ceil(MARGIN * max(self.tested, 1) / self.level)))


@dataclass(frozen=True)
class Found:
    """For each juror (judges): how often chance stands out as far, and whether to speak of it.

    `p` is 1 for jurors who don't stand out in the question's direction or far enough to matter:
    they count among the tested.
    """

    p: Floats
    flagged: Flags


def judged(candidates: list[Candidate], judges: int, asked: Asked, twins: Whole) -> Found:
    """Count for each candidate, then name as many as the level allows.

    Jurors whom the scores can't tell apart (`twins`, judges) get one answer: the weaker.
    """
    p = np.ones(judges)
    for each in candidates:
        p[each.at] = _share(each, asked)
    weaker = np.zeros(int(twins.max(initial=0)) + 1)
    np.maximum.at(weaker, twins, p)
    p = weaker[twins]
    return Found(p, named(p, asked.tested, asked.level))


def _share(candidate: Candidate, asked: Asked) -> float:
    """The share of deals at least as large as observed, itself among them."""
    chance = np.random.default_rng([*asked.seed, candidate.at])
    line = candidate.observed - NOISE * abs(candidate.observed)
    most = min(asked.most, max(FIRST, WORK // max(candidate.size, 1)))
    at_once = max(1, AT_ONCE // max(candidate.size, 1))
    reached, made, until = 0, 0, min(FIRST, most)
    while True:
        while made < until:
            values = candidate.deal(min(at_once, until - made), chance)
            made += len(values)
            reached += int((values >= line).sum())
        if reached >= ENOUGH or made >= most:
            return (1 + reached) / (1 + made)
        until = min(10 * until, most)


def named(p: Floats, tested: int, level: float) -> Flags:
    """Which of `tested` shares count at a false discovery rate of `level`.

    `p` may leave out those that are 1. Source: Benjamini & Hochberg 1995.
    """
    order = np.argsort(p, kind="stable")
    line = level * np.arange(1, len(p) + 1) / max(tested, 1)
    under = np.flatnonzero(p[order] <= line)
    flagged = np.zeros(len(p), bool)
    if under.size:
        flagged[p <= p[order[under[-1]]]] = True
    return flagged
