"""Places by an election among ranked ballots, exact; beside it the other ways to count them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import nan

import numpy as np

from contest.rulebook.elections import Election, Outcome, Preference, hold, mean_ranks, places
from contest.rulebook.scoring import shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics import chances
from contest.rulebook.statistics.chances import Chances, Field
from contest.rulebook.statistics.common import judges_of
from contest.rulebook.statistics.places import BallotsOf, Trail, following, parted
from contest.rulebook.statistics.posterior import Model, of_scores
from contest.rulebook.statistics.recounts import recounts
from contest.rulebook.statistics.results import Item, Result, Settings, reliability_of
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.ties import Terms, placed

MOST_DUELS = 30_000_000
"""Duels on all ballots, beyond which an election would take minutes."""
MOST_ITEMS = 400
"""Films among which strongest paths can be sought, and ballots counted round after round."""
MOST_BESIDE = 120
"""Films among which every way to count is tried, to see whether they differ."""

Ranks = Mapping[str, Fraction | None]


def place(
    ballots: Sequence[Preference],
    scores: Scores,
    entries: Iterable[str],
    settings: Settings,
    election: Election,
    ballots_of: BallotsOf,
    *,
    lower_wins: bool = False,
) -> Result:
    """Hold the election among all `entries`; the tie chain parts those it leaves equal.

    `scores` are what the ballots were made of, as numbers; chances are those of ballots drawn
    anew. Raises ValueError where the ballots are too many or too long to be counted.
    """
    items = sorted({*entries, *scores.items})
    _check_size(ballots, items, election)
    ranks = mean_ranks(ballots, items)
    outcome = hold(election, ballots, items)
    heard = _heard(ballots, items)
    trail: Trail = {}
    terms = Terms(settings.decimals, lower_wins, {})
    groups = [
        part
        for group in places(outcome)
        if (enough := [item for item in group if heard[item] >= settings.quorum])
        for part in parted(enough, settings, terms, ballots_of, trail)
    ]
    found = _chances(ballots, scores, groups, settings, election)
    beside = of_scores(scores, Model.MIXED)
    teller = _Teller(outcome, heard, ranks, scores, found, election, trail=trail)
    return Result(
        method=election.value,
        items=[*teller.placed(groups), *teller.unranked(items, settings.quorum)],
        judges=judges_of(beside),
        mean=beside.mean,
        variance=beside.variance,
        reliability=reliability_of(beside.variance),
        warnings=_differing(ballots, items, ranks),
    )


def _check_size(ballots: Sequence[Preference], items: Sequence[str], election: Election) -> None:
    longest = (sum(len(tier) for tier in each.tiers) for each in ballots)
    if sum(length**2 for length in longest) > MOST_DUELS:
        raise ValueError("the ballots are too long for an election; rank by mixed or mean")
    if election is not Election.COPELAND and len(items) > MOST_ITEMS:
        raise ValueError(
            f"{election.value} is for finals of at most {MOST_ITEMS} films, and there are"
            f" {len(items)}; rank by copeland, mixed or mean"
        )


def _heard(ballots: Iterable[Preference], items: Iterable[str]) -> Mapping[str, int]:
    """How many ballots each item is on."""
    heard = dict.fromkeys(items, 0)
    for ballot in ballots:
        for tier in ballot.tiers:
            for item in tier:
                heard[item] += 1
    return heard


def _chances(
    ballots: Sequence[Preference],
    scores: Scores,
    groups: Sequence[Sequence[str]],
    settings: Settings,
    election: Election,
) -> Chances | None:
    anew = recounts(ballots, scores, election)
    if anew is None:
        return None
    draw, draws = anew
    marked = set(scores.items)
    known = [those for group in groups if (those := [item for item in group if item in marked])]
    ranked = {item for group in known for item in group}
    part = np.array([0 if item in ranked else -1 for item in scores.items])
    field = Field(part, following(scores, known), settings.top, draws, len(scores.items))
    return chances.count(draw, scores, field, settings.seed)


class _Teller:
    """Says of each item what was counted."""

    def __init__(
        self,
        outcome: Outcome,
        heard: Mapping[str, int],
        ranks: Ranks,
        scores: Scores,
        found: Chances | None,
        election: Election,
        *,
        trail: Trail,
    ) -> None:
        self.outcome, self.heard, self.ranks = outcome, heard, ranks
        self.scores, self.found, self.election = scores, found, election
        self.trail = trail
        self.at = {item: at for at, item in enumerate(scores.items)}
        self.terms = Terms(None, False, {})

    def placed(self, groups: Iterable[Sequence[str]]) -> Iterable[Item]:
        """The items from the first place down."""
        place_ = 1
        for group in groups:
            for item in group:
                why = (
                    placed(place_, item, group, self.terms),
                    self._counted(item),
                    *self.trail.get(item, ()),
                )
                yield self._item(item, place_, len(group), why)
            place_ += len(group)

    def unranked(self, items: Iterable[str], quorum: int) -> Iterable[Item]:
        """Items on fewer ballots than they need."""
        for item in items:
            if self.heard[item] < quorum:
                why = Sentence(
                    "Not ranked: ballots received: %(scores)s; the rules ask for at least"
                    " %(quorum)s.",
                    scores=self.heard[item],
                    quorum=quorum,
                )
                yield self._item(item, None, 0, (why,))

    def _item(self, item: str, place_: int | None, shared: int, why: tuple[Sentence, ...]) -> Item:
        at = self.at.get(item)
        known = self.found if at is not None and place_ is not None else None
        return Item(
            item=item,
            place=place_,
            shared=shared,
            estimate=nan if place_ is None else float(self.outcome[item].score),
            se=float(known.se[at]) if known else nan,
            p_first=float(known.first[at]) if known else nan,
            p_top=float(known.top[at]) if known else nan,
            p_above_next=float(known.above_next[at]) if known else nan,
            n=self.heard[item],
            raw=nan if at is None else float(self.scores.item_mean[at]),
            part=1,
            why=why,
        )

    def _counted(self, item: str) -> Sentence:
        count, rank = self.outcome[item], self.ranks[item]
        told: dict[str, str | int] = {
            "score": shown(count.score, None),
            "ballots": self.heard[item],
            "rank": "-" if rank is None else shown(rank, 2),
        }
        if self.election is Election.COPELAND:
            return Sentence(
                "Duels won: %(score)s of %(duels)s, with %(votes)s preferences in favour; mean"
                " place %(rank)s on %(ballots)s ballots.",
                **told,
                duels=len(self.outcome) - 1,
                votes=shown(count.key[1], None),
            )
        if self.election is Election.SCHULZE:
            return Sentence(
                "Films beaten by a stronger path of duels: %(score)s of %(others)s; mean place"
                " %(rank)s on %(ballots)s ballots.",
                **told,
                others=len(self.outcome) - 1,
            )
        return Sentence(
            "Stayed until round %(score)s of the count; mean place %(rank)s on %(ballots)s"
            " ballots.",
            **told,
        )


def _differing(ballots: Sequence[Preference], items: Sequence[str], ranks: Ranks) -> list[Sentence]:
    """A warning where another way to count the same ballots has another winner."""
    if len(items) > MOST_BESIDE:
        return []
    winners = {each.value: places(hold(each, ballots, items))[0] for each in Election}
    best = min((rank for rank in ranks.values() if rank is not None), default=None)
    winners["mean place"] = [item for item in items if ranks[item] == best]
    if len({tuple(each) for each in winners.values()}) == 1:
        return []
    told = "; ".join(f"{way}: {', '.join(names)}" for way, names in winners.items())
    return [
        Sentence("Ways to count these ballots differ on the winner (%(winners)s).", winners=told)
    ]
