"""More jurors where they decide most: at the cut line, and at the top.

A film far above the cut or far below it stays there whatever one more juror says. What one more
score is worth is how unsure it is that the film is among the first k, and that it is the first,
both as the standard deviation of a yes or no (the root of p (1 - p)), times the share of the doubt
about the film that the score would take away: v t / (1 + v t), where v is the variance of the
film's estimate and t how much a score of that juror tells. The scores worth most are dealt one
after another, each counted as given before the next is weighed. So the jurors who tell most go
where most is to be decided, and loads stay even all the same.

A rule in the manner of the knowledge gradient (Frazier, Powell & Dayanik 2008), which weighs what
one more measurement is expected to gain; chosen among such rules by simulation (`benchmarks/jury`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from contest.rulebook.assignment import words
from contest.rulebook.assignment.blocking import blockages
from contest.rulebook.assignment.flow import even_out, fill
from contest.rulebook.assignment.plans import Infeasible, Plan, planned
from contest.rulebook.assignment.problem import Problem
from contest.rulebook.assignment.table import Amounts, Counts, Table, laid, standing

WINNER = 1.0
"""What doubt about the first place weighs beside doubt about the cut."""

LEAST_WORTH = 1e-9
"""Even a score that decides nothing is worth a little: a budget is spent."""

EQUAL = 1e-6
"""Among jurors who tell as much to this part, chance decides."""

MOST_FILMS = 500
"""So many of the most doubtful films are weighed."""


@dataclass(frozen=True)
class Belief:
    """What the scores so far say of a film: the variance of its estimate, and its chances."""

    variance: float
    p_top: float
    p_first: float

    @property
    def doubt(self) -> float:
        """How much there is to decide about the film."""
        at_cut = max(0.0, self.p_top * (1 - self.p_top))
        at_top = max(0.0, self.p_first * (1 - self.p_first))
        return float(np.sqrt(at_cut) + WINNER * np.sqrt(at_top))


def deal_more(
    problem: Problem,
    beliefs: Mapping[str, Belief],
    telling: Mapping[str, float],
    extra: int,
    seed: int | str,
) -> Plan | Infeasible:
    """Deal what films lack, as `deal` does, and then `extra` screenings where they decide most.

    `beliefs` are by film; one without is dealt none of these. `telling` is, by juror, how much one
    score tells: 1 / variance of the juror's noise, in the unit of the beliefs' variances; a juror
    without tells as much as the middle one. Hard rules hold, and loads are as even after it as
    conflicts leave them. Fewer than `extra` are dealt where no more can be; nothing that waits is
    taken back, though its film has more jurors than others.
    """
    table = laid(_keeping(problem))
    chance = Random(f"{seed}/deal")  # noqa: S311  # reproducible, and no secret
    if stuck := fill(table, chance):
        return words.blocked(problem, table, blockages(table, stuck))
    even_out(table)
    _add(table, _weighed(problem, table, beliefs, telling, chance), extra)
    plan = planned(problem, table, seed)
    return replace(plan, notes=tuple(words.notes(problem, table, plan)))


def _keeping(problem: Problem) -> Problem:
    """The problem with no film having more jurors than it shall have."""
    filled = Counter(film for _, film in standing(problem))
    films = (
        replace(film, per_film=max(problem.jurors_for(film), filled[film.key]))
        for film in problem.films
    )
    return replace(problem, films=tuple(films))


@dataclass
class _Weighed:
    """The films in question: `films` (n) by number, the `doubt` and `variance` of each.

    `telling` is by juror (m).
    """

    films: Counts
    doubt: Amounts
    variance: Amounts
    telling: Amounts

    def worth(self, table: Table, rows: slice) -> Amounts:
        """What one more score of these films is worth, by juror; 0 where it can't be had."""
        told = self.variance[rows, None] * self.telling
        worth = self.doubt[rows, None] * told / (1 + told)
        return np.where(table.open[self.films[rows]], worth, 0.0)


def _weighed(
    problem: Problem,
    table: Table,
    beliefs: Mapping[str, Belief],
    telling: Mapping[str, float],
    chance: Random,
) -> _Weighed:
    """The most doubtful films; scores of what is dealt and not scored yet count as given."""
    usual = float(np.median([telling[key] for key in sorted(telling)])) if telling else 1.0
    tells = np.array([max(0.0, telling.get(key, usual)) for key in table.jurors])
    tells *= 1 + np.array([chance.random() for _ in table.jurors]) * EQUAL
    number = {key: at for at, key in enumerate(table.films)}
    known = sorted(number[key] for key in beliefs if key in number)
    known.sort(key=lambda film: -beliefs[table.films[film]].doubt)
    films = np.array(known[:MOST_FILMS], dtype=np.int64)
    seen = [beliefs[table.films[film]] for film in films]
    found = _Weighed(
        films=films,
        doubt=np.array([each.doubt + LEAST_WORTH for each in seen]),
        variance=np.array([each.variance for each in seen]),
        telling=tells,
    )
    seat = {key: at for at, key in enumerate(table.jurors)}
    coming = dict.fromkeys(range(len(table.films)), 0.0)
    for film, jurors in enumerate(table.dealt):
        coming[film] += float(tells[jurors].sum())
    for juror, key in sorted(problem.waiting & standing(problem)):
        coming[number[key]] += float(tells[seat[juror]])
    found.variance /= 1 + found.variance * np.array([coming[film] for film in films.tolist()])
    return found


def _add(table: Table, weighed: _Weighed, extra: int) -> None:
    """Deal `extra` screenings, each where it is worth most, nobody far ahead of the others."""
    worth = weighed.worth(table, slice(None))
    for left in range(min(extra, int((worth > 0).sum())), 0, -1):
        able = (table.loads < table.most) & (worth.max(axis=0, initial=0) > 0)
        if not able.any():
            return
        level, over = _level(table.loads[able], table.most[able], left)
        ready = able & (table.loads < level + (over > 0))
        best = np.where(ready, worth, 0.0)
        row, juror = divmod(int(best.argmax()), len(table.jurors))
        table.give(juror, int(weighed.films[row]))
        weighed.variance[row] /= 1 + weighed.variance[row] * weighed.telling[juror]
        worth[row] = weighed.worth(table, slice(row, row + 1))[0]


def _level(loads: Counts, most: Counts, extra: int) -> tuple[int, int]:
    """How many films everybody may have after `extra` more, and how many jurors one more."""
    level, left = int(loads.min()), extra
    while True:
        more = int(((loads <= level) & (most > level)).sum())
        if more > left or not (most > level).any():
            return level, left
        level, left = level + 1, left - more
