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
ENOUGH = 50
ENOUGH_OF_FEW = 400
"""When chance has stood out as far so many times, it is known well enough how often it does: of
many jurors, among whom only the rare matter; and of a few, each of whom is looked at."""
FEW = 100
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
    def enough(self) -> int:
        """How often chance must stand out as far before no more deals are made."""
        return ENOUGH_OF_FEW if self.tested <= FEW else ENOUGH

    @property
    def most(self) -> int:
        """Deals at most: enough to tell the smallest share that counts from none."""
        return max(LEAST, int(np.ceil(MARGIN * max(self.tested, 1) / self.level)))

    @property
    def stages(self) -> list[int]:
        """After how many deals one looks who needs more."""
        found = [FIRST, LEAST]
        while found[-1] < self.most:
            found.append(min(10 * found[-1], self.most))
        return found


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

    Nobody is dealt for any longer who stands under the line, or of whom enough is known. Jurors
    whom the scores can't tell apart (`twins`, judges) get one answer: the weaker.
    """
    p = np.ones(judges)
    going = [_Count(each, asked.seed) for each in candidates]
    for until in asked.stages:
        for count in going:
            count.go_on(until)
            p[count.at] = count.share
        under = named(p, asked.tested, asked.level) & (until >= LEAST)
        going = [each for each in going if each.reached < asked.enough and not under[each.at]]
    weaker = np.zeros(int(twins.max(initial=0)) + 1)
    np.maximum.at(weaker, twins, p)
    p = weaker[twins]
    return Found(p, named(p, asked.tested, asked.level))


class _Count:
    """How often chance has stood out as far as one candidate, so far."""

    def __init__(self, candidate: Candidate, seed: tuple[int, int]) -> None:
        self.at = candidate.at
        self.reached = self._made = 0
        self._deal = candidate.deal
        self._chance = np.random.default_rng([*seed, candidate.at])
        self._line = candidate.observed - NOISE * abs(candidate.observed)
        self._size = max(candidate.size, 1)

    @property
    def share(self) -> float:
        """The share of deals at least as large as observed, itself among them."""
        return (1 + self.reached) / (1 + self._made)

    def go_on(self, until: int) -> None:
        """Deal until so many have been made, or as many as there is time for."""
        last = min(until, max(FIRST, WORK // self._size))
        at_once = max(1, AT_ONCE // self._size)
        while self._made < last:
            values = self._deal(min(at_once, last - self._made), self._chance)
            self._made += len(values)
            self.reached += int((values >= self._line).sum())


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
