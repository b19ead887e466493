"""Entries from the first draft to the decision, on a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.editions.models import Edition, RulesVersion
from contest.entries import actions
from contest.entries.judging import obstacles
from contest.entries.models import DecisionKind, Entry, Reel, Subtitles
from contest.entries.queries import entries_of_person, entry_of_edition, list_entries, whole_entry
from contest.letters.actions import let_go
from contest.letters.models import Letter, LetterState
from contest.logbook import LogLine, broken_seals
from contest.machines.storage import open_storage
from contest.media.models import InspectionState, Upload, UploadState
from contest.people.models import Person
from contest.rulebook.findings import Severity
from contest.rulebook.refusal import Refused
from contest.rulebook.rules import canonical, rules_hash
from contest.rulebook.stages import EntryStage, NotNow
from contest.settings import Settings
from tests.factories import (
    NOON,
    document,
    make_edition,
    make_entry,
    make_master,
    make_organizer,
    make_person,
    make_reel,
    make_submitted_entry,
)

URL = "https://localhost"
CLOSES = datetime.fromisoformat("2026-12-01T23:59:59+08:00")
SECOND = timedelta(seconds=1)


def make_ready_entry(session: Session, edition: Edition | None = None, **given: Any) -> Entry:
    """A draft that lacks nothing."""
    entry = make_entry(session, edition or make_edition(session), **given)
    make_reel(session, entry, make_master(session, entry.person))
    return entry


def reword(session: Session, edition: Edition, rules: dict[str, Any], at: datetime) -> RulesVersion:
    """A new version of an edition's rules."""
    edition.current.is_current = False
    session.flush()
    text = canonical(rules)
    number = len(edition.versions) + 1
    version = RulesVersion(number=number, text=text, hash=rules_hash(text), created_at=at)
    edition.versions.append(version)
    session.flush()
    session.expire(edition)
    return version


def lacks(entry: Entry) -> list[tuple[str, str]]:
    return [(each.about, each.code) for each in obstacles(entry)]


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(LogLine.act).order_by(LogLine.id)))


# --- drafts


def test_an_entry_is_begun_under_the_rules_in_force(session: Session) -> None:
    edition, author = make_edition(session), make_person(session)
    entry = actions.begin_entry(session, edition, author, now=NOON)
    assert (entry.stage, entry.number, entry.revision) == (EntryStage.DRAFT, None, 0)
    assert entry.rules_version is edition.current
    assert 1000 <= entry.film_code < 100_000
    assert acts(session) == ["entry.begun"]


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime.fromisoformat("2026-09-30T23:59:59+08:00"), "its call has not opened"),
        (CLOSES + SECOND, "its call has closed"),
    ],
)
def test_no_entry_is_begun_outside_the_call(session: Session, now: datetime, words: str) -> None:
    edition, author = make_edition(session), make_person(session)
    with pytest.raises(Refused, match=words):
        actions.begin_entry(session, edition, author, now=now)
    assert session.scalars(select(Entry)).all() == []


def test_a_button_pressed_twice_begins_one_entry(session: Session) -> None:
    edition, author = make_edition(session), make_person(session)
    first = actions.begin_entry(session, edition, author, now=NOON)
    assert actions.begin_entry(session, edition, author, now=NOON) is first
    actions.save_facts(session, first, {"year": 2026}, now=NOON)
    assert actions.begin_entry(session, edition, author, now=NOON) is not first


def test_film_codes_of_an_edition_differ(session: Session, monkeypatch: Any) -> None:
    monkeypatch.setattr("contest.entries.actions.drafts.FILM_CODES", range(1000, 1003))
    edition = make_edition(session)
    codes = {
        actions.begin_entry(session, edition, make_person(session), now=NOON).film_code
        for _ in range(3)
    }
    assert codes == {1000, 1001, 1002}


def test_saving_keeps_the_fields_given_and_counts_the_change(session: Session) -> None:
    entry = make_entry(session, make_edition(session))
    actions.save_facts(session, entry, {"english_title": "Harbour", "nonsense": 1}, now=NOON)
    assert (entry.english_title, entry.original_title) == ("Harbour", "烟火下的港湾")
    people = [{"name": "A", "role": "Director"}, {"name": "B", "role": "Music"}]
    actions.save_credits(session, entry, people, now=NOON)
    actions.save_declaration(session, entry, [{"stage": "music", "tool": "Suno"}], 7001, now=NOON)
    session.expire(entry)
    assert [(each.position, each.name) for each in entry.credits] == [(0, "A"), (1, "B")]
    assert [(each.tool, each.terms) for each in entry.tools] == [("Suno", "")]
    assert (entry.declared_share_bp, entry.revision) == (7001, 3)
    assert acts(session) == []


