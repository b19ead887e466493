"""Places by a rule that only adds and divides, exact; with a model's word on films and jurors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import nan

import numpy as np

from contest.rulebook.ranking import Method, Ranking, RankingRule, Standing, rank
from contest.rulebook.scoring import published
from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics import chances
from contest.rulebook.statistics.anew import jurors_anew
from contest.rulebook.statistics.chances import Chances, Field
from contest.rulebook.statistics.common import judges_of
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.places import following
from contest.rulebook.statistics.posterior import Model, of_scores
from contest.rulebook.statistics.results import Item, Result, Settings, reliability_of
from contest.rulebook.statistics.scores import Scores
from contest.rulebook.tallies import Ballot

ENOUGH_TO_TRIM = 7
"""Scores below which a trimmed mean leaves out more than it should."""


def place(
    ballots: Sequence[Ballot],
    marks: Marks,
    entries: Iterable[str],
    settings: Settings,
    rule: RankingRule,
) -> Result:
    """Rank by the rule; chances are those of its jurors weighed anew.

    `marks` are the marks of `ballots` that count, one at least. The judges and the variances are
    those of the plain mixed model of the ballots' totals, to be read beside the rule.
    """
    scores = marks.totals({key: float(weight) for key, weight in rule.weights.items()})
    ranking = rank(ballots, rule, entries)
    found = _chances(ranking, marks, scores, settings)
    beside = of_scores(scores, Model.MIXED)
    at = {item: at for at, item in enumerate(scores.items)}
    return Result(
        method="trimmed" if rule.drop and rule.method is Method.MEAN else rule.method.value,
        items=[
            _item(each, at.get(each.entry), scores, found, rule.decimals)
            for each in (*ranking.standings, *ranking.unranked)
        ],
        judges=judges_of(beside),
        mean=beside.mean,
        variance=beside.variance,
        reliability=reliability_of(beside.variance),
        warnings=[*_of_jury(scores, rule), *_of_trimming(ranking, rule)],
    )


def _chances(ranking: Ranking, marks: Marks, scores: Scores, settings: Settings) -> Chances | None:
    draw = jurors_anew(marks, scores, ranking.rule)
    if draw is None:
        return None
    groups: dict[int, list[str]] = {}
    for each in ranking.standings:
        groups.setdefault(each.place or 0, []).append(each.entry)
    ranked = {each.entry for each in ranking.standings}
    part = np.array([0 if item in ranked else -1 for item in scores.items])
    draws = chances.how_many(4 * len(marks.value), chances.FEWEST_RECOUNTS)
    next_ = following(scores, groups.values())
    field = Field(part, next_, settings.top, draws, len(marks.value))
    return chances.count(draw, scores, field, settings.seed)


def _item(
    standing: Standing, at: int | None, scores: Scores, found: Chances | None, decimals: int | None
) -> Item:
    score = standing.score
    if score is not None:
        score = published(score, decimals)
    known = found if at is not None and standing.place is not None else None
    return Item(
        item=standing.entry,
        place=standing.place,
        shared=standing.shared,
        estimate=nan if score is None else float(score),
        se=float(known.se[at]) if known else nan,
        p_first=float(known.first[at]) if known else nan,
        p_top=float(known.top[at]) if known else nan,
        p_above_next=float(known.above_next[at]) if known else nan,
        n=standing.jurors,
        raw=nan if at is None else float(scores.item_mean[at]),
        part=1,
        why=standing.why,
    )


def _of_jury(scores: Scores, rule: RankingRule) -> list[Sentence]:
    if scores.parts.any():
        return [
            Sentence(
                "No juror connects %(parts)s parts of the jury: the rule compares films that were"
                " judged by strangers to each other, and can't tell a better film from a milder"
                " panel.",
                parts=int(scores.parts.max()) + 1,
            )
        ]
    if len(scores.judges) == 1:
        return [Sentence("One juror scored: how sure the places are can't be known.")]
    if len(set(scores.per_item.tolist())) > 1 and rule.method is Method.SUM:
        return [
            Sentence(
                "Films have different numbers of scores, from %(fewest)s to %(most)s: a sum favours"
                " those with more.",
                fewest=int(scores.per_item.min()),
                most=int(scores.per_item.max()),
            )
        ]
    return []


def _of_trimming(ranking: Ranking, rule: RankingRule) -> list[Sentence]:
    few = sum(each.jurors < ENOUGH_TO_TRIM for each in ranking.standings)
    if not (rule.drop and few):
        return []
    return [
        Sentence(
            "Films with fewer than %(enough)s scores: %(few)s. Leaving out the highest and lowest"
            " of so few loses more than it protects.",
            enough=ENOUGH_TO_TRIM,
            few=few,
        )
    ]
