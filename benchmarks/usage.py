"""What processes use, read from /proc: CPU seconds, and memory as it is shared out. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Use:
    """What a group of processes has used up to now."""

    cpu_s: float
    pss_mb: float
    """Proportional set size of all of them: a page that two share counts half for each."""
    peak_rss_mb: float
    """The most each ever had resident, added up: misses no peak, counts shared pages twice."""


def use(group: int) -> Use:
    """What the processes of a group use, such as a server and the workers it started."""
    processes = list(_members(group))
    ticks = sum(_ticks(process) for process in processes)
    pss_kb = sum(_kb(process / "smaps_rollup", "Pss:") for process in processes)
    peak_kb = sum(_kb(process / "status", "VmHWM:") for process in processes)
    return Use(ticks / os.sysconf("SC_CLK_TCK"), pss_kb / 1024, peak_kb / 1024)


class Peak:
    """The most memory a group has at once within the block, looked at four times a second.

    Looking costs the looker some milliseconds a second, and the group nothing.
    """

    def __init__(self, group: int) -> None:
        self._group = group
        self._over = Event()
        self._looker = Thread(target=self._look, name="peak")
        self.pss_mb = 0.0

    def __enter__(self) -> Self:
        self._looker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._looker.join()

    def _look(self) -> None:
        while True:
            self.pss_mb = max(self.pss_mb, use(self._group).pss_mb)
            if self._over.wait(LOOK_SECONDS):
                return


def load_average() -> str:
    """How many processes wanted a core over the last minute; to be told beside every figure."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def _members(group: int) -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if int(_stat(process)[2]) == group:
                yield process


def _stat(process: Path) -> list[str]:
    """The fields of /proc/…/stat from the third on: the second may hold spaces."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _ticks(process: Path) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        fields = _stat(process)
        return int(fields[11]) + int(fields[12])
    return 0


def _kb(told: Path, name: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = told.read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
    return 0
