"""Whether frames hold two fields of different instants, as interlaced video does: ffmpeg's `idet`.

It needs neighbouring frames at full height, so eight in each sixty-four are looked at, 32 points
across.
"""

from __future__ import annotations

from contest.machines.header import seconds
from contest.machines.metadata_lines import MetadataLines

FIELDS = (
    "metadata=delete,select=lt(mod(n\\,64)\\,8),scale=32:ih:flags=neighbor,format=gray,idet,"
    "select=eq(mod(n\\,8)\\,7)"
)
"""Filter: the last of each eight carries the counts up to there."""
NAMES = {f"lavfi.idet.multiple.{kind}" for kind in ("tff", "bff", "progressive")}
LOOKED_AT_LEAST = 8


class FieldWatch:
    """Takes `metadata=print` lines with `feed`; `combed` is the share of interlaced frames."""

    def __init__(self) -> None:
        self._lines = MetadataLines()
        self._counts: dict[str, float] = {}

    def feed(self, chunk: bytes) -> bool:
        """Take more, cut anywhere."""
        for _, key, value in self._lines.read(chunk):
            if key in NAMES:
                self._counts[key.rpartition(".")[2]] = seconds(value) or 0.0
        return True

    @property
    def combed(self) -> float | None:
        """The share by which one order of fields prevails; None when too few could be told.

        A progressive picture of sharp level edges looks interlaced to `idet` too, but now one field
        first and now the other: these cancel out."""
        top, bottom = self._counts.get("tff", 0.0), self._counts.get("bff", 0.0)
        told = top + bottom + self._counts.get("progressive", 0.0)
        return round(abs(top - bottom) / told, 3) if told >= LOOKED_AT_LEAST else None
