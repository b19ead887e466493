"""From ballots to standings: score, quorum, shared places, tie chain, and each place in words.

What is decided by means and sums is decided here, for a round (`verdict`) as for the command line.
It takes plain ballots and a rule, needs nothing else, and gives the same standings whatever the
order of the ballots or the keys of the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from contest.rulebook.scoring import Mark, Weights, published, shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.tallies import Ballot, Tally, Trimming, count
from contest.rulebook.ties import Group, Terms, check_chain, placed, rivals, separate, split

__all__ = ["Ballot", "Method", "Ranking", "RankingRule", "Standing", "rank"]


class Method(StrEnum):
    """How a film's ballots become one score."""

    MEAN = "mean"
    """The mean of each criterion over the jurors who marked it, weighted; on the marks' scale."""
    SUM = "sum"
    """The marks of each criterion added up, times its weight. Fair only where panels are equal."""


@dataclass(frozen=True)
class RankingRule:
    """How a round is ranked, as its rules publish it before scoring opens.

    `quorum` is the number of scores an entry needs. `decimals` is the precision at which scores
    are published and ties decided; None compares exact fractions. `drop` marks are left out at
    either end of each criterion, after those further than `clip` from the entry's mean have been
    drawn to just that far. `lower_wins` reads marks as placements. `rounds` are criteria that were
    rounds, in their order: an entry that reached a later one stands before those that did not.
    `highest`, the top of the scale, only serves the explanations. Raises ValueError for a rule
    that can't rank.
    """

    weights: Weights
    method: Method = Method.MEAN
    quorum: int = 1
    decimals: int | None = 2
    tie_chain: tuple[str, ...] = ()
    drop: int = 0
    lower_wins: bool = False
    highest: int | None = None
    clip: Mapping[str, Mark] = field(default_factory=dict)
    rounds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.weights or any(weight <= 0 for weight in self.weights.values()):
            raise ValueError("each criterion needs a weight above 0")
        if self.quorum < 1:
            raise ValueError("a film needs at least 1 score to be ranked")
        if self.drop < 0:
            raise ValueError("the number of marks left out can't be below 0")
        if any(most < 0 for most in self.clip.values()):
            raise ValueError("marks can't be clipped to less than 0 from the mean")
        if self.rounds and set(self.rounds) != set(self.weights):
            raise ValueError(f"each of {', '.join(self.weights)} must be named once as a round")
        check_chain(self.tie_chain, self.weights)


@dataclass(frozen=True)
class Standing:
    """Where one entry stands.

    `score` is exact; `shown` is the same as published. `jurors` counts those whose marks count,
    `shared` the entries on this place, itself included. `means` are the exact means by criterion.
    An entry that can't be ranked has neither place nor score, and `why` says what is lacking.
    """

    entry: str
    place: int | None
    score: Fraction | None
    shown: str
    jurors: int
    shared: int
    means: Mapping[str, Fraction]
    why: tuple[Sentence, ...]


@dataclass(frozen=True)
class Ranking:
    """Standings from the first place down, equal places in the order of keys; and the rest."""

    rule: RankingRule
    standings: tuple[Standing, ...]
    unranked: tuple[Standing, ...]


@dataclass(frozen=True)
class _Field:
    """The ranked entries while their places are being found."""

    rule: RankingRule
    terms: Terms
    scores: Mapping[str, Fraction]
    trail: dict[str, list[Sentence]] = field(default_factory=dict)


def rank(
    ballots: Iterable[Ballot],
    rule: RankingRule,
    entries: Iterable[str] = (),
    names: Mapping[str, str] | None = None,
) -> Ranking:
    """Rank every entry that has a ballot or is named in `entries`.

    `names` are what explanations call the entries where their keys would say nothing to a
    reader. Raises ValueError when a juror has two ballots for one entry.
    """
    tallies = count(ballots, entries, rule.weights, Trimming(rule.drop, rule.clip))
    lacking = {tally.entry: _what_lacks(tally, rule) for tally in tallies}
    ranked = [tally for tally in tallies if lacking[tally.entry] is None]
    unranked = tuple(
        _standing(tally, None, (reason,), rule)
        for tally in tallies
        if (reason := lacking[tally.entry]) is not None
    )
    scores = {tally.entry: SCORES[rule.method](tally, rule) for tally in ranked}
    terms = Terms(rule.decimals, rule.lower_wins, names or {})
    standings = _standings(ranked, _Field(rule, terms, scores))
    return Ranking(rule, tuple(standings), unranked)


def _what_lacks(tally: Tally, rule: RankingRule) -> Sentence | None:
    """Why an entry can't be ranked, or None when it can."""
    if tally.towards_quorum < rule.quorum:
        return too_few(tally.towards_quorum, rule.quorum)
    missing = [key for key in _asked(tally, rule) if key not in tally.means]
    if missing and rule.method is Method.MEAN:
        return Sentence(
            "Not ranked: too few marks on %(criteria)s to make a mean.", criteria=", ".join(missing)
        )
    if not tally.means:
        return Sentence("Not ranked: too few marks to leave out the highest and the lowest.")
    return None


