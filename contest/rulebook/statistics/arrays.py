"""What the arrays of this package hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]


def summed(values: Floats, at: Whole, size: int) -> Floats:
    """The sum of the values at each of `size` places: (rows) -> (size)."""
    return np.bincount(at, values, size).astype(np.float64, copy=False)
