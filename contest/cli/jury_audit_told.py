"""An audit told: as a JSON object for programs, as a table and sentences for people."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from contest.cli.columns import padded, plain, signed, wide
from contest.rulebook.statistics.audit.own import Overall
from contest.rulebook.statistics.audit.results import Alike, Audit, Effect, Flag, Judge, Test

DIGITS = 10
"""Significant digits that mean something: the rest depends on the order of additions."""
WIDEST_NAME = 28
MOST_DRAWN = 200
"""Judges told one by one, beside those with flags."""
NAMES = {
    "noise": "unsteady marks",
    "flat": "the same mark for all",
    "halo": "criteria marked alike",
    "copies": "identical marks of two",
    "repeats": "a string that repeats",
    "drift": "drift",
    "own": "favouring one's own",
    "severity": "severity far out",
}


def as_json(audit: Audit, by: str | None, order: str | None, seed: int) -> dict[str, Any]:
    """The object that `contest jury-audit --json` writes; null is what can't be known."""
    return {
        "judges": [_judge(judge) for judge in audit.judges],
        "pairs": [_pair(pair) for pair in audit.pairs],
        "favouritism": _favouritism(audit.favouritism, by),
        "order": _order(audit.drift, order),
        "winner": list(audit.first),
        "top": list(audit.top),
        "warnings": [str(warning) for warning in audit.warnings],
        "tests": [_test(test) for test in audit.tests],
        "seed": seed,
    }


def _judge(judge: Judge) -> dict[str, Any]:
    own = judge.own
    return {
        "judge": judge.judge,
        "n": judge.number,
        "severity": _number(judge.severity),
        "se": _number(judge.se),
        "scale": _number(judge.scale),
        "noise": _number(judge.noise),
        "infit": _number(judge.infit),
        "outfit": _number(judge.outfit),
        "halo": _number(judge.halo),
        "drift": _number(judge.drift),
        "drift_p": _number(judge.drift_p),
        "own": own
        and {
            "bonus": _number(own.bonus),
            "se": _number(own.se),
            "p": _number(own.p),
            "n": own.number,
        },
        "changes_winner": judge.changes_winner,
        "winner_without": list(judge.first),
        "changes_top": judge.changes_top,
        "flags": [_flag(flag) for flag in judge.flags],
    }


def _flag(flag: Flag) -> dict[str, Any]:
    return {"question": flag.question, "p": _number(flag.p), "says": str(flag.says)}


def _pair(pair: Alike) -> dict[str, Any]:
    return {
        "judges": list(pair.judges),
        "items": pair.films,
        "marks": pair.marks,
        "equal": pair.equal,
        "usual": _number(pair.usual),
        "p": _number(pair.p),
        "says": str(pair.says),
    }


