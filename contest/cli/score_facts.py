"""What a file of scores says beside the scores: whose own film it is, and when each was given.

The file has been read as a table of scores before, so that its lines and names are known to fit.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from unicodedata import normalize

from contest.cli.score_table import NUMBER, TableRefused
from contest.rulebook.jury_told import Met
from contest.rulebook.statistics.audit.sheets import Facts

OF_JUDGES = ("judge_", "juror_")
OF_ITEMS = ("item_", "film_", "entry_")
SEVERAL = re.compile(r"[;|]")
"""Between the countries of one film or juror."""


def read_facts(path: Path, by: str | None, order: str | None) -> Facts:
    """Facts from the columns named. Raises `TableRefused` where they don't fit."""
    if (by is not None or order is not None) and not path.is_file():
        raise TableRefused(
            "can be read only once, and --by and --order read it again. Save it as a file first."
        )
    return Facts(
        own=None if by is None else _own(path, by.strip().lower()),
        order=None if order is None else _order(path, order.strip().lower()),
    )


def _cells(path: Path, columns: Mapping[str, int]) -> Iterator[tuple[int, Met, list[str]]]:
    """The line, who and what, and the wanted cells of each line."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file, strict=True)
        next(rows, [])
        judge, item, *wanted = columns.values()
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(columns.values()):
                raise TableRefused(f"line {rows.line_num} has fewer columns than the first line.")
            met = (row[judge].strip(), row[item].strip())
            yield rows.line_num, met, [row[at].strip() for at in wanted]


def _header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [name.strip().lower() for name in next(csv.reader(file, strict=True), [])]


def _own(path: Path, by: str) -> set[Met]:
    """Who and what share a value: of the judge in one column, of the item in another."""
    header = _header(path)
    for prefix in (*OF_JUDGES, *OF_ITEMS):
        by = by.removeprefix(prefix)
    of_judge = _column(header, [prefix + by for prefix in OF_JUDGES])
    of_item = _column(header, [by, *(prefix + by for prefix in OF_ITEMS)])
    columns = {"judge": header.index("judge"), "item": header.index("item")}
    columns |= {"of judge": of_judge, "of item": of_item}
    judges: dict[str, set[str]] = {}
    items: dict[str, set[str]] = {}
    met: dict[Met, None] = {}
    for _, (judge, item), cells in _cells(path, columns):
        judges.setdefault(judge, set()).update(_values(cells[0]))
        items.setdefault(item, set()).update(_values(cells[1]))
        met[judge, item] = None
    return {(judge, item) for judge, item in met if judges[judge] & items[item]}


def _column(header: list[str], names: list[str]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    found = ", ".join(name for name in header if name)
    raise TableRefused(
        f"--by and --order name a column; the file has no column {' or '.join(names)}."
        f" It has: {found}."
    )


def _values(cell: str) -> Iterator[str]:
    """The same country is written in capitals or not, and in either form of Unicode."""
    for part in SEVERAL.split(cell):
        if part.strip():
            yield normalize("NFKC", part).strip().casefold()


def _order(path: Path, name: str) -> dict[Met, float]:
    """When each ballot was given: the first of its lines that says so."""
    header = _header(path)
    columns = {"judge": header.index("judge"), "item": header.index("item")}
    columns["order"] = _column(header, [name])
    found: dict[Met, float] = {}
    kinds: dict[str, int] = {}
    for line, met, (cell,) in _cells(path, columns):
        if cell:
            kind, when = _when(cell, line)
            kinds.setdefault(kind, line)
            found[met] = min(when, found.get(met, when))
    if len(kinds) > 1:
        (one, first), (other, second) = kinds.items()
        raise TableRefused(
            f"{name!r} holds a {one} in line {first} and a {other} in line {second}, which have no"
            " common order. Write all in one way."
        )
    return found


def _when(cell: str, line: int) -> tuple[str, float]:
    """A number, or a time in seconds. Times without a zone are those of UTC."""
    if len(cell) <= 40 and NUMBER.fullmatch(cell):
        return "number", float(cell)
    try:
        when = datetime.fromisoformat(cell)
    except ValueError:
        return "time of day", _of_day(cell, line)
    return "time", (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _of_day(cell: str, line: int) -> float:
    try:
        when = time.fromisoformat(cell)
    except ValueError as trouble:
        raise TableRefused(
            f"line {line}: {cell[:40]!r} is neither a number nor a time. Write 12, 14:20 or"
            " 2026-05-03T14:20:00Z."
        ) from trouble
    return when.hour * 3600 + when.minute * 60 + when.second + when.microsecond / 1e6
