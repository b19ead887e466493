"""The room anyone may enter: calls, rules, and a palmarès that is there from its instant on."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from markupsafe import Markup
from sqlalchemy.orm import Session

from contest.awards.actions import cite, publish
from contest.media.models import RenditionKind
from contest.people.models import Person
from contest.programme.models import Snapshot
from contest.rulebook.rules import in_language
from contest.web.house import House
from contest.web.palmares_page import Sheet
from contest.web.public.shelf import Shelf
from tests.conftest import Clock
from tests.counting import statements
from tests.factories import NOON, document, make_edition, make_person
from tests.judged import Judged, crown, keep_bytes, make_judged_edition
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]
ANNOUNCED = datetime.fromisoformat("2027-01-15T20:00:00+08:00").astimezone(UTC)
SECOND = timedelta(seconds=1)
JPEG = b"\xff\xd8\xff a still, so to speak"
FILM = bytes(range(256)) * 40
LIGHT = bytes(range(256))


@pytest.fixture
def judged(session: Session) -> Judged:
    return make_judged_edition(session, "shorts")


@pytest.fixture
def snapshot(session: Session, judged: Judged, app: Flask) -> Snapshot:
    """The palmarès of /editions/shorts, published two months before it shows."""
    house: House = app.extensions["house"]
    keep_bytes(judged, house.storage, RenditionKind.STILL, JPEG)
    keep_bytes(judged, house.storage, RenditionKind.SCREENER, FILM)
    keep_bytes(judged, house.storage, RenditionKind.LIGHT, LIGHT)
    crown(session, judged)
    organizer = judged.organizer.id
    made = publish(session, judged.edition, correction="", person_id=organizer, now=house.clock())
    session.commit()
    return made


def addresses(snapshot: Snapshot) -> list[str]:
    """Every address that speaks of the palmarès, and some a stranger may guess."""
    return [
        "/editions/shorts/palmares",
        "/editions/shorts/palmares?language=zh",
        "/editions/shorts/palmares.json",
        *(f"/editions/shorts/palmares/films/{number}" for number in range(14)),
        *(f"/programme/assets/{asset.token}" for asset in snapshot.assets),
    ]


def test_home_names_open_calls_with_their_closing(visitor: TestVisitor, session: Session) -> None:
    make_edition(session, "open-call")
    session.commit()
    page = visitor.get("/").text
    assert 'href="/editions/open-call"' in page
    assert "1 December 2026, 15:59 (UTC)" in page


def test_home_does_not_name_an_edition_that_is_not_listed(
    visitor: TestVisitor, session: Session
) -> None:
    make_edition(session, "secret-call", listed_at=None)
    session.commit()
    assert "secret-call" not in visitor.get("/").text


def test_home_without_editions_says_so(visitor: TestVisitor) -> None:
    assert "No call is open at this moment." in visitor.get("/").text


def test_the_call_asks_for_one_thing_and_counts_by_the_servers_clock(
    visitor: TestVisitor, session: Session, clock: Clock
) -> None:
    make_edition(session, "open-call")
    session.commit()
    page = visitor.get("/editions/open-call").text
    assert page.count('action="/editions/open-call/enter"') == 1
    assert f'data-now="{clock.now.isoformat()}"' in page
    assert 'data-until="2026-12-01T15:59:59+00:00"' in page
    assert "1–5 min" in page
    assert "at least 70 %" in page
    assert "at most 4 GiB" in page


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-09-30T15:59:59+00:00", "This call is not open yet."),
        ("2026-12-01T16:00:00+00:00", "the jury is at work"),
    ],
)
def test_outside_its_time_the_call_has_no_button(
    visitor: TestVisitor, session: Session, clock: Clock, at: str, says: str
) -> None:
    make_edition(session, "call")
    session.commit()
    clock.now = datetime.fromisoformat(at)
    page = visitor.get("/editions/call").text
    assert says in page
    assert "/enter" not in page


def test_an_unlisted_call_is_read_by_its_organizers_alone(
    visitor: TestVisitor, signed_in: SignIn, session: Session, judged: Judged
) -> None:
    judged.edition.listed_at = None
    stranger = make_person(session)
    session.commit()
    assert signed_in(judged.organizer).get("/editions/shorts").status_code == 200
    assert signed_in(stranger).get("/editions/shorts").status_code == 404
    assert visitor.get("/editions/shorts").status_code == 303


def test_the_exact_text_of_the_rules_has_the_hash_the_page_names(
    visitor: TestVisitor, session: Session
) -> None:
    edition = make_edition(session, "call", rules=document())
    session.commit()
    text = visitor.get("/editions/call/rules/1.json").data
    digest = hashlib.sha256(text).hexdigest()
    assert digest == edition.current.hash
    assert digest in visitor.get("/editions/call/rules/1").text
    assert visitor.get("/editions/call/rules/2").status_code == 404


def test_a_second_before_the_instant_there_is_nothing_at_any_address(
    visitor: TestVisitor,
    signed_in: SignIn,
    session: Session,
    judged: Judged,
    snapshot: Snapshot,
    clock: Clock,
) -> None:
    clock.now = ANNOUNCED - SECOND
    filmmaker, juror = judged.entries[0].person, judged.jurors[0]
    roles = [visitor, *map(signed_in, (filmmaker, juror, judged.organizer))]
    for somebody in roles:
        for _settling in range(2):  # the first answers of a browser set its cookie
            somebody.get("/")
        nothing = somebody.get("/editions/shorts/palmares/nothing-here")
        for address in addresses(snapshot):
            answer = somebody.get(address)
            assert (address, answer.status_code) == (address, 404)
            assert answer.headers.get("X-Robots-Tag") == "noindex, noarchive"
            assert "Last-Modified" not in answer.headers
            assert "ETag" not in answer.headers
            assert dict(answer.headers).keys() == dict(nothing.headers).keys()
    assert "/palmares" not in visitor.get("/").text
    assert "/palmares" not in visitor.get("/editions/shorts").text
    assert "Being judged" in visitor.get("/").text


def test_an_address_before_the_instant_answers_as_one_that_never_was(
    visitor: TestVisitor, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED - SECOND
    for real, invented in (
        ("/editions/shorts/palmares", "/editions/never-was/palmares"),
        ("/editions/shorts/palmares.json", "/editions/never-was/palmares.json"),
        (f"/programme/assets/{snapshot.assets[0].token}", f"/programme/assets/{'x' * 32}"),
    ):
        one, other = visitor.fetch(real), visitor.fetch(invented)
        assert (one.status_code, one.data) == (other.status_code, other.data)
        assert sorted(one.headers.keys()) == sorted(other.headers.keys())


def test_from_the_instant_on_it_is_there(
    visitor: TestVisitor, judged: Judged, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    page = visitor.get("/editions/shorts/palmares").text
    assert page.count("<h1>") == 1
    for entry in judged.entries[:11]:
        assert entry.original_title in page
    for award in judged.edition.rules.awards:
        assert in_language(award.title, "en") in page
    assert "Second prize, shared" in page
    assert "Ana Bo" in page
    assert "X-Robots-Tag" not in visitor.get("/editions/shorts/palmares").headers
    assert 'href="/editions/shorts/palmares"' in visitor.get("/").text
    assert 'href="/editions/shorts/palmares"' in visitor.get("/editions/shorts").text


def test_every_language_reads_the_same_palmares(
    visitor: TestVisitor, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    asked = {"Accept-Language": "zh"}
    page = visitor.get("/editions/shorts/palmares", headers=asked).text
    assert '<html lang="zh">' in page
    assert "一等奖" in page
    assert "烟火下的港湾" in page


def test_each_reader_gets_times_in_their_own_zone(
    visitor: TestVisitor, signed_in: SignIn, session: Session, snapshot: Snapshot, clock: Clock
) -> None:
    reader = make_person(session, time_zone="America/Montreal")
    session.commit()
    clock.now = ANNOUNCED
    for _again in range(2):  # made, then taken from the shelf
        assert "15 January 2027, 12:00 (UTC)" in visitor.get("/editions/shorts/palmares").text
        told = signed_in(reader).get("/editions/shorts/palmares").text
        assert "15 January 2027, 07:00 (Montreal, 12:00 UTC)" in told


def test_the_shelf_makes_room(snapshot: Snapshot, app: Flask) -> None:
    shelf, made = Shelf(places=2), []

    def making(number: int) -> Callable[[], Sheet]:
        def make() -> Sheet:
            made.append(number)
            return Sheet("", "", "vermilion", "shorts", str(number), Markup())

        return make

    with app.test_request_context("/"):
        for number in (1, 2, 1, 3, 2, 1):
            assert shelf.sheet(snapshot, number, making(number)).film == str(number)
    assert made == [1, 2, 3, 1]


def test_the_feed_is_the_snapshot_and_hashes_to_its_name(
    visitor: TestVisitor, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    feed = visitor.get("/editions/shorts/palmares.json")
    assert feed.mimetype == "application/json"
    assert hashlib.sha256(feed.data).hexdigest() == snapshot.sha256
    assert json.loads(feed.data) == snapshot.document
    assert snapshot.sha256 in visitor.get("/editions/shorts/palmares").text


def test_each_film_has_a_page_with_its_label_before_the_player(
    visitor: TestVisitor, judged: Judged, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    plays = visitor.get("/editions/shorts/palmares/films/1").text
    assert plays.index("AI-generated · 70 %") < plays.index("<video")
    assert "Seedance 1.0 Pro" in plays
    assert "Chosen and cut by hand" in plays
    assert "Commercial plan" not in plays
    still_only = visitor.get("/editions/shorts/palmares/films/2").text
    assert ("<video" in still_only, "lighter-picture" in still_only) == (False, False)
    assert "The film itself is not shown here." in still_only
    assert visitor.get("/editions/shorts/palmares/films/12").status_code == 404


def test_a_film_page_offers_the_light_copy(
    visitor: TestVisitor, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    page = visitor.get("/editions/shorts/palmares/films/1").text
    offered = re.search(r'<video [^>]*data-light="([^"]+)"', page)
    assert offered is not None
    with visitor.get(offered[1]) as fetched:
        assert fetched.data == LIGHT
    assert '<label class="choice lighter-picture" hidden>' in page  # until a script can switch


def test_a_palmares_without_light_copies_plays_as_ever(
    visitor: TestVisitor, session: Session, judged: Judged, clock: Clock
) -> None:
    for entry in judged.entries:
        assert entry.master is not None
        session.delete(entry.master.rendition(RenditionKind.LIGHT))
    session.flush()
    session.expire_all()
    crown(session, judged)
    organizer = judged.organizer.id
    made = publish(session, judged.edition, correction="", person_id=organizer, now=NOON)
    session.commit()
    assert {"light" in each for each in made.document["films"]} == {False}
    clock.now = ANNOUNCED
    page = visitor.get("/editions/shorts/palmares/films/1").text
    shown = ("<video" in page, "data-light" in page, "lighter-picture" in page)
    assert shown == (True, False, False)


def test_films_are_served_in_ranges_and_kept_by_caches(
    visitor: TestVisitor, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    film = next(each for each in snapshot.assets if each.media_type == "video/mp4")
    address = f"/programme/assets/{film.token}"
    with visitor.get(address) as whole:
        assert whole.data == FILM
        assert whole.headers["Cache-Control"] == "public, max-age=86400, immutable"
        assert whole.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert film.storage_key not in str(whole.headers)
    with visitor.get(address, headers={"Range": "bytes=100-199"}) as part:
        assert (part.status_code, part.data) == (206, FILM[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert visitor.get(address, headers={"Range": "bytes=99999-"}).status_code == 416


def test_a_correction_says_what_and_when(
    visitor: TestVisitor, session: Session, judged: Judged, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED + timedelta(days=1)
    organizer = judged.organizer.id
    told = crown_again(session, judged, clock.now)
    publish(
        session,
        judged.edition,
        correction="The jury’s sentence was cut short.",
        person_id=organizer,
        now=clock.now,
    )
    session.commit()
    page = visitor.get("/editions/shorts/palmares").text
    assert told in page
    assert "The jury’s sentence was cut short." in page
    assert snapshot.sha256 in page


def crown_again(session: Session, judged: Judged, now: datetime) -> str:
    """Give the first prize another citation."""
    from contest.awards.queries import bench

    first = bench(session, judged.edition).of_award("first")[0]
    words = "The jury’s sentence, in full."
    cite(session, first, citation=words, reason="", person_id=judged.organizer.id, now=now)
    session.flush()
    return words


def test_no_page_tells_where_an_asset_is_stored(
    visitor: TestVisitor, snapshot: Snapshot, clock: Clock
) -> None:
    clock.now = ANNOUNCED
    feed = visitor.get("/editions/shorts/palmares.json").text
    page = visitor.get("/editions/shorts/palmares").text
    for asset in snapshot.assets:
        assert asset.storage_key not in feed
        assert asset.storage_key not in page


def test_the_public_pages_ask_as_often_for_one_edition_as_for_three(
    visitor: TestVisitor, session: Session, app: Flask, clock: Clock
) -> None:
    engine = app.extensions["house"].database.engine
    counts = []
    for number in range(3):
        judged = make_judged_edition(session, f"year-{number}", films=12)
        crown(session, judged)
        publish(
            session, judged.edition, correction="", person_id=judged.organizer.id, now=clock.now
        )
        session.commit()
        clock.now = ANNOUNCED
        with statements(engine) as asked:
            visitor.get("/")
        counts.append(len(asked))
        clock.now = ANNOUNCED - timedelta(days=40)
    assert len(set(counts)) == 1