@pytest.mark.parametrize(
    ("stage", "now", "words"),
    [
        (EntryStage.DRAFT, CLOSES + SECOND, "its call has closed"),
        (EntryStage.SUBMITTED, NOON, "return it to draft"),
        (EntryStage.ACCEPTED, NOON, "is accepted"),
        (EntryStage.REFUSED, NOON, "was refused"),
    ],
)
def test_nothing_is_changed_when_it_may_not_be(
    session: Session, stage: EntryStage, now: datetime, words: str
) -> None:
    edition = make_edition(session)
    make = make_entry if stage is EntryStage.DRAFT else make_submitted_entry
    entry = make(session, edition, stage=stage)
    with pytest.raises(Refused, match=words):
        actions.save_facts(session, entry, {"year": 1999}, now=now)
    assert entry.year == 2026


def test_subtitles_are_kept_as_webvtt_one_file_a_language(
    session: Session, settings: Settings
) -> None:
    storage = open_storage(settings)
    entry = make_entry(session, make_edition(session))

    def keep(language: str, name: str, data: bytes) -> Subtitles:
        return actions.keep_subtitles(
            session, storage, entry, language=language, file_name=name, data=data, now=NOON
        )

    keep("en", "old.srt", b"1\n00:00:01,000 --> 00:00:02,000\nOld\n")
    kept = keep("en", "new.srt", b"1\n00:00:01,000 --> 00:00:02,000\nNew\n")
    keep("fr", "fr.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nNeuf\n")
    with storage.open(kept.storage_key) as file:
        assert file.read() == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nNew\n"
    with pytest.raises(Refused, match="No subtitles"):
        keep("fr", "fr.vtt", b"prose")
    actions.remove_subtitles(session, entry, "en", now=NOON)
    session.expire(entry)
    assert [(each.language, each.file_name) for each in entry.subtitles] == [("fr", "fr.vtt")]


# --- submission


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


# --- taking it back


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


# --- decisions


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


# --- finding entries


@pytest.fixture
def counted(session: Session) -> Callable[[Callable[[], object]], int]:
    """How many statements a call sends."""

    def count(call: Callable[[], object]) -> int:
        sent: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        try:
            session.expunge_all()
            call()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    return count


def test_lists_take_as_many_queries_for_three_entries_as_for_one(
    session: Session, counted: Callable[[Callable[[], object]], int]
) -> None:
    edition, author = make_edition(session), make_person(session)
    make_submitted_entry(session, edition, author)
    session.commit()
    edition_id, person_id = edition.id, author.id
    calls: list[Callable[[], object]] = [
        lambda: list_entries(session, edition_id),
        lambda: [obstacles(each) for each in entries_of_person(session, person_id)],
    ]
    few = [counted(call) for call in calls]
    for _ in range(2):
        edition, author = session.get_one(Edition, edition_id), session.get_one(Person, person_id)
        make_submitted_entry(session, edition, author)
    session.commit()
    assert [counted(call) for call in calls] == few


def test_the_list_searches_filters_and_pages(session: Session) -> None:
    edition = make_edition(session)
    kazakh = make_person(session, "Mira Orlova", country="KZ", email="mira@example.org")
    train = make_submitted_entry(
        session, edition, kazakh, english_title="The Last Train", category="animation"
    )
    others = [make_submitted_entry(session, edition) for _ in range(51)]
    draft = make_entry(session, edition)
    make_submitted_entry(session, make_edition(session))

    def ids(**narrowed: Any) -> list[int]:
        return [row.id for row in list_entries(session, edition.id, **narrowed).rows]

    whole = list_entries(session, edition.id)
    assert (whole.total, whole.pages, len(whole.rows)) == (53, 2, 50)
    assert ids(page=2) == [others[-2].id, others[-1].id, draft.id]
    assert ids(page=99) == ids(page=2)
    for words in ("last train", "ORLOVA", "mira@", "0001"):
        assert ids(search=words) == [train.id]
    assert ids(search="100 %") == []
    assert ids(category="animation") == ids(country="KZ") == [train.id]
    assert ids(stage=EntryStage.DRAFT) == [draft.id]
    train.verdict = Severity.FLAG
    assert ids(remarked=True) == [train.id]


def test_a_row_shows_the_newest_film(session: Session) -> None:
    edition = make_edition(session)
    entry = make_submitted_entry(session, edition)
    newest = make_master(session, entry.person, {"duration_s": 99.5})
    make_reel(session, entry, newest)
    row = list_entries(session, edition.id).rows[0]
    assert (row.duration_s, row.author, row.country) == (99.5, "Lin Anqi", "CN")
    assert row.still_key in [each.storage_key for each in newest.renditions]


def test_an_entry_is_found_in_its_own_edition_only(session: Session) -> None:
    entry = make_submitted_entry(session, make_edition(session))
    assert entry_of_edition(session, entry.edition_id, entry.id) is entry
    assert entry_of_edition(session, entry.edition_id + 1, entry.id) is None
    assert whole_entry(session, entry.id + 1) is None
