"""What a verdict tells beside the places: corrected scores, chances, jurors, the cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from contest.rulebook.jury_told import Circumstances, CutTold, FilmTold, JuryTold, SeatTold
from contest.rulebook.statistics.arrays import Floats, summed
from contest.rulebook.statistics.audit.report import audit
from contest.rulebook.statistics.audit.results import Audit
from contest.rulebook.statistics.audit.sheets import Facts
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.posterior import Model, Posterior, of_scores
from contest.rulebook.statistics.results import Item, Judge, Result, Settings
from contest.rulebook.statistics.settling import near, settle
from contest.rulebook.tallies import Ballot

KEPT = 4
"""Decimals that are kept: more differ from machine to machine."""


@dataclass(frozen=True)
class Told:
    """Of each film that was marked, by its key, and of the jury."""

    films: Mapping[str, FilmTold]
    jury: JuryTold


def told(ballots: Iterable[Ballot], result: Result, settings: Settings, met: Circumstances) -> Told:
    """What `result`, the model of films and jurors, and an audit of the jury say.

    One mark at least must count.
    """
    weights = {key: float(weight) for key, weight in settings.weights.items()}
    marks = Marks.of(ballots, settings.weights)
    scores = marks.totals(weights)
    model = Model.ROBUST if result.method == Model.ROBUST else Model.MIXED
    posterior = of_scores(scores, model)
    at = {item: index for index, item in enumerate(scores.items)}
    items = [item for item in result.items if item.item in at]
    films = {item.item: _film(item, posterior, at[item.item]) for item in items}
    facts = Facts(met.own, met.order)
    asked = audit(marks, weights, facts, top=settings.top, seed=settings.seed)
    seats = tuple(_seats(result.judges, posterior, asked))
    ranked = [item for item in items if item.place]
    return Told(films, _jury(result, posterior, ranked, seats, settings.top))


def _film(item: Item, posterior: Posterior, at: int) -> FilmTold:
    return FilmTold(
        raw=_kept(item.raw),
        corrected=_kept(posterior.estimate[at]),
        se=_kept(posterior.se[at]),
        first=_kept(item.p_first),
        top=_kept(item.p_top),
        above_next=_kept(item.p_above_next),
    )


def _jury(
    result: Result,
    posterior: Posterior,
    ranked: Sequence[Item],
    seats: tuple[SeatTold, ...],
    top: int,
) -> JuryTold:
    at = {item: index for index, item in enumerate(posterior.scores.items)}
    those = [at[item.item] for item in ranked]
    estimate, se = posterior.estimate[those], posterior.se[those]
    wide = np.nan_to_num(se) * 2
    return JuryTold(
        seats=seats,
        film=_kept(result.variance.item),
        juror=_kept(result.variance.judge),
        rest=_kept(result.variance.residual),
        single=_kept(result.reliability.single),
        jurors_needed=_kept(result.reliability.jurors_needed),
        lowest=_kept((estimate - wide).min(initial=np.inf)),
        highest=_kept((estimate + wide).max(initial=-np.inf)),
        cut=_cut(ranked, estimate, se, posterior.variance.residual, top),
        warnings=tuple(result.warnings),
    )


def _seats(judges: Iterable[Judge], posterior: Posterior, asked: Audit) -> Iterable[SeatTold]:
    scores = posterior.scores
    share = 1 / scores.per_item[scores.item]
    of_films: Floats = summed(share, scores.judge, len(scores.judges)) / scores.per_judge
    at = {judge: index for index, judge in enumerate(scores.judges)}
    found = {each.judge: each for each in asked.judges}
    for judge in judges:
        odd = found[judge.judge]
        yield SeatTold(
            seat=judge.judge,
            n=judge.n,
            severity=_kept(judge.severity),
            se=_kept(judge.se),
            scale=_kept(judge.scale),
            moved=_kept(-judge.severity * float(of_films[at[judge.judge]])),
            changes_first=odd.changes_winner,
            changes_top=odd.changes_top,
            flags=tuple(flag.says for flag in odd.flags),
        )


def _cut(ranked: Sequence[Item], estimate: Floats, se: Floats, noise: float, top: int) -> CutTold:
    p_top = np.array([item.p_top for item in ranked])
    close = near(p_top)
    settling = settle(estimate, se, p_top, top, noise)
    return CutTold(
        top=top,
        films=int(close.sum()),
        low=_kept(estimate[close].min(initial=np.inf)),
        high=_kept(estimate[close].max(initial=-np.inf)),
        more_scores=settling.more_scores,
        too_close=settling.too_close,
    )


def _kept(value: float) -> float | None:
    return round(float(value), KEPT) if isfinite(value) else None
