"""Henderson's mixed model equations of two crossed groups, reduced to the smaller one.

The response is y = X b + u[many] + v[few] + e with u ~ N(0, gm s2), v ~ N(0, gf s2), e ~ N(0, s2);
gm and gf are the ratios. As in lme4, the random effects are made spherical (v = sqrt(gf) w), so
that a ratio may be exactly 0. The larger group is eliminated: its block D = 1 + gm n is diagonal.
The rest, the smaller group and then the columns of X, is one dense matrix K = L L'.
Source: Bates, Maechler, Bolker & Walker 2015, sections 3.4 to 3.6; Henderson 1984.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri

from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.crossings import Crossing

BAND = 256
"""Columns mirrored at a time: as many as a cache holds."""


@dataclass(frozen=True)
class Sums:
    """What a response adds up to over each of the many, each of the few, and each column of X."""

    many: Floats
    few: Floats
    fixed: Floats


@dataclass(frozen=True)
class Effects:
    """A solution: predicted effects of the many and of the few, coefficients of X."""

    many: Floats
    few: Floats
    fixed: Floats

    def items_first(self, items_are_many: bool) -> tuple[Floats, Floats]:
        """What is found of items, then of judges, whichever of them are the many."""
        return (self.many, self.few) if items_are_many else (self.few, self.many)


@dataclass(frozen=True)
class Rows:
    """One row per score: whose it is, and what it says of whom.

    `many_at` and `few_at` (rows) are indices into the larger and the smaller group, `load_many`
    and `load_few` (rows) how much of each one's effect the row holds, `fixed` (rows, columns) is X.
    Rows of unequal precision are multiplied by its square root, and so is their response.
    """

    many_at: Whole
    few_at: Whole
    load_many: Floats
    load_few: Floats
    fixed: Floats


class Design:
    """The sums of rows that do not change while the ratios are sought."""

    def __init__(self, rows: Rows, many: int, few: int):
        self.rows, self.many, self.few = rows, many, few
        self.columns = rows.fixed.shape[1]
        both = rows.load_many * rows.load_few
        self.crossing = Crossing(rows.many_at, rows.few_at, both, many, few)
        self.per_many = summed(rows.load_many**2, rows.many_at, many)
        self.per_few = summed(rows.load_few**2, rows.few_at, few)
        sums = [self.sums(column) for column in rows.fixed.T]
        self.fixed_many = np.column_stack([each.many for each in sums])
        self.fixed_few = np.column_stack([each.few for each in sums])
        self.squares = np.column_stack([each.fixed for each in sums])

    def sums(self, response: Floats) -> Sums:
        """Sums of a response (rows)."""
        rows = self.rows
        return Sums(
            summed(rows.load_many * response, rows.many_at, self.many),
            summed(rows.load_few * response, rows.few_at, self.few),
            rows.fixed.T @ response,
        )

    def sums_of_many(self, each: Floats) -> Sums:
        """Sums of the response that is `each` of the many's own number in all its rows."""
        return Sums(self.per_many * each, self.crossing.to_few(each), self.fixed_many.T @ each)

    def sums_of_few(self, each: Floats) -> Sums:
        """Sums of the response that is `each` of the few's own number in all its rows."""
        return Sums(self.crossing.to_many(each), self.per_few * each, self.fixed_few.T @ each)

    def residual(self, response: Floats, effects: Effects) -> Floats:
        """What the effects leave of a response (rows)."""
        rows = self.rows
        left = response - rows.load_many * effects.many[rows.many_at]
        left -= rows.load_few * effects.few[rows.few_at]
        return np.asarray(left - rows.fixed @ effects.fixed)

    def residual_sums(self, given: Sums, effects: Effects) -> tuple[Floats, Floats]:
        """The same, summed over each of the many and each of the few."""
        fixed, crossing = effects.fixed, self.crossing
        many = given.many - self.fixed_many @ fixed - self.per_many * effects.many
        few = given.few - self.fixed_few @ fixed - self.per_few * effects.few
        return many - crossing.to_many(effects.few), few - crossing.to_few(effects.many)


