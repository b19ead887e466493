"""The verdict of a round: places by the method its rules name, and what can be said of the jury.

Places by mean, trimmed mean, sum or election are exact; beside them, as under every method, stands
what the model of films and jurors says, so that raw and corrected are always seen together. Needs
nothing but ballots and rule: `contest recompute` counts the same with this package alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

from contest.rulebook.elections import Election, preferences
from contest.rulebook.jury_told import Circumstances, FilmTold, JuryTold
from contest.rulebook.ranking import Method, RankingRule, too_few
from contest.rulebook.rules import RoundRules
from contest.rulebook.scoring import EFFECTS, Weights, shown, weighted_total, weights_of
from contest.rulebook.sentences import Sentence
from contest.rulebook.tallies import Ballot, Trimming, count
from contest.rulebook.ties import check_chain

if TYPE_CHECKING:
    from contest.rulebook.statistics.results import Item, Result, Settings

TRIMMED = "trimmed"
MODELS = ("mixed", "robust")
EXACT = (Method.MEAN.value, TRIMMED, Method.SUM.value)
ON_THE_MARKS_SCALE = (Method.MEAN.value, TRIMMED, *MODELS)
"""Methods whose scores lie on the scale of the marks; others add marks up, or count duels."""
METHODS = (*EXACT, *MODELS, *(each.value for each in Election))


@dataclass(frozen=True)
class VerdictRule:
    """How a round is decided, as its rules publish it before scoring opens.

    `decimals` is the precision at which scores are published and ties decided, `highest` the top of
    the marks' scale. Raises ValueError for a rule that can't decide.
    """

    method: str
    weights: Weights
    quorum: int
    decimals: int
    tie_chain: tuple[str, ...] = ()
    highest: int | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"no method is called {self.method}; there are {', '.join(METHODS)}")
        if not self.weights or any(weight <= 0 for weight in self.weights.values()):
            raise ValueError("each criterion needs a weight above 0")
        if self.quorum < 1 or self.decimals not in range(10):
            raise ValueError("a film needs 1 score at least, published with 0 to 9 decimals")
        check_chain(self.tie_chain, self.weights)

    @classmethod
    def of(cls, judged: RoundRules) -> VerdictRule:
        """The rule that a round's rules describe."""
        return cls(
            method=judged.method,
            weights=weights_of(judged.criteria),
            quorum=judged.quorum,
            decimals=judged.precision,
            tie_chain=judged.tie_chain,
            highest=judged.scale_max,
        )


@dataclass(frozen=True)
class Placing:
    """One film's place and published score, None where it could not be ranked, and why.

    `shared` is how many films have the place, `jurors` those whose marks count, `means` the exact
    means by criterion.
    """

    entry: str
    place: int | None
    shown: str | None
    shared: int
    jurors: int
    means: Mapping[str, Fraction]
    why: tuple[Sentence, ...]


@dataclass(frozen=True)
class Verdict:
    """Placings from the first place down, the films without one last; what the model says of each
    film that was marked, by its key; and of the jury, None where nobody marked anything."""

    placings: tuple[Placing, ...]
    films: Mapping[str, FilmTold]
    jury: JuryTold | None


def reach(
    ballots: Sequence[Ballot],
    rule: VerdictRule,
    *,
    films: Iterable[str],
    top: int,
    seed: int,
    met: Circumstances | None = None,
) -> Verdict:
    """Decide a round. `top` places count, or go on; `seed` starts the drawing of chances.

    `films` are the keys of all that take part; explanations call them so. `met` tells what jurors
    may be asked about. The same ballots give the same verdict in whatever order they come.
    """
    everybody = sorted(films)
    if not any(ballot.marks and EFFECTS[ballot.state].mean for ballot in ballots):
        return Verdict(_nobody_marked(everybody, rule), {}, None)
    from contest.rulebook.statistics.results import Settings  # numpy takes its time to load
    from contest.rulebook.statistics.telling import told

    settings = Settings(rule.weights, top, rule.decimals, rule.quorum, rule.tie_chain, seed)
    result = _decided(ballots, rule, everybody, settings)
    means = {each.entry: each.means for each in count(ballots, everybody, rule.weights, Trimming())}
    placings = tuple(_placing(each, means[each.item], rule) for each in result.items)
    beside = told(ballots, result, settings, met or Circumstances())
    return Verdict(placings, beside.films, beside.jury)


def _decided(
    ballots: Sequence[Ballot], rule: VerdictRule, films: Sequence[str], settings: Settings
) -> Result:
    from contest.rulebook.statistics import by_ballot, by_model, by_rule
    from contest.rulebook.statistics.marks import Marks
    from contest.rulebook.statistics.posterior import Model

    marks, on_items = Marks.of(ballots, rule.weights), partial(_on, ballots)
    if rule.method in EXACT:
        return by_rule.place(ballots, marks, films, settings, _exact(rule))
    if rule.method in MODELS:
        return by_model.place(marks, on_items, films, settings, model=Model(rule.method))
    scores = marks.totals({key: float(weight) for key, weight in rule.weights.items()})
    orders = preferences(_totals(ballots, rule), lower_wins=False)
    return by_ballot.place(orders, scores, films, settings, Election(rule.method), on_items)


def _exact(rule: VerdictRule) -> RankingRule:
    return RankingRule(
        weights=rule.weights,
        method=Method.SUM if rule.method == Method.SUM.value else Method.MEAN,
        quorum=rule.quorum,
        decimals=rule.decimals,
        tie_chain=rule.tie_chain,
        drop=1 if rule.method == TRIMMED else 0,
        highest=rule.highest,
    )


def _on(ballots: Iterable[Ballot], items: Iterable[str]) -> list[Ballot]:
    wanted = set(items)
    return [ballot for ballot in ballots if ballot.entry in wanted]


def _totals(ballots: Iterable[Ballot], rule: VerdictRule) -> dict[str, dict[str, Fraction]]:
    """Each juror's weighted totals, by film."""
    totals: dict[str, dict[str, Fraction]] = {}
    for ballot in ballots:
        if EFFECTS[ballot.state].mean and any(key in ballot.marks for key in rule.weights):
            own = totals.setdefault(ballot.juror, {})
            own[ballot.entry] = weighted_total(ballot.marks, rule.weights)
    return totals


def _placing(item: Item, means: Mapping[str, Fraction], rule: VerdictRule) -> Placing:
    score = None
    if item.place is not None and isfinite(item.estimate):
        score = shown(Fraction(f"{item.estimate:.9f}"), rule.decimals)
    return Placing(item.item, item.place, score, item.shared, item.n, means, item.why)


def _nobody_marked(films: Sequence[str], rule: VerdictRule) -> tuple[Placing, ...]:
    reason = too_few(0, rule.quorum)
    return tuple(Placing(film, None, None, 0, 0, {}, (reason,)) for film in films)
