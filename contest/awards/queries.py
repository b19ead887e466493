"""The slate against frozen standings: what is conferred, what is proposed, what is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contest.awards.cards import card
from contest.awards.models import Conferral
from contest.editions.models import Edition
from contest.entries.models import Entry, Reel
from contest.jury.models import Round, Standing
from contest.media.models import Master
from contest.rulebook import awarding
from contest.rulebook.awarding import Contender, Proposal, Slate
from contest.rulebook.conferring import check_conferrals
from contest.rulebook.findings import Finding
from contest.rulebook.presenting import check_cards, check_rounds
from contest.rulebook.rules import AwardRules, Rules, in_language
from contest.rulebook.stages import EntryStage, RoundStage

GONE = frozenset({EntryStage.REFUSED, EntryStage.WITHDRAWN})
"""An entry can be disqualified or withdrawn after its place was frozen."""


@dataclass(frozen=True)
class Bench:
    """Everything an edition's prizes are decided from, loaded once.

    `round` is the last closed one, whose rules and frozen standings decide; None while no round
    is closed. Entries are named by their id as text wherever the rulebook speaks of them.
    """

    edition: Edition
    rounds: Sequence[Round]
    round: Round | None
    standings: Sequence[Standing]
    conferrals: Sequence[Conferral]

    @property
    def rules(self) -> Rules:
        """The rules the deciding round was judged by, else those in force."""
        return self.round.rules_version.rules if self.round else self.edition.rules

    @cached_property
    def slate(self) -> Slate:
        return Slate.of(self.rules)

    @cached_property
    def contenders(self) -> tuple[Contender, ...]:
        """The ranked films that are still in the competition."""
        return tuple(
            Contender(str(each.entry_id), each.place, _means(each))
            for each in self.standings
            if each.place is not None and each.entry.stage not in GONE
        )

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What findings call the films."""
        ranked = {str(each.entry_id): each.entry.display_title for each in self.standings}
        held = {str(each.entry_id): each.entry.display_title for each in self.conferrals}
        return ranked | held

    @cached_property
    def given(self) -> tuple[awarding.Conferral, ...]:
        """The conferrals as the rulebook knows them."""
        return tuple(
            awarding.Conferral(each.award_key, str(each.entry_id), each.reason)
            for each in self.conferrals
        )

    def check(self, given: tuple[awarding.Conferral, ...] | None = None) -> list[Finding]:
        """What the slate and the standings say against these conferrals, or the present ones."""
        chosen = self.given if given is None else given
        return check_conferrals(self.slate, chosen, self.contenders, self.names)

    def of_award(self, key: str) -> list[Conferral]:
        """The films that hold a prize: better placed first, equal ones in the order given."""
        places = {each.entry_id: each.place or 0 for each in self.standings}
        held = [each for each in self.conferrals if each.award_key == key]
        return sorted(held, key=lambda each: (places.get(each.entry_id, 0), each.id))


@dataclass(frozen=True)
class Holder:
    """A film that holds a prize, beside where it stands."""

    conferral: Conferral
    standing: Standing | None
    worth: str


@dataclass(frozen=True)
class Candidate:
    """A film that could be given a prize, and what speaks for it."""

    standing: Standing
    worth: str


@dataclass(frozen=True)
class PrizeView:
    """One prize of the slate as its organizers see it."""

    award: AwardRules
    proposal: Proposal
    holders: tuple[Holder, ...]
    proposed: tuple[Candidate, ...]
    contested: tuple[Candidate, ...]
    others: tuple[Candidate, ...]
    findings: tuple[Finding, ...]


def bench(session: Session, edition: Edition) -> Bench:
    """Load what an edition's prizes are decided from."""
    rounds = session.scalars(
        select(Round)
        .where(Round.edition_id == edition.id)
        .options(joinedload(Round.rules_version))
        .order_by(Round.position)
    ).all()
    closed = [each for each in rounds if each.stage is RoundStage.CLOSED]
    deciding = closed[-1] if closed else None
    return Bench(
        edition=edition,
        rounds=rounds,
        round=deciding,
        standings=_standings(session, deciding.id) if deciding else (),
        conferrals=_conferrals(session, edition.id),
    )


