"""Places from numbers: equal as published, then the edition's chain, then shared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

import numpy as np

from contest.rulebook.scoring import published
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.arrays import Whole
from contest.rulebook.statistics.results import SMOOTHEST, Settings
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.tallies import Ballot, Trimming, count
from contest.rulebook.ties import Terms, separate

BallotsOf = Callable[[Collection[str]], Iterable[Ballot]]
"""The exact ballots on some items: asked for where a tie must be decided, and only there."""

Trail = dict[str, list[Sentence]]
FLOATING = 9
"""Decimals after which a float is noise."""


def exact(value: float) -> Fraction:
    """A model's float without the digits that are noise."""
    return Fraction(f"{value:.{FLOATING}f}")


def in_order(
    values: Mapping[str, float], settings: Settings, terms: Terms, ballots_of: BallotsOf
) -> tuple[list[list[str]], Trail]:
    """Groups that share a place, the best first, and what was found where values were equal."""
    trail: Trail = {}
    decimals = SMOOTHEST if settings.decimals is None else settings.decimals
    shown = {item: published(exact(value), decimals) for item, value in values.items()}
    sign = 1 if terms.lower_wins else -1
    ordered = sorted(shown, key=lambda item: (sign * shown[item], item))
    groups: list[list[str]] = []
    for _, run in groupby(ordered, key=lambda item: shown[item]):
        groups.extend(parted(list(run), settings, terms, ballots_of, trail))
    return groups, trail


def parted(
    equal: list[str], settings: Settings, terms: Terms, ballots_of: BallotsOf, trail: Trail
) -> list[list[str]]:
    """Equal items as far as the tie chain parts them; what it found goes to their `trail`."""
    if len(equal) == 1 or not settings.tie_chain:
        return [equal]
    trail.update((item, []) for item in equal)
    tallies = count(ballots_of(equal), equal, settings.weights, Trimming())
    parts = separate(tallies, settings.tie_chain, terms, trail)
    return [[tally.entry for tally in part] for part in parts]


def following(scores: Scores, groups: Iterable[Sequence[str]]) -> Whole:
    """For each item the index of one on the next place below, -1 where there is none (items)."""
    at = {item: index for index, item in enumerate(scores.items)}
    found = np.full(len(scores.items), -1)
    before: Sequence[str] = ()
    for group in groups:
        first = min(at[item] for item in group)
        for item in before:
            found[at[item]] = first
        before = group
    return found
