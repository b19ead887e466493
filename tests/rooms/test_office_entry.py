"""One entry in the office: whatever its film is like, beside what its author declares."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from contest.db import Database
from contest.editions.models import Edition
from contest.entries.models import Entry, Receipt
from contest.logbook import log
from contest.media.models import Inspection, InspectionState
from contest.people.models import Person
from contest.rulebook.film_facts import Problem
from contest.rulebook.stages import EntryStage
from tests.conftest import NOON
from tests.counting import statements
from tests.factories import (
    CREDENTIALS,
    FACTS,
    keep_credentials_of,
    make_edition,
    make_entry,
    make_master,
    make_organizer,
    make_reel,
    make_submitted_entry,
)
from tests.visitor import TestVisitor


@pytest.fixture
def edition(session: Session) -> Edition:
    return make_edition(session, "first")


@pytest.fixture
def organizer(
    session: Session, edition: Edition, signed_in: Callable[[Person], TestVisitor]
) -> TestVisitor:
    person = make_organizer(session, edition)
    session.commit()
    return signed_in(person)


def page_of(organizer: TestVisitor, entry: Entry) -> str:
    response = organizer.get(f"/office/first/entries/{entry.id}")
    assert response.status_code == 200
    return response.text


def test_a_draft_without_a_film_leaves_nothing_to_decide(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_entry(
        session, edition, original_title="", english_title="", declared_share_bp=None
    )
    session.commit()
    page = page_of(organizer, entry)
    assert "No film has arrived." in page
    assert "There is nothing to decide" in page
    assert "<video" not in page


def test_a_film_that_can_not_be_read_is_kept_and_can_be_fetched(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_entry(session, edition)
    master = make_master(session, entry.person, ready=False)
    master.inspection = Inspection(
        state=InspectionState.UNREADABLE,
        facts=FACTS | {"problem": Problem.CUT_SHORT.value},
        requested_at=NOON,
        finished_at=NOON,
    )
    make_reel(session, entry, master)
    session.commit()
    page = page_of(organizer, entry)
    assert "There is no viewing copy of this film yet." in page
    assert "Not met" in page
    assert re.search(r'<a href="/media/[^"]+" download>.*?harbour_final\.mov</a>', page)


def test_content_credentials_can_be_fetched_and_their_lack_is_no_fault(
    session: Session, edition: Edition, organizer: TestVisitor, app: Flask
) -> None:
    entry = make_submitted_entry(session, edition)
    session.commit()
    assert "Content Credentials" not in page_of(organizer, entry)
    keep_credentials_of(entry, app.extensions["house"].storage)
    session.commit()
    page = page_of(organizer, entry)
    assert (
        "Content Credentials: kept as sent (application/c2pa, 12 KiB). "
        "Nobody has checked who signed them." in page
    )
    link = re.search(r'href="(/media/[^"]+)" download>[^\n]+harbour_final\.mov\.c2pa</span>', page)
    assert link is not None
    with organizer.get(link[1]) as fetched:
        assert (fetched.data, fetched.mimetype) == (CREDENTIALS, "application/c2pa")
        assert fetched.headers["Content-Disposition"] == (
            "attachment; filename*=UTF-8''harbour_final.mov.c2pa"
        )


def test_measured_and_declared_values_are_drawn_with_their_verdict(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_submitted_entry(
        session, edition, facts={"duration_s": 305.0}, declared_share_bp=6999
    )
    session.commit()
    page = page_of(organizer, entry)
    assert page.count('class="verdict verdict-block"') == 2
    assert "The film runs 5 min 05 s; this edition takes 1 min to 5 min." in page
    assert "69.99 %" in page
    assert page.count('role="img"') == 2


def test_a_moment_a_finding_speaks_of_is_a_link_into_the_film(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_submitted_entry(session, edition, facts={"black_spans": [[12.0, 24.5]]})
    session.commit()
    assert 'data-seek="12.000"' in page_of(organizer, entry)


def test_its_history_names_who_did_what(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_submitted_entry(session, edition)
    about = f"entry:{entry.id}"
    log(session, "entry.answered", about, now=NOON, person_id=entry.person_id, answer="My own.")
    log(session, "entry.submitted", about, now=NOON)
    log(session, "entry.withdrawn", f"entry:{entry.id}0", now=NOON)
    session.commit()
    page = page_of(organizer, entry)
    assert "2 lines in the logbook" in page
    assert "Question answered, Lin Anqi," in page
    assert "Entry submitted, the house itself," in page
    assert "My own." in page


def test_a_page_asks_the_database_as_often_for_three_of_each_as_for_one(
    database: Database, session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_submitted_entry(session, edition)
    _add(session, entry)
    numbers = []
    for _ in range(2):
        session.commit()
        with statements(database.engine) as sent:
            page_of(organizer, entry)
        numbers.append(len(sent))
        _add(session, entry)
        _add(session, entry)
    assert numbers[0] == numbers[1]


def _add(session: Session, entry: Entry) -> None:
    """One more version of the film, receipt and line of the logbook."""
    master = make_master(session, entry.person)
    make_reel(session, entry, master)
    entry.receipts.append(
        Receipt(
            entry_number=1,
            master_id=master.id,
            sha256=master.sha256,
            size_bytes=master.size_bytes,
            rules_version=entry.rules_version,
            rules_hash=entry.rules_version.hash,
            at=NOON,
        )
    )
    log(session, "entry.submitted", f"entry:{entry.id}", now=NOON, person_id=entry.person_id)
    session.flush()


@pytest.mark.parametrize(
    ("stage", "offered"),
    [
        (EntryStage.SUBMITTED, ["accept", "ask", "refuse"]),
        (EntryStage.ASKED, ["accept", "refuse"]),
        (EntryStage.ACCEPTED, ["refuse"]),
        (EntryStage.REFUSED, ["accept"]),
        (EntryStage.WITHDRAWN, []),
    ],
)
def test_only_decisions_its_stage_allows_are_offered(
    session: Session,
    edition: Edition,
    organizer: TestVisitor,
    stage: EntryStage,
    offered: list[str],
) -> None:
    entry = make_submitted_entry(session, edition, stage=stage)
    session.commit()
    choices = re.findall(r'<input[^>]*type="radio"[^>]*>', page_of(organizer, entry))
    assert re.findall(r'value="(\w+)"', " ".join(choices)) == offered


def test_a_decision_its_stage_does_not_allow_says_where_the_entry_stands(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_submitted_entry(session, edition, stage=EntryStage.WITHDRAWN)
    session.commit()
    address = f"/office/first/entries/{entry.id}/decision"
    refused = organizer.post(address, data={"kind": "accept", "reason": "It stays."})
    assert refused.status_code == 422
    assert "This entry is withdrawn; reopen it to go on." in refused.text
    assert organizer.post(address, data={"kind": "praise"}).status_code == 422
    session.expire_all()
    assert entry.stage is EntryStage.WITHDRAWN


def test_the_office_sees_the_film_on_a_strip_under_its_player(
    session: Session, edition: Edition, organizer: TestVisitor
) -> None:
    entry = make_submitted_entry(session, edition)
    assert entry.master is not None
    assert entry.master.inspection is not None
    entry.master.inspection.facts = FACTS | {
        "duration_s": 100.0,
        "picture": {"black": [[60.0, 70.5]]},
    }
    session.commit()
    page = page_of(organizer, entry)
    assert page.count("<image") == 12
    assert '<a href="#film-strip" data-seek="60.000">1:00–1:10.5</a>' in page
    assert '<a href="#measured" data-seek="60.000">From 1:00 to 1:10.5</a>' in page
