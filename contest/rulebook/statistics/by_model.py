"""Places by a model of films and jurors, plain or robust, with all that it knows of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from contest.rulebook.ranking import too_few
from contest.rulebook.scoring import published, shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics import chances
from contest.rulebook.statistics.arrays import Floats, Whole, summed
from contest.rulebook.statistics.chances import Chances, Field
from contest.rulebook.statistics.common import figure, judges_of, of_gaps, of_parts
from contest.rulebook.statistics.criteria import Criteria, posterior_of
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.places import BallotsOf, Trail, exact, following, in_order
from contest.rulebook.statistics.posterior import Model, Posterior
from contest.rulebook.statistics.results import Item, Result, Settings, reliability_of
from contest.rulebook.ties import Terms, placed


@dataclass(frozen=True)
class _Ranked:
    """The groups of one part of the jury, the best first, and what parted equals."""

    part: int
    groups: list[list[str]]
    trail: Trail


def place(
    marks: Marks,
    ballots_of: BallotsOf,
    entries: Iterable[str],
    settings: Settings,
    *,
    model: Model = Model.MIXED,
    criteria: Criteria = Criteria.TOTAL,
    lower_wins: bool = False,
) -> Result:
    """Rank every item of `marks`, which holds one mark at least, and name the rest of `entries`.

    Parts of the jury that no juror connects are ranked each by itself, and a warning says so.
    """
    terms = Terms(settings.decimals, lower_wins, {})
    weights = {key: float(weight) for key, weight in settings.weights.items()}
    posterior = posterior_of(marks, weights, model, criteria)
    ranked = _ranked(posterior, settings, terms, ballots_of)
    found = _chances(posterior, ranked, settings, lower_wins)
    teller = _Teller(posterior, found, settings, terms)
    items = [item for each in ranked for item in teller.items(each)]
    placed_ = {item.item for item in items}
    rest = [teller.unranked(each) for each in sorted(set(entries) - placed_)]
    return Result(
        method=model.value,
        items=[*items, *rest],
        judges=judges_of(posterior),
        mean=posterior.mean,
        variance=posterior.variance,
        reliability=reliability_of(posterior.variance),
        warnings=[*of_parts(posterior.scores), *of_gaps(marks), *posterior.remarks],
    )


def _ranked(
    posterior: Posterior, settings: Settings, terms: Terms, ballots_of: BallotsOf
) -> list[_Ranked]:
    scores = posterior.scores
    enough = scores.per_item >= settings.quorum
    found = []
    for part in range(int(scores.parts.max()) + 1):
        those = np.flatnonzero(enough & (scores.parts == part)).tolist()
        values = {scores.items[at]: float(posterior.estimate[at]) for at in those}
        found.append(_Ranked(part, *in_order(values, settings, terms, ballots_of)))
    return found


def _chances(
    posterior: Posterior, ranked: Sequence[_Ranked], settings: Settings, lower_wins: bool
) -> Chances | None:
    scores, draw = posterior.scores, posterior.draw
    if draw is None:
        return None
    part = np.where(scores.per_item >= settings.quorum, scores.parts, -1)
    next_: Whole = np.full(len(scores.items), -1)
    for each in ranked:
        next_ = np.maximum(next_, following(scores, each.groups))
    size = len(scores.items) + len(scores.value) // 4
    field = Field(part, next_, settings.top, chances.how_many(size), len(scores.items))
    if lower_wins:
        return chances.count(lambda n, chance: -draw(n, chance), scores, field, settings.seed)
    return chances.count(draw, scores, field, settings.seed)


class _Teller:
    """Says of each item what the model found."""

    def __init__(
        self, posterior: Posterior, found: Chances | None, settings: Settings, terms: Terms
    ) -> None:
        scores = posterior.scores
        self.posterior, self.found = posterior, found
        self.settings, self.terms = settings, terms
        self.at = {item: at for at, item in enumerate(scores.items)}
        self.judges = _judges_per_item(posterior)
        lean = summed(posterior.severity[scores.judge], scores.item, len(scores.items))
        self.lean: Floats = lean / scores.per_item

    def items(self, ranked: _Ranked) -> Iterable[Item]:
        """The items of one part, from the first place down."""
        place_ = 1
        for group in ranked.groups:
            for item in group:
                words = [placed(place_, item, group, self.terms)]
                words += self._corrected(self.at[item])
                words += ranked.trail.get(item, [])
                yield self._item(item, place_, len(group), tuple(words))
            place_ += len(group)

    def unranked(self, item: str) -> Item:
        """An item with fewer scores than it needs."""
        n = int(self.judges[self.at[item]]) if item in self.at else 0
        return self._item(item, None, 0, (too_few(n, self.settings.quorum),))

    def _item(self, item: str, place_: int | None, shared: int, why: tuple[Sentence, ...]) -> Item:
        at = self.at.get(item)
        if at is None:
            return Item(item, place_, shared, nan, nan, nan, nan, nan, 0, nan, 0, why)
        scores, found = self.posterior.scores, self.found
        return Item(
            item=item,
            place=place_,
            shared=shared,
            estimate=float(self.posterior.estimate[at]),
            se=float(self.posterior.se[at]),
            p_first=float(found.first[at]) if found else nan,
            p_top=float(found.top[at]) if found else nan,
            p_above_next=float(found.above_next[at]) if found else nan,
            n=int(self.judges[at]),
            raw=float(scores.item_mean[at]),
            part=int(scores.parts[at]) + 1,
            why=why,
        )

    def _corrected(self, at: int) -> list[Sentence]:
        """From the raw mean to the estimate, in numbers that add up as printed."""
        decimals, scores = self.settings.decimals, self.posterior.scores
        raw, lean = float(scores.item_mean[at]), float(self.lean[at])
        if isnan(lean):
            return [
                Sentence(
                    "Mean %(raw)s; jurors who scored: %(jurors)s.",
                    raw=figure(raw, decimals),
                    jurors=int(self.judges[at]),
                )
            ]
        words = [self._lean(raw, lean, int(self.judges[at]))]
        estimate = figure(float(self.posterior.estimate[at]), decimals)
        if estimate != figure(raw - lean, decimals):
            words.append(
                Sentence(
                    "As so few scores are, drawn towards the mean film: %(estimate)s corrected.",
                    estimate=estimate,
                )
            )
        return words

    def _lean(self, raw: float, lean: float, jurors: int) -> Sentence:
        places = 2 if self.settings.decimals is None else self.settings.decimals
        mean, level = (published(exact(each), places) for each in (raw, raw - lean))
        told: dict[str, str | int] = {
            "raw": shown(mean, places),
            "jurors": jurors,
            "lean": shown(abs(mean - level), places),
            "level": shown(level, places),
        }
        if level == mean:
            return Sentence(
                "Mean %(raw)s from jurors as strict as the rest (jurors: %(jurors)s).",
                raw=told["raw"],
                jurors=jurors,
            )
        if level < mean:
            return Sentence(
                "Mean %(raw)s from jurors %(lean)s milder than the rest (jurors: %(jurors)s), so"
                " %(level)s on equal terms.",
                **told,
            )
        return Sentence(
            "Mean %(raw)s from jurors %(lean)s stricter than the rest (jurors: %(jurors)s), so"
            " %(level)s on equal terms.",
            **told,
        )


def _judges_per_item(posterior: Posterior) -> Whole:
    """How many judges scored each item: one who scored it twice counts once."""
    scores = posterior.scores
    met = np.unique(scores.item * len(scores.judges) + scores.judge)
    return np.bincount(met // len(scores.judges), minlength=len(scores.items))
