"""The two variance ratios of a mixed model by restricted maximum likelihood.

The residual variance is profiled out, as in lme4. The ratios are found on a log scale with the
average of observed and expected information (Gilmour, Thompson & Cullis 1995), which needs only
solutions and two traces, and so converges in a few factorisations. A ratio whose criterion rises
from 0 upwards is exactly 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log, pi

import numpy as np

from contest.rulebook.statistics.arrays import Floats, summed
from contest.rulebook.statistics.system import Design, Effects, Factored, Sums

STEPS = 100
HALVINGS = 12
LONGEST_STEP = 3.0
CLOSE = 1e-7
"""A step of the log ratios that changes nothing any more."""
CLOSE_AT_SIZE = 3e-4
"""With thousands of jurors, when a factor takes a tenth of a second: a hundredth of what a
variance of so many is uncertain by anyway."""
SIZE = 1500
LEAST_GAIN = 1e-8
"""A difference of the criterion that is none."""
NEGLIGIBLE = 1e-6
"""A ratio so small is tried at 0."""
LEAST_NOISE = 1e-13
"""Part of the scores' squares that is always chance: where scores are exactly juror plus film, the
criterion would fall for ever."""
GREATEST = 1e13
"""A ratio so great leaves nothing to chance: the scores are exactly juror plus film."""
ROUNDS = 10


@dataclass(frozen=True)
class Response:
    """Scores less their mean, and their sums."""

    values: Floats
    sums: Sums


class Point:
    """The criterion and its slope at two ratios."""

    def __init__(self, design: Design, response: Response, ratios: Floats) -> None:
        self.ratios = ratios
        self.factored = Factored(design, float(ratios[0]), float(ratios[1]))
        self._design, self._response = design, response
        self.effects: Effects = self.factored.solve(response.sums)
        left = design.residual(response.values, self.effects)
        self.freedom = len(design.rows.many_at) - design.columns
        self.misfit = float(
            left @ response.values + LEAST_NOISE * response.values @ response.values
        )
        """y'Py in units of s2, which it gives: s2 = misfit / freedom."""
        self._left = (
            summed(design.rows.load_many * left, design.rows.many_at, design.many),
            summed(design.rows.load_few * left, design.rows.few_at, design.few),
        )

    @cached_property
    def criterion(self) -> float:
        """Minus twice the restricted log likelihood, s2 profiled out."""
        scale = 1 + log(2 * pi * self.misfit / self.freedom)
        return float(self.factored.log_determinant + self.freedom * scale)

    @cached_property
    def _pulls(self) -> Floats:
        return np.array([group @ group for group in self._left])

    @cached_property
    def slope(self) -> Floats:
        """Of the criterion, along each ratio (2)."""
        traces = np.array(self.factored.traces)
        return np.asarray(traces - self.freedom * self._pulls / self.misfit)

    @cached_property
    def curvature(self) -> Floats:
        """Average information along the ratios (2, 2); never negative."""
        working = (
            self._design.sums_of_many(self._left[0]),
            self._design.sums_of_few(self._left[1]),
        )
        rows = []
        for each in working:
            left = self._design.residual_sums(each, self.factored.solve(each))
            rows.append([group @ own for group, own in zip(left, self._left, strict=True)])
        joint = np.array(rows)
        joint = (joint + joint.T) / 2
        pulls = self._pulls
        spread = (joint - np.outer(pulls, pulls) / self.misfit) / self.misfit
        return np.asarray(self.freedom * spread)


@dataclass(frozen=True)
class Found:
    """Where the criterion is least: the point, its ratios, and the criterion at every step."""

    point: Point
    log: tuple[float, ...]


def find(design: Design, response: Response, free: tuple[bool, bool]) -> Found:
    """The least criterion. A ratio that isn't `free` stays 0: one member says nothing of many."""
    ratios = np.where(free, starting_ratios(design, response), 0.0)
    point = Point(design, response, ratios)
    log_ = [point.criterion]
    shortest = CLOSE if design.few <= SIZE else CLOSE_AT_SIZE
    for _ in range(STEPS):
        step = _step(point)
        settled = np.abs(step).max() < shortest
        following = _released(design, response, point, free) if settled else None
        following = following or _at_the_edge(design, response, point, step)
        if following is None and not settled:
            following = _shortened(design, response, point, step)
        if following is None:
            break
        log_.append(following.criterion)
        point = following
    return Found(point, tuple(log_))


