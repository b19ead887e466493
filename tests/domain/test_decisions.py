"""What organizers decide about an entry, and how its author comes to know."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.actions import save_rules
from contest.entries import actions
from contest.entries.judging import obstacles
from contest.entries.models import DecisionKind, Entry
from contest.letters.actions import let_go
from contest.letters.models import Letter, LetterState
from contest.logbook import LogLine
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage, NotNow
from tests.entering import CLOSES, SECOND, URL, acts, make_ready_entry
from tests.factories import (
    NOON,
    document,
    make_edition,
    make_organizer,
    make_person,
    make_submitted_entry,
)


def decide(session: Session, entry: Entry, kind: DecisionKind, reason: str = "Because.") -> Letter:
    organizer = make_organizer(session, entry.edition)
    decision = actions.decide(session, entry, kind, reason, by=organizer, public_url=URL, now=NOON)
    letter = decision.letter
    assert letter is not None
    return letter


@pytest.mark.parametrize(
    ("kind", "stage", "template"),
    [
        (DecisionKind.ACCEPT, EntryStage.ACCEPTED, "accepted"),
        (DecisionKind.REFUSE, EntryStage.REFUSED, "refused"),
        (DecisionKind.ASK, EntryStage.ASKED, "asked"),
    ],
)
def test_a_decision_holds_a_letter_in_the_authors_language(
    session: Session, kind: DecisionKind, stage: EntryStage, template: str
) -> None:
    author = make_person(session, language="fr")
    entry = make_submitted_entry(session, make_edition(session), author)
    letter = decide(session, entry, kind, "Une raison.")
    assert (entry.stage, entry.decided_at) == (stage, NOON)
    assert (letter.template, letter.language, letter.state) == (template, "fr", LetterState.HELD)
    assert "Une raison." in letter.text
    assert "Courts IA" in letter.text
    assert acts(session) == [f"entry.{stage.value}"]
    assert not entry.decisions[-1].is_told
    let_go(session, letter)
    assert entry.decisions[-1].is_told


@pytest.mark.parametrize("kind", [DecisionKind.REFUSE, DecisionKind.ASK])
def test_a_refusal_and_a_question_need_words(session: Session, kind: DecisionKind) -> None:
    entry = make_submitted_entry(session, make_edition(session))
    with pytest.raises(Refused, match="Write the reason"):
        decide(session, entry, kind, "  ")
    assert entry.stage is EntryStage.SUBMITTED


def test_a_draft_can_not_be_decided(session: Session) -> None:
    with pytest.raises(NotNow, match="is a draft"):
        decide(session, make_ready_entry(session), DecisionKind.ACCEPT)


def test_a_question_is_answered_even_after_the_closing(session: Session) -> None:
    entry = make_submitted_entry(session, make_edition(session))
    decide(session, entry, DecisionKind.ASK, "Who sings?")
    late = CLOSES + SECOND
    with pytest.raises(Refused, match="Write an answer"):
        actions.answer(session, entry, " ", public_url=URL, now=late)
    actions.save_credits(session, entry, [{"name": "Mei", "role": "Voice"}], now=late)
    actions.answer(session, entry, "Mei does.", public_url=URL, now=late)
    assert (entry.stage, entry.receipts[-1].at) == (EntryStage.SUBMITTED, late)
    line = session.scalars(select(LogLine).order_by(LogLine.id.desc()).limit(1)).one()
    assert (line.act, line.details) == ("entry.answered", {"answer": "Mei does."})
    assert acts(session) == ["entry.asked", "entry.credits_saved", "entry.answered"]


def test_who_is_asked_is_held_to_the_rules_they_submitted_under(session: Session) -> None:
    entry = make_ready_entry(session)
    actions.submit(session, entry, public_url=URL, now=NOON)
    decide(session, entry, DecisionKind.ASK, "Who sings?")
    stricter = document()
    stricter["film"]["duration_max_s"] = 61
    for each in stricter["rights"]:
        each["text"]["en"] += " So help me."
    save_rules(session, entry.edition, stricter, by_id=None, now=NOON + SECOND)
    session.refresh(entry.edition)
    said = [each.statement for each in entry.affirmations]
    actions.affirm(session, entry, said[1:], now=NOON + 2 * SECOND)
    actions.affirm(session, entry, said, now=NOON + 3 * SECOND)
    assert obstacles(entry) == []
    actions.answer(session, entry, "Mei does.", public_url=URL, now=NOON + 4 * SECOND)
    first, last = entry.receipts[0], entry.receipts[-1]
    assert (last.rules_hash, last.at) == (first.rules_hash, NOON + 4 * SECOND)
