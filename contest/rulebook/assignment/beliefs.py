"""What scores say so far, as dealing more asks for it: how unsure each film is, who tells most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from contest.rulebook.assignment.adaptive import Belief
from contest.rulebook.statistics import chances, mixed, robust
from contest.rulebook.statistics.scores import Scores

DRAWS = 2_000


@dataclass(frozen=True)
class Believed:
    """Of each film what is believed, and of each juror who scored how much one score tells."""

    beliefs: dict[str, Belief]
    telling: dict[str, float]


def believed(scores: Scores, films: Iterable[str], top: int, seed: int) -> Believed:
    """What the robust model makes of the scores, with chances among all `films`.

    Where it can make nothing of them (all equal, no film scored twice), and for a film without a
    score, all chances are equal. `top` is how many films go on.
    """
    keys = sorted(set(films))
    share = min(1.0, top / max(1, len(keys)))
    unknown = Belief(1.0, share, 1 / max(1, len(keys)))
    if len(scores.value) == 0 or not np.ptp(scores.value) or mixed.too_few(scores):
        return Believed(dict.fromkeys(keys, unknown), {})
    fit = robust.fit(scores)
    count = len(scores.items)
    field = chances.Field(
        part=scores.parts,
        following=np.full(count, -1),
        top=min(top, count),
        draws=DRAWS,
        size=count,
    )
    odds = chances.count(fit.draws, scores, field, seed)
    unseen = Belief(fit.variance.item, share, unknown.p_first)
    found = dict.fromkeys(keys, unseen)
    for at, film in enumerate(scores.items):
        if film in found:
            variance = float(fit.item_se[at]) ** 2
            found[film] = Belief(variance, float(odds.top[at]), float(odds.first[at]))
    told = (fit.judge_scale / fit.judge_noise) ** 2
    return Believed(found, dict(zip(scores.judges, told.tolist(), strict=True)))