def too_few(scores: int, quorum: int) -> Sentence:
    """Why an entry with fewer scores than the quorum has no place."""
    return Sentence(
        "Not ranked: scores received: %(scores)s; the rules ask for at least %(quorum)s.",
        scores=scores,
        quorum=quorum,
    )


def _reached(tally: Tally, rule: RankingRule) -> int:
    """How many of the rounds an entry was in; 0 where the criteria are no rounds."""
    return max((at for at, key in enumerate(rule.rounds, 1) if key in tally.means), default=0)


def _asked(tally: Tally, rule: RankingRule) -> Sequence[str]:
    """The criteria on which an entry needs marks: of rounds, those up to its last; at least one."""
    if rule.rounds:
        return rule.rounds[: max(_reached(tally, rule), 1)]
    return tuple(rule.weights)


def _weighted_mean(tally: Tally, rule: RankingRule) -> Fraction:
    asked = _asked(tally, rule)
    heaviness = sum((Fraction(rule.weights[key]) for key in asked), Fraction(0))
    return sum((rule.weights[key] * tally.means[key] for key in asked), Fraction(0)) / heaviness


def _weighted_sum(tally: Tally, rule: RankingRule) -> Fraction:
    return sum((rule.weights[key] * total for key, total in tally.sums.items()), Fraction(0))


SCORES: Mapping[Method, Callable[[Tally, RankingRule], Fraction]] = {
    Method.MEAN: _weighted_mean,
    Method.SUM: _weighted_sum,
}


def _standings(ranked: Group, field_: _Field) -> Iterable[Standing]:
    """Places 1, 2, 2, 4: as many places are passed over as films share the one above."""
    place = 1
    for group in _in_order(ranked, field_):
        keys = [tally.entry for tally in group]
        for tally in group:
            score = field_.scores[tally.entry]
            why = (
                placed(place, tally.entry, keys, field_.terms),
                _scored(tally, shown(score, field_.rule.decimals), field_.rule),
                *_in_rounds(tally, field_.rule),
                *_trimmed(field_.rule),
                *field_.trail.get(tally.entry, ()),
            )
            yield _standing(tally, place, why, field_.rule, score, len(group))
        place += len(group)


def _in_order(ranked: Group, field_: _Field) -> Iterable[Group]:
    """Groups that share a place, the best first."""
    sign = -1 if field_.rule.lower_wins else 1

    def worth(tally: Tally) -> tuple[Fraction, ...]:
        reached = Fraction(_reached(tally, field_.rule))
        return reached, sign * published(field_.scores[tally.entry], field_.rule.decimals)

    for equal in split(ranked, worth):
        if len(equal) > 1:
            _tell_of_tie(equal, field_)
        yield from separate(equal, field_.rule.tie_chain, field_.terms, field_.trail)


def _tell_of_tie(equal: Group, field_: _Field) -> None:
    keys = [tally.entry for tally in equal]
    for key in keys:
        score = shown(field_.scores[key], field_.rule.decimals)
        others = rivals(key, keys, field_.terms)
        field_.trail[key] = [
            Sentence("Equal at %(score)s with %(others)s.", score=score, others=others)
        ]


def _scored(tally: Tally, score: str, rule: RankingRule) -> Sentence:
    """The sentence of the score; the count comes last so that one juror reads as well as five."""
    if rule.method is Method.SUM:
        return Sentence(
            "Sum of marks %(score)s; jurors who scored: %(jurors)s.",
            score=score,
            jurors=tally.jurors,
        )
    if rule.highest is not None:
        return Sentence(
            "Weighted mean %(score)s of %(highest)s; jurors who scored: %(jurors)s.",
            score=score,
            highest=rule.highest,
            jurors=tally.jurors,
        )
    if len(rule.weights) > 1:
        return Sentence(
            "Weighted mean %(score)s; jurors who scored: %(jurors)s.",
            score=score,
            jurors=tally.jurors,
        )
    return Sentence(
        "Mean %(score)s; jurors who scored: %(jurors)s.", score=score, jurors=tally.jurors
    )


def _in_rounds(tally: Tally, rule: RankingRule) -> tuple[Sentence, ...]:
    if not rule.rounds:
        return ()
    return (Sentence("Last round: %(round)s.", round=rule.rounds[_reached(tally, rule) - 1]),)


def _trimmed(rule: RankingRule) -> Iterable[Sentence]:
    for key in sorted(rule.clip):
        yield Sentence(
            "On %(criterion)s, marks count as at most %(most)s from the film's mean.",
            criterion=key,
            most=shown(Fraction(rule.clip[key]), None),
        )
    if rule.drop:
        yield Sentence(
            "Left out at either end of each criterion's marks: %(drop)s.", drop=rule.drop
        )


def _standing(
    tally: Tally,
    place: int | None,
    why: tuple[Sentence, ...],
    rule: RankingRule,
    score: Fraction | None = None,
    shared: int = 0,
) -> Standing:
    text = "" if score is None else shown(score, rule.decimals)
    return Standing(tally.entry, place, score, text, tally.jurors, shared, tally.means, why)
