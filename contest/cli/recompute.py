"""`contest recompute`: count a closed round again from its bundle, with the rulebook alone."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from contest.cli.columns import one_line
from contest.cli.json_parts import FileRefused, load
from contest.rulebook.bundles import Bundle, recompute

DIFFERS = 1
UNREADABLE = 2
SHOWN = 20


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest recompute`."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE.json")
    parser.add_argument("--json", action="store_true", help='write {"same": …, "differences": […]}')


def run(arguments: Namespace) -> int:
    """Say whether the count is the same. 0 it is, 1 it is not, 2 the file is no bundle."""
    try:
        bundle = Bundle.from_json(load(arguments.bundle))
        differences = [str(each) for each in recompute(bundle)]
    except (FileRefused, ValueError) as refusal:
        print(one_line(f"contest recompute: {arguments.bundle}: {refusal}"), file=sys.stderr)
        return UNREADABLE
    if arguments.json:
        told = {"same": not differences, "differences": differences}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _tell(bundle, differences)
    return DIFFERS if differences else 0


def _tell(bundle: Bundle, differences: list[str]) -> None:
    counted = f"{len(bundle.ballots)} ballots on {len(bundle.films)} films, counted again by"
    print(f"{counted} {bundle.rule.method}.")
    if not differences:
        print("Every place, score and chance is the same, and so is the digest of the ballots.")
        return
    print("\n".join(map(one_line, differences[:SHOWN])))
    if len(differences) > SHOWN:
        print(f"And {len(differences) - SHOWN} differences more.")
