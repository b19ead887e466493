"""Who repeats a string of marks, such as 7, 8, 9, 7, 8, 9, whatever the films?

A juror's own marks may be dealt anew among the places in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contest.rulebook.statistics.arrays import Floats, Whole
from contest.rulebook.statistics.audit.chance import Asked, Candidate, Found, judged
from contest.rulebook.statistics.audit.sheets import Sheets

FEWEST = 10
LONGEST = 5
"""The longest string looked for."""
SAME = 0.8
"""A share of marks equal to the one a string earlier that is worth speaking of."""


@dataclass(frozen=True)
class Repeats:
    """The string a juror's marks repeat best: its `length`, and the `share` of marks that do.

    `ballots` are the juror's in their order. Only strings with two different scores are looked for.
    """

    length: int
    share: float
    ballots: Whole


def repeats(sheets: Sheets, place: Floats) -> list[Repeats | None]:
    """For each juror; None for those with too few ballots or only one score.

    `place` (n) is a ballot's place in its juror's order, NaN where unknown.
    """
    found: list[Repeats | None] = []
    for judge in range(len(sheets.scores.judges)):
        ballots = sheets.panel.ballots(judge)
        ballots = ballots[~np.isnan(place[ballots])]
        ballots = ballots[np.argsort(place[ballots], kind="stable")]
        given = sheets.scores.value[ballots]
        if len(given) < FEWEST or not np.ptp(given):
            found.append(None)
            continue
        shares = _shares(given[None])[:, 0]
        best = int(shares.argmax())
        found.append(Repeats(best + 1, float(shares[best]), ballots))
    return found


def tested(found: list[Repeats | None]) -> int:
    """How many jurors were looked at."""
    return sum(each is not None for each in found)


def ask(sheets: Sheets, found: list[Repeats | None], asked: Asked) -> Found:
    """The statistic is the best share over all lengths."""
    candidates = []
    for judge, each in enumerate(found):
        if each is not None and each.share >= SAME:
            given = sheets.scores.value[each.ballots]

            def deal(count: int, chance: np.random.Generator, given: Floats = given) -> Floats:
                rows = np.broadcast_to(given, (count, len(given)))
                return np.asarray(_shares(chance.permuted(rows, axis=1)).max(0))

            candidates.append(Candidate(judge, each.share, len(given), deal))
    return judged(candidates, len(found), asked, sheets.judge_twins)


def _shares(given: Floats) -> Floats:
    """Shares of scores equal to the one so many places earlier: (rows, n) -> (lengths, rows)."""
    return np.array(
        [(given[:, lag:] == given[:, :-lag]).mean(1) for lag in range(1, LONGEST + 1)], np.float64
    )
