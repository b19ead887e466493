"""An order of films and jurors that is made of the scores alone.

Chance and floating point must not see names: films that change names, or lines that change
places, would otherwise change the last digits of a result. Each film is signed by the marks it
was given and by the signatures of those who gave them, each juror likewise, again and again
until no more of them can be told apart (colour refinement of the graph of scores). Whoever
carries one signature is interchangeable as far as any score goes: a twin.
"""

from __future__ import annotations

import numpy as np

from contest.rulebook.statistics.arrays import Hashes, Whole

EFFORT = 20_000_000
"""Rows read at most to part twins from each other; beyond, their names order them."""


def signed(
    item: Whole, judge: Whole, value: Whole, items: int, judges: int
) -> tuple[Hashes, Hashes, Hashes]:
    """Signatures of items, of judges, and of items when only true twins share one.

    `item`, `judge` and `value` are codes, one per score, from 0. The first two have every twin
    parted from its like, in a way that is the same whatever they are called; the third has not.
    """
    of_item = np.zeros(items, np.uint64)
    of_judge = np.ones(judges, np.uint64)
    rows = (item, judge, value.astype(np.uint64))
    of_item, of_judge, spent = _refined(of_item, of_judge, *rows)
    twins = of_item.copy()
    while spent < EFFORT and _part_one(of_item, of_judge):
        of_item, of_judge, more = _refined(of_item, of_judge, *rows)
        spent += more
    return of_item, of_judge, twins


def _refined(
    of_item: Hashes, of_judge: Hashes, item: Whole, judge: Whole, value: Hashes
) -> tuple[Hashes, Hashes, int]:
    """Signatures refined until they tell no more apart, and the number of rows read for it."""
    known, read = -1, 0
    while True:
        found = len(np.unique(of_item)) + len(np.unique(of_judge))
        if found == known:
            return of_item, of_judge, read
        known = found
        of_item = _gathered(of_item, item, _mixed(value ^ _mixed(of_judge)[judge]))
        of_judge = _gathered(of_judge, judge, _mixed(value ^ _mixed(of_item)[item]))
        read += 2 * len(value)


def _gathered(own: Hashes, at: Whole, marks: Hashes) -> Hashes:
    """Each one's signature with the sum of its marks': the same in whatever order they come."""
    total = _mixed(own)
    np.add.at(total, at, marks)
    return _mixed(total)


def _part_one(of_item: Hashes, of_judge: Hashes) -> bool:
    """Give one of the first twins a signature of its own; false when there are no twins.

    Any of them will do: what comes of choosing one or the other differs by names only.
    """
    for signatures in (of_item, of_judge):
        values, first, count = np.unique(signatures, return_index=True, return_counts=True)
        if (shared := np.flatnonzero(count > 1)).size:
            one = first[shared[0]]
            signatures[one] = _mixed(values[shared[:1]] + np.uint64(1))[0]
            return True
    return False


def _mixed(bits: Hashes) -> Hashes:
    """The finalizer of splitmix64: near inputs, far outputs."""
    bits = (bits + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(27))
