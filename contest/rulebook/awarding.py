"""Prizes drawn from frozen standings: what the slate is, and what the rules propose.

A slate lists prizes in order of precedence. Some follow the standings, some are drawn from the
mean on one criterion; a prize with several places is shared by as many films. The rules propose;
people confer, and may depart from the order if they write down why (`conferring`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from contest.rulebook.rules import AwardRules, Rules
from contest.rulebook.sentences import Sentence

STANDING = "standing"
CRITERION = "criterion:"


@dataclass(frozen=True)
class Slate:
    """The prizes in order of precedence, and whether a film may hold only one of them.

    Where a film may hold more, it still holds at most one of those drawn from the same basis.
    """

    awards: tuple[AwardRules, ...]
    one_prize_per_film: bool

    @classmethod
    def of(cls, rules: Rules) -> Slate:
        """The slate of an edition's rules."""
        return cls(rules.awards, rules.one_prize_per_film)

    def excludes(self, held: Collection[AwardRules], award: AwardRules) -> bool:
        """Whether a film that holds these prizes can't be given this one."""
        return bool(held) and (
            self.one_prize_per_film or any(other.basis == award.basis for other in held)
        )


@dataclass(frozen=True)
class Contender:
    """A ranked film: its place, and its mean on each criterion as published."""

    entry: str
    place: int
    means: Mapping[str, Fraction]


@dataclass(frozen=True)
class Conferral:
    """A prize given to a film; `reason` says why where it departs from the order."""

    award: str
    entry: str
    reason: str = ""


@dataclass(frozen=True)
class Proposal:
    """What the standings say about one prize's open places.

    `entries` follow from the standings alone; among the `contested` people must choose, for the
    reason in `why`. `open_places` is how many places are not conferred yet.
    """

    award: str
    open_places: int
    entries: tuple[str, ...]
    contested: tuple[str, ...]
    why: Sentence | None


WAITS = Sentence("The choice for an earlier prize comes first: this one depends on it.")


def propose(
    slate: Slate, ranked: Iterable[Contender], given: Iterable[Conferral] = ()
) -> tuple[Proposal, ...]:
    """A proposal for each prize of the slate, beside what is already `given`.

    Films that tie across the edge of a prize are contested, and the prizes whose films depend on
    that choice wait for it: propose again once it is among the `given`.
    """
    field, conferred = tuple(ranked), tuple(given)
    holding = holdings(slate, conferred)
    filled = Counter(each.award for each in conferred)
    undecided: list[AwardRules] = []
    proposals = []
    for award in slate.awards:
        places = max(0, award.places - filled[award.key])
        if slate.excludes(undecided, award):
            proposal = Proposal(award.key, places, (), (), WAITS)
        else:
            free = [each for each in field if not slate.excludes(holding[each.entry], award)]
            proposal = _proposal(award, places, free)
        if proposal.contested:
            undecided.append(award)
        for entry in proposal.entries:
            holding[entry].append(award)
        proposals.append(proposal)
    return tuple(proposals)


def holdings(slate: Slate, given: Iterable[Conferral]) -> dict[str, list[AwardRules]]:
    """The prizes each film holds; films and prizes the slate doesn't know hold none."""
    awards = {award.key: award for award in slate.awards}
    held: dict[str, list[AwardRules]] = defaultdict(list)
    for each in given:
        if each.award in awards:
            held[each.entry].append(awards[each.award])
    return held


def worth_for(contender: Contender, award: AwardRules) -> Fraction | None:
    """What decides this prize, the greater the better; None where the film was not marked on it."""
    if award.basis == STANDING:
        return Fraction(-contender.place)
    return contender.means.get(award.basis.removeprefix(CRITERION))


def _proposal(award: AwardRules, places: int, free: Sequence[Contender]) -> Proposal:
    sure, contested, left = _picked(award, places, free)
    if not contested:
        return Proposal(award.key, places, sure, (), None)
    why = Sentence(
        "Equal films: %(films)s; places left for them: %(places)s. The choice is the jury's.",
        films=len(contested),
        places=left,
    )
    return Proposal(award.key, places, sure, contested, why)


def _picked(
    award: AwardRules, places: int, free: Sequence[Contender]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """The films that win for certain, those that tie for the rest, and the places of that rest."""
    worth = {each.entry: value for each in free if (value := worth_for(each, award)) is not None}
    order = sorted(worth, key=lambda entry: (-worth[entry], entry))
    sure: list[str] = []
    for _, run in groupby(order, key=worth.__getitem__):
        equal, left = tuple(run), places - len(sure)
        if not left:
            break
        if len(equal) > left:
            return tuple(sure), equal, left
        sure += equal
    return tuple(sure), (), 0
