"""Counts flashes as WCAG 2.2 (three flashes or below threshold) and ITU-R BT.1702 mean them.

A flash is a pair of opposing changes in relative luminance of at least a tenth of its range where
the darker of the two lies below 0.80. More than three within a second, over a quarter of the
picture, may harm viewers with photosensitive epilepsy. Here the picture is parted into 16 by 9
cells, each counts its own changes, and a moment may flash when a quarter of the cells have seen
more than six changes within the last second. It does where these cells change together, whether
all at once or by turns, as the two lamps of a police car: most of what they do is one movement. In
a camera's run through a wood each cell changes by itself. Saturated red, which has a rule of its
own there, is not told apart from other light.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from contest.machines.stretches import Stretches

ACROSS, DOWN = 16, 9
CHANGE = 0.10
BRIGHT = 0.80
AREA = 0.25
CHANGES_ALLOWED = 6
"""In a second: three flashes, each a change and its opposite."""
WINDOW_S = 0.998
"""A second, less what times rounded to milliseconds may lack of it."""

TOGETHER = 0.8
"""Of all that changes, the share that one movement explains: the first singular value, squared."""
LOOK_AGAIN_S = 0.2
FRAMES_AT_MOST = 480
"""Remembered of a second: no screen shows more, but a file may claim to."""

Cells = npt.NDArray[np.float32]


def _relative_luminance() -> npt.NDArray[np.float32]:
    """Light for each of 256 greys, of 1, by the curve of sRGB that WCAG names."""
    grey = np.arange(256) / 255
    light = np.where(grey <= 0.04045, grey / 12.92, ((grey + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


LIGHT = _relative_luminance()


def _averaging(cells: int, points: int) -> npt.NDArray[np.float32]:
    """A matrix that averages `points` into `cells` of equal size."""
    each = points // cells
    return np.kron(np.eye(cells), np.full((1, each), 1 / each)).astype(np.float32)


class Flashes:
    """Looks at frames of grey points, `across` by `down`, multiples of `ACROSS` and `DOWN`."""

    def __init__(self, across: int, down: int) -> None:
        self.most = 0
        self.stretches = Stretches(0.0)
        self._rows, self._columns = _averaging(DOWN, down), _averaging(ACROSS, across).T
        self._low = np.full((DOWN, ACROSS), np.inf, np.float32)
        self._high = np.full((DOWN, ACROSS), -np.inf, np.float32)
        self._falls = np.zeros((DOWN, ACROSS), bool)
        self._rises = np.zeros((DOWN, ACROSS), bool)
        self._recent: deque[tuple[float, npt.NDArray[np.bool_]]] = deque()
        self._counts = np.zeros((DOWN, ACROSS), np.int16)
        self._second: deque[tuple[float, Cells]] = deque()
        self._judged = (-1.0, False)

    def cells(self, frames: npt.NDArray[np.uint8]) -> Cells:
        """The light of each cell of each frame, (frames, DOWN, ACROSS)."""
        return (self._rows @ LIGHT[frames] @ self._columns).astype(np.float32, copy=False)

    def look(self, cells: Cells, at_s: float) -> None:
        """The next frame's cells, shown from `at_s` on."""
        ceased_s = self._recent[-1][0] if self._recent else at_s
        while self._recent and (
            self._recent[0][0] <= at_s - WINDOW_S or len(self._recent) >= FRAMES_AT_MOST
        ):
            self._counts -= self._recent.popleft()[1]
        changed = self._changes(cells)
        if changed.any():
            self._recent.append((at_s, changed))
            self._counts += changed
        first_s = self._recent[0][0] if self._recent else at_s
        self._second.append((at_s, cells))
        while self._second[0][0] < at_s - 1 or len(self._second) > FRAMES_AT_MOST:
            self._second.popleft()
        quarter = int(np.ceil(AREA * cells.size))
        shared = int(np.partition(self._counts, -quarter, axis=None)[-quarter])
        if shared > CHANGES_ALLOWED and self._together(at_s):
            self.most = max(self.most, shared // 2)
            self.stretches.note(first_s, holds=True)
        else:
            self.stretches.note(ceased_s, holds=False)

    def _together(self, at_s: float) -> bool:
        """Whether the cells that changed too often in the last second did so as one."""
        judged_s, together = self._judged
        if not judged_s <= at_s < judged_s + LOOK_AGAIN_S:
            often = self._counts > CHANGES_ALLOWED
            light = np.stack([cells[often] for _, cells in self._second])
            moved = np.diff(light, axis=0)
            whole = float((moved * moved).sum())
            together = whole > 0 and float(np.linalg.norm(moved, 2)) ** 2 >= TOGETHER * whole
            self._judged = at_s, together
        return together

    def _changes(self, cells: Cells) -> npt.NDArray[np.bool_]:
        """Where the light has turned, and gone far enough from where it turned to count.

        Each cell remembers how far it went since its last change; a change the other way begins
        there, as in a zigzag."""
        np.minimum(self._low, cells, out=self._low)
        np.maximum(self._high, cells, out=self._high)
        up = ~self._rises & (cells - self._low >= CHANGE) & (self._low < BRIGHT)
        down = ~self._falls & (self._high - cells >= CHANGE) & (cells < BRIGHT)
        changed = up | down
        if changed.any():
            self._rises = (self._rises & ~down) | up
            self._falls = (self._falls & ~up) | down
            np.copyto(self._high, cells, where=changed)
            np.copyto(self._low, cells, where=changed)
        return changed
