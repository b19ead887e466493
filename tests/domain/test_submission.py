"""Submitting: one act, one number, one receipt; and taking it back while there is time."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.entries import actions
from contest.entries.judging import obstacles
from contest.entries.models import Entry, Reel
from contest.letters.models import Letter, LetterState
from contest.logbook import broken_seals
from contest.media.models import InspectionState, Upload, UploadState
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage
from tests.entering import CLOSES, SECOND, URL, acts, lacks, make_ready_entry, reword
from tests.factories import (
    NOON,
    document,
    make_edition,
    make_entry,
    make_master,
    make_reel,
    make_submitted_entry,
)


def test_submitting_gives_number_receipt_letter_and_log_line(session: Session) -> None:
    entry = make_ready_entry(session)
    receipt = actions.submit(session, entry, public_url=URL, now=NOON)
    master = entry.master
    assert master is not None
    assert (entry.stage, entry.number, entry.submitted_at) == (EntryStage.SUBMITTED, 1, NOON)
    assert (receipt.entry_number, receipt.sha256, receipt.at) == (1, master.sha256, NOON)
    assert receipt.rules_hash == entry.edition.current.hash
    letter = session.scalars(select(Letter)).one()
    assert (letter.template, letter.state) == ("receipt", LetterState.QUEUED)
    told = [master.sha256, receipt.rules_hash, "2026-11-02 12:00:00 UTC", f"/{entry.id}/receipt"]
    assert [each for each in told if each not in letter.text] == []
    assert acts(session) == ["entry.submitted"]


def test_submitting_twice_is_submitting_once(session: Session) -> None:
    entry = make_ready_entry(session)
    first = actions.submit(session, entry, public_url=URL, now=NOON)
    assert actions.submit(session, entry, public_url=URL, now=NOON + SECOND) is first
    assert len(session.scalars(select(Letter)).all()) == 1
    assert entry.edition.last_entry_number == 1


def test_the_closing_second_still_counts(session: Session) -> None:
    edition = make_edition(session)
    actions.submit(session, make_ready_entry(session, edition), public_url=URL, now=CLOSES)
    with pytest.raises(Refused, match="its call has closed"):
        actions.submit(
            session, make_ready_entry(session, edition), public_url=URL, now=CLOSES + SECOND
        )


def test_a_refused_submission_names_everything_and_changes_nothing(session: Session) -> None:
    entry = make_entry(session, make_edition(session), category="", declared_share_bp=None)
    with pytest.raises(Refused) as refusal:
        actions.submit(session, entry, public_url=URL, now=NOON)
    named = [each.about for each in refusal.value.findings]
    assert named == ["facts.category", "declaration.share", "film"]
    assert (entry.stage, entry.number, entry.edition.last_entry_number) == (
        EntryStage.DRAFT,
        None,
        0,
    )
    assert session.scalars(select(Letter)).all() == []


def test_films_that_break_rules_are_refused_for_each(session: Session) -> None:
    entry = make_entry(session, make_edition(session), declared_share_bp=6999)
    make_reel(session, entry, make_master(session, entry.person, {"duration_s": 58.4}))
    assert lacks(entry) == [("duration", "duration_too_short"), ("ai_share", "ai_share_too_low")]


def test_the_exact_least_share_is_enough(session: Session) -> None:
    assert lacks(make_ready_entry(session, declared_share_bp=7000)) == []


def test_an_unreadable_film_can_not_be_submitted(session: Session) -> None:
    entry = make_entry(session, make_edition(session))
    master = make_master(session, entry.person, {"problem": "not_a_film"})
    assert master.inspection is not None
    master.inspection.state = InspectionState.UNREADABLE
    make_reel(session, entry, master)
    assert lacks(entry) == [("film", "not_a_film")]


def test_the_header_alone_does_not_submit_a_film(session: Session) -> None:
    entry = make_ready_entry(session)
    master = entry.master
    assert master is not None
    assert master.inspection is not None
    master.inspection.state = InspectionState.HEADER_READ
    assert [str(each.advice) for each in obstacles(entry)] == [
        "The check of your film is still running; wait for it."
    ]


def test_a_newer_film_on_its_way_in_is_waited_for(session: Session) -> None:
    entry = make_ready_entry(session)
    upload = Upload(
        token="t",
        person_id=entry.person_id,
        file_name="newer.mp4",
        size_bytes=9,
        part_bytes=9,
        storage_key="newer",
        state=UploadState.OPEN,
        created_at=NOON,
    )
    entry.reels.append(Reel(upload=upload))
    assert [str(each.advice) for each in obstacles(entry)] == [
        "A film is still being sent. Let it arrive, or give that upload up."
    ]


def test_the_newest_version_is_the_one_deposited(session: Session) -> None:
    entry = make_ready_entry(session)
    newest = make_master(session, entry.person)
    make_reel(session, entry, newest)
    receipt = actions.submit(session, entry, public_url=URL, now=NOON)
    assert (receipt.master_id, receipt.sha256) == (newest.id, newest.sha256)


def test_an_entry_moves_to_the_rules_in_force_and_then_stays(session: Session) -> None:
    edition = make_edition(session)
    entry, later = make_ready_entry(session, edition), make_ready_entry(session, edition)
    stricter = document()
    stricter["film"]["ai_share_min_percent"] = 90
    second = reword(session, edition, stricter, NOON)
    assert lacks(entry) == [("ai_share", "ai_share_too_low")]
    entry.declared_share_bp = later.declared_share_bp = 9500
    actions.submit(session, entry, public_url=URL, now=NOON)
    reword(session, edition, document(), NOON + SECOND)
    assert (entry.rules_version_id, entry.receipts[0].rules_hash) == (second.id, second.hash)
    assert actions.submit(session, later, public_url=URL, now=NOON).rules_version.number == 3


def test_a_statement_reworded_has_to_be_affirmed_again(session: Session) -> None:
    edition = make_edition(session)
    entry = make_ready_entry(session, edition)
    rules = document()
    rules["rights"][0]["text"] = {"en": "I made this film alone."}
    reword(session, edition, rules, NOON + SECOND)
    key = rules["rights"][0]["key"]
    assert lacks(entry) == [(f"rights.{key}", "missing")]
    every = [each["key"] for each in rules["rights"]]
    actions.affirm(session, entry, every, now=NOON + 2 * SECOND)
    session.expire(entry)
    assert lacks(entry) == []
    times = {each.statement: each.affirmed_at for each in entry.affirmations}
    assert [key for key, at in times.items() if at > NOON] == [key]


def test_numbers_run_on_even_when_many_submit_at_once(database: Database) -> None:
    with database.transaction() as session:
        edition = make_edition(session)
        ids = [make_ready_entry(session, edition).id for _ in range(6)]
    at_once = threading.Barrier(6)

    def submit(entry_id: int) -> None:
        at_once.wait()
        with database.transaction() as own:
            actions.submit(own, own.get_one(Entry, entry_id), public_url=URL, now=NOON)

    threads = [threading.Thread(target=submit, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.working() as session:
        numbers = list(session.scalars(select(Entry.number).order_by(Entry.number)))
        assert numbers == [1, 2, 3, 4, 5, 6]
        assert list(broken_seals(session)) == []


def test_an_entry_returned_and_submitted_again_keeps_its_number(session: Session) -> None:
    edition = make_edition(session)
    entry = make_ready_entry(session, edition)
    actions.submit(session, entry, public_url=URL, now=NOON)
    actions.return_to_draft(session, entry, now=NOON)
    actions.save_facts(session, entry, {"year": 2025}, now=NOON)
    make_reel(session, entry, make_master(session, entry.person))
    actions.submit(session, entry, public_url=URL, now=CLOSES)
    assert (entry.number, [each.at for each in entry.receipts]) == (1, [NOON, CLOSES])
    assert len({each.sha256 for each in entry.receipts}) == 2


def test_withdrawing_is_always_possible_and_undone_only_before_the_closing(
    session: Session,
) -> None:
    entry = make_submitted_entry(session, make_edition(session))
    actions.withdraw(session, entry, now=NOON)
    actions.reopen(session, entry, now=CLOSES)
    assert (entry.stage, entry.number) == (EntryStage.DRAFT, 1)
    actions.withdraw(session, entry, now=CLOSES + SECOND)
    with pytest.raises(Refused, match="its call has closed"):
        actions.reopen(session, entry, now=CLOSES + SECOND)
    assert acts(session) == ["entry.withdrawn", "entry.reopened", "entry.withdrawn"]


def test_after_the_closing_nothing_returns_to_draft(session: Session) -> None:
    entry = make_submitted_entry(session, make_edition(session))
    with pytest.raises(Refused, match="its call has closed"):
        actions.return_to_draft(session, entry, now=CLOSES + SECOND)
    assert entry.stage is EntryStage.SUBMITTED
