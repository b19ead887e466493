"""Watches a small grey copy of every frame: black, frozen and flashing stretches, cuts, bars.

Points are taken from the frames as they are, not averaged: that costs next to nothing, and noise
and fine movement stay as strong as they were. Memory does not grow with the film.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from contest.machines.flashes import Flashes
from contest.machines.stretches import Stretches
from contest.rulebook.film_facts import CUTS_KEPT, PictureFacts

WIDTH, HEIGHT = 96, 54
FRAME_BYTES = WIDTH * HEIGHT
SMALL = f"scale={WIDTH}:{HEIGHT}:flags=neighbor,format=gray"
"""Filter: the small copy. Grey is of full range: black is 0, whatever the film's range."""

DARK = 20
"""Of 255, where black is 0; coding makes it waver."""
LIT_POINTS = 5
"""Of 5,184. Letters on black light more; a speck of noise does not make a picture."""
MOVED = 8
"""Of 255: coding the same picture again makes points waver by less."""
MOVED_POINTS = 5
CUT_SCORE = 0.10
"""Of full range, as ffmpeg's `scdet` reckons: how far the frame is from the one before, or, in fast
movement, how much further than that one was from its own; 10 of its 100 is its own default."""
SHORTEST_BLACK_S = 0.5
SHORTEST_FROZEN_S = 1.0
WAITING_AT_MOST = 4096
"""Frames or times of which the other half has not come; more is no pass of ffmpeg's."""

Frame = npt.NDArray[np.uint8]


class PictureWatch:
    """Takes the pictures with `feed` and their times with `shown`, in any rhythm; `facts` tells."""

    def __init__(self) -> None:
        self._arrived_bytes = 0
        self._bytes = bytearray()
        self._times: deque[float] = deque()
        self._given_up = False
        self._held: Frame | None = None
        self._before: Frame | None = None
        self._moved_before = 0.0
        self._brightest = np.zeros((HEIGHT, WIDTH), np.uint8)
        self._black = Stretches(SHORTEST_BLACK_S)
        self._frozen = Stretches(SHORTEST_FROZEN_S)
        self._flashes = Flashes(WIDTH, HEIGHT)
        self._cuts: list[float] = []
        self._more_cuts = False

    def shown(self, at_s: float) -> None:
        """The next frame is shown from this second of film on."""
        if not self._given_up:
            self._times.append(at_s)
            self._go_on()

    def feed(self, chunk: bytes) -> bool:
        """Take more of the pictures, cut anywhere."""
        self._arrived_bytes += len(chunk)
        if not self._given_up:
            self._bytes += chunk
            self._go_on()
        return True

    @property
    def arrived(self) -> int:
        """How many frames have come; their times come in larger pieces, and later."""
        return self._arrived_bytes // FRAME_BYTES

    def facts(self, length_s: float, combed: float | None) -> PictureFacts | None:
        """What was seen of a film of `length_s`; `FieldWatch` tells what is `combed`. None when
        there was not one picture for each time."""
        if self._given_up or self._times or self._bytes or self._before is None:
            return None
        black, frozen = self._black.until(length_s), self._frozen.until(length_s)
        flashing = self._flashes.stretches.until(length_s)
        cuts = [at for at in self._cuts if not any(a <= at <= b for a, b in flashing)]
        kinds = (self._black, self._frozen, self._flashes.stretches)
        return PictureFacts(
            black=black,
            frozen=frozen,
            flashing=flashing,
            flashes_per_second=self._flashes.most,
            cuts=tuple(cuts),
            bars=self._bars(),
            combed=combed,
            curtailed=self._more_cuts or any(kind.curtailed for kind in kinds),
        )

    def _go_on(self) -> None:
        """Look at each frame whose time has come too."""
        ready = min(len(self._times), len(self._bytes) // FRAME_BYTES)
        if ready:
            taken = bytes(self._bytes[: ready * FRAME_BYTES])
            del self._bytes[: ready * FRAME_BYTES]
            frames = np.frombuffer(taken, np.uint8).reshape(ready, HEIGHT, WIDTH)
            for frame, cells in zip(frames, self._flashes.cells(frames), strict=True):
                at_s = self._times.popleft()
                self._look(frame, at_s)
                self._flashes.look(cells, at_s)
        waiting = max(len(self._times), len(self._bytes) // FRAME_BYTES)
        if waiting > WAITING_AT_MOST:
            self._given_up = True
            self._times.clear()
            self._bytes.clear()

    def _look(self, frame: Frame, at_s: float) -> None:
        dark = int(np.count_nonzero(frame > DARK)) <= LIT_POINTS
        self._black.note(at_s, holds=dark)
        if dark:
            self._held = None
            self._frozen.note(at_s, holds=False)
        elif not self._stands(frame):
            self._held = frame
            self._frozen.note(at_s, holds=False)
            self._frozen.note(at_s, holds=True)  # as far as anybody knows yet
        np.maximum(self._brightest, frame, out=self._brightest)
        self._cut(frame, at_s)
        self._before = frame

    def _stands(self, frame: Frame) -> bool:
        """Whether nothing moved since the first of these frames: slow drift adds up."""
        if self._held is None:
            return False
        return int(np.count_nonzero(_distance(frame, self._held) > MOVED)) <= MOVED_POINTS

    def _cut(self, frame: Frame, at_s: float) -> None:
        if self._before is None:
            return
        moved = int(_distance(frame, self._before).sum(dtype=np.uint32)) / (255 * FRAME_BYTES)
        score = min(moved, abs(moved - self._moved_before))
        self._moved_before = moved
        if score >= CUT_SCORE and len(self._cuts) < CUTS_KEPT:
            self._cuts.append(round(at_s, 3))
        elif score >= CUT_SCORE:
            self._more_cuts = True

    def _bars(self) -> tuple[float, float, float, float]:
        """Shares of the picture (top, bottom, left, right) where no frame showed anything."""
        lit = self._brightest > DARK
        rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
        if not rows.size:
            return (0.0, 0.0, 0.0, 0.0)
        top, bottom = int(rows[0]), HEIGHT - 1 - int(rows[-1])
        left, right = int(columns[0]), WIDTH - 1 - int(columns[-1])
        return (
            round(top / HEIGHT, 3),
            round(bottom / HEIGHT, 3),
            round(left / WIDTH, 3),
            round(right / WIDTH, 3),
        )


def _distance(one: Frame, other: Frame) -> Frame:
    """How far apart two pictures are at each point, of 255."""
    return np.maximum(one, other) - np.minimum(one, other)
