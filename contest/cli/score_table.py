"""A CSV file of scores: who gave what to which item, read exactly and by the million.

`judge`, `item`, `criterion` and `score` are read, in any order; other columns are ignored. A column
`points` does for `score`; one called `rank` holds placements, 1 the best. Without a `criterion`
there is one. A column `state` says what a judge did: scored, abstained, recused, skipped, no_show.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from contest.rulebook.scoring import EFFECTS, Mark, Weights, weighted_total
from contest.rulebook.stages import ScreeningStage
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.tallies import Ballot

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
LONGEST_NUMBER = 40
GREATEST = 10**9
LEAST = Fraction(1, 10**6)
"""Marks beyond 9 digits either side of which a model's floats would lose what parts two films."""
LONGEST_LINE = 1 << 24
"""Characters read at a time: what has no line breaks is no table, however large it is."""
ONLY_CRITERION = "overall"
STATES = {
    "": ScreeningStage.SCORED,
    **{state.value: state for state in ScreeningStage},
    **dict.fromkeys(("no_show", "no-show", "absent"), ScreeningStage.WAITING),
}


ALL_STATES = tuple(ScreeningStage)
SCORED = ALL_STATES.index(ScreeningStage.SCORED)
COUNTS = tuple(EFFECTS[state].mean for state in ALL_STATES)


class TableRefused(Exception):
    """The scores can't be ranked as they are; the message says why and what to do."""


@dataclass(frozen=True)
class ScoreTable:
    """One row per line of the file: indices into the names, the marks and the states.

    `mark` is -1 where the judge gave none. Names stand in the order of their first line.
    """

    items: tuple[str, ...]
    judges: tuple[str, ...]
    criteria: tuple[str, ...]
    item: Any
    judge: Any
    criterion: Any
    mark: Any
    state: Any
    marks: tuple[Mark, ...]
    placements: bool

    def ballots(self, of: Collection[str] | None = None) -> list[Ballot]:
        """Exact ballots, of some items or of all."""
        rows = np.arange(len(self.item))
        if of is not None:
            wanted = set(of)
            rows = np.flatnonzero(np.array([name in wanted for name in self.items])[self.item])
        sheets: dict[tuple[int, int], dict[str, Mark]] = {}
        states: dict[tuple[int, int], ScreeningStage] = {}
        columns = (self.judge, self.item, self.criterion, self.mark, self.state)
        for judge, item, criterion, mark, state in zip(
            *(column[rows].tolist() for column in columns), strict=True
        ):
            key = (judge, item)
            sheet = sheets.setdefault(key, {})
            if mark >= 0:
                sheet[self.criteria[criterion]] = self.marks[mark]
            if states.get(key) is not ScreeningStage.SCORED:
                states[key] = ALL_STATES[state]
        return [
            Ballot(self.judges[judge], self.items[item], sheet, states[judge, item])
            for (judge, item), sheet in sheets.items()
        ]

    def totals(self, weights: Weights) -> tuple[dict[str, dict[str, Mark]], dict[str, set[str]]]:
        """Each judge's weighted totals by item, and the items each judge had no say in."""
        marks: dict[str, dict[str, Mark]] = {}
        away: dict[str, set[str]] = {}
        for ballot in self.ballots():
            if any(key in ballot.marks for key in weights):
                own = marks.setdefault(ballot.juror, {})
                own[ballot.entry] = weighted_total(ballot.marks, weights)
            else:
                away.setdefault(ballot.juror, set()).add(ballot.entry)
        return marks, away

    def numbers(self, criteria: Collection[str]) -> Marks:
        """The marks on some criteria that count, as numbers. Raises `TableRefused` for none."""
        wanted = np.array([name in criteria for name in self.criteria])
        kept = (self.mark >= 0) & wanted[self.criterion]
        if not kept.any():
            raise TableRefused("holds no score that counts: no judge scored anything.")
        keys = tuple(sorted(criteria))
        place = np.array([keys.index(name) if name in keys else -1 for name in self.criteria])
        values = np.array([float(mark) for mark in self.marks])
        return Marks(
            items=self.items,
            judges=self.judges,
            criteria=keys,
            item=self.item[kept],
            judge=self.judge[kept],
            criterion=place[self.criterion[kept]],
            value=values[self.mark[kept]],
        )


def read_table(path: Path) -> ScoreTable:
    """The scores in a file. Raises `TableRefused` with the line at fault."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(iter(partial(file.readline, LONGEST_LINE), ""), strict=True)
            header = [name.strip().lower() for name in next(rows, [])]
            return _Reading(header).read(rows)
    except OSError as trouble:
        raise TableRefused(f"can't be opened: {trouble.strerror}.") from trouble
    except UnicodeDecodeError as trouble:
        raise TableRefused("is not text in UTF-8. Save it as CSV in UTF-8.") from trouble
    except csv.Error as trouble:
        raise TableRefused(f"is not a CSV table: {trouble}.") from trouble


class _Unfit(Exception):
    """A cell that can't be read; the message says why, without the line."""


