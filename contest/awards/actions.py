"""Conferring prizes, taking them back, and publishing the palmarès."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from contest.awards.composition import compose
from contest.awards.models import Conferral
from contest.awards.queries import Bench, bench, shortcomings
from contest.editions.models import Edition
from contest.entries.models import Entry
from contest.logbook import log
from contest.programme.actions import publish as publish_document
from contest.programme.actions import unchanged
from contest.programme.models import Snapshot
from contest.programme.queries import latest
from contest.rulebook import awarding
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence

LONGEST_CITATION = 600
"""Characters; a citation is read beside a still, not instead of the film."""

LONGEST_CORRECTION = 400
"""Characters of the sentence that says what a correction corrects."""

SETTLED_LATER = frozenset({"award.incomplete", "award.unfillable"})
"""Findings that keep a palmarès from being published but not a prize from being conferred."""


def confer(
    session: Session,
    edition: Edition,
    award_key: str,
    entry: Entry,
    *,
    citation: str,
    reason: str,
    person_id: int,
    now: datetime,
) -> Conferral:
    """Give a prize to a film. Raises `Refused` with findings where slate or standings forbid it."""
    seen = bench(session, edition)
    if any(each.entry_id == entry.id for each in seen.of_award(award_key)):
        raise Refused(Sentence("This film holds this prize already."))
    chosen = awarding.Conferral(award_key, str(entry.id), reason)
    _refuse_what_is_new(seen, (*seen.given, chosen))
    conferral = Conferral(
        edition_id=edition.id,
        award_key=award_key,
        entry=entry,
        citation=_fitting(citation),
        reason=reason.strip(),
        conferred_by_id=person_id,
        at=now,
    )
    return _give(session, conferral)


def confer_proposed(
    session: Session, edition: Edition, *, person_id: int, now: datetime
) -> list[Conferral]:
    """Give every open place the film the standings alone decide; what is contested stays open."""
    seen = bench(session, edition)
    entries = {str(each.entry_id): each.entry for each in seen.standings}
    return [
        _give(
            session,
            Conferral(
                edition_id=edition.id,
                award_key=proposal.award,
                entry=entries[film],
                conferred_by_id=person_id,
                at=now,
            ),
        )
        for proposal in awarding.propose(seen.slate, seen.contenders, seen.given)
        for film in proposal.entries
    ]


def cite(
    session: Session,
    conferral: Conferral,
    *,
    citation: str,
    reason: str,
    person_id: int,
    now: datetime,
) -> None:
    """Write why a film won, and why the choice departs from the standings where it does."""
    said = (_fitting(citation), reason.strip())
    if said == (conferral.citation, conferral.reason):
        return
    conferral.citation, conferral.reason = said
    _record(session, "award.cited", conferral, person_id, now)


def take_back(session: Session, conferral: Conferral, *, person_id: int, now: datetime) -> None:
    """Take a prize back from a film; the logbook keeps that it was given."""
    _record(session, "award.taken_back", conferral, person_id, now)
    session.delete(conferral)


def publish(
    session: Session, edition: Edition, *, correction: str, person_id: int, now: datetime
) -> Snapshot:
    """Publish the palmarès: it shows from the announced instant on, or at once if that is past.

    Raises `Refused` with every blocking shortcoming. Publishing what is published already changes
    nothing; publishing something else is a correction and has to say what it corrects.
    """
    seen = bench(session, edition)
    blocking = [each for each in shortcomings(seen, "en") if each.severity is Severity.BLOCK]
    if blocking:
        raise Refused(
            Sentence("The palmarès can't be published yet: something is missing."), blocking
        )
    before, palmares = latest(session, edition.id), compose(session, seen)
    told = _fitting(correction, LONGEST_CORRECTION)
    if before is not None and not unchanged(before, palmares) and not told:
        raise Refused(
            Sentence("A palmarès is published already. Say in a sentence what this one corrects.")
        )
    edition.published_at = edition.published_at or now
    return publish_document(
        session,
        palmares,
        edition_id=edition.id,
        visible_from=max(edition.rules.calendar.announces_at, now),
        now=now,
        person_id=person_id,
        correction=told,
    )


def _give(session: Session, conferral: Conferral) -> Conferral:
    session.add(conferral)
    _record(session, "award.conferred", conferral, conferral.conferred_by_id, conferral.at)
    return conferral


def _refuse_what_is_new(seen: Bench, given: tuple[awarding.Conferral, ...]) -> None:
    """Refuse for what this conferral brings about, not for what stands from before."""
    known = {_gist(each) for each in seen.check(_as_proposed(seen, seen.given))}
    new = [
        each
        for each in seen.check(_as_proposed(seen, given))
        if each.severity is Severity.BLOCK
        and each.code not in SETTLED_LATER
        and _gist(each) not in known
    ]
    if new:
        raise Refused(Sentence("This prize can't be given to this film."), new)


def _as_proposed(
    seen: Bench, given: tuple[awarding.Conferral, ...]
) -> tuple[awarding.Conferral, ...]:
    """The conferrals as if every open place went as the standings propose.

    So prizes can be given in any order: a film is passed over only if no proposal is for it.
    """
    proposals = awarding.propose(seen.slate, seen.contenders, given)
    proposed = (awarding.Conferral(each.award, film) for each in proposals for film in each.entries)
    return (*given, *proposed)


def _gist(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.about, str(finding.advice)


def _fitting(words: str, most: int = LONGEST_CITATION) -> str:
    """The words in one line. Raises `Refused` when there are more than `most` characters."""
    line = " ".join(words.split())
    if len(line) > most:
        raise Refused(
            Sentence(
                "You wrote %(length)s characters; %(most)s fit here. Shorten it.",
                length=len(line),
                most=most,
            )
        )
    return line


def _record(
    session: Session, act: str, conferral: Conferral, person_id: int, now: datetime
) -> None:
    log(
        session,
        act,
        f"entry:{conferral.entry_id or conferral.entry.id}",
        now=now,
        person_id=person_id,
        edition_id=conferral.edition_id,
        award=conferral.award_key,
        citation=conferral.citation,
        reason=conferral.reason,
    )
