"""`contest assign`: who watches what, in which order, from a file of films and jurors.

The file is JSON; docs/assignment.md describes it. Exit code 0 when films could be dealt, 1 when
no plan keeps the rules, 2 when the file or the options can't be used.
"""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from babel import Locale

from contest.cli.assignment_file import AssignmentFile, read_assignment
from contest.cli.json_parts import FileRefused
from contest.rulebook.assignment import (
    Blocking,
    Infeasible,
    Plan,
    Problem,
    believed,
    deal,
    deal_more,
)
from contest.rulebook.statistics.scores import Scores

NO_PLAN = 1
UNREADABLE = 2
LONGEST_SEED = 100
CHANCES_SEED = 1
NAMED = 40
LABEL = 30
BAR = 40


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest assign`."""
    add = parser.add_argument
    add("problem", type=Path, metavar="PROBLEM.json", help="films, jurors and what stands already")
    seed_help = "number or word that chance follows: the same gives the same plan (default: 1)"
    add("--seed", type=_seed, default="1", metavar="N", help=seed_help)
    add("--json", action="store_true", help="write the plan, or what is in its way, as JSON")


def run(arguments: Namespace) -> int:
    """Print the plan. 0 when there is one, 1 when there is none, 2 when the file can't be used."""
    try:
        file = read_assignment(arguments.problem)
    except FileRefused as refusal:
        print(f"contest assign: {arguments.problem}: {refusal}", file=sys.stderr)
        return UNREADABLE
    problem = replace(file.problem, tongues=_tongues(file.problem))
    plan = _dealt(problem, file, arguments.seed)
    if arguments.json:
        found = _plan_json(plan) if isinstance(plan, Plan) else _infeasible_json(plan)
        print(json.dumps({"seed": arguments.seed, **found}, ensure_ascii=False, indent=1))
    elif isinstance(plan, Plan):
        print("\n".join(_plan_lines(problem, plan)))
    else:
        print("No plan keeps all the rules.", *map(str, plan.reasons), sep="\n  ")
    return 0 if isinstance(plan, Plan) else NO_PLAN


def _dealt(problem: Problem, file: AssignmentFile, seed: str) -> Plan | Infeasible:
    more = file.more
    if more is None:
        return deal(problem, seed)
    rows = [(film, juror, score) for (juror, film), score in sorted(file.scores.items())]
    films = [each.key for each in problem.films]
    found = believed(Scores.of(rows), films, more.cut, CHANCES_SEED)
    return deal_more(problem, found.beliefs, found.telling, more.batch, seed)


def _seed(text: str) -> str:
    if not 0 < len(text) <= LONGEST_SEED:
        raise ArgumentTypeError(f"a seed has 1 to {LONGEST_SEED} characters")
    return text


def _tongues(problem: Problem) -> dict[str, str]:
    """What sentences call each language of the films."""
    english = Locale("en").languages
    tags = {tag for film in problem.films for tag in film.languages | film.subtitles}
    return {tag: f"{english[tag]} ({tag})" for tag in tags if tag in english}


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "feasible": True,
        "queues": {juror: list(films) for juror, films in plan.queues.items()},
        "withdrawn": [{"juror": juror, "film": film} for juror, film in sorted(plan.withdrawn)],
        "loads": dict(plan.loads),
        "pairs_sharing": list(plan.shared),
        "pair_squares": plan.pair_squares,
        "wishes_granted": plan.wishes,
        "fiedler": round(plan.fiedler, 6),
        "pieces": [list(group) for group in plan.pieces],
        "notes": [str(note) for note in plan.notes],
    }


def _infeasible_json(refusal: Infeasible) -> dict[str, Any]:
    return {
        "feasible": False,
        "films": list(refusal.entries),
        "reasons": [str(reason) for reason in refusal.reasons],
        "blocking": [_blocking_json(each) for each in refusal.blocking],
        "evenest": refusal.evenest,
    }


def _blocking_json(each: Blocking) -> dict[str, Any]:
    return {
        "films": list(each.films),
        "jurors": list(each.jurors),
        "needed": each.needed,
        "available": each.available,
        "alike": list(each.alike),
        "smallest": each.smallest,
    }


def _plan_lines(problem: Problem, plan: Plan) -> Iterator[str]:
    """The plan at a glance: what was dealt, how even the loads are, how well pairs are spread."""
    dealt = len(plan.pairs)
    yield f"Screenings dealt: {dealt}; films: {len(problem.films)}; jurors: {len(problem.jurors)}."
    if plan.withdrawn:
        yield f"Waiting screenings taken back: {len(plan.withdrawn)}."
    yield from _loads(problem, plan)
    if any(plan.shared[1:]):
        yield "Pairs of jurors, by films both have:"
        yield from _bars({f"{films} films": pairs for films, pairs in enumerate(plan.shared)})
    wished = sum(len(juror.wishes) for juror in problem.jurors)
    if wished:
        yield f"Wishes granted: {plan.wishes} of {wished}."
    yield f"Fiedler value (0 where not all can be compared): {plan.fiedler:.3f}"
    yield from (f"Note: {note}" for note in plan.notes)
    yield "Each juror's films in viewing order: --json."


def _loads(problem: Problem, plan: Plan) -> Iterator[str]:
    """Films of each juror; of a large panel, how many jurors have how many films."""
    if len(plan.loads) <= NAMED:
        yield "Films of each juror, earlier ones included:"
        names = problem.juror_names
        yield from _bars({names.get(key, key): films for key, films in plan.loads.items()})
        return
    yield "Jurors, by films they have in all:"
    counts = Counter(plan.loads.values())
    yield from _bars({f"{films} films": counts[films] for films in sorted(counts)})


def _bars(amounts: Mapping[str, int]) -> Iterator[str]:
    wide = min(LABEL, max(map(len, amounts), default=0))
    most = max(amounts.values(), default=0) or 1
    for label, amount in amounts.items():
        bar = "█" * math.ceil(BAR * amount / most)
        yield f"  {label[:LABEL]:>{wide}}  {bar} {amount}"