def prizes(seen: Bench, findings: Sequence[Finding]) -> list[PrizeView]:
    """Each prize in order of precedence: its films, what is proposed, what is wrong."""
    proposals = awarding.propose(seen.slate, seen.contenders, seen.given)
    standing_of = {str(each.entry_id): each for each in seen.standings}
    return [
        _prize(seen, award, proposal, standing_of, findings)
        for award, proposal in zip(seen.slate.awards, proposals, strict=True)
    ]


def shortcomings(seen: Bench, language: str) -> list[Finding]:
    """Everything to settle or to know before publication, each about the key of a prize."""
    return [
        *check_rounds(open_rounds(seen, language)),
        *seen.check(),
        *check_cards(card(each) for each in seen.conferrals),
    ]


def open_rounds(seen: Bench, language: str) -> list[str]:
    """The titles of the rounds of the rules that are not closed yet."""
    closed = {each.key for each in seen.rounds if each.stage is RoundStage.CLOSED}
    planned = seen.edition.rules.rounds
    return [in_language(each.title, language) for each in planned if each.key not in closed]


def conferral_of(session: Session, edition: Edition, key: str, number: int) -> Conferral | None:
    """The prize of that key given to the film with that entry number."""
    return session.scalar(
        select(Conferral)
        .join(Conferral.entry)
        .where(
            Conferral.edition_id == edition.id,
            Conferral.award_key == key,
            Entry.number == number,
        )
        .options(joinedload(Conferral.entry))
    )


def _standings(session: Session, round_id: int) -> Sequence[Standing]:
    return session.scalars(
        select(Standing)
        .where(Standing.round_id == round_id)
        .options(joinedload(Standing.entry))
        .order_by(Standing.place.is_(None), Standing.place, Standing.entry_id)
    ).all()


def _conferrals(session: Session, edition_id: int) -> Sequence[Conferral]:
    """With all that a card shows of their films, in a fixed number of queries."""
    film = joinedload(Conferral.entry)
    master = film.selectinload(Entry.reels).joinedload(Reel.master)
    return session.scalars(
        select(Conferral)
        .where(Conferral.edition_id == edition_id)
        .options(
            film.selectinload(Entry.credits),
            film.selectinload(Entry.tools),
            film.selectinload(Entry.subtitles),
            master.joinedload(Master.inspection),
            master.selectinload(Master.renditions),
        )
        .order_by(Conferral.id)
    ).all()


def _means(standing: Standing) -> dict[str, Fraction]:
    return {key: Fraction(mean) for key, mean in standing.criteria.items()}


def _prize(
    seen: Bench,
    award: AwardRules,
    proposal: Proposal,
    standing_of: Mapping[str, Standing],
    findings: Sequence[Finding],
) -> PrizeView:
    held = {str(each.entry_id) for each in seen.conferrals}
    named = {*proposal.entries, *proposal.contested}
    ranked = [each.entry for each in seen.contenders]

    def candidates(entries: Sequence[str]) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(standing_of[each], worth(standing_of[each], award)) for each in entries
        )

    return PrizeView(
        award=award,
        proposal=proposal,
        holders=tuple(
            Holder(each, found := standing_of.get(str(each.entry_id)), worth(found, award))
            for each in seen.of_award(award.key)
        ),
        proposed=candidates(proposal.entries),
        contested=candidates(proposal.contested),
        others=candidates([each for each in ranked if each not in held | named]),
        findings=tuple(each for each in findings if each.about == award.key),
    )


def worth(standing: Standing | None, award: AwardRules) -> str:
    """What decides the prize for a film, as published: its score, or its mean on a criterion."""
    if standing is None:
        return ""
    if award.basis == awarding.STANDING:
        return standing.score or ""
    return str(standing.criteria.get(award.basis.removeprefix(awarding.CRITERION), ""))
