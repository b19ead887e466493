"""The filmmakers' room: one's own entries, checked, submitted, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.entries import actions
from contest.entries.models import DecisionKind, Entry
from contest.letters.actions import let_go
from contest.letters.models import Letter
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from tests.conftest import Clock
from tests.counting import statements
from tests.entering import fresh, reword
from tests.factories import (
    NOON,
    document,
    make_edition,
    make_entry,
    make_organizer,
    make_person,
    make_submitted_entry,
)
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]
MONTH = timedelta(days=30)


def test_beginning_an_entry_leads_to_its_page(signed_in: SignIn, session: Session) -> None:
    edition, author = make_edition(session, "shorts"), make_person(session)
    session.commit()
    filmmaker = signed_in(author)
    response = filmmaker.post("/editions/shorts/enter")
    entry = session.scalars(select(Entry)).one()
    assert (response.status_code, response.location) == (303, f"/entries/{entry.id}")
    assert (entry.stage, entry.rules_version_id) == (EntryStage.DRAFT, edition.current.id)
    page = filmmaker.get(response.location).text
    assert "Begun. Not yet submitted." in page
    assert "15 things are still missing" in page


def test_a_closed_call_says_so(signed_in: SignIn, session: Session, clock: Clock) -> None:
    make_edition(session, "shorts")
    author = make_person(session)
    session.commit()
    clock.pass_by(MONTH)
    response = signed_in(author).post("/editions/shorts/enter")
    assert response.status_code == 409
    assert "its call has closed" in response.text


def test_an_unlisted_edition_can_not_be_entered(signed_in: SignIn, session: Session) -> None:
    make_edition(session, "secret", listed_at=None)
    author = make_person(session)
    session.commit()
    assert signed_in(author).post("/editions/secret/enter").status_code == 404


def test_my_entries_are_mine_alone(filmmaker: TestVisitor, session: Session) -> None:
    make_entry(session, make_edition(session), original_title="Somebody else's")
    session.commit()
    page = filmmaker.get("/entries").text
    assert "烟火下的港湾" in page
    assert "Checked. Not yet submitted. Next: Submit." in page
    assert "Somebody else" not in page


def test_my_entries_take_as_many_queries_for_three_as_for_one(
    filmmaker: TestVisitor, draft: Entry, session: Session, database: Database
) -> None:
    def queries() -> int:
        with statements(database.engine) as sent:
            assert filmmaker.get("/entries").status_code == 200
        return len(sent)

    one = queries()
    for _ in range(2):
        make_submitted_entry(session, draft.edition, draft.person)
    session.commit()
    assert queries() == one


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/inspection"),
        ("GET", "/receipt"),
        ("POST", "/facts"),
        ("POST", "/subtitles"),
        ("POST", "/subtitles/en/remove"),
        ("POST", "/submit"),
        ("POST", "/answer"),
        ("POST", "/return"),
        ("POST", "/withdraw"),
        ("POST", "/reopen"),
    ],
)
def test_strangers_find_nothing(
    signed_in: SignIn, visitor: TestVisitor, session: Session, method: str, path: str
) -> None:
    entry = make_submitted_entry(session, make_edition(session))
    stranger = make_person(session)
    organizer = make_organizer(session, entry.edition)
    session.commit()
    address = f"/entries/{entry.id}{path}"
    assert signed_in(stranger).open(address, method=method).status_code == 404
    assert signed_in(organizer).open(address, method=method).status_code == 404
    assert visitor.open(address, method=method).status_code == 303
    assert visitor.fetch(address, method=method).status_code == 401
    assert fresh(session, entry).stage is EntryStage.SUBMITTED


def test_submitting_leads_to_the_receipt(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    response = filmmaker.post(f"/entries/{draft.id}/submit")
    assert response.location == f"/entries/{draft.id}/receipt"
    receipt = filmmaker.get(response.location).text
    assert draft.master is not None
    for words in ("Received: entry 0001", draft.master.sha256, draft.edition.current.hash):
        assert words in receipt
    assert "2 November 2026, 20:00 (Shanghai, 12:00 UTC)" in receipt
    page = filmmaker.get(f"/entries/{draft.id}").text
    assert "Received. Checked. Waiting for the organizers." in page
    assert "data-section" not in page, "what is submitted is read, not typed in"
    assert filmmaker.post(f"/entries/{draft.id}/submit").status_code == 303
    assert len(session.scalars(select(Letter)).all()) == 1


def test_a_submission_that_lacks_something_names_it_with_its_field(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    draft.english_title, draft.declared_share_bp = "", None
    session.commit()
    response = filmmaker.post(f"/entries/{draft.id}/submit")
    assert response.status_code == 422
    assert "This entry is not complete yet." in response.text
    base = f"/entries/{draft.id}?step="
    for link in ("facts#english_title", "making#share"):
        assert f'href="{base}{link}"' in response.text
    assert fresh(session, draft).stage is EntryStage.DRAFT


def test_there_is_no_receipt_before_submission(filmmaker: TestVisitor, draft: Entry) -> None:
    assert filmmaker.get(f"/entries/{draft.id}/receipt").status_code == 404


def test_rules_that_changed_are_told_with_their_version(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    reword(session, draft.edition, document() | {"accent": "petrol"}, NOON)
    session.commit()
    page = filmmaker.get(f"/entries/{draft.id}").text
    assert "you began under version 1, and version 2 is in force" in page
    filmmaker.post(f"/entries/{draft.id}/submit")
    assert "under rules version 2" in filmmaker.get(f"/entries/{draft.id}").text


def test_returning_withdrawing_and_reopening(
    filmmaker: TestVisitor, draft: Entry, session: Session, clock: Clock
) -> None:
    address = f"/entries/{draft.id}"
    filmmaker.post(f"{address}/submit")
    assert filmmaker.post(f"{address}/return").location == address
    assert "This entry is a draft again." in filmmaker.get(address).text
    assert filmmaker.post(f"{address}/withdraw").location == address
    assert "Withdrawn." in filmmaker.get(address).text
    assert filmmaker.post(f"{address}/reopen").location == address
    assert fresh(session, draft).stage is EntryStage.DRAFT
    clock.pass_by(MONTH)
    page = filmmaker.get(address).text
    assert "Not submitted. The call is closed." in page
    assert "Submit this entry" not in page
    assert filmmaker.post(f"{address}/submit").status_code == 422


def test_a_decision_is_known_when_its_letter_has_left(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    filmmaker.post(f"/entries/{draft.id}/submit")
    entry = fresh(session, draft)
    organizer = make_organizer(session, entry.edition)
    decision = actions.decide(
        session,
        entry,
        DecisionKind.REFUSE,
        "The song is not yours to use.",
        by=organizer,
        public_url="https://localhost",
        now=NOON,
    )
    session.commit()
    page = filmmaker.get(f"/entries/{draft.id}").text
    assert "Waiting for the organizers." in page
    assert "not yours to use" not in page
    assert decision.letter is not None
    let_go(session, decision.letter)
    session.commit()
    page = filmmaker.get(f"/entries/{draft.id}").text
    assert "Received. Not taken into this edition." in page
    assert "The song is not yours to use." in page


def test_a_question_is_answered_on_the_page(
    filmmaker: TestVisitor, draft: Entry, session: Session, clock: Clock
) -> None:
    filmmaker.post(f"/entries/{draft.id}/submit")
    entry = fresh(session, draft)
    organizer = make_organizer(session, entry.edition)
    decision = actions.decide(
        session,
        entry,
        DecisionKind.ASK,
        "Who sings?",
        by=organizer,
        public_url="https://localhost",
        now=NOON,
    )
    assert decision.letter is not None
    let_go(session, decision.letter)
    session.commit()
    clock.pass_by(MONTH)
    address = f"/entries/{draft.id}"
    page = filmmaker.get(address).text
    assert "Who sings?" in page
    assert 'data-section="credits"' in page, "it may be changed until it is answered"
    assert filmmaker.post(f"{address}/answer", data={"answer": " "}).status_code == 422
    response = filmmaker.post(f"{address}/answer", data={"answer": "Mei does."})
    assert response.location == f"{address}/receipt"
    assert fresh(session, draft).stage is EntryStage.SUBMITTED
    assert "Earlier receipts" in filmmaker.get(f"{address}/receipt").text
