"""What is wrong with a choice of prizes, measured against the slate and the frozen standings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from contest.rulebook.awarding import Conferral, Contender, Slate, holdings, worth_for
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import AwardRules
from contest.rulebook.sentences import Sentence


def check_conferrals(
    slate: Slate,
    conferrals: Iterable[Conferral],
    ranked: Iterable[Contender],
    names: Mapping[str, str] | None = None,
) -> list[Finding]:
    """What keeps these conferrals from being published; flags don't, blocks do.

    Each finding is about the key of a prize. `names` are what the findings call the films.
    """
    field, given = tuple(ranked), tuple(conferrals)
    books = _Books(slate, given, {each.entry: each for each in field}, names or {})
    return [
        *books.strangers(),
        *books.twice(),
        *books.miscounted(),
        *books.out_of_order(),
    ]


class _Books:
    """The conferrals laid against slate and standings."""

    def __init__(
        self,
        slate: Slate,
        given: tuple[Conferral, ...],
        field: Mapping[str, Contender],
        names: Mapping[str, str],
    ) -> None:
        self.slate, self.given, self.field, self.names = slate, given, field, names
        self.precedence = {award.key: at for at, award in enumerate(slate.awards)}
        self.holding = holdings(slate, given)

    def name(self, entry: str) -> str:
        return self.names.get(entry, entry)

    def strangers(self) -> Iterator[Finding]:
        """Prizes the slate does not have, and films the standings do not rank."""
        for each in self.given:
            if each.award not in self.precedence:
                advice = Sentence("The slate has no prize called %(award)s.", award=each.award)
                yield _blocked("award.unknown", each.award, advice)
            if each.entry not in self.field:
                advice = Sentence(
                    "%(film)s is not ranked, so it can't be given a prize.",
                    film=self.name(each.entry),
                )
                yield _blocked("award.not_ranked", each.award, advice)

    def twice(self) -> Iterator[Finding]:
        """Films with more prizes than the slate allows, told at the later prize."""
        for entry, held in sorted(self.holding.items()):
            earlier: list[AwardRules] = []
            for award in sorted(held, key=lambda each: self.precedence[each.key]):
                if self.slate.excludes(earlier, award):
                    advice = Sentence(
                        "%(film)s already holds a prize that excludes this one."
                        " Choose another film for one of the two.",
                        film=self.name(entry),
                    )
                    yield _blocked("award.second_prize", award.key, advice)
                earlier.append(award)

    def miscounted(self) -> Iterator[Finding]:
        """Prizes with more films than places, or with fewer."""
        filled = Counter(each.award for each in self.given)
        for award in self.slate.awards:
            measured = Sentence("films: %(films)s", films=filled[award.key])
            allowed = Sentence("places: %(places)s", places=award.places)
            if filled[award.key] > award.places:
                advice = Sentence(
                    "More films than places; take back: %(films)s.",
                    films=filled[award.key] - award.places,
                )
                yield _blocked("award.too_many", award.key, advice, measured, allowed)
            elif filled[award.key] < award.places:
                yield self._unfilled(award, measured, allowed)

    def _unfilled(self, award: AwardRules, measured: Sentence, allowed: Sentence) -> Finding:
        if any(not self.slate.excludes(self.holding[entry], award) for entry in self.field):
            advice = Sentence("Confer every place of this prize before you publish.")
            return _blocked("award.incomplete", award.key, advice, measured, allowed)
        advice = Sentence("No ranked film is left for the other places; they stay empty.")
        return Finding("award.unfillable", award.key, Severity.FLAG, advice, measured, allowed)

    def out_of_order(self) -> Iterator[Finding]:
        """Films that were given a prize over a better one, without a reason."""
        for each in self.given:
            if (
                each.award in self.precedence
                and each.entry in self.field
                and not each.reason.strip()
            ):
                award = self.slate.awards[self.precedence[each.award]]
                passed_over = self._passed_over(self.field[each.entry], award)
                if passed_over:
                    advice = Sentence(
                        "Better placed for this prize than %(film)s: %(better)s."
                        " Choose from these, or write down the reason.",
                        better=", ".join(map(self.name, passed_over)),
                        film=self.name(each.entry),
                    )
                    yield _blocked("award.out_of_order", award.key, advice)

    def _passed_over(self, winner: Contender, award: AwardRules) -> list[str]:
        """Better films that hold neither this prize nor an earlier one that keeps them from it."""
        mine = worth_for(winner, award)
        better = [
            each.entry
            for each in self.field.values()
            if (worth := worth_for(each, award)) is not None and (mine is None or worth > mine)
        ]
        return sorted(entry for entry in better if not self._is_settled(entry, award))

    def _is_settled(self, entry: str, award: AwardRules) -> bool:
        """Whether the film holds this prize, or one of higher precedence that excludes it."""
        held = [
            other
            for other in self.holding.get(entry, [])
            if self.precedence[other.key] <= self.precedence[award.key]
        ]
        return self.slate.excludes(held, award)


def _blocked(
    code: str,
    award: str,
    advice: Sentence,
    measured: Sentence | None = None,
    allowed: Sentence | None = None,
) -> Finding:
    return Finding(code, award, Severity.BLOCK, advice, measured, allowed)
