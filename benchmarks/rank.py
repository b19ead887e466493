"""How the mixed model grows, up to a million scores, beside the bare normal equations.

    .venv/bin/python -m benchmarks.rank

The bare work is what anybody's fit must do at least once: sum the equations of films and jurors at
variances given beforehand, as sparse matrices, and solve them, without one standard error. Each is
done several times in turn; the quickest counts. On one core, unless OPENBLAS_NUM_THREADS says
otherwise; the peak of memory is the whole process's.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read once, when numpy is imported

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, diags_array

from contest.rulebook.statistics import mixed, robust
from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.scores import Scores

SIZES = ((1_000, 100, 10_000), (5_000, 500, 100_000), (20_000, 2_000, 1_000_000))
"""Films, jurors, scores: as many scores for every film."""
LOPSIDED = (1_128, 2_972, 73_421)
"""Films, raters, ratings: some rate hundreds, most a handful."""
SECONDS_ALLOWED = 1.0
ROUNDS = 3


def drawn(items: int, judges: int, count: int, lopsided: bool = False) -> Scores:
    """Scores to a tenth of a point of films and jurors who differ."""
    chance = np.random.default_rng([items, judges])
    if lopsided:
        item = chance.integers(0, items, count)
        judge = (judges * chance.random(count) ** 3).astype(np.int64)
    else:
        item = np.repeat(np.arange(items), count // items)
        judge = chance.integers(0, judges, len(item))
    value = 6 + chance.normal(0, 1, items)[item] + chance.normal(0, 0.5, judges)[judge]
    value = np.round(value + chance.normal(0, 1, len(item)), 1)
    films, item = np.unique(item, return_inverse=True)
    jurors, judge = np.unique(judge, return_inverse=True)
    names = [f"film {at}" for at in films], [f"juror {at}" for at in jurors]
    return Scores.of_codes(*names, item, judge, value)


def bare(scores: Scores) -> Floats:
    """Films and jurors at known variances: one sparse product, one factor, one solution."""
    items, judges = len(scores.items), len(scores.judges)
    one, other, larger, smaller = scores.item, scores.judge, items, judges
    if judges > items:
        one, other, larger, smaller = other, one, judges, items
    met = csr_array((np.ones(len(one)), (one, other)), shape=(larger, smaller))
    value = scores.value - scores.value.mean()
    block = 1 / (np.bincount(one, minlength=larger) + 1.0)
    rest = -(met.T @ (diags_array(block) @ met)).toarray()
    rest[np.arange(smaller), np.arange(smaller)] += np.bincount(other, minlength=smaller) + 4.0
    right = np.bincount(other, value, smaller) - met.T @ (block * np.bincount(one, value, larger))
    factor = cho_factor(rest, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, right, check_finite=False))


def quickest(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def row(what: str, seconds: float, beside: float) -> None:
    print(f"  {what:34}{seconds:8.3f} s {seconds / beside:8.2f} x", flush=True)


def measured(name: str, scores: Scores) -> float:
    """Print the rows of one size; returns the mixed model's seconds."""
    print(name, flush=True)
    plain = quickest(lambda: bare(scores))
    fitted = quickest(lambda: mixed.fit(scores))
    row("bare normal equations", plain, plain)
    row("mixed model, standard errors", fitted, plain)
    row("robust model", quickest(lambda: robust.fit(scores)), plain)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"  {'peak memory up to here':34}{peak:8.0f} MB", flush=True)
    return fitted


def main() -> int:
    seconds = 0.0
    for items, judges, count in SIZES:
        name = f"{count:,} scores of {items:,} films by {judges:,} jurors"
        seconds = measured(name, drawn(items, judges, count))
    items, judges, count = LOPSIDED
    name = f"{count:,} ratings of {items:,} films by {judges:,} raters, lopsided"
    measured(name, drawn(items, judges, count, lopsided=True))
    within = seconds <= SECONDS_ALLOWED
    told = "within" if within else "beyond"
    print(f"a million scores: {seconds:.2f} s, {told} the {SECONDS_ALLOWED:.0f} s allowed")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
