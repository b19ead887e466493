"""What the ballots say about each film, counted before anything is compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from contest.rulebook.scoring import EFFECTS, Mark, Weights, weighted_total
from contest.rulebook.stages import ScreeningStage


@dataclass(frozen=True)
class Ballot:
    """One juror's latest word on one entry. Marks count only where the state says so."""

    juror: str
    entry: str
    marks: Mapping[str, Mark]
    state: ScreeningStage = ScreeningStage.SCORED


@dataclass(frozen=True)
class Tally:
    """One entry's ballots, counted.

    `jurors` are those whose marks count in the mean, `towards_quorum` those who fill the quorum;
    `marks` holds every counted mark; `means` and `sums` hold, per criterion, what is left after
    the rule's trimming; `sheets` each juror's marks that count.
    """

    entry: str
    jurors: int
    towards_quorum: int
    marks: tuple[Mark, ...]
    means: Mapping[str, Fraction]
    sums: Mapping[str, Fraction]
    sheets: Mapping[str, Mapping[str, Mark]]
    weights: Weights

    @cached_property
    def totals(self) -> Mapping[str, Fraction]:
        """Each juror's weighted total: reckoned when a tie asks for it."""
        return {juror: weighted_total(marks, self.weights) for juror, marks in self.sheets.items()}


@dataclass(frozen=True)
class Trimming:
    """What becomes of marks that stand out: clipped first, then left out.

    `clip` draws a mark on that criterion (a round, where criteria are rounds) that is further than
    so much from the entry's mean to just that far. `drop` marks are left out at either end of each
    criterion's marks.
    """

    drop: int = 0
    clip: Mapping[str, Mark] = field(default_factory=dict)

    def kept(self, criterion: str, marks: Sequence[Mark]) -> Sequence[Mark]:
        """What is left of an entry's marks on a criterion, from the lowest to the highest."""
        ordered = sorted(marks)
        if criterion in self.clip:
            mean, most = Fraction(sum(ordered)) / len(ordered), self.clip[criterion]
            ordered = [min(max(mark, mean - most), mean + most) for mark in ordered]
        return ordered[self.drop : len(ordered) - self.drop]


def count(
    ballots: Iterable[Ballot], entries: Iterable[str], weights: Weights, trimming: Trimming
) -> list[Tally]:
    """A tally for each entry named in `entries` or with a ballot, in the order of their keys.

    A criterion with no mark left after `trimming` has neither mean nor sum. Raises ValueError when
    a juror has two ballots for one entry: only the latest counts, and the caller knows which.
    """
    by_entry: dict[str, dict[str, Ballot]] = {entry: {} for entry in entries}
    for ballot in ballots:
        heard = by_entry.setdefault(ballot.entry, {})
        if ballot.juror in heard:
            raise ValueError(f"{ballot.juror} has two ballots for {ballot.entry}")
        heard[ballot.juror] = ballot
    return [
        _tally(entry, by_entry[entry].values(), weights, trimming) for entry in sorted(by_entry)
    ]


def _tally(entry: str, ballots: Iterable[Ballot], weights: Weights, trimming: Trimming) -> Tally:
    given: dict[str, list[Mark]] = defaultdict(list)
    sheets: dict[str, Mapping[str, Mark]] = {}
    towards_quorum = 0
    for ballot in ballots:
        effect = EFFECTS[ballot.state]
        marked = [key for key in weights if key in ballot.marks]
        towards_quorum += effect.quorum and bool(marked)
        if effect.mean and marked:
            sheets[ballot.juror] = ballot.marks
            for key in marked:
                given[key].append(ballot.marks[key])
    kept = {key: trimming.kept(key, marks) for key, marks in given.items()}
    sums = {key: Fraction(sum(marks)) for key, marks in kept.items() if marks}
    return Tally(
        entry=entry,
        jurors=len(sheets),
        towards_quorum=towards_quorum,
        marks=tuple(mark for marks in given.values() for mark in marks),
        means={key: total / len(kept[key]) for key, total in sums.items()},
        sums=sums,
        sheets=sheets,
        weights=weights,
    )
