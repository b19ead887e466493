"""A house full of secrets publishes a palmarès: none of them is on any public page, file or header.

Every field that could leak holds a word of its own. What may be public is written down here, film
by film; everything else in the database must stay where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.awards.actions import publish
from contest.entries.models import Decision, DecisionKind, Receipt
from contest.jury.models import Ballot, Conflict, Note, Screening, Standing
from contest.letters.models import Letter, LetterState
from contest.media.models import RenditionKind
from contest.people.models import Person
from contest.programme.models import Snapshot
from contest.rulebook.stages import EntryStage
from tests.conftest import Clock
from tests.factories import NOON, make_juror, make_person, make_submitted_entry
from tests.judged import Judged, crown, keep_bytes, make_judged_edition
from tests.visitor import TestVisitor

ANNOUNCED = datetime.fromisoformat("2027-01-15T20:00:00+08:00").astimezone(UTC)
SECRETS: list[str] = []


def secret(where: str) -> str:
    """A word found nowhere else, to be looked for on every public page."""
    word = f"canary-{where}-{len(SECRETS)}"
    SECRETS.append(word)
    return word


@pytest.fixture
def judged(session: Session, app: Flask) -> Judged:
    """A judged edition in which everything private is a canary."""
    SECRETS.clear()
    judged = make_judged_edition(session, "shorts")
    _hide_in_people(session, judged)
    _hide_in_entries(session, judged)
    _hide_in_the_jury(session, judged)
    _hide_in_the_post(session, judged)
    crown(session, judged)
    for kind in (RenditionKind.STILL, RenditionKind.SCREENER, RenditionKind.LIGHT):
        keep_bytes(judged, app.extensions["house"].storage, kind, b"nothing but picture")
    session.commit()
    return judged


def _hide_in_people(session: Session, judged: Judged) -> None:
    make_juror(session, judged.edition, secret("juror-who-never-sat"))
    for person in session.scalars(select(Person)):
        person.email = f"{secret('email')}@example.org"
        person.session_key = secret("session-key")
        person.password_hash = secret("password")
        if person not in judged.jurors:
            person.name = secret("account-name")
    make_person(session, secret("bystander"))


def _hide_in_entries(session: Session, judged: Judged) -> None:
    for entry in judged.entries:
        _hide_in_film(session, judged, entry.id)
    last = judged.entries[-1]  # ranked, and holds no prize
    last.original_title, last.english_title = secret("title-unawarded"), secret("title-unawarded")
    last.credits[0].name = secret("maker-unawarded")
    for stage in (EntryStage.DRAFT, EntryStage.REFUSED, EntryStage.WITHDRAWN, EntryStage.ASKED):
        make_submitted_entry(
            session, judged.edition, stage=stage, original_title=secret(f"title-{stage}")
        )


def _hide_in_film(session: Session, judged: Judged, entry_id: int) -> None:
    entry = next(each for each in judged.entries if each.id == entry_id)
    master = entry.master
    assert master is not None
    master.file_name = secret("file-name")
    for tool in entry.tools:
        tool.terms = secret("licence-terms")
    session.add(
        Decision(
            entry_id=entry.id,
            kind=DecisionKind.ASK,
            reason=secret("question-to-author"),
            decided_by_id=judged.organizer.id,
            at=NOON,
        )
    )
    session.add(
        Receipt(
            entry=entry,
            entry_number=entry.number or 0,
            master_id=master.id,
            sha256=secret("film-hash"),
            size_bytes=1,
            rules_version_id=entry.rules_version_id,
            rules_hash="0" * 64,
            at=NOON,
        )
    )


def _hide_in_the_jury(session: Session, judged: Judged) -> None:
    for screening in session.scalars(select(Screening)):
        screening.remark, screening.reason = secret("remark"), secret("recusal-reason")
        screening.marks = {"story": secret("unsigned-mark")}
        screening.notes.append(Note(at_ms=1000, text=secret("note"), written_at=NOON))
    for standing in session.scalars(select(Standing)):
        standing.why = [{"msgid": secret("explanation"), "values": {}}]
        standing.score = f"7.7{standing.id:04d}"
        SECRETS.append(standing.score)
    session.add(
        Conflict(
            person_id=judged.jurors[0].id,
            entry_id=judged.entries[0].id,
            reason=secret("conflict"),
            declared_by_id=judged.jurors[0].id,
            at=NOON,
        )
    )


def _hide_in_the_post(session: Session, judged: Judged) -> None:
    session.add(
        Letter(
            template="sign_in",
            address=f"{secret('address')}@example.org",
            language="en",
            about="entry:1",
            edition_id=judged.edition.id,
            subject=secret("subject"),
            text=secret("letter"),
            html=secret("letter-html"),
            state=LetterState.HELD,
            created_at=NOON,
        )
    )


def published(session: Session, judged: Judged, clock: Clock) -> Snapshot:
    snapshot = publish(
        session, judged.edition, correction="", person_id=judged.organizer.id, now=clock.now
    )
    session.commit()
    SECRETS.extend(asset.storage_key for asset in snapshot.assets)
    return snapshot


def crawl(visitor: TestVisitor, start: list[str]) -> Iterator[tuple[str, str]]:
    """Every page and file a stranger reaches from `start`: its address, and all that was said."""
    waiting, seen = list(start), set(start)
    while waiting:
        address = waiting.pop()
        with visitor.get(address) as answer:
            told = f"{answer.status_code} {answer.headers} "
            if answer.mimetype in ("text/html", "application/json"):
                told += answer.get_data(as_text=True)
        yield address, told
        for found in re.findall(r'(?:href|src|poster|"address")(?:=|:)"(/[^"#]*)', told):
            if found not in seen and not found.startswith("/static/"):
                seen.add(found)
                waiting.append(found)


PUBLIC = ["/", "/editions/shorts", "/editions/shorts/palmares", "/editions/shorts/palmares.json"]


def test_a_published_palmares_holds_no_secret(
    visitor: TestVisitor, session: Session, judged: Judged, clock: Clock
) -> None:
    snapshot = published(session, judged, clock)
    clock.now = ANNOUNCED
    pages = dict(crawl(visitor, PUBLIC))
    films = {f"/editions/shorts/palmares/films/{each.number}" for each in judged.entries[:11]}
    assert films <= pages.keys()
    assert {f"/programme/assets/{each.token}" for each in snapshot.assets} <= pages.keys()
    assert len(SECRETS) > 300
    leaks = [(address, word) for address, told in pages.items() for word in SECRETS if word in told]
    assert leaks == []


def test_jurors_are_named_and_their_marks_are_not_beside_them(
    visitor: TestVisitor, session: Session, judged: Judged, clock: Clock
) -> None:
    published(session, judged, clock)
    for ballot in session.scalars(select(Ballot)):
        assert ballot.marks == {"story": 7}
    clock.now = ANNOUNCED
    feed = visitor.get("/editions/shorts/palmares.json").json
    assert feed is not None
    assert sorted(feed) == [
        "awards",
        "edition",
        "films",
        "format",
        "funnel",
        "jury",
        "method",
        "publication",
    ]
    assert sorted(feed["jury"]) == ["ballots", "jurors", "names", "recusals"]
    assert sorted(feed["awards"][0]["films"][0]) == ["citation", "number"]
    assert sorted(feed["films"][0]) == [
        "ai",
        "category",
        "countries",
        "credits",
        "english_title",
        "film",
        "languages",
        "light",
        "number",
        "original_title",
        "rights",
        "romanised_title",
        "runtime_ms",
        "still",
        "subtitles",
        "synopsis",
        "title_language",
        "year",
    ]


def test_no_other_entrys_number_is_told(
    visitor: TestVisitor, session: Session, judged: Judged, clock: Clock
) -> None:
    published(session, judged, clock)
    clock.now = ANNOUNCED
    feed = visitor.get("/editions/shorts/palmares.json").json
    assert feed is not None
    awarded = [each.number for each in judged.entries[:11]]
    assert [each["number"] for each in feed["films"]] == awarded
    for number in range(12, 20):
        assert visitor.get(f"/editions/shorts/palmares/films/{number}").status_code == 404


def test_before_the_instant_a_stranger_reads_of_no_film_at_all(
    visitor: TestVisitor, session: Session, judged: Judged, clock: Clock
) -> None:
    published(session, judged, clock)
    clock.now = ANNOUNCED - timedelta(seconds=1)
    winners = [
        word
        for entry in judged.entries[:11]
        for word in (entry.original_title, entry.english_title, entry.credits[0].name)
    ]
    pages = dict(crawl(visitor, PUBLIC))
    leaks = [
        (address, word)
        for address, told in pages.items()
        for word in (*SECRETS, *winners, "Ana Bo", "It keeps its promise")
        if word in told
    ]
    assert leaks == []
