"""What there is to deal: films, jurors, what bars one from the other, and what stands already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Pair = tuple[str, str]
"""A juror and a film, by their keys."""

Tie = tuple[str, str]
"""What a film and a juror may have in common: a kind such as `school`, and which one."""


class Bar(StrEnum):
    """Why a juror may not be dealt a film, the plainest reason first."""

    GIVEN = "given"
    CONFLICT = "conflict"
    TIE = "tie"
    REFUSAL = "refusal"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Film:
    """A film to be judged.

    `languages` are all that is spoken in it, `subtitles` those it can be read in: a juror
    understands every language spoken or one of the subtitles. A film without words has neither.
    `per_film` is how many jurors it shall have, where that is not the number for all.
    """

    key: str
    languages: frozenset[str] = frozenset()
    subtitles: frozenset[str] = frozenset()
    ties: frozenset[Tie] = frozenset()
    per_film: int | None = None


@dataclass(frozen=True)
class Juror:
    """A juror who sits. `languages` None: nothing is known, so no film is too foreign.

    `minimum` and `maximum` are films in all, those dealt earlier included. `refuses` and
    `wishes` are keys of films: refusals always hold, wishes settle what is otherwise equal.
    """

    key: str
    languages: frozenset[str] | None = None
    ties: frozenset[Tie] = frozenset()
    refuses: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True)
class Problem:
    """Films, jurors and the hard rules between them.

    `given` screenings stay and fill places, whether or not their juror still sits; one that is
    also a conflict (a recusal) fills none. Of these, `waiting` have no mark yet: where a film has
    more places filled than `per_film` asks, waiting ones may be taken back. `within` is how many
    films two jurors' loads may differ by; None takes the evenest plan there is. `from_now` counts
    only films dealt now as load, so that late jurors don't catch up. `film_names`, `juror_names`
    and `tongues` (of languages, by their tags) are what sentences call them instead of their keys.
    Raises ValueError where the numbers make no sense.
    """

    films: tuple[Film, ...]
    jurors: tuple[Juror, ...]
    per_film: int
    conflicts: frozenset[Pair] = frozenset()
    given: frozenset[Pair] = frozenset()
    waiting: frozenset[Pair] = frozenset()
    within: int | None = 1
    from_now: bool = False
    film_names: Mapping[str, str] = field(default_factory=dict)
    juror_names: Mapping[str, str] = field(default_factory=dict)
    tongues: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.per_film < 1:
            raise ValueError("each film needs at least one juror")
        if any(each.per_film is not None and each.per_film < 0 for each in self.films):
            raise ValueError("a film can't have fewer than no jurors")
        if self.within is not None and self.within < 1:
            raise ValueError("loads can't be asked to be closer than one film")
        if not self.waiting <= self.given:
            raise ValueError("what waits must have been given")
        for juror in self.jurors:
            if not 0 <= juror.minimum <= (juror.maximum if juror.maximum is not None else 1 << 30):
                raise ValueError(f"{juror.key} can't take at least more films than at most")
        _all_different("film", (each.key for each in self.films))
        _all_different("juror", (each.key for each in self.jurors))

    def jurors_for(self, film: Film) -> int:
        """How many jurors the film shall have."""
        return self.per_film if film.per_film is None else film.per_film

    def bar(self, film: Film, juror: Juror) -> Bar | None:
        """Why the juror may not be dealt the film now; None where they may."""
        pair = juror.key, film.key
        if pair in self.conflicts:
            return Bar.CONFLICT
        if pair in self.given:
            return Bar.GIVEN
        if film.ties & juror.ties:
            return Bar.TIE
        if film.key in juror.refuses:
            return Bar.REFUSAL
        return None if understands(juror.languages, film) else Bar.LANGUAGE


def understands(languages: frozenset[str] | None, film: Film) -> bool:
    """Whether somebody of these languages can follow the film by ear or by its subtitles."""
    if languages is None or not film.languages:
        return True
    known = {tongue(each) for each in languages}
    spoken = {tongue(each) for each in film.languages}
    return spoken <= known or not known.isdisjoint(tongue(each) for each in film.subtitles)


def tongue(tag: str) -> str:
    """The language of a tag, whatever its script or region: `zh` of `zh-Hans-CN`."""
    return tag.replace("_", "-").partition("-")[0].strip().casefold()


def _all_different(what: str, keys: Iterable[str]) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"the {what} {key} is there twice")
        seen.add(key)
