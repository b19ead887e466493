"""Whether a palmarès has all it needs to be shown: citations, makers, running times, stills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contest.rulebook.findings import Finding, Severity
from contest.rulebook.sentences import Sentence


@dataclass(frozen=True)
class Card:
    """What a palmarès would show of one film under one prize.

    `award` is the prize's key, `film` what findings call the film.
    """

    award: str
    film: str
    citation: str
    makers: int
    has_runtime: bool
    has_still: bool
    may_play: bool
    can_play: bool


def check_cards(cards: Iterable[Card]) -> list[Finding]:
    """What is missing from the cards, each finding about the key of its prize.

    A prize without a citation and a film without makers keep a palmarès from being published;
    what machines have not finished is told, and can be published without.
    """
    return [finding for card in cards for finding in _lacks(card)]


def check_rounds(open_rounds: Iterable[str]) -> list[Finding]:
    """Rounds, by name, that have to be closed before prizes can be published."""
    return [
        Finding(
            "awards.round_open",
            "rounds",
            Severity.BLOCK,
            Sentence("“%(round)s” is not closed. Close it first: prizes rest on it.", round=name),
        )
        for name in open_rounds
    ]


def _lacks(card: Card) -> Iterator[Finding]:
    film = card.film
    if not card.citation.strip():
        yield _finding(
            "award.no_citation",
            card,
            Severity.BLOCK,
            Sentence("The citation for “%(film)s” is missing. Write why it won.", film=film),
        )
    if not card.makers:
        yield _finding(
            "award.no_makers",
            card,
            Severity.BLOCK,
            Sentence("“%(film)s” names nobody. Ask its author for the credits.", film=film),
        )
    if not card.has_runtime:
        yield _finding(
            "award.no_runtime",
            card,
            Severity.FLAG,
            Sentence("“%(film)s” is not measured yet; its length would be left out.", film=film),
        )
    if not card.has_still:
        yield _finding(
            "award.no_still",
            card,
            Severity.FLAG,
            Sentence("“%(film)s” has no still yet; its title would stand alone.", film=film),
        )
    if card.may_play and not card.can_play:
        yield _finding(
            "award.no_film",
            card,
            Severity.FLAG,
            Sentence(
                "No copy of “%(film)s” that browsers play is ready; it would not play.", film=film
            ),
        )


def _finding(code: str, card: Card, severity: Severity, advice: Sentence) -> Finding:
    return Finding(code, card.award, severity, advice)
