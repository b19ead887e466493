"""Saving an entry field by field, as its page does, and step by step, as a plain form does."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from tests.conftest import Clock
from tests.entering import fresh
from tests.visitor import TestVisitor

MONTH = timedelta(days=30)
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nThe harbour\n"


def told(revision: int = 0, **fields: Any) -> dict[str, Any]:
    """What the page's script sends: by field, what it holds and what it held."""
    return {
        "revision": revision,
        "fields": {
            name: {"now": [[name, now]], "was": [[name, was]]}
            for name, (now, was) in fields.items()
        },
    }


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
