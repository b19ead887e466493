"""How often a jury finds the right films: a simulation in which the truth is known.

    .venv/bin/python -m benchmarks.jury [RUNS] [SEED]

A hundred films and 25 jurors, among them careless ones and friends of films, score on a scale of
whole marks from 1 to 10. Balanced rows deal 3, 5 or 7 jurors to every film. Adaptive ones deal 3
and spend the rest of the same budget where it decides most, one film for each juror at a time;
loads end as even as in the balanced ones. Each row says which share of the true top 11 stands among
the first 11, and how often the truly best film stands first; beside it what an earlier simulation
of such juries found, where it has the row. `known` is the ceiling of a balanced deal: a ranking by
somebody who knows each juror's severity, scale and noise.

The jury's parameters below are those under which the mean, the z-score and the mixed model come out
about as they did there.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from contest.rulebook.assignment import Film, Juror, Plan, Problem, believed, deal, deal_more
from contest.rulebook.statistics import mixed, robust
from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.scores import Scores

FILMS, JURORS, TOP = 100, 25, 11
BASE = 3
"""Scores a film has before any is dealt where it decides most."""
RUNS, SEED = 1_000, 2026
SEVERITY, SCALE, NOISE, NOISES = 0.6, 0.2, 0.86, 0.25
"""Standard deviation of severities, of logs of scales, of a mark, and of logs of noises; in
standard deviations of the films."""
CARELESS, CARELESS_NOISE = 0.2, 2.5
"""Share of careless jurors, and how many times noisier they are."""
FRIENDS, FAVOUR = 0.08, 1.0
"""Share of pairs of film and juror who are friends, and what a friend adds."""
MIDDLE, POINTS, LOWEST, HIGHEST = 6.1, 1.5, 1.0, 10.0
"""The mean film's mark, marks per standard deviation of films, and the ends of the scale."""

EARLIER = {
    ("mean", 3): (0.543, 0.235),
    ("mean", 5): (0.623, 0.327),
    ("z-score", 5): (0.637, 0.314),
    ("mixed", 5): (0.640, 0.351),
    ("robust", 5): (0.662, 0.377),
    ("known", 5): (0.692, 0.387),
    ("robust, adaptive", 5): (0.724, 0.480),
    ("robust, adaptive", 7): (0.781, 0.582),
}

Pairs = Sequence[tuple[int, int]]
"""Film and juror, as indices: who watches what."""
Dealer = Callable[["Given", int, np.random.Generator], Pairs]
"""`dealer(given, left, chance)`: the next pairs to be scored, at most `left`, given the scores so
far; none when it is done. A pair is dealt once."""


@dataclass(frozen=True)
class World:
    """The truth: films, and jurors as they are."""

    film: Floats
    severity: Floats
    scale: Floats
    noise: Floats
    favour: Floats
    """(films, jurors)."""

    @classmethod
    def drawn(cls, chance: np.random.Generator) -> World:
        noise = NOISE * np.exp(chance.normal(0, NOISES, JURORS))
        careless = chance.random(JURORS) < CARELESS
        return cls(
            film=chance.normal(0, 1, FILMS),
            severity=chance.normal(0, SEVERITY, JURORS),
            scale=np.exp(chance.normal(0, SCALE, JURORS)),
            noise=np.where(careless, CARELESS_NOISE * noise, noise),
            favour=np.where(chance.random((FILMS, JURORS)) < FRIENDS, FAVOUR, 0.0),
        )

    def marks(self, film: Whole, juror: Whole, chance: np.random.Generator) -> Floats:
        """What these jurors give these films: whole marks."""
        felt = self.severity[juror] + self.scale[juror] * self.film[film]
        felt += self.noise[juror] * chance.normal(size=len(film)) + self.favour[film, juror]
        return np.clip(np.round(MIDDLE + POINTS * felt), LOWEST, HIGHEST)


@dataclass(frozen=True)
class Given:
    """Scores so far: film and juror as indices, and the mark."""

    film: Whole
    juror: Whole
    mark: Floats

    def scores(self) -> Scores:
        """The same as the models take them; films and jurors are named by their indices."""
        films, film = np.unique(self.film, return_inverse=True)
        jurors, juror = np.unique(self.juror, return_inverse=True)
        return Scores.of_codes(
            [str(at) for at in films], [str(at) for at in jurors], film, juror, self.mark
        )


