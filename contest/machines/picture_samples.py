"""Two tiny grey pictures for each second of a film, and what they show: darkness, repetition.

They come from the pass that decodes the picture anyway, and cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 9, 8
SAMPLE_BYTES = WIDTH * HEIGHT
PER_SECOND = 2
SELECT = (
    rf"select=isnan(prev_selected_t)+gt(floor(t*{PER_SECOND})\,floor(prev_selected_t*{PER_SECOND}))"
    f",scale={WIDTH}:{HEIGHT}:flags=area,format=gray"
)
"""Filter: the first frame of each half second, nine by eight, grey."""

DARK = 16
"""Of 255, where black is 0; coding makes it waver."""
BLACK_S = 5.0
SHORTEST_LOOP_S = 3.0
LONGEST_LOOP_S = 150.0
ALIKE_BITS = 6
"""Of 64: the same picture coded again differs by fewer, other pictures by more."""
NEARLY_ALL = 0.95
SAMPLES_AT_MOST = 2 * 3600


class PictureSamples:
    """Collects samples as ffmpeg writes them; `looks` puts them on a grid of half seconds."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, chunk: bytes) -> bool:
        """Take more; False when there are more than any film has."""
        self._bytes += chunk
        return len(self._bytes) <= SAMPLES_AT_MOST * SAMPLE_BYTES

    def looks(self, times: Sequence[float], length_s: float) -> list[bytes]:
        """What is on the screen at each half second; `times` are those of the samples, in order.

        Empty when there is not one sample for each time, since then none can be placed.
        """
        pictures = [
            bytes(self._bytes[at : at + SAMPLE_BYTES])
            for at in range(0, len(self._bytes), SAMPLE_BYTES)
        ]
        if len(pictures) != len(times) or not times:
            return []
        grid: list[bytes] = []
        ends = [*times[1:], length_s]
        for picture, end in zip(pictures, ends, strict=True):
            grid += [picture] * (round(min(end, 3600.0) * PER_SECOND) - len(grid))
        return grid


def black_spans(looks: Sequence[bytes]) -> tuple[tuple[float, float], ...]:
    """(start, end) in seconds of each stretch of at least `BLACK_S` with nothing to see."""
    spans, start = [], None
    for at, picture in enumerate([*looks, b"\xff"]):
        dark = max(picture) <= DARK
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            spans.append((start / PER_SECOND, at / PER_SECOND))
            start = None
    return tuple(span for span in spans if span[1] - span[0] >= BLACK_S)


def loop_s(looks: Sequence[bytes]) -> float | None:
    """The shortest time after which a moving picture does nothing but repeat itself; else None.

    A still picture is not a loop: halfway through a repetition the picture must be another.
    """
    prints = [_print(picture) for picture in looks]
    longest = min(len(prints) // 2, round(LONGEST_LOOP_S * PER_SECOND))
    for lag in range(round(SHORTEST_LOOP_S * PER_SECOND), longest + 1):
        if _alike(prints, lag) >= NEARLY_ALL and _alike(prints, lag // 2) < 0.5:
            return lag / PER_SECOND
    return None


def _print(picture: bytes) -> int:
    """Whether each point is brighter than its right neighbour, as 64 bits."""
    bits = 0
    for row in range(HEIGHT):
        for column in range(row * WIDTH, row * WIDTH + WIDTH - 1):
            bits = bits << 1 | (picture[column] > picture[column + 1])
    return bits


def _alike(prints: Sequence[int], lag: int) -> float:
    """The share of pictures that look like the one `lag` samples later."""
    pairs = len(prints) - lag
    same = sum((prints[at] ^ prints[at + lag]).bit_count() <= ALIKE_BITS for at in range(pairs))
    return same / pairs
