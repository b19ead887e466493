"""Juries that never were: fair ones, and ones with a juror who is odd in one known way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contest.rulebook.statistics.audit.sheets import Facts
from contest.rulebook.statistics.marks import Marks

CRITERIA = 3
ODD, PARTNER = 0, 1
"""The juror in whom something is planted, and the one they copy from."""

Seat = tuple[int, int]
"""Juror and film."""


@dataclass
class Jury:
    """Jurors, films, and each ballot's marks on three criteria; own films; places in the order."""

    jurors: int
    films: int
    chance: np.random.Generator
    marks: dict[Seat, NDArray[np.float64]] = field(default_factory=dict)
    own: set[Seat] = field(default_factory=set)
    place: dict[Seat, int] = field(default_factory=dict)

    def as_marks(self) -> Marks:
        """The marks as an audit reads them."""
        seats = list(self.marks)
        return Marks(
            items=tuple(f"film {film}" for film in range(self.films)),
            judges=tuple(f"juror {juror}" for juror in range(self.jurors)),
            criteria=("story", "craft", "idea"),
            item=np.repeat([film for _, film in seats], CRITERIA),
            judge=np.repeat([juror for juror, _ in seats], CRITERIA),
            criterion=np.tile(np.arange(CRITERIA), len(seats)),
            value=np.concatenate([self.marks[seat] for seat in seats]),
        )

    def facts(self) -> Facts:
        """Whose own films, and in which order."""
        named = {seat: (f"juror {seat[0]}", f"film {seat[1]}") for seat in self.marks}
        return Facts(
            own={named[seat] for seat in self.own},
            order={named[seat]: float(self.place[seat]) for seat in self.marks},
        )


def fair_jury(
    seed: int, jurors: int, films: int, each: int, noise: float = 0.6, together: bool = False
) -> Jury:
    """A jury of its time: severities, scales a little apart, half points, random orders.

    `each` jurors see a film; two, if they are to be `together`, see the same films.
    """
    chance = np.random.default_rng([seed, jurors, films])
    jury = Jury(jurors, films, chance)
    panels = _panels(jury, each, together)
    for juror in range(jurors):
        seen = [film for film in range(films) if juror in panels[film]]
        for at, film in enumerate(chance.permutation(seen).tolist()):
            jury.place[juror, film] = at + 1
    worth = chance.normal(6, 1.2, films)
    of_criteria = chance.normal(0, 0.5, (films, CRITERIA))
    severity = chance.normal(0, 0.4, jurors)
    scale = np.clip(chance.normal(1, 0.1, jurors), 0.7, 1.3)
    for film, panel in enumerate(panels):
        for juror in panel:
            seen_as = worth[film] + severity[juror] + (scale[juror] - 1) * (worth[film] - 6)
            moods = chance.normal(0, noise / 2**0.5, CRITERIA + 1)
            jury.marks[juror, film] = seen_as + of_criteria[film] + moods[0] + moods[1:]
            if chance.random() < 0.35:
                jury.own.add((juror, film))
    return jury


def _panels(jury: Jury, each: int, together: bool) -> list[list[int]]:
    load = np.zeros(jury.jurors)
    panels = []
    for _ in range(jury.films):
        panel = np.lexsort((jury.chance.random(jury.jurors), load))[:each].tolist()
        if together and ODD in panel and PARTNER not in panel:
            panel = [ODD, PARTNER, *[one for one in panel if one != ODD][: each - 2]]
        load[panel] += 1
        panels.append(panel)
    return panels


def rounded(jury: Jury) -> Jury:
    """Marks in half points, as people give them."""
    for seat, marks in jury.marks.items():
        jury.marks[seat] = np.round(2 * marks) / 2
    return jury


def planted(jury: Jury, how: str) -> Jury:
    """The first juror made odd; marks in half points."""
    seen = Counter(juror for juror, _ in jury.marks)[ODD]
    rounded(jury)
    for seat, marks in jury.marks.items():
        if seat[0] == ODD:
            jury.marks[seat] = np.round(2 * _odd(jury, seat, marks, how, seen)) / 2
    return jury


def _odd(
    jury: Jury, seat: Seat, marks: NDArray[np.float64], how: str, seen: int
) -> NDArray[np.float64]:
    chance, place = jury.chance, jury.place[seat]
    moods = chance.normal(0, 1.6 / 2**0.5, CRITERIA + 1)
    partner = jury.marks.get((PARTNER, seat[1]), marks)
    ways: dict[str, NDArray[np.float64]] = {
        "noise": marks + moods[0] + moods[1:],
        "flat": np.full(CRITERIA, 7.0) + 0.5 * (chance.random() < 0.05),
        "halo": np.full(CRITERIA, marks.mean()) + chance.normal(0, 0.1, CRITERIA),
        "copies": partner if chance.random() < 0.9 else marks,
        "repeats": np.full(CRITERIA, (6.0, 7.0, 8.5)[place % 3]),
        "drift": marks + 3.0 * (place / seen - 0.5),
        "own": marks + (seat in jury.own),
        "severity": marks - 2.5,
    }
    return ways[how]


def shuffled(jury: Jury, within_films: bool) -> Jury:
    """The ballots' marks dealt anew: among all, or among those who saw the same film."""
    rounded(jury)
    groups: dict[int, list[Seat]] = {}
    for seat in jury.marks:
        groups.setdefault(seat[1] if within_films else 0, []).append(seat)
    for seats in groups.values():
        dealt = [jury.marks[seats[at]] for at in jury.chance.permutation(len(seats))]
        jury.marks.update(zip(seats, dealt, strict=True))
    return jury