def balanced(given: Given, left: int, chance: np.random.Generator) -> Pairs:
    """As many jurors for each film, at random, loads within one; all in one go."""
    if len(given.film):
        return ()
    load = np.zeros(JURORS)
    pairs = []
    for film in chance.permutation(FILMS).tolist():
        jurors = np.lexsort((chance.random(JURORS), load))[: left // FILMS]
        load[jurors] += 1
        pairs += [(film, juror) for juror in jurors.tolist()]
    return pairs


def adaptive(given: Given, left: int, chance: np.random.Generator) -> Pairs:
    """Three jurors for each film, then one more film for each juror where it decides most."""
    seed = int(chance.integers(2**31))
    films = tuple(Film(str(at)) for at in range(FILMS))
    jurors = tuple(Juror(str(at)) for at in range(JURORS))
    pairs = zip(given.juror.tolist(), given.film.tolist(), strict=True)
    seen = frozenset((str(juror), str(film)) for juror, film in pairs)
    problem = Problem(films, jurors, BASE, given=seen)
    if not seen:
        plan = deal(problem, seed)
    else:
        found = believed(given.scores(), (film.key for film in films), TOP, seed)
        plan = deal_more(problem, found.beliefs, found.telling, min(left, JURORS), seed)
    assert isinstance(plan, Plan)
    return [(int(film), int(juror)) for juror, film in sorted(plan.pairs)]


def played(world: World, dealer: Dealer, budget: int, chance: np.random.Generator) -> Given:
    """The scores that a dealer's jury gives, batch by batch, until the budget is spent."""
    given = Given(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    while left := budget - len(given.film):
        pairs = dealer(given, left, chance)
        if not len(pairs):
            break
        film, juror = np.array(pairs, np.int64).T
        given = Given(
            np.concatenate([given.film, film]),
            np.concatenate([given.juror, juror]),
            np.concatenate([given.mark, world.marks(film, juror, chance)]),
        )
    return given


def by_mean(given: Given, _world: World) -> Floats:
    return summed(given.mark, given.film, FILMS) / np.bincount(given.film, minlength=FILMS)


def by_z_score(given: Given, world: World) -> Floats:
    """The mean of marks less their juror's mean, in their juror's standard deviations."""
    marks = np.bincount(given.juror, minlength=JURORS)
    off = given.mark - (summed(given.mark, given.juror, JURORS) / marks)[given.juror]
    wide = np.sqrt(summed(off**2, given.juror, JURORS) / np.maximum(marks - 1, 1))
    z = off / np.where(wide > 0, wide, 1)[given.juror]
    return by_mean(Given(given.film, given.juror, z), world)


def by_mixed(given: Given, _world: World) -> Floats:
    return _in_order(mixed.fit(given.scores()))


def by_robust(given: Given, _world: World) -> Floats:
    return _in_order(robust.fit(given.scores()))


def by_who_knows(given: Given, world: World) -> Floats:
    """The best linear guess of somebody who knows the jurors, though not their friends."""
    scale, noise = world.scale[given.juror], world.noise[given.juror]
    felt = (given.mark - MIDDLE) / POINTS - world.severity[given.juror]
    told = summed(felt * scale / noise**2, given.film, FILMS)
    return told / (1 + summed((scale / noise) ** 2, given.film, FILMS))


def _in_order(fit: mixed.MixedFit | robust.RobustFit) -> Floats:
    found = np.empty(FILMS)
    found[[int(name) for name in fit.scores.items]] = fit.item_effect
    return found


METHODS: dict[str, Callable[[Given, World], Floats]] = {
    "mean": by_mean,
    "z-score": by_z_score,
    "mixed": by_mixed,
    "robust": by_robust,
    "known": by_who_knows,
}


def judged(world: World, found: Floats) -> tuple[float, float]:
    """The share of the true top 11 among the first 11, and whether the best is first."""
    true, told = np.argsort(-world.film), np.argsort(-found)
    share = len(set(true[:TOP].tolist()) & set(told[:TOP].tolist())) / TOP
    return share, float(true[0] == told[0])


def cell(dealer: Dealer, budget: int, runs: int, seed: int) -> dict[str, list[tuple[float, float]]]:
    """Every method on the same juries: (recall, winner) of each run."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for run in range(runs):
        chance = np.random.default_rng([seed, budget, run])
        world = World.drawn(chance)
        given = played(world, dealer, budget, chance)
        for name, method in METHODS.items():
            found[name].append(judged(world, method(given, world)))
    return found


def report(name: str, per_film: int, results: list[tuple[float, float]]) -> None:
    """Print a row: means with their standard errors, and the earlier simulation's."""
    values = np.array(results)
    (recall, winner), error = values.mean(0), values.std(0) / np.sqrt(len(values))
    earlier = EARLIER.get((name, per_film))
    beside = "" if earlier is None else f"   earlier {earlier[0]:.3f} {earlier[1]:.3f}"
    told = f"{recall:.3f} ± {error[0]:.3f}   {winner:.3f} ± {error[1]:.3f}"
    print(f"{name:18}{per_film:3} a film   {told}{beside}", flush=True)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    print(f"{FILMS} films, {JURORS} jurors, {runs} runs a cell, seed {seed}")
    print(f"{'':28}{f'top {TOP} found':>17}{'best film first':>18}")
    for per_film in (3, 5, 7):
        began = time.perf_counter()
        for name, results in cell(balanced, per_film * FILMS, runs, seed).items():
            report(name, per_film, results)
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    for per_film in (5, 7):
        began = time.perf_counter()
        for name, results in cell(adaptive, per_film * FILMS, runs, seed).items():
            if name != "known":  # a ceiling of balanced deals alone
                report(f"{name}, adaptive", per_film, results)
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
