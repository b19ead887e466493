"""Ranked ballots: Copeland, Schulze and instant-runoff, counted exactly.

A ballot is a juror's order of films, equals together; a film that isn't on it has not been judged
by that juror, who then has no say in its duels. A film that the juror was free to rank and left
out belongs in the last tier: `preferences` puts it there when told to.

Sources: Copeland 1951, with judges in favour to part equals (the one-by-one rule of the
International Skating Union, 1998 to 2004); Schulze 2011, winning votes; instant-runoff with equal
shares of a ballot's first tier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations, groupby

from contest.rulebook.scoring import Mark


class Election(StrEnum):
    """How ranked ballots become places."""

    COPELAND = "copeland"
    """Duels won, drawn ones half; then judges in favour over all duels."""
    SCHULZE = "schulze"
    """Films beaten by strongest paths of won duels."""
    IRV = "irv"
    """The film with the fewest first preferences goes out, again and again."""


@dataclass(frozen=True)
class Preference:
    """One juror's order: tiers of equals, the best first. It counts as `weight` jurors."""

    judge: str
    tiers: tuple[tuple[str, ...], ...]
    weight: int = 1


@dataclass(frozen=True)
class Count:
    """What was counted for one film, as it is compared: the greater `key` goes first."""

    key: tuple[Fraction, ...]

    @property
    def score(self) -> Fraction:
        """The first thing compared: duels won, films beaten, or rounds survived."""
        return self.key[0]


Outcome = Mapping[str, Count]
Duels = Mapping[tuple[str, str], int]
"""How many jurors hold the first of two films above the second, for films that met."""


def preferences(
    marks: Mapping[str, Mapping[str, Mark]],
    lower_wins: bool,
    free: Mapping[str, Collection[str]] | None = None,
) -> list[Preference]:
    """Each juror's order of the films they marked, in the order of jurors' names.

    `free` are the films each juror was free to rank: those without a mark follow all others, as
    equals of each other.
    """
    found = []
    for judge in sorted(marks):
        own = marks[judge]
        ordered = sorted(own, key=lambda item: (own[item] if lower_wins else -own[item], item))
        tiers = [tuple(tier) for _, tier in groupby(ordered, key=lambda item: own[item])]
        left_out = tuple(sorted(set(free.get(judge, ())) - own.keys())) if free else ()
        found.append(Preference(judge, (*tiers, *([left_out] if left_out else []))))
    return found


def hold(election: Election, ballots: Sequence[Preference], items: Iterable[str]) -> Outcome:
    """Count the ballots. Every item gets its count, whether anybody ranked it or not."""
    return COUNTS[election](ballots, sorted(items))


def places(outcome: Outcome) -> list[list[str]]:
    """Groups of equals, the best first; names in order within a group."""
    ordered = sorted(outcome, key=lambda item: (tuple(-part for part in outcome[item].key), item))
    return [list(group) for _, group in groupby(ordered, key=lambda item: outcome[item].key)]


def duels(ballots: Iterable[Preference]) -> Duels:
    """Every duel on the ballots. Films that a juror holds equal have met, in favour of neither."""
    favour: dict[tuple[str, str], int] = defaultdict(int)
    for ballot in ballots:
        for above, tier in enumerate(ballot.tiers):
            for one, other in combinations(tier, 2):
                favour[one, other] += 0
                favour[other, one] += 0
            for better in tier:
                for lower in ballot.tiers[above + 1 :]:
                    for worse in lower:
                        favour[better, worse] += ballot.weight
                        favour[worse, better] += 0
    return favour


def _copeland(ballots: Sequence[Preference], items: Sequence[str]) -> Outcome:
    favour = duels(ballots)
    won: dict[str, Fraction] = dict.fromkeys(items, Fraction(0))
    votes, met = dict.fromkeys(items, 0), dict.fromkeys(items, 0)
    for (one, other), mine in favour.items():
        theirs = favour[other, one]
        won[one] += Fraction((mine > theirs) - (mine < theirs) + 1, 2)
        votes[one] += mine
        met[one] += 1
    unmet = {item: Fraction(len(items) - 1 - met[item], 2) for item in items}
    return {item: Count((won[item] + unmet[item], Fraction(votes[item]))) for item in items}


def _schulze(ballots: Sequence[Preference], items: Sequence[str]) -> Outcome:
    favour = duels(ballots)
    path = {
        one: {
            other: mine
            if (mine := favour.get((one, other), 0)) > favour.get((other, one), 0)
            else 0
            for other in items
        }
        for one in items
    }
    for by in items:
        onward = path[by]
        for one in items:
            own, reach = path[one], path[one][by]
            if reach and one != by:
                for other, strength in onward.items():
                    if other != one and own[other] < strength:
                        own[other] = max(own[other], min(reach, strength))
    return {
        one: Count((Fraction(sum(path[one][other] > path[other][one] for other in items)),))
        for one in items
    }


def _instant_runoff(ballots: Sequence[Preference], items: Sequence[str]) -> Outcome:
    """The key is the round in which a film went out; the last to stay went out in the last."""
    left, round_ = set(items), 0
    out: dict[str, int] = {}
    while left:
        round_ += 1
        tallies = _by_preference(ballots, left)
        fewest = min(tallies[item] for item in left)
        going = {item for item in left if tallies[item] == fewest}
        out.update(dict.fromkeys(going, round_))
        left -= going
    return {item: Count((Fraction(out[item]),)) for item in items}


def _by_preference(
    ballots: Iterable[Preference], left: Collection[str]
) -> Mapping[str, tuple[Fraction, ...]]:
    """Ballots that hold each film first among those left; to part equals, second, third, …."""
    tallies = {item: [Fraction(0)] * len(left) for item in left}
    for ballot in ballots:
        standing = ([item for item in tier if item in left] for tier in ballot.tiers)
        for rank, tier in enumerate(tier for tier in standing if tier):
            for item in tier:
                tallies[item][rank] += Fraction(ballot.weight, len(tier))
    return {item: tuple(tally) for item, tally in tallies.items()}


COUNTS: Mapping[Election, Callable[[Sequence[Preference], Sequence[str]], Outcome]] = {
    Election.COPELAND: _copeland,
    Election.SCHULZE: _schulze,
    Election.IRV: _instant_runoff,
}


def mean_ranks(
    ballots: Iterable[Preference], items: Iterable[str]
) -> Mapping[str, Fraction | None]:
    """Each film's mean place on the ballots it is on, equals sharing theirs; None for none."""
    given: dict[str, list[Fraction]] = {item: [] for item in items}
    for ballot in ballots:
        above = 0
        for tier in ballot.tiers:
            for item in tier:
                given[item].extend([Fraction(2 * above + len(tier) + 1, 2)] * ballot.weight)
            above += len(tier)
    return {
        item: sum(ranks, Fraction(0)) / len(ranks) if ranks else None
        for item, ranks in given.items()
    }
