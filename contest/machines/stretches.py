"""Stretches of film where something holds, gathered while the film runs past."""

from __future__ import annotations

from contest.rulebook.film_facts import SPANS_KEPT, Span


class Stretches:
    """From where it began to hold to where it ceased; shorter ones than `shortest_s` are none, and
    those that meet are one.

    The first `SPANS_KEPT` are kept, so that a film made of thousands does not fill the memory.
    """

    def __init__(self, shortest_s: float) -> None:
        self.curtailed = False
        self._shortest_s = shortest_s
        self._began: float | None = None
        self._spans: list[Span] = []

    def note(self, at_s: float, *, holds: bool) -> None:
        """From this second on it holds, or it does not."""
        if holds and self._began is None:
            self._began = at_s
        elif not holds and self._began is not None:
            self._end(self._began, at_s)
            self._began = None

    def until(self, end_s: float) -> tuple[Span, ...]:
        """All stretches of a film that ends at `end_s`, as it is before more is noted."""
        if self._began is not None:
            self._end(self._began, end_s)
            self._began = None
        return tuple(self._spans)

    def _end(self, start_s: float, end_s: float) -> None:
        if end_s - start_s < self._shortest_s:
            return
        if self._spans and start_s <= self._spans[-1][1]:
            self._spans[-1] = (self._spans[-1][0], round(end_s, 3))
        elif len(self._spans) < SPANS_KEPT:
            self._spans.append((round(start_s, 3), round(end_s, 3)))
        else:
            self.curtailed = True
