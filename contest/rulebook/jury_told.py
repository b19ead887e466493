"""What a model of films and jurors told at a round's closing, in the form it is kept and shown in.

Numbers are on the scale of the marks unless said otherwise, rounded so that they are the same on
every machine; None stands for what can't be known, such as a chance where only one juror scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from contest.rulebook.sentences import Sentence

NINE_IN_TEN = 1.645
"""Standard errors to either side that hold nine chances in ten of a normal distribution."""

Met = tuple[str, str]
"""A juror and a film, by their keys."""


@dataclass(frozen=True)
class Circumstances:
    """What is known of who met which film, for the questions put to a jury; it moves no place.

    `own` are jurors and films of one country, `order` where a film came in its juror's evening.
    """

    own: frozenset[Met] = frozenset()
    order: Mapping[Met, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FilmTold:
    """One film: the plain mean of its jurors, the same corrected for who they were, and chances.

    `se` is the standard error of the corrected score; `first`, `top` (to go on, or to be among the
    first places that count) and `above_next` are chances from 0 to 1.
    """

    raw: float | None
    corrected: float | None
    se: float | None
    first: float | None
    top: float | None
    above_next: float | None

    @property
    def low(self) -> float | None:
        """With nine chances in ten the corrected score lies between this and `high`."""
        return self._beside(-NINE_IN_TEN)

    @property
    def high(self) -> float | None:
        """The other end of that interval; None where the error isn't known."""
        return self._beside(NINE_IN_TEN)

    def _beside(self, errors: float) -> float | None:
        if self.corrected is None or self.se is None:
            return None
        return self.corrected + errors * self.se

    def to_json(self) -> dict[str, Any]:
        """As a standing keeps it, and a bundle."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FilmTold:
        """What `to_json` told."""
        return cls(**stored)


@dataclass(frozen=True)
class SeatTold:
    """One juror: `severity` is how far their marks lie above (milder) or below the mean juror's.

    `scale` is what one point between films is to them, around 1; `moved` what their severity moves
    each of their films by, on average. Without them another film would be first (`changes_first`),
    or others go on (`changes_top`); `flags` invite to talk. All of this changes nothing.
    """

    seat: str
    n: int
    severity: float | None
    se: float | None
    scale: float | None
    moved: float | None
    changes_first: bool
    changes_top: bool
    flags: tuple[Sentence, ...]

    @property
    def low(self) -> float:
        """With nine chances in ten the severity lies between this and `high`."""
        return (self.severity or 0) - NINE_IN_TEN * (self.se or 0)

    @property
    def high(self) -> float:
        """The other end of that interval."""
        return (self.severity or 0) + NINE_IN_TEN * (self.se or 0)

    def to_json(self) -> dict[str, Any]:
        """As one of the seats of `JuryTold`."""
        return {**asdict(self), "flags": [each.to_json() for each in self.flags]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SeatTold:
        """What `to_json` told."""
        return cls(**{**stored, "flags": tuple(map(Sentence.from_json, stored["flags"]))})


@dataclass(frozen=True)
class CutTold:
    """Where `top` places end. `films` have between 1 and 9 chances in 10 to be above.

    Their corrected scores lie between `low` and `high`; `more_scores` of such jurors would decide
    all but `too_close` of them, which are too much alike for that.
    """

    top: int
    films: int
    low: float | None
    high: float | None
    more_scores: int
    too_close: int


@dataclass(frozen=True)
class JuryTold:
    """The jury as a whole. Variances of a score: the film's part, the juror's, and the rest.

    `single` is the share of one score's variance that is the film; so many as `jurors_needed` make
    a share of .8. All films' intervals lie between `lowest` and `highest`.
    """

    seats: tuple[SeatTold, ...]
    film: float | None
    juror: float | None
    rest: float | None
    single: float | None
    jurors_needed: float | None
    lowest: float | None
    highest: float | None
    cut: CutTold
    warnings: tuple[Sentence, ...]

    def to_json(self) -> dict[str, Any]:
        """As a closed round keeps it."""
        return {
            **asdict(self),
            "seats": [each.to_json() for each in self.seats],
            "warnings": [each.to_json() for each in self.warnings],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> JuryTold:
        """What `to_json` told."""
        return cls(
            **{
                **stored,
                "seats": tuple(map(SeatTold.from_json, stored["seats"])),
                "cut": CutTold(**stored["cut"]),
                "warnings": tuple(map(Sentence.from_json, stored["warnings"])),
            }
        )
