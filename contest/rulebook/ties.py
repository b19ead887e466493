"""Ties: rules tried one after another on entries whose scores are equal as published.

A chain is data, such as `("criterion:story", "countback", "head_to_head")`. Each rule weighs
every entry of the tied group; where the weights differ the group falls apart, and what is still
equal goes on to the next rule. Entries that no rule separates share their place. Nothing else
ever decides: not the order of the ballots, not a key, not the last bit of a float.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, groupby, islice

from contest.rulebook.scoring import published, shown
from contest.rulebook.sentences import Sentence
from contest.rulebook.tallies import Tally

CRITERION = "criterion:"
RIVALS_NAMED = 5
MOST_DUELS = 20_000_000
"""Duels on all ballots, beyond which a comparison would take minutes."""


@dataclass(frozen=True)
class Terms:
    """How entries are compared: decimals published, the better direction, names to call them by."""

    decimals: int | None
    lower_wins: bool
    names: Mapping[str, str]

    def name(self, entry: str) -> str:
        """What the explanations call an entry: its key, unless a better name was given."""
        return self.names.get(entry, entry)


@dataclass(frozen=True)
class Weight:
    """What a tie rule finds for one entry: the greater `key` goes first; `text` shows it."""

    key: tuple[Fraction, ...]
    text: str


Group = Sequence[Tally]
Weighing = Mapping[str, Weight]
Trail = Mapping[str, list[Sentence]]


def check_chain(chain: Iterable[str], criteria: Collection[str]) -> None:
    """Raises ValueError, naming the rule, unless every rule of the chain is known."""
    for rule in chain:
        if rule not in RULES and not _on_criterion(rule, criteria):
            known = [f"{CRITERION}{key}" for key in criteria] + list(RULES)
            raise ValueError(f"no tie rule is called {rule}; there are {', '.join(known)}")


def separate(group: Group, chain: Sequence[str], terms: Terms, trail: Trail) -> list[Group]:
    """The tied group in order, split as far as the chain splits it.

    What each rule found is appended to each entry's `trail`.
    """
    if len(group) == 1 or not chain:
        return [group]
    rule, rest = chain[0], chain[1:]
    weighing = _weigh(rule, group, terms)
    parts = split(group, lambda tally: weighing[tally.entry].key)
    for tally in group:
        trail[tally.entry].append(_verdict(rule, tally.entry, weighing, terms, len(parts) > 1))
    return [smaller for part in parts for smaller in separate(part, rest, terms, trail)]


def split(group: Group, key: Callable[[Tally], tuple[Fraction, ...]]) -> list[Group]:
    """The group cut into runs of equal `key`, the greatest first."""
    ordered = sorted(group, key=key, reverse=True)
    return [list(run) for _, run in groupby(ordered, key=key)]


def rivals(entry: str, group: Iterable[str], terms: Terms, describe: Weighing | None = None) -> str:
    """The names of the others in the group, the first few in the order of their keys."""
    others = list(islice((each for each in group if each != entry), RIVALS_NAMED + 1))
    words = [
        f"{terms.name(each)} {describe[each].text}" if describe else terms.name(each)
        for each in others[:RIVALS_NAMED]
    ]
    return ", ".join(words) + (", …" if len(others) > RIVALS_NAMED else "")


def placed(place: int, entry: str, group: Sequence[str], terms: Terms) -> Sentence:
    """The place in words, with whom it is shared."""
    if len(group) == 1:
        return Sentence("Place %(place)s.", place=place)
    return Sentence(
        "Place %(place)s, shared with %(others)s.", place=place, others=rivals(entry, group, terms)
    )


def _on_criterion(rule: str, criteria: Collection[str]) -> bool:
    return rule.startswith(CRITERION) and rule.removeprefix(CRITERION) in criteria


def _weigh(rule: str, group: Group, terms: Terms) -> Weighing:
    if rule.startswith(CRITERION):
        return _by_criterion(rule.removeprefix(CRITERION), group, terms)
    return RULES[rule](group, terms)


def _by_criterion(criterion: str, group: Group, terms: Terms) -> Weighing:
    """The better mean on one criterion, at the published decimals; no mark at all comes last."""
    weighing = {}
    for tally in group:
        mean = tally.means.get(criterion)
        if mean is None:
            weighing[tally.entry] = Weight((Fraction(0),), "-")
        else:
            value = published(mean, terms.decimals)
            key = (Fraction(1), -value if terms.lower_wins else value)
            weighing[tally.entry] = Weight(key, shown(mean, terms.decimals))
    return weighing


def _countback(group: Group, terms: Terms) -> Weighing:
    """More of the best mark; if equal, more of the next best, and so on down."""
    sign = -1 if terms.lower_wins else 1
    keys = {
        tally.entry: tuple(sorted((Fraction(sign * mark) for mark in tally.marks), reverse=True))
        for tally in group
    }
    telling = _telling_marks(set(keys.values()))
    return {
        entry: Weight(
            key, " ".join(f"{key.count(mark)}×{shown(sign * mark, None)}" for mark in telling)
        )
        for entry, key in keys.items()
    }


def _telling_marks(vectors: Collection[tuple[Fraction, ...]]) -> list[Fraction]:
    """The marks from the best down to the one that tells the last two different vectors apart."""
    looked_at: list[Fraction] = []
    for mark in sorted({mark for vector in vectors for mark in vector}, reverse=True):
        looked_at.append(mark)
        counts = {tuple(vector.count(each) for each in looked_at) for vector in vectors}
        if len(counts) == len(vectors):
            break
    return looked_at


def _more_ballots(group: Group, _terms: Terms) -> Weighing:
    return {tally.entry: Weight((Fraction(tally.jurors),), str(tally.jurors)) for tally in group}


def _head_to_head(group: Group, terms: Terms) -> Weighing:
    """Duels won inside the group (a drawn one counts half), then jurors in favour over all duels.

    A duel is judged by the jurors who scored both, each by the totals of the two ballots.
    """
    favour = _jurors_in_favour(group, terms)
    ahead: dict[str, int] = defaultdict(int)
    votes: dict[str, int] = defaultdict(int)
    for (one, other), mine in favour.items():
        ahead[one] += mine > favour.get((other, one), 0)
        ahead[other] -= mine > favour.get((other, one), 0)
        votes[one] += mine
    weighing = {}
    for tally in group:  # one who won every duel is ahead as often as there are others
        won = Fraction(len(group) - 1 + ahead[tally.entry], 2)
        text = f"{shown(won, None)} / {votes[tally.entry]}"
        weighing[tally.entry] = Weight((won, Fraction(votes[tally.entry])), text)
    return weighing


def _jurors_in_favour(group: Group, terms: Terms) -> dict[tuple[str, str], int]:
    """How many jurors hold the first of two entries above the second."""
    sheets: dict[str, list[tuple[Fraction, str]]] = defaultdict(list)
    for tally in group:
        for juror, total in tally.totals.items():
            sheets[juror].append((-total if terms.lower_wins else total, tally.entry))
    if sum(len(sheet) ** 2 for sheet in sheets.values()) > MOST_DUELS:
        raise ValueError(
            f"{len(group)} films are equal, too many to compare head to head; publish more"
            " decimals, or let another rule part them"
        )
    favour: dict[tuple[str, str], int] = defaultdict(int)
    for sheet in sheets.values():
        for (low, worse), (high, better) in combinations(sorted(sheet), 2):
            if low < high:
                favour[better, worse] += 1
    return favour


RULES: Mapping[str, Callable[[Group, Terms], Weighing]] = {
    "countback": _countback,
    "more_ballots": _more_ballots,
    "head_to_head": _head_to_head,
}


def _verdict(rule: str, entry: str, weighing: Weighing, terms: Terms, parted: bool) -> Sentence:
    mine = weighing[entry].text
    if parted:
        return _parted(rule, mine, rivals(entry, weighing, terms, weighing))
    return _still_equal(rule, mine)


def _parted(rule: str, mine: str, theirs: str) -> Sentence:
    if rule == "countback":
        return Sentence(
            "Count-back of the best marks: %(mine)s; %(theirs)s.", mine=mine, theirs=theirs
        )
    if rule == "more_ballots":
        return Sentence("Number of ballots: %(mine)s; %(theirs)s.", mine=mine, theirs=theirs)
    if rule == "head_to_head":
        return Sentence(
            "Head to head (duels won / jurors in favour): %(mine)s; %(theirs)s.",
            mine=mine,
            theirs=theirs,
        )
    return Sentence(
        "Mean on %(criterion)s: %(mine)s; %(theirs)s.",
        criterion=rule.removeprefix(CRITERION),
        mine=mine,
        theirs=theirs,
    )


def _still_equal(rule: str, mine: str) -> Sentence:
    if rule == "countback":
        return Sentence("Count-back of the best marks leaves the tie.")
    if rule == "more_ballots":
        return Sentence("The number of ballots leaves the tie: %(mine)s each.", mine=mine)
    if rule == "head_to_head":
        return Sentence(
            "Head to head leaves the tie (duels won / jurors in favour: %(mine)s).", mine=mine
        )
    return Sentence(
        "The mean on %(criterion)s leaves the tie: %(mine)s each.",
        criterion=rule.removeprefix(CRITERION),
        mine=mine,
    )
