"""What a ranking says, by whichever method: one shape for people, pages and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contest.rulebook.scoring import Weights
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics import reliability
from contest.rulebook.statistics.mixed import Variance

SEED = 1
SMOOTHEST = 6
"""Decimals at which a model's floats are compared where the rules publish no precision."""


@dataclass(frozen=True)
class Settings:
    """How results are told: `top` films go on, `decimals` are published, a film needs `quorum`.

    `weights` are of the criteria, `tie_chain` parts what is equal as published; `seed` starts
    chance.
    """

    weights: Weights
    top: int = 1
    decimals: int | None = None
    quorum: int = 1
    tie_chain: tuple[str, ...] = ()
    seed: int = SEED


@dataclass(frozen=True)
class Item:
    """One item. NaN stands for what can't be known.

    `estimate` is the method's own number: of a model the score that the mean judge would have
    given, of a rule its score, of an election what it counts. `raw` is the plain mean of the scores
    as given. `se` is the standard deviation of the estimate's error. `p_first`, `p_top` and
    `p_above_next` are chances from 0 to 1. `n` is the number of judges whose scores count, `part`
    the part of the jury it was ranked in, from 1. Without a place, `why` says what is lacking.
    """

    item: str
    place: int | None
    shared: int
    estimate: float
    se: float
    p_first: float
    p_top: float
    p_above_next: float
    n: int
    raw: float
    part: int
    why: tuple[Sentence, ...]


@dataclass(frozen=True)
class Judge:
    """One judge: `severity` is what their scores lie above (milder) or below the mean judge's.

    `scale` is what one point between films is to them, around 1.
    """

    judge: str
    severity: float
    se: float
    scale: float
    n: int
    flags: tuple[Sentence, ...]


@dataclass(frozen=True)
class Reliability:
    """The share of a single score's variance that is the item, and the jurors needed for .8."""

    single: float
    jurors_needed: float


@dataclass(frozen=True)
class Result:
    """Everything a ranking says. `items` from the first place down, part after part.

    `mean` is what the mean juror gives the mean item, by the model beside the method or behind it.
    """

    method: str
    items: Sequence[Item]
    judges: Sequence[Judge]
    mean: float
    variance: Variance
    reliability: Reliability
    warnings: Sequence[Sentence]


def reliability_of(variance: Variance) -> Reliability:
    """Of a single score, severity counting as error."""
    share = reliability.single(variance)
    return Reliability(share, reliability.jurors_needed(share))
