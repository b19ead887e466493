"""What organizers decide about an entry: always with a letter that waits in the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from contest.entries.models import Decision, DecisionKind, Entry
from contest.entries.post import write_to_author
from contest.logbook import log
from contest.people.models import Person
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import ENTRY, EntryEvent, advance

EVENTS = {
    DecisionKind.ACCEPT: EntryEvent.ACCEPT,
    DecisionKind.REFUSE: EntryEvent.REFUSE,
    DecisionKind.ASK: EntryEvent.ASK,
}
TEMPLATES = {
    DecisionKind.ACCEPT: "accepted",
    DecisionKind.REFUSE: "refused",
    DecisionKind.ASK: "asked",
}


def decide(
    session: Session,
    entry: Entry,
    kind: DecisionKind,
    reason: str,
    *,
    by: Person,
    public_url: str,
    now: datetime,
) -> Decision:
    """Accept, refuse or ask; the author's letter is held until an organizer lets it go.

    Raises `Refused` where refusal or question lack a reason, `NotNow` where the stage forbids.
    """
    reason = reason.strip()
    if kind is not DecisionKind.ACCEPT and not reason:
        raise Refused(Sentence("Write the reason; its author will read it."))
    entry.stage = advance(ENTRY, entry.stage, EVENTS[kind])
    entry.decided_at = now
    letter = write_to_author(
        session,
        TEMPLATES[kind],
        entry,
        now=now,
        held=True,
        reason=reason,
        link=f"{public_url}/entries/{entry.id}",
    )
    decision = Decision(
        entry_id=entry.id,
        kind=kind,
        reason=reason,
        decided_by_id=by.id,
        letter=letter,
        at=now,
    )
    entry.decisions.append(decision)
    session.flush()  # the database checks the stage against its facts now, not later
    about, edition_id = f"entry:{entry.id}", entry.edition_id
    act = f"entry.{entry.stage.value}"
    log(session, act, about, now=now, person_id=by.id, edition_id=edition_id, reason=reason)
    return decision
