"""What an audit says: one shape for people, pages and other programs. NaN: can't be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.audit.own import Overall


@dataclass(frozen=True)
class Flag:
    """An invitation to talk with a juror; `p` is how often chance alone stands out as far.

    `question` is one of noise, flat, halo, copies, repeats, drift, own, severity.
    """

    question: str
    p: float
    says: Sentence


@dataclass(frozen=True)
class Own:
    """What films of a juror's own (country, school, …) get beyond their others, in points.

    `number` counts them; `p` is how often chance alone gives as much, NaN for too few films.
    """

    bonus: float
    se: float
    p: float
    number: int


@dataclass(frozen=True)
class Judge:
    """One juror, in points of the scores' scale.

    `severity` above 0 is milder than the mean juror; `scale` is what one point between films is to
    them, around 1; `noise` the standard deviation of their noise. `infit` and `outfit` are about 1,
    more where marks are less steady than the model expects. `halo` is how much more their criteria
    agree than the others' (a difference of correlations), `drift` what their last film got beyond
    what their first would have, `own` None where nothing was asked. Without this juror, `first`
    would stand first and `top` reach the cut, or share it.
    """

    judge: str
    number: int
    severity: float
    se: float
    scale: float
    noise: float
    infit: float
    outfit: float
    halo: float
    drift: float
    drift_p: float
    own: Own | None
    first: tuple[str, ...]
    top: tuple[str, ...]
    changes_winner: bool
    changes_top: bool
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Alike:
    """Two jurors with nearly all marks equal on the films both judged."""

    judges: tuple[str, str]
    films: int
    marks: int
    equal: int
    usual: float
    p: float
    says: Sentence


@dataclass(frozen=True)
class Effect:
    """Something of the whole jury, in points: with films and jurors at random, and fixed.

    `number` counts the ballots it is about.
    """

    mixed: Overall | None
    fixed: Overall | None
    number: int


@dataclass(frozen=True)
class Test:
    """A question asked of `tested` jurors or pairs; `deals` is how many
    times at most chance dealt anew for each, 0 where its chance is exact.

    `fdr` bounds the share of false flags among its flags.
    """

    question: str
    tested: int
    deals: int
    fdr: float


@dataclass(frozen=True)
class Audit:
    """Judges and pairs in the order of names; `first` and `top` are of the whole jury."""

    judges: Sequence[Judge]
    pairs: Sequence[Alike]
    favouritism: Effect | None
    drift: Effect | None
    first: tuple[str, ...]
    top: tuple[str, ...]
    tests: Sequence[Test]
    warnings: Sequence[Sentence]
