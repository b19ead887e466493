"""What the check of a film shows on its entry's page, while it runs and after."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy.orm import Session

from contest.db import Database
from contest.entries.models import Entry
from contest.media.models import InspectionState, RenditionState
from contest.people.models import Person
from tests.counting import statements
from tests.factories import (
    CREDENTIALS,
    document,
    keep_credentials_of,
    make_edition,
    make_entry,
    make_master,
    make_reel,
)
from tests.rooms.conftest import SignIn
from tests.visitor import TestVisitor


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
    assert "data-changing" in part
    assert "The check of your film is still running; wait for it." in part
    inspection.state, inspection.facts = InspectionState.HEADER_READ, {"duration_s": 58.4}
    inspection.facts |= {"size_bytes": 5, "container": "mp4", "video_codec": "h264"}
    session.commit()
    part = filmmaker.get(f"/entries/{draft.id}/inspection").text
    assert "What the file says of itself" in part
    assert "Your film runs 58.4 s; this edition takes 60 to 300 s" in part
    assert "Looked at" not in part
    inspection.looked_s = 12.4
    session.commit()
    part = filmmaker.get(f"/entries/{draft.id}/inspection").text
    assert "Looked at 0:12 of 0:58" in part
    assert '<progress max="58" value="12" aria-label="How far the check is">' in part
    inspection.state = InspectionState.FINISHED
    session.commit()
    part = filmmaker.get(f"/entries/{draft.id}/inspection").text
    assert "One thing to mend" in part
    assert "data-changing" not in part
    still = draft.master.renditions[0]
    still.state, still.storage_key = RenditionState.REQUESTED, None
    session.commit()
    assert "data-changing" in filmmaker.get(f"/entries/{draft.id}/inspection").text


def test_an_author_can_fetch_the_content_credentials_of_their_film(
    filmmaker: TestVisitor, draft: Entry, session: Session, app: Flask
) -> None:
    address = f"/entries/{draft.id}?step=film"
    assert "Content Credentials" not in filmmaker.get(address).text
    keep_credentials_of(draft, app.extensions["house"].storage)
    session.commit()
    page = filmmaker.get(address).text
    assert (
        "Content Credentials: kept as sent (application/c2pa, 12 KiB). "
        "Nobody has checked who signed them." in page
    )
    link = re.search(r'href="(/media/[^"]+)" download>[^\n]+harbour_final\.mov\.c2pa</span>', page)
    assert link is not None
    with filmmaker.get(link[1]) as fetched:
        assert fetched.data == CREDENTIALS


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
    assert "Version 2, harbour_final.mov, 49.6 MiB" in page
    assert "Earlier versions, kept" in page


def test_a_page_with_rows_has_as_many_queries_as_one_without(
    filmmaker: TestVisitor, draft: Entry, session: Session, database: Database
) -> None:
    def queries() -> int:
        with statements(database.engine) as sent:
            assert filmmaker.get(f"/entries/{draft.id}").status_code == 200
        return len(sent)

    one = queries()
    for _ in range(2):
        make_reel(session, draft, make_master(session, draft.person))
    session.commit()
    assert queries() == one


def test_titles_an_edition_does_not_count_are_asked_for_and_left_out(
    signed_in: SignIn, session: Session, author: Person
) -> None:
    rules = document()
    rules["film"]["titles_count"] = False
    entry = make_entry(session, make_edition(session, "untitled", rules=rules), author)
    facts = {"duration_s": 75.0, "video_duration_s": 75.0, "audio_duration_s": 75.0}
    make_reel(session, entry, make_master(session, author, facts))
    session.commit()
    page = signed_in(author)
    assert "Titles and credits, in seconds" in page.get(f"/entries/{entry.id}?step=facts").text
    shown = page.get(f"/entries/{entry.id}?step=film").text
    assert "This edition does not count titles and credits" in shown
    entry.titles_s = 20
    session.commit()
    shown = page.get(f"/entries/{entry.id}?step=film").text
    assert "Your film runs 55 s; this edition takes 60 to 300 s" in shown
    assert "20 s of them are titles and credits by your word" in shown
    assert "The film runs 55 s; this edition takes 1 min to 5 min." in shown


def test_titles_that_count_are_not_asked_for(filmmaker: TestVisitor, draft: Entry) -> None:
    assert "titles_s" not in filmmaker.get(f"/entries/{draft.id}?step=facts").text
