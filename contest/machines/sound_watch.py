"""Listens to the first sound: loudness by EBU R 128, true peak, silence, when it begins and ends.

Reads what ffmpeg's `ametadata=print` writes. Tags a stranger put on the sound are deleted before
the measuring filters, so every line is of their making.
"""

from __future__ import annotations

import math
from array import array

from contest.machines.header import seconds
from contest.machines.metadata_lines import MetadataLines
from contest.machines.stretches import Stretches
from contest.rulebook.film_facts import SoundFacts

SILENCE_DB = -60
SHORTEST_SILENCE_S = 1.0
STEP_S = 0.1
LISTEN = (
    "ametadata=delete,ebur128=peak=true:metadata=1,"
    f"silencedetect=noise={SILENCE_DB}dB:duration={SHORTEST_SILENCE_S}"
)
"""Filter: ebur128 speaks once in `STEP_S` seconds of sound."""

WARMING_UP = 3
"""Steps: momentary loudness is that of 0.4 s."""
QUIETEST_LUFS = -70.0
"""The gate of EBU R 128: what is below is not heard and not counted."""
MOMENTARY = "lavfi.r128.M"
POINTS = 300
"""Points of the curve a page draws."""
STEPS_AT_MOST = round(3600 / STEP_S)


class SoundWatch:
    """Takes the lines with `feed`; `facts` tells what was heard."""

    def __init__(self) -> None:
        self._lines = MetadataLines()
        self._latest: dict[str, float] = {}
        self._peak = 0.0
        self._momentary = array("b")
        self._starts: float | None = None
        self._ends = 0.0
        self._silent = Stretches(SHORTEST_SILENCE_S)

    def feed(self, chunk: bytes) -> bool:
        """Take more, cut anywhere."""
        for at_s, key, text in self._lines.read(chunk):
            value = seconds(text)
            if value is None and key == MOMENTARY:  # of digital silence, minus infinity
                value = QUIETEST_LUFS
            if value is not None:
                self._note(at_s, key, value)
        return True

    def facts(self, picture_starts_s: float) -> SoundFacts | None:
        """What was heard, in seconds since the picture began; None when there was no sound."""
        if self._starts is None:
            return None
        silent = tuple(
            (round(start - picture_starts_s, 3), round(end - picture_starts_s, 3))
            for start, end in self._silent.until(self._ends)
        )
        each = -(-len(self._momentary) // POINTS)
        loudness = self._latest.get("I", QUIETEST_LUFS)
        heard = loudness > QUIETEST_LUFS
        return SoundFacts(
            starts_s=round(self._starts - picture_starts_s, 3),
            ends_s=round(self._ends - picture_starts_s, 3),
            silent=silent,
            loudness_lufs=round(loudness, 1) if heard else None,
            loudness_range_lu=round(self._latest.get("LRA", 0.0), 1) if heard else None,
            true_peak_dbtp=_decibels(self._peak),
            curve=self._curve(each),
            curve_step_s=round(each * STEP_S, 1),
            curtailed=self._silent.curtailed,
        )

    def _curve(self, each: int) -> tuple[int, ...]:
        """The loudest of every `each` steps; the first 0.3 s, too short to be measured by
        themselves, take what comes after."""
        measured = self._momentary[WARMING_UP:] or self._momentary
        steps = measured[:1] * (len(self._momentary) - len(measured)) + measured
        return tuple(max(steps[at : at + each]) for at in range(0, len(steps), each))

    def _note(self, at_s: float, key: str, value: float) -> None:
        if key == "lavfi.silence_start":
            self._silent.note(value, holds=True)
        elif key == "lavfi.silence_end":
            self._silent.note(value, holds=False)
        name = key.removeprefix("lavfi.r128.")
        if name in {"I", "LRA"}:
            self._latest[name] = value
        elif name == "true_peak":
            self._peak = max(self._peak, value)
        elif key == MOMENTARY:
            self._starts = at_s if self._starts is None else self._starts
            self._ends = max(self._ends, at_s + STEP_S)
            if len(self._momentary) < STEPS_AT_MOST:
                self._momentary.append(round(max(QUIETEST_LUFS, min(value, 20))))


def _decibels(peak: float) -> float | None:
    """A peak of 1.0, full scale, is 0 dB; no peak at all has no decibels."""
    return round(20 * math.log10(peak), 1) if peak > 0 else None
