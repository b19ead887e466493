"""How long dealing takes, and how it grows, beside bare solvers that keep fewer of the rules.

    .venv/bin/python -m benchmarks.assign

2,300 films in six languages, two thirds of the foreign ones with English subtitles, five jurors a
film, 200 jurors of one to three languages, 3 % of all pairs in conflict. Then ten times the films,
ten times the jurors, and both. Each is dealt in a process of its own on one core; the quickest of
some rounds counts. Memory is the most the process ever held, libraries and problem included.

The bare solvers get the same films and jurors and know neither pairs of jurors, pieces, order nor
reasons: a linear programme (films' jurors, loads within one, random prices) and a maximum flow.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, csr_matrix, vstack
from scipy.sparse.csgraph import maximum_flow

from contest.rulebook.assignment import Film, Juror, Plan, Problem, deal
from contest.rulebook.assignment.table import laid

ROOT = Path(__file__).parents[1]
SEED = 2026
PER_FILM = 5
SIZES = ((2_300, 200, 3), (23_000, 200, 1), (2_300, 2_000, 1), (23_000, 2_000, 1))
LANGUAGES = {"en": 50, "zh": 25, "fr": 10, "es": 6, "ko": 5, "ja": 4}
ALLOWED_SECONDS = 1.0
Free = NDArray[np.bool_]
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def call_of(films: int, jurors: int) -> Problem:
    """A call of so many films, from the seed."""
    chance = Random(SEED)
    foreign = [each for each in LANGUAGES if each != "en"]
    conflicts = frozenset(
        (f"juror {juror}", f"film {film}")
        for juror in range(jurors)
        for film in chance.sample(range(films), films * 3 // 100)
    )
    return Problem(
        films=tuple(_film(at, chance) for at in range(films)),
        jurors=tuple(
            Juror(f"juror {at}", frozenset(_known(at, chance, foreign))) for at in range(jurors)
        ),
        per_film=PER_FILM,
        conflicts=conflicts,
    )


def _film(at: int, chance: Random) -> Film:
    [language] = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))
    readable = language != "en" and chance.random() < 2 / 3
    return Film(f"film {at}", frozenset([language]), frozenset(["en"] if readable else []))


def _known(at: int, chance: Random, foreign: list[str]) -> list[str]:
    """One juror in ten has no English; all have one or two other languages."""
    others = chance.sample(foreign, chance.randint(1, 2))
    return others if at % 10 == 0 else ["en", *others]


def measure(films: int, jurors: int, rounds: int) -> dict[str, float]:
    """Seconds, MiB and what came of it, of dealing here and now."""
    problem = call_of(films, jurors)
    deal(call_of(100, 20), SEED)  # loads what is loaded when it is first needed
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        plan = deal(problem, SEED)
        seconds.append(time.perf_counter() - began)
    assert isinstance(plan, Plan)
    mean = sum(at * pairs for at, pairs in enumerate(plan.shared)) / sum(plan.shared)
    return {
        "seconds": min(seconds),
        "mebibytes": _peak() / 1024,
        "least": min(plan.loads.values()),
        "most": max(plan.loads.values()),
        "pairs": plan.pair_squares / sum(plan.shared),
        "even": mean**2 + (mean % 1) * (1 - mean % 1),
        "fiedler": plan.fiedler,
    }


def _peak() -> float:
    """The most this process has held up to now, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def bare(films: int, jurors: int) -> dict[str, float]:
    """Seconds of the bare solvers, on the same films and jurors."""
    free = laid(call_of(films, jurors)).open
    return {
        "linear programme": _taken(lambda: _linear_programme(free)),
        "maximum flow": _taken(lambda: _maximum_flow(free)),
    }


def _taken(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _linear_programme(free: Free) -> None:
    film, juror = np.nonzero(free)
    films, jurors = free.shape
    screenings = np.arange(len(film))
    ones = np.ones(len(film))
    of_film = csr_array((ones, (film, screenings)), shape=(films, len(film)))
    of_juror = csr_array((ones, (juror, screenings)), shape=(jurors, len(film)))
    least, over = divmod(films * PER_FILM, jurors)
    most = least + (over > 0)
    found = linprog(
        np.random.default_rng(SEED).random(len(film)),
        A_eq=of_film,
        b_eq=np.full(films, PER_FILM),
        A_ub=vstack([of_juror, -of_juror]),
        b_ub=np.repeat([most, -least], jurors),
        bounds=(0, 1),
        method="highs",
    )
    assert found.status == 0


def _maximum_flow(free: Free) -> None:
    film, juror = np.nonzero(free)
    films, jurors = free.shape
    source, sink = films + jurors, films + jurors + 1
    every_film, every_juror = np.arange(films), np.arange(jurors)
    tails = np.concatenate([np.full(films, source), film, films + every_juror])
    heads = np.concatenate([every_film, films + juror, np.full(jurors, sink)])
    most = -(-films * PER_FILM // jurors)
    sizes = [np.full(films, PER_FILM), np.ones(len(film)), np.full(jurors, most)]
    graph = coo_array(
        (np.concatenate(sizes).astype(np.int32), (tails, heads)), shape=(sink + 1, sink + 1)
    )
    assert maximum_flow(csr_matrix(graph), source, sink).flow_value == films * PER_FILM


def alone(*arguments: str | int) -> dict[str, float]:
    """What this module says to the arguments, in a process of its own on one core."""
    words = [sys.executable, "-m", "benchmarks.assign", *map(str, arguments)]
    found: dict[str, float] = json.loads(
        subprocess.check_output(words, cwd=ROOT, env={**os.environ, **ONE_CORE})
    )
    return found


def main() -> int:
    """Print all; returns 1 where a real call takes longer than it may."""
    print(f"load average at the start: {os.getloadavg()[0]:.1f}; seed {SEED}")
    print(f"{'films':>7}{'jurors':>8}{'seconds':>10}{'memory':>11}{'loads':>11}", end="")
    print(f"{'pairs':>9}{'if even':>9}{'Fiedler':>9}")
    first = None
    for films, jurors, rounds in SIZES:
        took = alone("deal", films, jurors, rounds)
        first = first or took
        loads = f"{took['least']:.0f}-{took['most']:.0f}"
        print(f"{films:7,}{jurors:8,}{took['seconds']:8.2f} s{took['mebibytes']:7.0f} MiB", end="")
        print(f"{loads:>11}{took['pairs']:9.2f}{took['even']:9.2f}{took['fiedler']:9.2f}")
    for name, seconds in alone("bare", *SIZES[0][:2]).items():
        print(f"bare {name} of {SIZES[0][0]:,} films by {SIZES[0][1]} jurors: {seconds:.2f} s")
    print("pairs: films that two jurors share, squared, on average; if even: the least possible")
    assert first is not None
    allowed = first["seconds"] <= ALLOWED_SECONDS
    print(f"a real call in {first['seconds']:.2f} s; it may take {ALLOWED_SECONDS:.0f} s")
    return 0 if allowed else 1


def _part(arguments: list[str]) -> int:
    numbers = [int(each) for each in arguments[1:]]
    print(json.dumps(measure(*numbers) if arguments[0] == "deal" else bare(*numbers)))
    return 0


if __name__ == "__main__":
    sys.exit(_part(sys.argv[1:]) if len(sys.argv) > 1 else main())
