"""How often an audit finds the odd juror, and how often it names somebody in a jury of fair ones.

    .venv/bin/python -m benchmarks.audit [JURIES] [SEED]

Each row is one kind of jury, made JURIES times: found is the share in which the odd juror was named
for what was planted in them, named the share in which anybody else was named for anything. Shuffled
juries have nothing to find: at most one in ten may be named, by all questions together.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from contest.rulebook.statistics.audit.report import audit
from contest.rulebook.statistics.audit.results import Audit
from tests.odd_juries import ODD, PARTNER, Jury, fair_jury, planted, rounded, shuffled

JURIES, SEED = 400, 2026
SIZES = ((25, 100, 5), (5, 20, 5))
"""Jurors, films, jurors a film."""
ODD_WAYS = ("noise", "flat", "halo", "copies", "repeats", "drift", "own", "severity")
NOISE = 0.6
STEADY = 0.35
"""A steadier jury, in which a bonus of one point on a third of twenty films can be seen."""
ALIKE = {"story": 1.0, "craft": 1.0, "idea": 1.0}

Made = Callable[[int], Jury]


def main(juries: int, seed: int) -> None:
    """Print the table."""
    print(f"{juries} juries a row, seed {seed}")
    for size in SIZES:
        print(f"\n{size[0]} jurors, {size[1]} films, {size[2]} jurors a film    found   named")
        for name, way, made in _rows(size):
            begun = time.perf_counter()
            audits = [_audited(made(seed + at), seed) for at in range(juries)]
            found = sum(_named(each, way) for each in audits) / juries if way else None
            others = sum(_others(each, way) for each in audits) / juries
            took = 1000 * (time.perf_counter() - begun) / juries
            share = "      -" if found is None else f"{found:7.3f}"
            print(f"  {name:38} {share} {others:7.3f}   {took:4.0f} ms each", flush=True)


def _rows(size: tuple[int, int, int]) -> Iterator[tuple[str, str, Made]]:
    yield "fair", "", lambda seed: rounded(fair_jury(seed, *size, NOISE))
    yield "shuffled among all", "", lambda seed: shuffled(fair_jury(seed, *size, NOISE), False)
    yield "shuffled within films", "", lambda seed: shuffled(fair_jury(seed, *size, NOISE), True)
    for way in ODD_WAYS:
        yield way, way, lambda seed, way=way: _odd(seed, size, way, NOISE)  # type: ignore[misc]
    yield "own, in a steadier jury", "own", lambda seed: _odd(seed, size, "own", STEADY)


def _odd(seed: int, size: tuple[int, int, int], way: str, noise: float) -> Jury:
    return planted(fair_jury(seed, *size, noise, way == "copies"), way)


def _audited(jury: Jury, seed: int) -> Audit:
    return audit(jury.as_marks(), ALIKE, jury.facts(), seed=seed)


def _named(found: Audit, way: str) -> bool:
    odd = next(judge for judge in found.judges if judge.judge == f"juror {ODD}")
    return any(flag.question == way for flag in odd.flags)


def _others(found: Audit, way: str) -> bool:
    """Whether somebody was named in whom nothing was planted."""
    planted_in = {f"juror {ODD}"} if way else set()
    if way == "copies":
        planted_in.add(f"juror {PARTNER}")
    return any(judge.flags and judge.judge not in planted_in for judge in found.judges)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [JURIES, SEED][len(given) :]))
