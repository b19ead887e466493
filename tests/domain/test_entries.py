"""Drafts: begun in the call, changed while they may be, found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries import actions
from contest.entries.film import begin_film
from contest.entries.judging import film_findings, obstacles
from contest.entries.models import Entry, Subtitles
from contest.entries.queries import entries_of_person, entry_of_edition, list_entries, whole_entry
from contest.machines.storage import open_storage
from contest.media.actions import make_room
from contest.media.models import Upload
from contest.people.models import Person
from contest.rulebook.findings import Severity
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage
from contest.settings import Settings
from tests.counting import statements
from tests.entering import CLOSES, SECOND, acts, reword
from tests.factories import (
    NOON,
    document,
    make_edition,
    make_entry,
    make_master,
    make_person,
    make_reel,
    make_submitted_entry,
)


def test_an_entry_is_begun_under_the_rules_in_force(session: Session) -> None:
    edition, author = make_edition(session), make_person(session)
    entry = actions.begin_entry(session, edition, author, now=NOON)
    assert (entry.stage, entry.number, entry.revision) == (EntryStage.DRAFT, None, 0)
    assert entry.rules_version is edition.current
    assert 1000 <= entry.film_code < 100_000
    assert acts(session) == ["entry.begun"]


@pytest.mark.parametrize(("home", "countries"), [("CN", ["CN"]), ("", [])])
def test_an_entry_is_from_its_authors_country_where_they_named_one(
    session: Session, home: str, countries: list[str]
) -> None:
    author = make_person(session, country=home)
    entry = actions.begin_entry(session, make_edition(session), author, now=NOON)
    assert entry.countries == countries


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


def test_a_film_may_be_as_large_as_the_rules_allow_now(
    session: Session, settings: Settings
) -> None:
    edition, changed = make_edition(session), document()
    entry, limit = make_entry(session, edition), edition.rules.film.size_max_bytes
    changed["film"]["size_max_bytes"] = limit // 2

    def begin(size_bytes: int) -> Upload:
        return begin_film(
            session,
            make_room(open_storage(settings), size_bytes),
            entry,
            file_name="harbour.mov",
            part_bytes=1 << 24,
            now=NOON,
        )

    assert begin(limit).size_bytes == limit
    reword(session, edition, changed, NOON)
    with pytest.raises(Refused, match="takes films of 2 GiB at most"):
        begin(limit // 2 + 1)
    assert begin(limit // 2).size_bytes == limit // 2


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


def test_subtitles_are_judged_beside_the_film_they_belong_to(
    session: Session, settings: Settings
) -> None:
    storage = open_storage(settings)
    entry = make_entry(session, make_edition(session))
    make_reel(session, entry, make_master(session, entry.person))
    session.expire(entry)
    assert not [each for each in film_findings(entry) if each.about == "subtitles"]
    late = b"1\n00:59:00,000 --> 00:59:01,000\nThe end of another film\n"
    actions.keep_subtitles(
        session, storage, entry, language="en", file_name="en.srt", data=late, now=NOON
    )
    session.expire(entry)
    found = {each.code for each in film_findings(entry) if each.about == "subtitles"}
    assert found == {"subtitles_cover", "subtitles_run_on", "subtitles_too_fast"}


@pytest.fixture
def counted(session: Session) -> Callable[[Callable[[], object]], int]:
    """How many statements a call sends."""

    def count(call: Callable[[], object]) -> int:
        session.expunge_all()
        with statements(session.get_bind()) as sent:
            call()
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
