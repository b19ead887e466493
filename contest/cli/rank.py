"""`contest rank`: standings from a table of scores, with every place explained.

The table is read by `contest.cli.score_table`, ranked by the rulebook, and told as a table with
its errors drawn or as one JSON object.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from contest.cli.columns import one_line
from contest.cli.rank_told import as_json, lines
from contest.cli.score_table import NUMBER, ScoreTable, TableRefused, read_table
from contest.rulebook.elections import Election, preferences
from contest.rulebook.ranking import Method, RankingRule
from contest.rulebook.scoring import Mark
from contest.rulebook.statistics import by_ballot, by_model, by_rule
from contest.rulebook.statistics.criteria import Criteria
from contest.rulebook.statistics.posterior import Model
from contest.rulebook.statistics.results import SEED, Result, Settings
from contest.rulebook.ties import check_chain
from contest.rulebook.verdict import TRIMMED

UNREADABLE = 2
METHODS = {
    "mean": "the weighted mean of each criterion's mean",
    TRIMMED: "the same without the highest and lowest marks (--drop, here 1)",
    "sum": "the marks added up",
    "mixed": "a model of films and jurors takes out how strict jurors are (default)",
    "robust": "the same, for juries with careless or favouring members",
    "copeland": "duels won among ranked ballots (default for a column rank)",
    "schulze": "strongest paths of duels",
    "irv": "instant-runoff",
}
EVERY = "*"


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest rank`."""
    add = parser.add_argument
    add("scores", type=Path, metavar="SCORES.csv")
    told = "; ".join(f"{name}: {words}" for name, words in METHODS.items())
    add("--method", choices=tuple(METHODS), help=told)
    add("--top", type=int, default=3, metavar="K", help="places that count (default: 3)")
    add(
        "--weights",
        type=_weights,
        metavar="CRITERION=W,…",
        help="the criteria that count and how much (default: all of them, equally)",
    )
    add(
        "--criteria",
        choices=[each.value for each in Criteria],
        default=Criteria.TOTAL.value,
        help="what a model is made of: ballots' weighted totals (default), or each criterion",
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
    _add_of_rules(parser)
    add("--seed", type=int, default=SEED, metavar="N", help=f"starts chance (default: {SEED})")
    add("--json", action="store_true", help="write one JSON object")


def _add_of_rules(parser: ArgumentParser) -> None:
    add = parser.add_argument
    drop_help = "leave out the N highest and N lowest marks of each criterion (default: 0)"
    add("--drop", type=int, metavar="N", help=drop_help)
    add(
        "--clip",
        type=_clip,
        default={},
        metavar="C",
        help="marks further than C from the item's mean count as that far; or criterion=C,…",
    )
    add(
        "--rounds",
        type=_names,
        default=(),
        metavar="ROUND,…",
        help="the criteria are rounds, in this order: items that reached a later one stand first",
    )
    add(
        "--unranked",
        choices=["last", "unseen"],
        default="last",
        help="items that a ballot leaves out: below all it ranks (default), or not seen",
    )


def run(arguments: Namespace) -> int:
    """Print the standings. 0 when they could be made, 2 when the scores or options don't fit."""
    try:
        table = read_table(arguments.scores)
        result = _ranked(table, arguments)
    except (TableRefused, ValueError) as refusal:
        print(one_line(f"contest rank: {arguments.scores}: {refusal}"), file=sys.stderr)
        return UNREADABLE
    if arguments.json:
        print(json.dumps(as_json(result), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        told = lines(result, arguments.precision, arguments.top)
        print("\n".join(map(one_line, told)))
    return 0


def _ranked(table: ScoreTable, arguments: Namespace) -> Result:
    method = arguments.method or ("copeland" if table.placements else "mixed")
    settings = _settings(table, arguments)
    if method in (Method.MEAN, TRIMMED, Method.SUM):
        return _by_rule(table, arguments, settings, method)
    if arguments.drop or arguments.clip or arguments.rounds:
        raise TableRefused("--drop, --clip and --rounds are for mean, trimmed and sum.")
    if method in tuple(Election):
        return _by_ballot(table, arguments, settings, Election(method))
    return by_model.place(
        table.numbers(settings.weights),
        table.ballots,
        table.items,
        settings,
        model=Model(method),
        criteria=Criteria(arguments.criteria),
        lower_wins=table.placements,
    )


def _settings(table: ScoreTable, arguments: Namespace) -> Settings:
    weights: dict[str, Mark] = arguments.weights or dict.fromkeys(sorted(table.criteria), 1)
    if unknown := [key for key in weights if key not in table.criteria]:
        raise TableRefused(
            f"nothing is scored on {', '.join(unknown)}; --weights may name"
            f" {', '.join(sorted(table.criteria))}."
        )
    if arguments.top < 1:
        raise TableRefused("--top counts places from the first: 1 or more.")
    if arguments.seed < 0:
        raise TableRefused("--seed is a whole number from 0.")
    if any(weight <= 0 for weight in weights.values()):
        raise TableRefused("each criterion needs a weight above 0")
    if arguments.quorum < 1:
        raise TableRefused("a film needs at least 1 score to be ranked")
    check_chain(arguments.ties, weights)
    return Settings(
        weights=weights,
        top=arguments.top,
        decimals=arguments.precision,
        quorum=arguments.quorum,
        tie_chain=arguments.ties,
        seed=arguments.seed,
    )


def _by_rule(table: ScoreTable, arguments: Namespace, settings: Settings, method: str) -> Result:
    drop = arguments.drop
    if drop is None:
        drop = 1 if method == TRIMMED else 0
    rule = RankingRule(
        weights=settings.weights,
        method=Method.MEAN if method == TRIMMED else Method(method),
        quorum=settings.quorum,
        decimals=settings.decimals,
        tie_chain=settings.tie_chain,
        drop=min(drop, len(table.item)),
        lower_wins=table.placements,
        clip=_of_each(arguments.clip, settings.weights),
        rounds=arguments.rounds,
    )
    marks = table.numbers(settings.weights)
    return by_rule.place(table.ballots(), marks, table.items, settings, rule)


def _of_each(clip: Mapping[str, Mark], criteria: Mapping[str, Mark]) -> dict[str, Mark]:
    if EVERY in clip:
        return dict.fromkeys(criteria, clip[EVERY])
    if unknown := [key for key in clip if key not in criteria]:
        raise TableRefused(
            f"nothing is scored on {', '.join(unknown)}; --clip may name {', '.join(criteria)}."
        )
    return dict(clip)


def _by_ballot(
    table: ScoreTable, arguments: Namespace, settings: Settings, election: Election
) -> Result:
    """Each judge's order is that of the weighted totals of their ballots."""
    numbers = table.numbers(settings.weights)
    scores = numbers.totals({key: float(weight) for key, weight in settings.weights.items()})
    marks, away = table.totals(settings.weights)
    free = None
    if table.placements and arguments.unranked == "last":
        free = {judge: set(table.items) - away.get(judge, set()) for judge in marks}
    ballots = preferences(marks, table.placements, free)
    return by_ballot.place(
        ballots,
        scores,
        table.items,
        settings,
        election,
        table.ballots,
        lower_wins=table.placements,
    )


def _weights(text: str) -> dict[str, Mark]:
    return _numbers(text, "write criterion=weight, such as story=30, not {part!r}")


def _clip(text: str) -> dict[str, Mark]:
    if NUMBER.fullmatch(text.strip()):
        return {EVERY: Fraction(text.strip())}
    return _numbers(text, "write a number such as 2.5, or criterion=number, not {part!r}")


def _numbers(text: str, advice: str) -> dict[str, Mark]:
    found: dict[str, Mark] = {}
    for part in text.split(","):
        key, equals, number = part.rpartition("=")
        if not (equals and key.strip() and NUMBER.fullmatch(number.strip())):
            raise ArgumentTypeError(advice.format(part=part))
        if key.strip() in found:
            raise ArgumentTypeError(f"{key.strip()} is named twice; name each criterion once")
        found[key.strip()] = Fraction(number.strip())
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
