"""Chances of an election: its ballots are drawn anew with replacement and counted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from contest.rulebook.elections import Election, Preference, hold
from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.chances import FEWEST, MOST, WORK, Draw
from contest.rulebook.statistics.scores import Scores

BUDGET = 4_000_000
"""Steps of all recounts that are made film by film."""
ENOUGH = 1_000
MOST_NUMBERS = 30_000_000
"""Numbers in the table of who holds whom above whom: (judges, items, items)."""


def recounts(
    ballots: Sequence[Preference], scores: Scores, election: Election
) -> tuple[Draw, int] | None:
    """Draws of each item's count, in the order of `scores`, and how many to take; or None.

    None where there is one ballot, or where counting again would take minutes.
    """
    at = {judge: index for index, judge in enumerate(scores.judges)}
    ordered = sorted((each for each in ballots if each.judge in at), key=lambda b: at[b.judge])
    items = len(scores.items)
    if len(ordered) < 2:
        return None
    if election is Election.COPELAND:
        if len(ordered) * items**2 > MOST_NUMBERS:
            return None
        draws = int(np.clip(WORK // items**2, FEWEST // 10, MOST))
        return _copeland(ordered, scores), draws
    steps = items**3 + len(ordered) * items**2
    draws = min(ENOUGH, BUDGET // steps)
    return (_counted(ordered, scores, election), draws) if draws >= FEWEST // 100 else None


def _weights(ballots: int, count: int, chance: np.random.Generator) -> Floats:
    """How often each ballot is drawn (count, ballots)."""
    return chance.multinomial(ballots, np.full(ballots, 1 / ballots), count).astype(np.float64)


def _copeland(ballots: Sequence[Preference], scores: Scores) -> Draw:
    items = len(scores.items)
    above = np.stack([_above(ballot, scores) for ballot in ballots]).reshape(len(ballots), -1)
    fine = 1.0 / (len(ballots) * items + 1)

    def draw(count: int, chance: np.random.Generator) -> Floats:
        found = np.empty((items, count))
        step = max(1, MOST_NUMBERS // items**2 // 4)
        for low in range(0, count, step):
            some = min(step, count - low)
            favour = (_weights(len(ballots), some, chance) @ above).reshape(some, items, items)
            against = favour.transpose(0, 2, 1)
            won = ((favour > against) + (favour == against) / 2).sum(2) - 0.5
            found[:, low : low + some] = (won + fine * favour.sum(2)).T
        return found

    return draw


def _above(ballot: Preference, scores: Scores) -> Floats:
    """Whether the ballot holds the item of the row above that of the column (items, items)."""
    at = {item: index for index, item in enumerate(scores.items)}
    tier = np.full(len(scores.items), -1)
    for rank, items in enumerate(ballot.tiers):
        for item in items:
            if item in at:
                tier[at[item]] = rank
    seen = tier >= 0
    return np.where(seen[:, None] & seen[None, :], tier[:, None] < tier[None, :], False).astype(
        np.float64
    )


def _counted(ballots: Sequence[Preference], scores: Scores, election: Election) -> Draw:
    def draw(count: int, chance: np.random.Generator) -> Floats:
        found = np.empty((len(scores.items), count))
        for at, drawn in enumerate(_weights(len(ballots), count, chance).astype(int).tolist()):
            weighed = [
                replace(ballot, weight=times)
                for ballot, times in zip(ballots, drawn, strict=True)
                if times
            ]
            outcome = hold(election, weighed, scores.items)
            found[:, at] = [float(outcome[item].score) for item in scores.items]
        return found

    return draw
