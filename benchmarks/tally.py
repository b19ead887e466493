"""How long each kind of step took, how often it was asked for, and what went wrong."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

FAULTS_SHOWN = 20


class Tally:
    """Counts for many threads. A step is timed from its first try to the answer that counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self.requests = 0
        self.put_off: Counter[str] = Counter()
        """Requests answered 503 with Retry-After and asked again, by step."""
        self.faults: list[str] = []

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Time a step; one that fails is a fault and no time."""
        begun = time.perf_counter()
        yield
        with self._lock:
            self._seconds[step].append(time.perf_counter() - begun)

    def asked(self) -> None:
        """One more request has had an answer."""
        with self._lock:
            self.requests += 1

    def told_to_wait(self, step: str) -> None:
        """The house was busy and said when to come again."""
        with self._lock:
            self.put_off[step] += 1

    def fault(self, words: str) -> None:
        """Something that must not happen; said at once, and again at the end."""
        with self._lock:
            self.faults.append(words)
        print(f"  fault: {words}", flush=True)

    def count(self, step: str) -> int:
        """How often a step was done."""
        return len(self._seconds[step])

    def report(self) -> None:
        """Print a line for each step, in the order they first happened."""
        print(f"  {'step':24}{'times':>7}{'p50':>10}{'p95':>10}{'longest':>10}{'put off':>9}")
        for step, seconds in self._seconds.items():
            seconds.sort()
            middle, late = _share(seconds, 0.5), _share(seconds, 0.95)
            numbers = "".join(f"{each:8.3f} s" for each in (middle, late, seconds[-1]))
            print(f"  {step:24}{len(seconds):7}{numbers}{self.put_off[step]:9}")
        print(f"  requests: {self.requests}; put off: {self.put_off.total()}", end="")
        print(f"; faults: {len(self.faults)}")
        for words in self.faults[:FAULTS_SHOWN]:
            print(f"    {words}")


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
