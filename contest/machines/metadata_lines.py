"""What ffmpeg's `metadata=print` and `ametadata=print` write, line by line.

A frame's tags may come from the film's author, line breaks and all: the filters' chains begin with
`metadata=delete`, so that every line is of a filter's making.
"""

from __future__ import annotations

from collections.abc import Iterator

from contest.machines.header import seconds

LINE_BYTES = 256


class MetadataLines:
    """Lines of `metadata=print` as (second, key, value), cut anywhere on their way."""

    def __init__(self) -> None:
        self._rest = b""
        self._at_s: float | None = None

    def read(self, chunk: bytes) -> Iterator[tuple[float, str, str]]:
        """What the next piece completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[:LINE_BYTES]
        for line in lines:
            text = line[:LINE_BYTES].decode("ascii", "replace")
            if text.startswith("frame:"):
                self._at_s = seconds(text.rpartition("pts_time:")[2])
            elif self._at_s is not None:
                key, _, value = text.partition("=")
                yield self._at_s, key, value
