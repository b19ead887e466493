"""A closed round in one file: ballots, rule and what was frozen, so that anybody can count again.

The file is JSON, with seats instead of names and films by their numbers:

    {"palmares": 1, "edition": "…", "round": "…", "closed_at": "…Z",
     "rule": {"method", "weights": {criterion: "50"}, "precision", "tie_chain", "quorum",
              "highest"},
     "top": films that go on, "seed": …, "software": "…", "rules": SHA-256 of the rules,
     "films": [7, 12], "ballots": [[seat, film, state, {criterion: mark}]],
     "ballots_digest": SHA-256 of the ballots,
     "standings": [{"film", "place", "score", "model": `FilmTold` or null}]}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

from contest.rulebook.bundle_parts import (
    BundleRefused,
    Line,
    line_of,
    mapping,
    once,
    part,
    rows,
    rule_of,
    text,
    whole,
)
from contest.rulebook.jury_told import FilmTold
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import ScreeningStage
from contest.rulebook.tallies import Ballot
from contest.rulebook.verdict import Verdict, VerdictRule, reach

FORMAT = 1
NEARLY = 0.002
"""How far a model's numbers may lie apart on two machines, which add floats in different orders."""


@dataclass(frozen=True)
class Bundle:
    """What was counted, by which rule, and what came of it."""

    rule: VerdictRule
    top: int
    seed: int
    films: tuple[int, ...]
    ballots: tuple[Line, ...]
    ballots_digest: str
    standings: Mapping[int, Mapping[str, Any]]

    @classmethod
    def from_json(cls, told: Any) -> Bundle:
        """Raises `BundleRefused`."""
        if not isinstance(told, dict) or told.get("palmares") != FORMAT:
            raise BundleRefused(f"It is not a bundle of a round, in format {FORMAT}.")
        bundle = cls(
            rule=rule_of(part(told, "rule")),
            top=whole(part(told, "top"), "top", least=1),
            seed=whole(part(told, "seed"), "seed", most=2**63),
            films=tuple(whole(each, "film") for each in rows(part(told, "films"), "films")),
            ballots=tuple(map(line_of, rows(part(told, "ballots"), "ballots"))),
            ballots_digest=text(part(told, "ballots_digest"), "ballots_digest"),
            standings=_standings(rows(part(told, "standings"), "standings")),
        )
        once(bundle.films, "film")
        once(((seat, film) for seat, film, _, _ in bundle.ballots), "the ballot of seat and film")
        if strange := {film for _, film, _, _ in bundle.ballots} - set(bundle.films):
            raise BundleRefused(f"Film {min(strange)} has a ballot, and is not among its films.")
        return bundle


def _standings(told: list[Any]) -> dict[int, Mapping[str, Any]]:
    films = [whole(part(each, "film"), "film of a standing") for each in told]
    once(films, "a standing of film")
    for each in told:
        if each.get("model") is not None:
            mapping(each["model"], "model of a film")
    return dict(zip(films, told, strict=True))


def rule_to_json(rule: VerdictRule) -> dict[str, Any]:
    """The rule as a bundle and a round keep it."""
    return {
        "method": rule.method,
        "weights": {key: str(weight) for key, weight in rule.weights.items()},
        "precision": rule.decimals,
        "tie_chain": list(rule.tie_chain),
        "quorum": rule.quorum,
        "highest": rule.highest,
    }


def key_of(film: int) -> str:
    """What explanations call a film: they may be published, and tell its number, not its title."""
    return f"#{film}"


def ballot_of(line: Line) -> Ballot:
    """A line as the rulebook counts it."""
    seat, film, state, marks = line
    return Ballot(str(seat), key_of(film), marks, ScreeningStage(state))


def digest(ballots: Iterable[Line]) -> str:
    """SHA-256 of the ballots as JSON: seat, film, state and marks, in that order.

    The same ballots give the same digest in whatever order they come.
    """
    lines = sorted(
        ([seat, film, state, dict(marks)] for seat, film, state, marks in ballots),
        key=lambda line: line[:3],
    )
    text = json.dumps(lines, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def recompute(bundle: Bundle) -> list[Sentence]:
    """Count a bundle again; what is not as it was frozen, nothing when all of it is."""
    verdict = reach(
        [ballot_of(line) for line in bundle.ballots],
        bundle.rule,
        films=[key_of(film) for film in bundle.films],
        top=bundle.top,
        seed=bundle.seed,
    )
    return [*_ballots_differ(bundle), *_standings_differ(bundle, verdict)]


def _ballots_differ(bundle: Bundle) -> Iterator[Sentence]:
    found = digest(bundle.ballots)
    if found != bundle.ballots_digest:
        yield Sentence(
            "The ballots are not those that were counted: their digest is %(found)s, not"
            " %(frozen)s.",
            found=found,
            frozen=bundle.ballots_digest,
        )


def _standings_differ(bundle: Bundle, verdict: Verdict) -> Iterator[Sentence]:
    counted = {each.entry: each for each in verdict.placings}
    for film in sorted(set(bundle.films) - bundle.standings.keys()):
        yield Sentence("Film %(film)s took part, and has no standing.", film=film)
    for film, frozen in bundle.standings.items():
        now = counted.get(key_of(film))
        if now is None:
            yield Sentence("Film %(film)s has a place, and is not among the films.", film=film)
        elif (now.place, now.shown) != (frozen.get("place"), frozen.get("score")):
            yield Sentence(
                "Film %(film)s: place %(place)s with %(score)s was frozen; counted again it is"
                " place %(now)s with %(shown)s.",
                film=film,
                place=frozen.get("place") or "—",
                score=frozen.get("score") or "—",
                now=now.place or "—",
                shown=now.shown or "—",
            )
        elif not _alike(verdict.films.get(key_of(film)), frozen.get("model")):
            yield Sentence("Film %(film)s: its corrected score or its chances differ.", film=film)


def _alike(counted: FilmTold | None, frozen: Mapping[str, Any] | None) -> bool:
    mine = counted.to_json() if counted else {}
    theirs = frozen or {}
    return mine.keys() == theirs.keys() and all(_near(mine[key], theirs[key]) for key in mine)


def _near(one: float | None, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return isinstance(other, int | float) and isclose(one, other, abs_tol=NEARLY)
