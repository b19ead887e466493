"""The filmmakers' room: one's own entries, filled in, checked, submitted, taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.entries import actions
from contest.entries.models import DecisionKind, Entry
from contest.letters.actions import let_go
from contest.letters.models import Letter
from contest.media.models import InspectionState
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from tests.conftest import Clock
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
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]
MONTH = timedelta(days=30)
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nThe harbour\n"


@pytest.fixture
def author(session: Session) -> Person:
    return make_person(session, time_zone="Asia/Shanghai")


@pytest.fixture
def draft(session: Session, author: Person) -> Entry:
    """A draft that lacks nothing, committed."""
    entry = make_entry(session, make_edition(session, "shorts"), author)
    make_reel(session, entry, make_master(session, author))
    session.commit()
    return entry


@pytest.fixture
def filmmaker(signed_in: SignIn, draft: Entry) -> TestVisitor:
    """The draft's author."""
    return signed_in(draft.person)


def fresh(session: Session, entry: Entry) -> Entry:
    """The entry as it is stored now."""
    session.rollback()
    session.expire_all()
    return session.get_one(Entry, entry.id)


def told(revision: int = 0, **fields: Any) -> dict[str, Any]:
    """What the page's script sends: by field, what it holds and what it held."""
    return {
        "revision": revision,
        "fields": {
            name: {"now": [[name, now]], "was": [[name, was]]}
            for name, (now, was) in fields.items()
        },
    }


# --- beginning and finding


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
        sent: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        assert filmmaker.get("/entries").status_code == 200
        event.remove(database.engine, "before_cursor_execute", note)
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


# --- saving, as a script does


def test_a_field_is_saved_alone(filmmaker: TestVisitor, draft: Entry, session: Session) -> None:
    sent = told(english_title=("Harbour", "The Harbour under Fireworks"))
    response = filmmaker.fetch(f"/entries/{draft.id}/facts", method="POST", json=sent)
    assert response.json == {"revision": 1, "saved_at": "20:00", "wrong": {}, "elsewhere": {}}
    kept = fresh(session, draft)
    assert (kept.english_title, kept.original_title) == ("Harbour", "烟火下的港湾")


