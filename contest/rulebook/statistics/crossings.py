"""Who met whom: the table of counts between two groups, and the products the models need of it.

In a mixed model of films and jurors the larger group has a diagonal block and is eliminated; what
remains is a dense matrix over the smaller group, summed from one small block per eliminated one.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from contest.rulebook.statistics.arrays import Floats, Whole

AT_ONCE = 500_000
"""Numbers held at a time while quadratic forms are gathered."""
DENSE_GAIN = 60
"""A dense product does about so many multiplications in the time of a scattered one."""
BANDS = 4
"""The symmetric product is made in so many bands of columns, each against those at its left."""


class Crossing:
    """Scores by member of the larger group and member of the smaller: counts, or loads summed."""

    def __init__(self, many_at: Whole, few_at: Whole, load: Floats, many: int, few: int) -> None:
        counts = csr_array((load, (many_at, few_at)), shape=(many, few))
        counts.sum_duplicates()
        self.counts = counts
        self.many, self.few = many, few

    @cached_property
    def _dense(self) -> Floats | None:
        """The whole table where it is full enough for dense products to be quicker."""
        lengths = np.diff(self.counts.indptr).astype(np.float64)
        scattered = float((lengths**2).sum())
        if scattered * DENSE_GAIN < float(self.many) * self.few**2:
            return None
        return np.asarray(self.counts.toarray())

    def to_few(self, of_many: Floats) -> Floats:
        """C' x, sums over the scores of each of the few: (many, …) -> (few, …)."""
        return np.asarray(self.counts.T @ of_many)

    def to_many(self, of_few: Floats) -> Floats:
        """C x, sums over the scores of each of the many: (few, …) -> (many, …)."""
        return np.asarray(self.counts @ of_few)

    def product(self, weight: Floats) -> Floats:
        """C' diag(weight) C, dense and symmetric: (few, few)."""
        if self._dense is not None:
            return np.asarray(self._dense.T @ (self._dense * weight[:, None]))
        weighted = self.counts.copy()
        weighted.data = weighted.data * np.repeat(weight, np.diff(weighted.indptr))
        found = np.empty((self.few, self.few))
        cuts = np.linspace(0, self.few, min(BANDS, self.few) + 1).astype(int)
        turned = self.counts.T.tocsr()
        by_column = weighted.tocsc()
        for low, high in pairwise(cuts):
            band = (turned[low:] @ by_column[:, low:high].tocsr()).toarray()
            found[low:, low:high] = band
            found[low:high, low:] = band.T
        return found

    def forms(self, matrix: Floats) -> Floats:
        """c' M c for the row of counts c of each of the many, M (few, few) symmetric: (many)."""
        if self._dense is not None:
            return np.asarray(np.einsum("ij,ij->i", self._dense @ matrix, self._dense))
        return self._scattered_forms(matrix.ravel(order="K"))  # either order: it is symmetric

    def _scattered_forms(self, flat: Floats) -> Floats:
        start, lengths = self.counts.indptr[:-1], np.diff(self.counts.indptr)
        found = np.zeros(self.many)
        for length in np.unique(lengths[lengths > 0]).tolist():
            rows = np.flatnonzero(lengths == length)
            step = max(1, AT_ONCE // length**2)
            for low in range(0, len(rows), step):
                some = rows[low : low + step]
                at = start[some, None] + np.arange(length)
                found[some] = self._form(self.counts.indices[at], self.counts.data[at], flat)
        return found

    def _form(self, column: Whole, count: Floats, flat: Floats) -> Floats:
        """Both triangles are equal: the diagonal once, and every pair apart twice."""
        one, other = np.triu_indices(column.shape[1], 1)
        row = column * self.few
        on = (flat.take(row + column) * count**2).sum(1)
        apart = flat.take(row[:, one] + column[:, other])
        if (count != 1).any():
            apart *= count[:, one] * count[:, other]
        return np.asarray(on + 2 * apart.sum(1))