class _Names(dict[str, int]):
    """Codes of names, by the cell as written; `codes` has them in the order they came."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, int] = {}

    def __missing__(self, cell: str) -> int:
        name = cell.strip()
        if not name:
            raise _Unfit(" names no judge, no item or no criterion.")
        self[cell] = code = self.codes.setdefault(name, len(self.codes))
        return code


class _Marks(dict[str, int]):
    """Codes of exact marks, by the cell as written."""

    def __init__(self) -> None:
        super().__init__()
        self.values_: list[Mark] = []

    def __missing__(self, cell: str) -> int:
        text = cell.strip()
        if not text:
            raise _Unfit(" has no score. Leave out the line of a judge who gave none.")
        if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
            shown = text[:LONGEST_NUMBER]
            raise _Unfit(f": {shown!r} is not a number. Write numbers like 7 or 7.5.")
        exact = Fraction(text)
        if exact and not LEAST <= abs(exact) <= GREATEST:
            raise _Unfit(
                f": {text} is too great or too small to be compared with other marks. Write marks"
                " between 0.000001 and 1000000000, in a unit of their size."
            )
        self.values_.append(exact.numerator if exact.denominator == 1 else exact)
        self[cell] = code = len(self.values_) - 1
        return code


class _States(dict[str, int]):
    """Codes of states, by the cell as written: places in `ScreeningStage`."""

    def __missing__(self, cell: str) -> int:
        text = cell.strip()
        state = STATES.get(text.lower())
        if state is None:
            raise _Unfit(
                f": {text!r} is no state of a score. There are scored, abstained, recused, skipped"
                " and no_show."
            )
        self[cell] = code = ALL_STATES.index(state)
        return code


class _Reading:
    """A table while its lines are read."""

    def __init__(self, header: list[str]) -> None:
        scores = [name for name in ("score", "points", "rank") if name in header]
        self.placements = scores[:1] == ["rank"]
        wanted = ["judge", "item", scores[0] if scores else "score"]
        if missing := [name for name in wanted if name not in header]:
            found = ", ".join(name for name in header if name) or "none"
            raise TableRefused(
                f"the first line lacks the columns {', '.join(missing)}; it has: {found}."
                " Separate columns by commas."
            )
        for name in (*wanted, "criterion", "state"):
            if header.count(name) > 1:
                raise TableRefused(f"has two columns {name}. Rename the one that doesn't count.")
        self._at = [header.index(name) for name in wanted]
        self._criterion = header.index("criterion") if "criterion" in header else None
        self._state = header.index("state") if "state" in header else None
        self._judges, self._items, self._criteria = _Names(), _Names(), _Names()
        self._marks, self._states = _Marks(), _States()
        self._columns = tuple(array("q") for _ in range(6))

    def read(self, rows: Any) -> ScoreTable:
        """Every line below the first."""
        for row in rows:
            try:
                codes = self._codes(row)
            except (_Unfit, IndexError) as trouble:
                if not any(cell.strip() for cell in row):
                    continue
                raise TableRefused(_at_fault(rows.line_num, trouble)) from trouble
            for column, code in zip(self._columns, (*codes, rows.line_num), strict=True):
                column.append(code)
        if not self._columns[0]:
            raise TableRefused("holds no scores below its first line.")
        columns = [np.frombuffer(column, np.int64) for column in self._columns]
        judge, item, criterion, mark, state, lines = columns
        self._check_twice(judge, item, criterion, lines)
        return ScoreTable(
            items=tuple(self._items.codes),
            judges=tuple(self._judges.codes),
            criteria=tuple(self._criteria.codes),
            item=item,
            judge=judge,
            criterion=criterion,
            mark=mark,
            state=state,
            marks=tuple(self._marks.values_),
            placements=self.placements,
        )

    def _codes(self, row: list[str]) -> tuple[int, int, int, int, int]:
        judge_at, item_at, score_at = self._at
        criterion = ONLY_CRITERION if self._criterion is None else row[self._criterion]
        state = SCORED if self._state is None else self._states[row[self._state]]
        score = row[score_at]
        return (
            self._judges[row[judge_at]],
            self._items[row[item_at]],
            self._criteria[criterion],
            self._marks[score] if COUNTS[state] else -1,
            state,
        )

    def _check_twice(self, judge: Any, item: Any, criterion: Any, line: Any) -> None:
        judges, items, criteria = (
            list(names.codes) for names in (self._judges, self._items, self._criteria)
        )
        code = (judge * len(items) + item) * len(criteria) + criterion
        order = np.argsort(code, kind="stable")
        again = order[1:][code[order[1:]] == code[order[:-1]]]
        if len(again):
            at = int(again.min())
            raise TableRefused(
                f"line {line[at]}: {judges[judge[at]]} has scored {items[item[at]]} on"
                f" {criteria[criterion[at]]} before. Keep the line that counts."
            )


def _at_fault(line: int, trouble: Exception) -> str:
    if isinstance(trouble, _Unfit):
        return f"line {line}{trouble}"
    return f"line {line} has fewer columns than the first line."