def _favouritism(effect: Effect | None, column: str | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {"column": column, **_both(effect), "n_same": effect.number}


def _order(effect: Effect | None, column: str | None) -> dict[str, Any] | None:
    """Points for each item further on in a judge's order."""
    return None if effect is None else {"column": column, **_both(effect), "n": effect.number}


def _both(effect: Effect) -> dict[str, Any]:
    mixed, fixed = effect.mixed, effect.fixed
    return {
        "mixed": mixed and {"estimate": _number(mixed.estimate), "se": _number(mixed.se)},
        "fixed": fixed
        and {
            "estimate": _number(fixed.estimate),
            "se": _number(fixed.se),
            "p": _number(fixed.p),
        },
    }


def _test(test: Test) -> dict[str, Any]:
    return {
        "question": test.question,
        "tested": test.tested,
        "permutations": test.deals,
        "fdr": _number(test.fdr),
    }


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") + 0.0 if isfinite(value) else None  # never -0.0


def lines(audit: Audit, by: str | None, order: str | None) -> Iterator[str]:
    """The same for people."""
    for warning in audit.warnings:
        yield f"! {warning}"
    if audit.warnings:
        yield ""
    yield from _jury(audit, by is not None, order is not None)
    yield ""
    yield from _invitations(audit)
    yield ""
    yield from _effects(audit, by, order)
    yield from _without(audit)
    yield from _tests(audit)


def _jury(audit: Audit, by: bool, order: bool) -> Iterator[str]:
    """A line for each judge, those with flags first among many."""
    told = sorted(audit.judges, key=lambda judge: not judge.flags)[:MOST_DRAWN]
    told.sort(key=lambda judge: judge.judge)
    name = min(max([wide("judge"), *(wide(judge.judge) for judge in told)]), WIDEST_NAME)
    heads = ["n", "above", "± se", "scale", "noise", "infit", "outfit", "halo"]
    heads += ["drift"] * order + ["own", "± se", "n own"] * by
    yield f"{padded('judge', name)} {''.join(f'{head:>8}' for head in heads)}"
    for judge in told:
        figures = "".join(f"{figure:>8}" for figure in _figures(judge, by, order))
        asked = ", ".join(NAMES[flag.question] for flag in judge.flags)
        yield f"{padded(judge.judge, name)} {figures}  {asked}".rstrip()
    if len(told) < len(audit.judges):
        yield f"… and {len(audit.judges) - len(told)} more; --json tells them all"


def _figures(judge: Judge, by: bool, order: bool) -> list[str]:
    figures = [str(judge.number), signed(judge.severity), plain(judge.se), plain(judge.scale)]
    figures += [plain(judge.noise), plain(judge.infit), plain(judge.outfit), signed(judge.halo)]
    if order:
        figures.append(signed(judge.drift))
    if by and judge.own:
        figures += [signed(judge.own.bonus), plain(judge.own.se), str(judge.own.number)]
    return figures


def _invitations(audit: Audit) -> Iterator[str]:
    """Each flag under its judge; what two judges share, once."""
    flagged = [judge for judge in audit.judges if judge.flags]
    if not flagged:
        yield "Nothing here that chance doesn't explain."
        return
    yield "Worth a talk (each may be innocent; no result is changed):"
    for judge in flagged:
        for flag in judge.flags:
            if flag.question != "copies":
                yield f"  {judge.judge}: {flag.says}"
    for pair in audit.pairs:
        yield f"  {' and '.join(pair.judges)}: {pair.says}"


def _effects(audit: Audit, by: str | None, order: str | None) -> Iterator[str]:
    if audit.favouritism and audit.favouritism.fixed:
        bonus = _estimate(audit.favouritism.mixed or audit.favouritism.fixed)
        yield f"Own {by}: {bonus} points over the whole jury, on {audit.favouritism.number} scores."
    if audit.drift and audit.drift.fixed:
        step = audit.drift.mixed or audit.drift.fixed
        yield (
            f"Order ({order}): {step.estimate:+.4f} ± {step.se:.4f} points with each further film,"
            f" over the whole jury, on {audit.drift.number} scores."
        )


def _estimate(effect: Overall) -> str:
    return f"{signed(effect.estimate)} ± {plain(effect.se)}"


def _without(audit: Audit) -> Iterator[str]:
    """Who decides the first place, and the cut, alone."""
    if not audit.first:
        return
    decisive = [judge for judge in audit.judges if judge.changes_winner]
    yield f"First by the mixed model: {', '.join(audit.first)}."
    if not decisive:
        yield "It stays so without any one judge."
    for judge in decisive[:MOST_DRAWN]:
        yield f"  without {judge.judge}: {', '.join(judge.first) or 'none'}"
    if len(audit.top) > len(audit.first):
        number = sum(judge.changes_top for judge in audit.judges)
        yield f"The first {len(audit.top)} change without one judge in {number} cases."


def _tests(audit: Audit) -> Iterator[str]:
    if not audit.tests:
        return
    yield ""
    yield "Asked (of so many; deals of chance at most; share of false flags at most):"
    for test in audit.tests:
        deals = f"{test.deals:,} deals" if test.deals else "exact"
        yield f"  {NAMES[test.question]}: {test.tested}; {deals}; {100 * test.fdr:.1f} %"