class Factored:
    """The equations of a design at two ratios, factored."""

    def __init__(self, design: Design, ratio_many: float, ratio_few: float) -> None:
        self.design = design
        self.ratio_many, self.ratio_few = ratio_many, ratio_few
        self.root_few = np.sqrt(ratio_few)
        self.block: Floats = 1 + ratio_many * design.per_many
        self.pull: Floats = ratio_many / self.block
        met = design.crossing.product(self.pull)
        self.met_alone = design.per_few - met.diagonal()
        self.fixed_few = design.fixed_few - design.crossing.to_few(
            self.pull[:, None] * design.fixed_many
        )
        few, size = design.few, design.few + design.columns
        matrix = np.empty((size, size))
        matrix[:few, :few] = met * -ratio_few
        matrix[few:, :few] = self.root_few * self.fixed_few.T
        matrix[few:, few:] = design.squares - design.fixed_many.T @ (
            self.pull[:, None] * design.fixed_many
        )
        at = np.arange(few)
        matrix[at, at] += 1 + ratio_few * design.per_few
        self.root = cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)

    @cached_property
    def log_determinant(self) -> float:
        """log |L|^2 + log |R_X|^2 of lme4: of the random block, and of X given it."""
        return float(np.log(self.block).sum() + 2 * np.log(self.root.diagonal()).sum())

    def solve(self, given: Sums) -> Effects:
        """Best linear unbiased predictions and estimates for a response with these sums."""
        design, few = self.design, self.design.few
        drawn = self.pull * given.many
        right = np.concatenate(
            [
                self.root_few * (given.few - design.crossing.to_few(drawn)),
                given.fixed - design.fixed_many.T @ drawn,
            ]
        )
        found = cho_solve((self.root, True), right, check_finite=False)
        of_few, fixed = self.root_few * found[:few], found[few:]
        left = given.many - design.crossing.to_many(of_few) - design.fixed_many @ fixed
        return Effects(self.pull * left, of_few, fixed)

    @cached_property
    def inverse(self) -> Floats:
        """K^-1, both triangles."""
        lower, trouble = dpotri(self.root, lower=1)
        if trouble:
            raise ArithmeticError("the factor of the equations has a zero on its diagonal")
        for low in range(0, len(lower), BAND):
            high = low + BAND
            lower[low:high, high:] = lower[high:, low:high].T
            square = lower[low:high, low:high]
            square[:] = np.tril(square) + np.tril(square, -1).T
        return np.asarray(lower)

    @cached_property
    def forms(self) -> Floats:
        """For each of the many, its row of [sqrt(gf) C, X summed] as a form in K^-1."""
        few, fixed = self.design.few, self.design.fixed_many
        corner, side = self.inverse[few:, few:], self.inverse[:few, few:]
        found = np.einsum("ij,jk,ik->i", fixed, corner, fixed)
        if self.ratio_few > 0:
            between = self.design.crossing.to_many(side)
            found += 2 * self.root_few * np.einsum("ij,ij->i", between, fixed)
            found += self.ratio_few * self.design.crossing.forms(self.inverse[:few, :few])
        return np.asarray(found)

    @cached_property
    def traces(self) -> tuple[float, float]:
        """tr(P Z Z') for the many and for the few, in units of 1 / s2."""
        of_many = float((self.design.per_many / self.block - self.forms / self.block**2).sum())
        few = self.design.few
        if self.ratio_few > 0:
            known = few - np.trace(self.inverse[:few, :few])
            return of_many, float(known) / self.ratio_few
        corner = self.inverse[few:, few:]
        of_few = self.met_alone - np.einsum("ij,jk,ik->i", self.fixed_few, corner, self.fixed_few)
        return of_many, float(of_few.sum())

    @cached_property
    def uncertainty(self) -> Effects:
        """Error variances of predictions and estimates, in units of s2.

        Those of random effects are of the effect itself, not of its prediction, and hold what is
        not known of the other group and of X.
        """
        known = self.inverse.diagonal()
        few = self.design.few
        return Effects(
            self.pull + self.pull**2 * self.forms, self.ratio_few * known[:few], known[few:]
        )

    def spread(self, count: int, chance: np.random.Generator, many: bool) -> Floats:
        """Draws of the joint error of the effects of one group, in units of s: (group, count)."""
        few, design = self.design.few, self.design
        free = chance.standard_normal((few + design.columns, count))
        drawn = solve_triangular(self.root, free, lower=True, trans="T", check_finite=False)
        of_few, fixed = self.root_few * drawn[:few], drawn[few:]
        if not many:
            return np.asarray(of_few)
        own = chance.standard_normal((design.many, count))
        shift = design.crossing.to_many(of_few) + design.fixed_many @ fixed
        return np.asarray(np.sqrt(self.pull)[:, None] * own - self.pull[:, None] * shift)
