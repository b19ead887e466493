"""`contest jury-audit`: what stands out in a jury's scores, as invitations to talk.

The table is that of `contest rank`; further columns say whose own film it is, and when each score
was given. Nothing here changes a result.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from contest.cli.columns import one_line
from contest.cli.jury_audit_told import as_json, lines
from contest.cli.score_facts import read_facts
from contest.cli.score_table import TableRefused, read_table
from contest.rulebook.statistics.audit.report import audit
from contest.rulebook.statistics.results import SEED

UNREADABLE = 2


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest jury-audit`."""
    add = parser.add_argument
    add("scores", type=Path, metavar="SCORES.csv")
    add(
        "--by",
        metavar="COLUMN",
        help="ask for favouring one's own: a column of the item, beside judge_COLUMN",
    )
    add("--order", metavar="COLUMN", help="ask for drift: a number or time that grows")
    add("--top", type=int, default=1, metavar="K", help="items that reach the cut (default: 1)")
    add("--seed", type=int, default=SEED, metavar="N", help=f"starts chance (default: {SEED})")
    add("--json", action="store_true", help="write one JSON object")


def run(arguments: Namespace) -> int:
    """Print the audit. 0 when it could be made, 2 when the scores or options don't fit."""
    by, order = arguments.by, arguments.order
    try:
        if arguments.top < 1:
            raise TableRefused("--top counts items from the first: 1 or more.")
        if arguments.seed < 0:
            raise TableRefused("--seed is a whole number from 0.")
        table = read_table(arguments.scores)
        found = audit(
            table.numbers(table.criteria),
            dict.fromkeys(table.criteria, 1.0),
            read_facts(arguments.scores, by, order),
            top=arguments.top,
            seed=arguments.seed,
            lower_wins=table.placements,
        )
    except (TableRefused, ValueError) as refusal:
        print(one_line(f"contest jury-audit: {arguments.scores}: {refusal}"), file=sys.stderr)
        return UNREADABLE
    if arguments.json:
        told = as_json(found, by, order, arguments.seed)
        print(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        print("\n".join(map(one_line, lines(found, by, order))))
    return 0
