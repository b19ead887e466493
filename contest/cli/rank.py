"""`contest rank`: standings from a table of scores, with every place explained.

The table is CSV with a header; `judge`, `item`, `criterion` and `score` are read, in any order,
and other columns are ignored. A column `rank` in place of `score` holds placements, 1 the best.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from contest.rulebook.ranking import Ballot, Method, Ranking, RankingRule, Standing, rank
from contest.rulebook.scoring import Mark, published

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
LONGEST_NUMBER = 40
UNREADABLE = 2


class TableRefused(Exception):
    """The scores can't be ranked as they are; the message says why and what to do."""


@dataclass(frozen=True)
class ScoreTable:
    """What a file of scores holds: one ballot per judge and item, and the criteria they mark."""

    ballots: tuple[Ballot, ...]
    criteria: tuple[str, ...]
    placements: bool


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest rank`."""
    add = parser.add_argument
    add("scores", type=Path, metavar="SCORES.csv")
    add(
        "--method",
        choices=[method.value for method in Method],
        default=Method.MEAN.value,
        help="mean over the judges who scored (default), or sum of their marks",
    )
    add(
        "--weights",
        type=_weights,
        metavar="CRITERION=W,…",
        help="the criteria that count and how much (default: all of them, equally)",
    )
    add(
        "--precision",
        type=int,
        choices=range(7),
        metavar="N",
        help="decimals published; scores equal at N decimals tie (default: compared exactly)",
    )
    add("--quorum", type=int, default=1, metavar="N", help="scores an item needs (default: 1)")
    add(
        "--ties",
        type=_names,
        default=(),
        metavar="RULE,…",
        help="tried in turn: criterion:KEY, countback, more_ballots, head_to_head"
        " (default: equal scores share a place)",
    )
    drop_help = "leave out the N highest and N lowest marks of each criterion (default: 0)"
    add("--drop", type=int, default=0, metavar="N", help=drop_help)
    add("--json", action="store_true", help="write a JSON array, one object per item")


def run(arguments: Namespace) -> int:
    """Print the standings. 0 when they could be made, 2 when the scores or options don't fit."""
    try:
        table = read_table(arguments.scores)
        ranking = rank(table.ballots, _rule(table, arguments))
    except (TableRefused, ValueError) as refusal:
        print(f"contest rank: {arguments.scores}: {refusal}", file=sys.stderr)
        return UNREADABLE
    if arguments.json:
        print(
            json.dumps(
                [_as_json(each, arguments.precision) for each in _all(ranking)],
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        print("\n".join(_lines(ranking)))
    return 0


def read_table(path: Path) -> ScoreTable:
    """The scores in a file. Raises `TableRefused` with the line at fault."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(rows, [])]
            columns, placements = _columns(header)
            return _table(_cells(rows, columns), placements)
    except OSError as trouble:
        raise TableRefused(f"can't be opened: {trouble.strerror}.") from trouble
    except UnicodeDecodeError as trouble:
        raise TableRefused("is not text in UTF-8. Save it as CSV in UTF-8.") from trouble
    except csv.Error as trouble:
        raise TableRefused(f"is not a CSV table: {trouble}.") from trouble


def _columns(header: list[str]) -> tuple[list[int], bool]:
    """Where judge, item, criterion and score stand, and whether the score is a placement."""
    placements = "rank" in header and "score" not in header
    wanted = ["judge", "item", "criterion", "rank" if placements else "score"]
    if missing := [name for name in wanted if name not in header]:
        found = ", ".join(name for name in header if name) or "none"
        raise TableRefused(
            f"the first line lacks the columns {', '.join(missing)}; it has: {found}."
            " Separate columns by commas."
        )
    return [header.index(name) for name in wanted], placements


def _cells(rows: Any, columns: list[int]) -> Iterator[tuple[int, list[str]]]:
    """The wanted cells of each row that isn't empty, with the number of its line."""
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(columns):
            raise TableRefused(f"line {rows.line_num} has fewer columns than the first line.")
        yield rows.line_num, [row[at].strip() for at in columns]


def _table(cells: Iterable[tuple[int, list[str]]], placements: bool) -> ScoreTable:
    sheets: dict[tuple[str, str], dict[str, Mark]] = {}
    criteria: dict[str, None] = {}
    for line, (judge, item, criterion, score) in cells:
        if not (judge and item and criterion):
            raise TableRefused(f"line {line} names no judge, no item or no criterion.")
        sheet = sheets.setdefault((judge, item), {})
        if criterion in sheet:
            raise TableRefused(
                f"line {line}: {judge} has scored {item} on {criterion} before."
                " Keep the line that counts."
            )
        sheet[criterion] = _mark(score, line)
        criteria[criterion] = None
    if not sheets:
        raise TableRefused("holds no scores below its first line.")
    ballots = tuple(Ballot(judge, item, sheet) for (judge, item), sheet in sheets.items())
    return ScoreTable(ballots, tuple(sorted(criteria)), placements)


def _mark(text: str, line: int) -> Mark:
    if not text:
        raise TableRefused(
            f"line {line} has no score. Leave out the line of a judge who gave none."
        )
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        raise TableRefused(
            f"line {line}: {text[:LONGEST_NUMBER]!r} is not a number. Write numbers like 7 or 7.5."
        )
    exact = Fraction(text)
    return exact.numerator if exact.denominator == 1 else exact


def _rule(table: ScoreTable, arguments: Namespace) -> RankingRule:
    weights: dict[str, Mark] = arguments.weights or dict.fromkeys(table.criteria, 1)
    if unknown := [key for key in weights if key not in table.criteria]:
        raise TableRefused(
            f"nothing is scored on {', '.join(unknown)}; --weights may name"
            f" {', '.join(table.criteria)}."
        )
    return RankingRule(
        weights=weights,
        method=Method(arguments.method),
        quorum=arguments.quorum,
        decimals=arguments.precision,
        tie_chain=arguments.ties,
        drop=arguments.drop,
        lower_wins=table.placements,
    )


def _weights(text: str) -> dict[str, Mark]:
    weights: dict[str, Mark] = {}
    for part in text.split(","):
        key, equals, weight = part.rpartition("=")
        if not (equals and key.strip() and NUMBER.fullmatch(weight.strip())):
            raise ArgumentTypeError(f"write criterion=weight, such as story=30, not {part!r}")
        weights[key.strip()] = Fraction(weight.strip())
    return weights


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _all(ranking: Ranking) -> tuple[Standing, ...]:
    return ranking.standings + ranking.unranked


def _as_json(standing: Standing, decimals: int | None) -> dict[str, Any]:
    """One item. `score` is the published number, `n` the judges whose marks count."""
    score = standing.score
    return {
        "item": standing.entry,
        "place": standing.place,
        "score": None if score is None else float(published(score, decimals)),
        "n": standing.jurors,
        "why": " ".join(str(sentence) for sentence in standing.why),
    }


def _lines(ranking: Ranking) -> Iterator[str]:
    width = max((len(each.shown) for each in _all(ranking)), default=0)
    for each in _all(ranking):
        yield f"{each.place or '-':>5}  {each.shown or '-':>{width}}  {each.entry}"
        yield " " * (9 + width) + " ".join(str(sentence) for sentence in each.why)
