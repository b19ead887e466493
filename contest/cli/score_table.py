"""A CSV file of scores: who gave what to which item, read exactly and by the million.

`judge`, `item`, `criterion` and `score` are read, in any order; other columns are ignored. A column
`points` does for `score`; one called `rank` holds placements, 1 the best. Without a `criterion`
there is one. A column `state` says what a judge did: scored, abstained, recused, skipped, no_show.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from contest.rulebook.scoring import EFFECTS, Mark, Weights, weighted_total
from contest.rulebook.stages import ScreeningStage
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.tallies import Ballot

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
LONGEST_NUMBER = 40
ONLY_CRITERION = "overall"
STATES = {
    "": ScreeningStage.SCORED,
    **{state.value: state for state in ScreeningStage},
    **dict.fromkeys(("no_show", "no-show", "absent"), ScreeningStage.WAITING),
}


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
    states: tuple[ScreeningStage, ...]
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
                states[key] = self.states[state]
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
            rows = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(rows, [])]
            return _Reading(header).read(rows)
    except OSError as trouble:
        raise TableRefused(f"can't be opened: {trouble.strerror}.") from trouble
    except UnicodeDecodeError as trouble:
        raise TableRefused("is not text in UTF-8. Save it as CSV in UTF-8.") from trouble
    except csv.Error as trouble:
        raise TableRefused(f"is not a CSV table: {trouble}.") from trouble


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
        self._at = [header.index(name) for name in wanted]
        self._last = max(self._at)
        self._criterion = header.index("criterion") if "criterion" in header else None
        self._state = header.index("state") if "state" in header else None
        self._names: tuple[dict[str, int], ...] = ({}, {}, {})
        self._marks: dict[str, int] = {}
        self._values: list[Mark] = []
        self._states: dict[ScreeningStage, int] = {}
        self._columns = tuple(array("q") for _ in range(6))

    def read(self, rows: Any) -> ScoreTable:
        """Every line below the first."""
        for line, row in self._lines(rows):
            self._take(line, row)
        if not self._columns[0]:
            raise TableRefused("holds no scores below its first line.")
        columns = [np.frombuffer(column, np.int64) for column in self._columns]
        judge, item, criterion, mark, state, lines = columns
        self._check_twice(judge, item, criterion, lines)
        judges, items, criteria = (tuple(names) for names in self._names)
        return ScoreTable(
            items=items,
            judges=judges,
            criteria=criteria,
            item=item,
            judge=judge,
            criterion=criterion,
            mark=mark,
            state=state,
            marks=tuple(self._values),
            states=tuple(self._states),
            placements=self.placements,
        )

    def _lines(self, rows: Any) -> Iterator[tuple[int, list[str]]]:
        """Each row that isn't empty, with the number of its line."""
        for row in rows:
            if len(row) > self._last and row[self._last]:
                yield rows.line_num, row
            elif any(cell.strip() for cell in row):
                if len(row) <= self._last:
                    raise TableRefused(
                        f"line {rows.line_num} has fewer columns than the first line."
                    )
                yield rows.line_num, row

    def _take(self, line: int, row: list[str]) -> None:
        judge, item, score = (row[at].strip() for at in self._at)
        criterion = self._cell(row, self._criterion, ONLY_CRITERION, line)
        if not (judge and item and criterion):
            raise TableRefused(f"line {line} names no judge, no item or no criterion.")
        state = self._stage(self._cell(row, self._state, "", line), line)
        mark = self._mark(score, line) if EFFECTS[state].mean else -1
        found = (
            *(
                names.setdefault(name, len(names))
                for names, name in zip(self._names, (judge, item, criterion), strict=True)
            ),
            mark,
            self._states.setdefault(state, len(self._states)),
            line,
        )
        for column, code in zip(self._columns, found, strict=True):
            column.append(code)

    @staticmethod
    def _cell(row: list[str], at: int | None, otherwise: str, line: int) -> str:
        if at is None:
            return otherwise
        if len(row) <= at:
            raise TableRefused(f"line {line} has fewer columns than the first line.")
        return row[at].strip()

    @staticmethod
    def _stage(text: str, line: int) -> ScreeningStage:
        state = STATES.get(text.lower())
        if state is None:
            raise TableRefused(
                f"line {line}: {text!r} is no state of a score. There are scored, abstained,"
                " recused, skipped and no_show."
            )
        return state

    def _mark(self, text: str, line: int) -> int:
        known = self._marks.get(text)
        if known is not None:
            return known
        if not text:
            raise TableRefused(
                f"line {line} has no score. Leave out the line of a judge who gave none."
            )
        if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
            raise TableRefused(
                f"line {line}: {text[:LONGEST_NUMBER]!r} is not a number. Write numbers like 7 or"
                " 7.5."
            )
        exact = Fraction(text)
        self._values.append(exact.numerator if exact.denominator == 1 else exact)
        self._marks[text] = len(self._values) - 1
        return self._marks[text]

    def _check_twice(self, judge: Any, item: Any, criterion: Any, line: Any) -> None:
        judges, items, criteria = (list(names) for names in self._names)
        code = (judge * len(items) + item) * len(criteria) + criterion
        order = np.argsort(code, kind="stable")
        again = order[1:][code[order[1:]] == code[order[:-1]]]
        if len(again):
            at = int(again.min())
            raise TableRefused(
                f"line {line[at]}: {judges[judge[at]]} has scored {items[item[at]]} on"
                f" {criteria[criterion[at]]} before. Keep the line that counts."
            )