def _step(point: Point) -> Floats:
    """Along the log of each ratio above 0 (2); 0 along the others."""
    live = point.ratios > 0
    if not live.any():
        return np.zeros(2)
    own = point.ratios[live]
    slope = point.slope[live] * own
    curvature = point.curvature[np.ix_(live, live)] * np.outer(own, own)
    ridge = 1e-10 * max(float(np.trace(curvature)), 1e-10)
    step = np.zeros(2)
    step[live] = np.linalg.solve(curvature + ridge * np.eye(len(own)), -slope)
    return step / max(1.0, float(np.abs(step).max()) / LONGEST_STEP)


def _shortened(design: Design, response: Response, point: Point, step: Floats) -> Point | None:
    """The point a step away, or half a step, or less: the first that is not worse; or None."""
    for halved in range(HALVINGS):
        ratios = np.minimum(point.ratios * np.exp(step / 2**halved), GREATEST)
        reached = Point(design, response, ratios)
        if reached.criterion <= point.criterion + 1e-12 * abs(point.criterion):
            return reached
    return None


def _at_the_edge(design: Design, response: Response, point: Point, step: Floats) -> Point | None:
    """The point with a ratio at 0, where the step goes past it and it is not worse there."""
    for which in (0, 1):
        if point.ratios[which] > 0 and (step[which] < -1 or point.ratios[which] < NEGLIGIBLE):
            ratios = point.ratios.copy()
            ratios[which] = 0.0
            edge = Point(design, response, ratios)
            if edge.criterion <= point.criterion + LEAST_GAIN:
                return edge
    return None


def _released(
    design: Design, response: Response, point: Point, free: tuple[bool, bool]
) -> Point | None:
    """The point with a free ratio taken from 0, where the criterion falls from there; or None."""
    for which in (0, 1):
        if free[which] and point.ratios[which] == 0 and point.slope[which] < 0:
            for ratio in (0.1, 0.01, 1e-3, 1e-4, 1e-5):
                ratios = point.ratios.copy()
                ratios[which] = ratio
                inside = Point(design, response, ratios)
                if inside.criterion < point.criterion - LEAST_GAIN:
                    return inside
    return None


def starting_ratios(design: Design, response: Response) -> Floats:
    """Ratios not far from the best: each variance is what its effects show, by the freedom they
    have, with the effects fitted to the scores in turn and the traces of a diagonal matrix.

    Nearly exact where everybody has many scores; only a place to start from where they have few.
    """
    given, crossing = response.sums, design.crossing
    many, few = np.zeros(design.many), np.zeros(design.few)
    ratios = np.ones(2)
    total = float(response.values @ response.values)
    for _ in range(ROUNDS):
        block_many = 1 + ratios[0] * design.per_many
        few = ratios[1] / (1 + ratios[1] * design.per_few) * (given.few - crossing.to_few(many))
        few -= few.mean()
        many = ratios[0] / block_many * (given.many - crossing.to_many(few))
        many -= many.mean()
        misfit = max(total - given.many @ many - given.few @ few, 1e-9 * total)
        scale = misfit / max(len(design.rows.many_at) - design.columns, 1)
        alone = design.per_few - ratios[0] * crossing.to_few(1 / block_many)
        known_few = 1 / (1 + ratios[1] * alone)
        forms = ratios[1] * crossing.to_many(known_few)
        known_many = 1 / block_many + ratios[0] * forms / block_many**2
        freedom = np.array([design.many - known_many.sum(), design.few - known_few.sum()]) - 1
        shown = np.array([many @ many, few @ few]) / np.maximum(freedom, 0.5)
        ratios = np.clip(shown / max(scale, 1e-300), 1e-3, 1e3)
    return ratios
