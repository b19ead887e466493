"""Who watches what, in which order: hard rules kept, loads even, pairs spread, from a seed.

Hard rules: no juror sees a film that a conflict, a common school or the like, a refusal or its
languages bar them from, or a film twice; each film is seen by as many different jurors as it shall
have; nobody takes fewer or more films than they said; what was given stays. Films are dealt, handed
on until loads are even, exchanged until pairs are spread, and the pieces that are left are joined.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from contest.rulebook.assignment import words
from contest.rulebook.assignment.blocking import blockages, hungry
from contest.rulebook.assignment.connecting import connect
from contest.rulebook.assignment.flow import even_out, fill
from contest.rulebook.assignment.plans import Infeasible, Plan, planned
from contest.rulebook.assignment.problem import Problem
from contest.rulebook.assignment.spreading import spread
from contest.rulebook.assignment.table import Table, laid


def deal(problem: Problem, seed: int | str) -> Plan | Infeasible:
    """Deal every film to jurors until it has as many as it shall have.

    The same problem and seed give the same plan, in whatever order films and jurors come.
    """
    chance = Random(f"{seed}/deal")  # noqa: S311  # reproducible, and no secret
    table = laid(problem)
    if stuck := fill(table, chance):
        return words.blocked(problem, table, blockages(table, stuck))
    even_out(table)
    if short := hungry(table):
        return words.underfed(problem, table, short)
    gap = _gap(table)
    if problem.within is not None and gap > problem.within:
        return _uneven(problem, table, gap, problem.within)
    spread(table, chance)
    connect(table, chance)
    plan = planned(problem, table, seed)
    return replace(plan, notes=tuple(words.notes(problem, table, plan)))


def _gap(table: Table) -> int:
    """How many films more somebody is dealt than somebody has who could take another."""
    dealt = np.array([bool(held) for held in table.held], dtype=bool) & (table.loads > table.least)
    roomy = table.loads < table.most
    if not (dealt.any() and roomy.any()):
        return 0
    return int(table.loads[dealt].max() - table.loads[roomy].min())


def _uneven(problem: Problem, table: Table, gap: int, within: int) -> Infeasible:
    """Which films keep loads further apart than `within`.

    The evenest plan has the greatest smallest load, so nobody may have more than that and `within`;
    what is in the way of a plan where nobody has is what keeps loads apart.
    """
    lowest = int(table.loads[table.loads < table.most].min())
    capped = laid(problem)
    enough = np.maximum(lowest + within, capped.least)
    capped.most = np.maximum(capped.loads, np.minimum(capped.most, enough))
    stuck = fill(capped, Random(0))  # noqa: S311  # chance decides nothing here
    found = blockages(capped, stuck) if stuck else ()
    return words.uneven(problem, capped, found, lowest, gap)
