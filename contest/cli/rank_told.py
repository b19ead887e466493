"""A ranking told: as a JSON object for programs, as a table with errors drawn for people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from contest.cli.columns import padded, plain, signed, unsigned, wide
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.posterior import Model
from contest.rulebook.statistics.results import Item, Judge, Result
from contest.rulebook.verdict import ON_THE_MARKS_SCALE

WIDEST_NAME = 28
NARROWEST_BAR = 12
WIDEST_BAR = 60
WIDE_WITHOUT_A_TERMINAL = 100
FAR = 1.96
"""Standard errors either side of an estimate: 95 % of the time the truth lies between."""
MOST_DRAWN = 200
"""Judges told one by one."""


def as_json(result: Result) -> dict[str, Any]:
    """The object that `contest rank --json` writes; null is what can't be known."""
    parts = {item.part for item in result.items if item.place is not None}
    return {
        "method": result.method,
        "items": [_item(item, result, len(parts) > 1) for item in result.items],
        "judges": [_judge(judge) for judge in result.judges],
        "mean": _number(result.mean),
        "variance": {
            "item": _number(result.variance.item),
            "judge": _number(result.variance.judge),
            "residual": _number(result.variance.residual),
        },
        "reliability": {
            "single": _number(result.reliability.single),
            "jurors_needed": _number(result.reliability.jurors_needed),
        },
        "warnings": [str(warning) for warning in result.warnings],
    }


def _item(item: Item, result: Result, in_parts: bool) -> dict[str, Any]:
    by_model = result.method in tuple(Model)
    told = {
        "item": item.item,
        "place": item.place,
        "estimate": _number(item.estimate),
        "effect": _number(item.estimate - result.mean) if by_model else None,
        "se": _number(item.se),
        "p_first": _number(item.p_first),
        "p_top": _number(item.p_top),
        "p_above_next": _number(item.p_above_next),
        "n": item.n,
        "raw": _number(item.raw),
        "why": _words(item.why),
    }
    return {**told, "part": item.part} if in_parts else told


def _judge(judge: Judge) -> dict[str, Any]:
    return {
        "judge": judge.judge,
        "severity": _number(judge.severity),
        "se": _number(judge.se),
        "scale": _number(judge.scale),
        "n": judge.n,
        "flags": [str(flag) for flag in judge.flags],
    }


def _number(value: float) -> float | None:
    return value + 0.0 if isfinite(value) else None  # no zero has a sign


def _words(sentences: Sequence[Sentence]) -> str:
    return " ".join(str(sentence) for sentence in sentences)


def lines(result: Result, decimals: int | None, top: int) -> Iterator[str]:
    """The same for people: warnings, a line and a reason for each item, the jury below."""
    for warning in result.warnings:
        yield f"! {warning}"
    if result.warnings:
        yield ""
    table = _Table(result, 2 if decimals is None else decimals, top)
    yield table.header()
    part = 1
    for item in result.items:
        if item.part > part:
            part = item.part
            yield f"-- part {part} of the jury --"
        yield table.line(item)
        yield f"       {_words(item.why)}"
    yield ""
    yield from _jury(result)


class _Table:
    """Columns wide enough for their numbers, and bars in what is left of the terminal."""

    def __init__(self, result: Result, decimals: int, top: int) -> None:
        self.decimals, self.top = decimals, top
        self.raw_is_alike = result.method in ON_THE_MARKS_SCALE
        names = [wide(item.item) for item in result.items]
        self.name = min(max([*names, 4]), WIDEST_NAME)
        numbers = [abs(each) for item in result.items for each in (item.estimate, item.raw)]
        largest = max((each for each in numbers if isfinite(each)), default=0.0)
        self.number = max(len(f"-{largest:.{decimals}f}"), 5)
        width = shutil.get_terminal_size((WIDE_WITHOUT_A_TERMINAL, 24)).columns
        taken = len(self._columns("", ("", "", ""), ("", ""))) + 1
        self.bar = max(NARROWEST_BAR, min(WIDEST_BAR, width - taken))
        ends = [end for item in result.items for end in _reach(item)]
        self.low, self.high = min(ends, default=0.0), max(ends, default=0.0)

    def header(self) -> str:
        """The names of the columns."""
        chances = ("first", f"top {self.top}")
        return self._columns("item", ("score", "± se", "raw"), chances)

    def line(self, item: Item) -> str:
        """One item: place, name, estimate, error, raw mean, chances, and the interval drawn."""
        numbers = (item.estimate, item.se, item.raw)
        figures = tuple(self._figure(number) for number in numbers)
        chances = (_percent(item.p_first), _percent(item.p_top))
        columns = self._columns(item.item, figures, chances, str(item.place or "-"))
        return f"{columns} {self._drawn(item)}".rstrip()

    def _columns(
        self, name: str, figures: Sequence[str], chances: Sequence[str], place: str = ""
    ) -> str:
        numbers = [f"{figure:>{self.number}}" for figure in figures]
        numbers += [f"{chance:>6}" for chance in chances]
        return f"{place:>5}  {padded(name, self.name)}  {' '.join(numbers)}"

    def _figure(self, value: float) -> str:
        return f"{unsigned(value, self.decimals):.{self.decimals}f}" if isfinite(value) else "-"

    def _drawn(self, item: Item) -> str:
        """`━` from end to end of the interval, `●` the estimate, `○` the raw mean."""
        ends = _reach(item)
        if not ends or self.high <= self.low:
            return ""
        cells = [" "] * self.bar
        for at in range(self._cell(min(ends[:2])), self._cell(max(ends[:2])) + 1):
            cells[at] = "─"
        if self.raw_is_alike and self.low <= item.raw <= self.high:
            cells[self._cell(item.raw)] = "○"
        cells[self._cell(item.estimate)] = "●"
        return "".join(cells)

    def _cell(self, value: float) -> int:
        return round((value - self.low) / (self.high - self.low) * (self.bar - 1))


def _reach(item: Item) -> list[float]:
    """Both ends of an item's interval; none where its error isn't known."""
    if not (isfinite(item.estimate) and isfinite(item.se)):
        return []
    return [item.estimate - FAR * item.se, item.estimate + FAR * item.se]


def _percent(chance: float) -> str:
    return f"{100 * chance:.0f} %" if isfinite(chance) else "-"


def _jury(result: Result) -> Iterator[str]:
    single, needed = result.reliability.single, result.reliability.jurors_needed
    if isfinite(single):
        yield f"Of what one score tells, the film itself is {_percent(single)}."
    if isfinite(needed):
        yield f"Scores a film needs for a mean that is 80 % the film itself: {needed:.0f}."
    told = [judge for judge in result.judges if isfinite(judge.severity) or judge.flags]
    if not told:
        return
    width = min(max(len("judge"), *(wide(judge.judge) for judge in told)), WIDEST_NAME)
    yield ""
    yield f"       {padded('judge', width)}  above the rest   ± se   scale      n"
    for judge in told[:MOST_DRAWN]:
        yield (
            f"       {padded(judge.judge, width)}  {signed(judge.severity):>14}"
            f" {plain(judge.se):>6} {plain(judge.scale):>7} {judge.n:>6}  {_words(judge.flags)}"
        ).rstrip()
    if len(told) > MOST_DRAWN:
        yield f"       … and {len(told) - MOST_DRAWN} more; --json tells them all"