def test_bad_values_are_named_and_the_good_ones_kept(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    sent = told(year=("soon", "2026"), english_title=("Harbour", ""), category=("opera", ""))
    response = filmmaker.fetch(f"/entries/{draft.id}/facts", method="POST", json=sent)
    assert (response.json or {})["wrong"] == {
        "year": "Write a year, such as 2026.",
        "category": "Choose one from the list.",
    }
    kept = fresh(session, draft)
    assert (kept.english_title, kept.year, kept.category) == ("Harbour", 2026, "fiction")


def test_rows_are_kept_in_order_and_empty_ones_dropped(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    now = [
        ["people-0-name", "林安琪"],
        ["people-0-role", "Director"],
        ["people-1-name", ""],
        ["people-1-role", " "],
        ["people-2-name", "Noor Haddad"],
        ["people-2-romanised_name", ""],
        ["people-2-role", "Music"],
    ]
    sent = {"revision": 0, "fields": {"people": {"now": now, "was": []}}}
    response = filmmaker.fetch(f"/entries/{draft.id}/credits", method="POST", json=sent)
    assert response.status_code == 200
    people = fresh(session, draft).credits
    assert [(each.position, each.name, each.role) for each in people] == [
        (0, "林安琪", "Director"),
        (1, "Noor Haddad", "Music"),
    ]


def test_the_share_is_kept_cut_off(filmmaker: TestVisitor, draft: Entry, session: Session) -> None:
    sent = told(share=("69,999 %", "88"))
    filmmaker.fetch(f"/entries/{draft.id}/making", method="POST", json=sent)
    kept = fresh(session, draft)
    assert (kept.declared_share_bp, len(kept.tools)) == (6999, 7)
    page = filmmaker.get(f"/entries/{draft.id}?step=making").text
    assert 'value="69.99"' in page
    assert "69.99 % of your film is made with AI; this edition asks for at least 70 %." in page


def test_an_older_copy_never_overwrites_a_newer_one(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    address, before = f"/entries/{draft.id}/facts", "The Harbour under Fireworks"
    first = told(english_title=("From the laptop", before))
    filmmaker.fetch(address, method="POST", json=first)
    late = told(english_title=("From the phone", before), year=("2025", "2026"))
    answer = filmmaker.fetch(address, method="POST", json=late).json or {}
    assert answer["elsewhere"] == {"english_title": "From the laptop"}
    kept = fresh(session, draft)
    assert (kept.english_title, kept.year) == ("From the laptop", 2025), "the rest is merged"
    insisted = told(answer["revision"], english_title=("From the phone", before))
    assert (filmmaker.fetch(address, method="POST", json=insisted).json or {})["elsewhere"] == {}
    assert fresh(session, draft).english_title == "From the phone"


def test_the_same_words_from_two_windows_are_no_conflict(
    filmmaker: TestVisitor, draft: Entry
) -> None:
    sent = told(english_title=("Harbour", "The Harbour under Fireworks"))
    for _ in range(2):
        answer = filmmaker.fetch(f"/entries/{draft.id}/facts", method="POST", json=sent).json or {}
        assert (answer["revision"], answer["elsewhere"]) == (1, {})


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {"revision": 0},
        {"revision": "x", "fields": {}},
        {"revision": 0, "fields": {"year": {"now": [["category", "x"]], "was": []}}},
        {"revision": 0, "fields": {"year": {"now": "2026", "was": []}}},
    ],
)
def test_nonsense_from_a_script_changes_nothing(
    filmmaker: TestVisitor, draft: Entry, session: Session, sent: Any
) -> None:
    response = filmmaker.fetch(f"/entries/{draft.id}/facts", method="POST", json=sent)
    assert response.status_code == 422
    assert fresh(session, draft).revision == 0


def test_after_the_closing_a_script_hears_why(
    filmmaker: TestVisitor, draft: Entry, clock: Clock
) -> None:
    clock.pass_by(MONTH)
    sent = told(year=("2025", "2026"))
    response = filmmaker.fetch(f"/entries/{draft.id}/facts", method="POST", json=sent)
    assert response.status_code == 409
    assert "its call has closed" in (response.json or {})["message"]


# --- saving, as a form does


def facts(**changed: Any) -> dict[str, Any]:
    return {
        "revision": "0",
        "category": "fiction",
        "original_title": "烟火下的港湾",
        "title_language": "zh-Hans",
        "romanised_title": "",
        "english_title": "Harbour",
        "synopsis": "A harbour remembers a house nobody can return to.",
        "languages": ["zh", "yue", ""],
        "countries": ["CN", ""],
        "year": "2026",
    } | changed


def test_a_form_saves_its_step_and_leads_to_the_next(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    response = filmmaker.post(f"/entries/{draft.id}/facts", data=facts())
    assert (response.status_code, response.location) == (303, f"/entries/{draft.id}")
    kept = fresh(session, draft)
    assert (kept.english_title, kept.languages) == ("Harbour", ["zh", "yue"])


def test_a_form_with_a_bad_value_comes_back_with_all_that_was_typed(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    typed = facts(year="soon", english_title="Not lost")
    response = filmmaker.post(f"/entries/{draft.id}/facts", data=typed)
    assert response.status_code == 422
    assert "Write a year, such as 2026." in response.text
    assert 'value="soon"' in response.text
    assert 'value="Not lost"' in response.text
    assert fresh(session, draft).revision == 0
    again = filmmaker.post(f"/entries/{draft.id}/facts", data=typed | {"year": "2025"})
    assert again.status_code == 303


def test_a_form_from_an_old_page_shows_both_wordings_first(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    filmmaker.post(f"/entries/{draft.id}/facts", data=facts(english_title="Newer"))
    older = facts(english_title="Older")
    response = filmmaker.post(f"/entries/{draft.id}/facts", data=older)
    assert response.status_code == 422
    assert "<q>Newer</q>" in response.text
    assert 'value="Older"' in response.text
    assert fresh(session, draft).english_title == "Newer"
    revision = re.search(r'name="revision" value="(\d+)"', response.text)
    assert revision
    again = filmmaker.post(f"/entries/{draft.id}/facts", data=older | {"revision": revision[1]})
    assert again.status_code == 303
    assert fresh(session, draft).english_title == "Older"


@pytest.mark.parametrize(
    ("act", "names"),
    [
        ("up-people-1", ["B", "A", "C"]),
        ("down-people-1", ["A", "C", "B"]),
        ("up-people-0", ["A", "B", "C"]),
        ("remove-people-1", ["A", "C"]),
        ("remove-people-9", ["A", "B", "C"]),
    ],
)
def test_buttons_beside_rows_work_without_scripts(
    filmmaker: TestVisitor, draft: Entry, session: Session, act: str, names: list[str]
) -> None:
    rows = {f"people-{at}-name": name for at, name in enumerate("ABC")}
    rows |= {f"people-{at}-role": "Director" for at in range(3)}
    address = f"/entries/{draft.id}/credits"
    response = filmmaker.post(address, data=rows | {"revision": "0", "act": act})
    assert response.location == f"/entries/{draft.id}?step=credits#credits"
    assert [each.name for each in fresh(session, draft).credits] == names


def test_an_empty_row_is_added_without_scripts(filmmaker: TestVisitor, draft: Entry) -> None:
    row = {"people-0-name": "A", "people-0-role": "Director"}
    response = filmmaker.post(
        f"/entries/{draft.id}/credits", data=row | {"revision": "0", "act": "add-people"}
    )
    page = filmmaker.get(response.location).text
    assert 'id="people-1-name"' in page
    assert 'id="people-2-name"' not in page


def test_statements_are_affirmed_and_the_public_screen_allowed(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    typed = {"revision": "0", "affirmed": ["author"], "may_play_publicly": "y"}
    filmmaker.post(f"/entries/{draft.id}/rights", data=typed)
    kept = fresh(session, draft)
    assert ([each.statement for each in kept.affirmations], kept.may_play_publicly) == (
        ["author"],
        True,
    )
    page = filmmaker.get(f"/entries/{draft.id}").text
    assert "3 to affirm" in page
    assert f'href="/entries/{draft.id}?step=rights#affirmed-licences"' in page


def test_subtitles_come_and_go(filmmaker: TestVisitor, draft: Entry, session: Session) -> None:
    address = f"/entries/{draft.id}/subtitles"

    def send(language: str, data: bytes, name: str = "film.srt") -> Any:
        sent = {"language": language, "file": (io.BytesIO(data), name)}
        return filmmaker.post(address, data=sent, content_type="multipart/form-data")

    assert "Choose the language of the subtitles." in send("", SRT).text
    assert "Choose a subtitle file" in send("en", b"", "").text
    refused = send("en", b"1\n00:00:01 --> 00:00:02\nHi\n")
    assert refused.status_code == 422
    assert "Line 2 of this subtitle file has a time" in refused.text
    assert send("en", SRT).status_code == 303
    page = filmmaker.get(f"/entries/{draft.id}?step=facts").text
    link = re.search(r'href="(/media/[^"]+)" download', page)
    assert link
    with filmmaker.get(link[1]) as file:
        assert file.data == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nThe harbour\n"
    assert filmmaker.post(f"{address}/en/remove").status_code == 303
    assert fresh(session, draft).subtitles == []


# --- the check


def test_while_the_film_is_checked_the_page_says_so_and_asks_again(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    assert draft.master is not None
    assert draft.master.inspection is not None
    inspection = draft.master.inspection
    inspection.state, inspection.facts = InspectionState.REQUESTED, None
    session.commit()
    part = filmmaker.get(f"/entries/{draft.id}/inspection").text
    assert "The film has arrived and is being read." in part
    assert "data-checking" in part
    assert "The check of your film is still running; wait for it." in part
    inspection.state, inspection.facts = InspectionState.HEADER_READ, {"duration_s": 58.4}
    inspection.facts |= {"size_bytes": 5, "container": "mp4", "video_codec": "h264"}
    session.commit()
    part = filmmaker.get(f"/entries/{draft.id}/inspection").text
    assert "What the file says of itself" in part
    assert "Your film runs 58.4 s; this edition takes 60 to 300 s" in part
    inspection.state = InspectionState.FINISHED
    session.commit()
    part = filmmaker.get(f"/entries/{draft.id}/inspection").text
    assert "One thing to mend" in part
    assert "data-checking" not in part


def test_every_finding_has_its_word_and_the_drawings_their_description(
    filmmaker: TestVisitor, draft: Entry, session: Session
) -> None:
    draft.declared_share_bp = 6999
    assert draft.master is not None
    assert draft.master.inspection is not None
    draft.master.inspection.facts = (draft.master.inspection.facts or {}) | {
        "duration_s": 400.0,
        "audio_codec": "wmav2",
    }
    session.commit()
    page = filmmaker.get(f"/entries/{draft.id}?step=film").text
    for words in ("Too long", "Too low", "Look", "Good", "2 things to mend, one thing to look at"):
        assert words in page
    assert "The film runs 6 min 40 s; this edition takes 1 min to 5 min." in page
    assert "69.99 % of the film is declared as made with AI" in page


def test_earlier_versions_are_shown(filmmaker: TestVisitor, draft: Entry, session: Session) -> None:
    make_reel(session, draft, make_master(session, draft.person))
    session.commit()
    page = filmmaker.get(f"/entries/{draft.id}?step=film").text
    assert "Version 2, harbour_final.mov, 52.0 MB" in page
    assert "Earlier versions, kept" in page


def test_a_page_with_rows_has_as_many_queries_as_one_without(
    filmmaker: TestVisitor, draft: Entry, session: Session, database: Database
) -> None:
    def queries() -> int:
        sent: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        assert filmmaker.get(f"/entries/{draft.id}").status_code == 200
        event.remove(database.engine, "before_cursor_execute", note)
        return len(sent)

    one = queries()
    for _ in range(2):
        make_reel(session, draft, make_master(session, draft.person))
    session.commit()
    assert queries() == one


# --- submitting and after


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
    from tests.domain.test_entries import reword

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
