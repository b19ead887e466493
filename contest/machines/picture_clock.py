"""The clock of a decoded picture: when each frame is shown, and for how long in all.

Reads ffmpeg's `framecrc` lines of frames whose times went through `UNROLL`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import floor

from contest.machines.picture_samples import PER_SECOND

UNROLL = r"settb=intb/4,setpts=if(N\,PREV_OUTPTS+if(gte(PTS\,PREV_INPTS)\,PTS-PREV_INPTS\,1)\,PTS)"
"""Filter that makes time run forward only. Ticks become four times finer, so that every step
forward is a multiple of four; a jump back is written as a step of one, which nothing else makes."""

JUMP = 1
IRREGULAR = Fraction(1, 4)
ROUNDING_S = Fraction(2, 1000)
SHORTEST_HOLD_S = Fraction(1, 1000)
KINDS_OF_GAP = 4096


class PictureClock:
    """Adds up frames as their lines arrive, in memory that does not grow with the film.

    From the first frame shown to the end of the last one; each jump back in the file's own clock
    starts a new stretch, and stretches are added. `sample_times` are the seconds of film at which
    `picture_samples.SELECT` takes a frame, reckoned in floats as ffmpeg does. `tell` is told the
    second of film each frame is shown from.
    """

    def __init__(self, tell: Callable[[float], None] | None = None) -> None:
        self.frames = 0
        self.jumps = 0
        self._tell = tell
        self._first = 0
        self._tick = Fraction(0)
        self._tick_s = 0.0
        self._rest = b""
        self._shown = 0
        self._last: int | None = None
        self._hold = 0
        self._gaps: Counter[int] = Counter()
        self._longest = (0, 0)
        self._cell = -1
        self.sample_times: list[float] = []

    def feed(self, chunk: bytes) -> None:
        """Take more of the output, cut anywhere."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._line(line)

    @property
    def seconds(self) -> float:
        """The length of the picture up to now, to the microsecond."""
        return self._seconds(self._shown + self._last_hold())

    @property
    def starts_s(self) -> float:
        """When the first frame is shown by the file's own clock, which the sound shares."""
        return self._seconds(self._first)

    @property
    def longest_hold(self) -> tuple[float, float]:
        """(start, length) in seconds of the frame that stands longest."""
        start, length = max(
            self._longest, (self._shown, self._last_hold()), key=lambda hold: hold[1]
        )
        return self._seconds(start), self._seconds(length)

    @property
    def variable(self) -> bool:
        """Whether frames come at an uneven pace: more than one in fifty is off by a quarter."""
        if not self._gaps:
            return False
        usual = self._usual()
        room = max(usual * IRREGULAR, ROUNDING_S / self._tick)
        off = sum(count for gap, count in self._gaps.items() if abs(gap - usual) > room)
        return off * 50 > self._gaps.total()

    def _seconds(self, ticks: int) -> float:
        return round(float(ticks * self._tick), 6)

    def _last_hold(self) -> int:
        """How long the last frame stands. No screen shows one for less than a millisecond: a file
        that says so gave no answer, and the usual pace is taken."""
        if self._gaps and self._hold * self._tick < SHORTEST_HOLD_S:
            return self._usual()
        return self._hold

    def _usual(self) -> int:
        return self._gaps.most_common(1)[0][0]

    def _line(self, line: bytes) -> None:
        if line.startswith(b"#tb 0:"):
            self._tick = Fraction(line.partition(b":")[2].strip().decode("ascii"))
            self._tick_s = float(self._tick)
        elif line and not line.startswith(b"#"):
            _, _, shown_at, held, *_ = line.split(b",")
            self._frame(int(shown_at), int(held))

    def _frame(self, at: int, hold: int) -> None:
        if self._last is None:
            self._first = at
        else:
            self._step(at - self._last)
        if self._tell is not None:
            self._tell(self._seconds(self._shown))
        cell = floor(at * self._tick_s * PER_SECOND)
        if self._last is None or cell > self._cell:
            self._cell = cell
            self.sample_times.append(self._seconds(self._shown))
        self._last, self._hold = at, hold
        self.frames += 1

    def _step(self, gap: int) -> None:
        if gap == JUMP:
            self.jumps += 1
            gap = self._last_hold()
        else:
            known = gap in self._gaps or len(self._gaps) < KINDS_OF_GAP
            self._gaps[gap if known else -1] += 1
        if gap > self._longest[1]:
            self._longest = (self._shown, gap)
        self._shown += gap
