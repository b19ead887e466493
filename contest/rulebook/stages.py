"""Life-cycles as tables: what may happen to an entry, a round and a screening."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence


class EntryStage(StrEnum):
    """Where an entry stands with its edition."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class EntryEvent(StrEnum):
    """What authors and organizers do to an entry."""

    SUBMIT = "submit"
    RETURN_TO_DRAFT = "return_to_draft"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    ASK = "ask"
    ANSWER = "answer"
    ACCEPT = "accept"
    REFUSE = "refuse"


class RoundStage(StrEnum):
    """A round is planned, then open to ballots, then closed for good."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class RoundEvent(StrEnum):
    """What organizers do to a round."""

    OPEN = "open"
    CLOSE = "close"


class ScreeningStage(StrEnum):
    """What a juror did with a film; only `scored` counts in a mean."""

    WAITING = "waiting"
    SKIPPED = "skipped"
    SCORED = "scored"
    ABSTAINED = "abstained"
    RECUSED = "recused"


class ScreeningEvent(StrEnum):
    """A juror's five acts; resuming takes back a skip or an abstention."""

    SIGN = "sign"
    SKIP = "skip"
    ABSTAIN = "abstain"
    RECUSE = "recuse"
    RESUME = "resume"


ENTRY: Mapping[tuple[EntryStage, EntryEvent], EntryStage] = {
    (EntryStage.DRAFT, EntryEvent.SUBMIT): EntryStage.SUBMITTED,
    (EntryStage.DRAFT, EntryEvent.WITHDRAW): EntryStage.WITHDRAWN,
    (EntryStage.SUBMITTED, EntryEvent.RETURN_TO_DRAFT): EntryStage.DRAFT,
    (EntryStage.SUBMITTED, EntryEvent.WITHDRAW): EntryStage.WITHDRAWN,
    (EntryStage.SUBMITTED, EntryEvent.ASK): EntryStage.ASKED,
    (EntryStage.SUBMITTED, EntryEvent.ACCEPT): EntryStage.ACCEPTED,
    (EntryStage.SUBMITTED, EntryEvent.REFUSE): EntryStage.REFUSED,
    (EntryStage.ASKED, EntryEvent.ANSWER): EntryStage.SUBMITTED,
    (EntryStage.ASKED, EntryEvent.ACCEPT): EntryStage.ACCEPTED,
    (EntryStage.ASKED, EntryEvent.REFUSE): EntryStage.REFUSED,
    (EntryStage.ASKED, EntryEvent.WITHDRAW): EntryStage.WITHDRAWN,
    (EntryStage.ACCEPTED, EntryEvent.REFUSE): EntryStage.REFUSED,
    (EntryStage.ACCEPTED, EntryEvent.WITHDRAW): EntryStage.WITHDRAWN,
    (EntryStage.REFUSED, EntryEvent.ACCEPT): EntryStage.ACCEPTED,
    (EntryStage.WITHDRAWN, EntryEvent.REOPEN): EntryStage.DRAFT,
}

ROUND: Mapping[tuple[RoundStage, RoundEvent], RoundStage] = {
    (RoundStage.PLANNED, RoundEvent.OPEN): RoundStage.OPEN,
    (RoundStage.OPEN, RoundEvent.CLOSE): RoundStage.CLOSED,
}

SCREENING: Mapping[tuple[ScreeningStage, ScreeningEvent], ScreeningStage] = {
    (ScreeningStage.WAITING, ScreeningEvent.SIGN): ScreeningStage.SCORED,
    (ScreeningStage.WAITING, ScreeningEvent.SKIP): ScreeningStage.SKIPPED,
    (ScreeningStage.WAITING, ScreeningEvent.ABSTAIN): ScreeningStage.ABSTAINED,
    (ScreeningStage.WAITING, ScreeningEvent.RECUSE): ScreeningStage.RECUSED,
    (ScreeningStage.SKIPPED, ScreeningEvent.SIGN): ScreeningStage.SCORED,
    (ScreeningStage.SKIPPED, ScreeningEvent.SKIP): ScreeningStage.SKIPPED,
    (ScreeningStage.SKIPPED, ScreeningEvent.RESUME): ScreeningStage.WAITING,
    (ScreeningStage.SKIPPED, ScreeningEvent.ABSTAIN): ScreeningStage.ABSTAINED,
    (ScreeningStage.SKIPPED, ScreeningEvent.RECUSE): ScreeningStage.RECUSED,
    (ScreeningStage.SCORED, ScreeningEvent.SIGN): ScreeningStage.SCORED,
    (ScreeningStage.SCORED, ScreeningEvent.ABSTAIN): ScreeningStage.ABSTAINED,
    (ScreeningStage.SCORED, ScreeningEvent.RECUSE): ScreeningStage.RECUSED,
    (ScreeningStage.ABSTAINED, ScreeningEvent.RESUME): ScreeningStage.WAITING,
    (ScreeningStage.ABSTAINED, ScreeningEvent.RECUSE): ScreeningStage.RECUSED,
}

NOT_NOW: Mapping[StrEnum, Sentence] = {
    EntryStage.DRAFT: Sentence("This entry is a draft; submit it first."),
    EntryStage.SUBMITTED: Sentence("This entry is submitted; return it to draft to change it."),
    EntryStage.ASKED: Sentence("The organizers wait for its author's answer."),
    EntryStage.ACCEPTED: Sentence("This entry is accepted."),
    EntryStage.REFUSED: Sentence("This entry was refused."),
    EntryStage.WITHDRAWN: Sentence("This entry is withdrawn; reopen it to go on."),
    RoundStage.PLANNED: Sentence("This round is not open yet."),
    RoundStage.OPEN: Sentence("This round is open."),
    RoundStage.CLOSED: Sentence("This round is closed."),
    ScreeningStage.WAITING: Sentence("This film waits for your marks."),
    ScreeningStage.SKIPPED: Sentence("You put this film off."),
    ScreeningStage.SCORED: Sentence("Your ballot for this film is signed."),
    ScreeningStage.ABSTAINED: Sentence("You abstained from this film; resume to score it."),
    ScreeningStage.RECUSED: Sentence("You have a conflict with this film, so you can't judge it."),
}

Stage = TypeVar("Stage", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


class NotNow(Refused):
    """The event can't happen at this stage; `sentence` says where the thing stands."""


def advance(table: Mapping[tuple[Stage, Event], Stage], stage: Stage, event: Event) -> Stage:
    """The stage that follows. Raises `NotNow` when the table has no such step."""
    try:
        return table[stage, event]
    except KeyError:
        raise NotNow(NOT_NOW[stage]) from None
