"""Every page of the house as those who may see it: no barriers, nothing sticks out, no errors.

`PAGES` says who visits what. A new address without a line here fails until somebody looks at it.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page
from sqlalchemy.orm import Session

from contest.awards.actions import publish
from contest.editions.models import Edition
from contest.entries.actions import decide, submit
from contest.entries.models import DecisionKind, Entry
from contest.jury.actions.ballots import declare_conflict
from contest.jury.queries.blind import desk
from contest.machines.queue import Job
from contest.machines.storage import Storage
from contest.machines.tools import ffmpeg
from contest.media.models import RenditionKind
from contest.people.models import Invitation, Person, Role, SignInLink
from contest.people.tokens import digest_of
from tests.browser.conftest import DESK, PHONE, LiveHouse, film_in
from tests.browser.keyboard import SMALL
from tests.factories import (
    NOON,
    appoint,
    document,
    keep_credentials_of,
    make_edition,
    make_entry,
    make_master,
    make_person,
    make_reel,
    make_submitted_entry,
)
from tests.judged import crown, make_judged_edition
from tests.juries import close, make_sitting, screening, sign

PAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "visitor": {
        "public.home": ("/",),
        "public.call": ("/editions/open", "/editions/night", "/editions/shorts"),
        "public.rules": ("/editions/open/rules/1",),
        "public.palmares": ("/editions/shorts/palmares",),
        "public.film": ("/editions/shorts/palmares/films/1",),
        "public.open_account": ("/register",),
        "public.sign_in": ("/sign-in",),
        "public.ask_for_link": ("/sign-in/letter",),
        "public.follow_link": ("/sign-in/link",),
        "public.invitation": ("/invitations/invited",),
    },
    "author": {
        "public.account": ("/account",),
        "filmmaker.entries": ("/entries",),
        "filmmaker.entry": (
            "/entries/{draft}?step=facts",
            "/entries/{draft}?step=credits",
            "/entries/{draft}?step=making",
            "/entries/{draft}?step=rights",
            "/entries/{draft}?step=film",
            "/entries/{draft}?step=submit",
            "/entries/{submitted}",
            "/entries/{asked}",
        ),
        "filmmaker.receipt": ("/entries/{submitted}/receipt",),
    },
    "juror": {
        "juror.desk": ("/jury",),
        "juror.conflicts": ("/jury/rounds/{round}/conflicts",),
        "juror.screening": ("/jury/screenings/{signed}", "/jury/screenings/{waiting}"),
    },
    "organizer": {
        "organizer.offices": ("/office",),
        "organizer.new_edition": ("/office/new",),
        "organizer.office": ("/office/open", "/office/night"),
        "organizer.entries": ("/office/open/entries", "/office/open/entries?search=nothing"),
        "organizer.entry": ("/office/open/entries/{asked}", "/office/open/entries/{submitted}"),
        "organizer.letters": ("/office/open/letters",),
        "organizer.letter": ("/office/open/letters/{letter}",),
        "organizer.logbook": ("/office/open/logbook",),
        "organizer.organizers": ("/office/night/organizers",),
        "organizer.jobs": ("/office/night/jobs",),
        "organizer.jury": ("/office/night/jury", "/office/shorts/jury"),
        "organizer.conflicts": ("/office/night/jury/conflicts",),
        "organizer.round_": (
            "/office/night/rounds/selection",
            "/office/night/rounds/final",
            "/office/closed/rounds/selection",
        ),
        "organizer.confirm_closing": ("/office/night/rounds/selection/close",),
        "organizer.awards": ("/office/shorts/awards", "/office/night/awards"),
        "organizer.preview": ("/office/shorts/awards/preview",),
        "organizer.preview_film": ("/office/shorts/awards/preview/films/2",),
        "organizer.confirm_publication": ("/office/shorts/awards/publish",),
        "organizer.rules": ("/office/open/rules",),
        "organizer.rules_section": (
            *(f"/office/open/rules/{key}" for key in ("texts", "calendar", "film", "facts")),
            *(f"/office/open/rules/{key}" for key in ("categories", "declaration", "rights")),
            *(f"/office/open/rules/{key}" for key in ("rounds", "awards")),
        ),
    },
    "administrator": {
        "organizer.house_jobs": ("/office/jobs",),
        "organizer.people": ("/office/people",),
    },
}
NO_PAGES = {
    *("static", "media.fetch", "public.asset", "public.feed", "public.rules_text"),
    *("filmmaker.inspection", "filmmaker.show_upload", "organizer.bundle", "organizer.scores"),
    "organizer.letter_html",
}
"""Files, numbers, our scripts' JSON; and letters, in whose sandbox no script may look around."""

NOW = NOON + timedelta(days=80)
"""After the announcement of the edition that is judged."""


@dataclass
class World:
    """A house with something on every page: who is who, and what its things are called."""

    live: LiveHouse
    people: dict[str, Person] = field(default_factory=dict)
    things: dict[str, int] = field(default_factory=dict)


@pytest.fixture
def world(live: LiveHouse, tmp_path: Path) -> World:
    """An open call, a jury at work, a closed round and a published palmarès."""
    made, reel = World(live), film_in(tmp_path, 2)
    storage = live.app.extensions["house"].storage
    with live.database.transaction() as session:
        judged = make_judged_edition(session, "shorts")
        crown(session, judged)
        organizer = made.people["organizer"] = judged.organizer
        made.people["author"] = make_person(session)
        made.people["administrator"] = make_person(session, "Ida Haus", is_administrator=True)
        editions = [_jury(session, made), _closed(session), _call(session, made, live.url)]
        for edition in editions:
            appoint(session, organizer, edition, Role.ORGANIZER)
        _papers(session, made, editions[0])
        _keep(storage, session.query(Entry).all(), reel)
        publish(session, judged.edition, correction="", person_id=organizer.id, now=NOON)
    live.clock.now = NOW
    return made


def _keep(storage: Storage, entries: Sequence[Entry], film: Path) -> None:
    """Put real bytes where the records say stills and films are."""
    command = [ffmpeg(), "-v", "error", "-i", str(film), "-frames:v", "1", "-f", "mjpeg", "-"]
    still = subprocess.run(command, check=True, capture_output=True).stdout
    bytes_of = {RenditionKind.STILL: still} | dict.fromkeys(
        (RenditionKind.SCREENER, RenditionKind.LIGHT), film.read_bytes()
    )
    for entry in entries:
        if entry.master:
            keep_credentials_of(entry, storage)
        for kind, content in bytes_of.items():
            made = entry.master.rendition(kind) if entry.master else None
            if made is not None:
                storage.keep(io.BytesIO(content), made.storage_key)


def _jury(session: Session, made: World) -> Edition:
    """A round at work: one film signed, one with a conflict, one waiting."""
    sitting = make_sitting(session, "night", films=4)
    made.people["juror"] = sitting.jurors[0]
    sign(session, sitting, 0, 0, 7, 9, 6, 8)
    sign(session, sitting, 1, 0, 8, 8, 7, 9)
    reason, by = "We share a flat.", sitting.organizer
    declare_conflict(session, sitting.jurors[1], sitting.entries[1], reason, by_id=by.id, now=NOON)
    session.flush()
    places = desk(session, sitting.jurors[0].id)[0].places
    signed = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    made.things |= {
        "round": sitting.round.id,
        "signed": signed.id,
        "waiting": next(each.screening_id for each in places if each.screening_id != signed.id),
    }
    return sitting.edition


def _closed(session: Session) -> Edition:
    """A closed round with a tie across its cut and a film below quorum."""
    sitting = make_sitting(session, "closed", films=4, advances=2)
    for film, level in enumerate((9, 7, 7, 5)):
        for juror in range(1 if film == 3 else 3):
            sign(session, sitting, juror, film, level)
    close(session, sitting)
    return sitting.edition


def _call(session: Session, made: World, url: str) -> Edition:
    """An open call with entries at four stages, one of them too short and with too little AI."""
    rules = document(closes_at="2027-03-01T20:00:00", announces_at="2027-06-01T20:00:00")
    edition, author = make_edition(session, "open", rules=rules), made.people["author"]
    organizer = made.people["organizer"]
    draft = make_entry(session, edition, author, declared_share_bp=6500, english_title="")
    make_reel(session, draft, make_master(session, author, {"duration_s": 41.0}))
    submitted = make_entry(session, edition, author)
    make_reel(session, submitted, make_master(session, author))
    session.flush()
    submit(session, submitted, public_url=url, now=NOON)
    asked = make_submitted_entry(session, edition, author, facts={"video_codec": "rv40"})
    question = "Which licence covers the music?"
    told = decide(
        session, asked, DecisionKind.ASK, question, by=organizer, public_url=url, now=NOON
    )
    assert told.letter is not None
    made.things |= {
        "draft": draft.id,
        "submitted": submitted.id,
        "asked": asked.id,
        "letter": told.letter.id,
    }
    return edition


def _papers(session: Session, made: World, edition: Edition) -> None:
    """An invitation and a sign-in link that are still good, and work that was given up."""
    later = NOW + timedelta(days=1)
    invited = Invitation(
        edition_id=edition.id,
        role=Role.JUROR,
        email="guest@example.org",
        name="Guest",
        language="en",
        token_digest=digest_of("invited"),
        invited_by_id=made.people["organizer"].id,
        created_at=NOON,
        expires_at=later,
    )
    link = SignInLink(
        person=made.people["author"],
        token_digest=digest_of("link"),
        created_at=NOON,
        expires_at=later,
    )
    lost = Job(name="send_letter", ids=[1], asked_at=NOON, due_at=NOON, given_up_at=NOON)
    session.add_all([invited, link, lost])


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser finds wrong while pages are visited: scripts, policies, missing files."""
    heard: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            heard.append(f"{page.url}: {said.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
    return heard


def test_every_page_has_its_line_and_every_line_its_page(live: LiveHouse) -> None:
    asked = {
        rule.endpoint for rule in live.app.url_map.iter_rules() if "GET" in (rule.methods or ())
    }
    visited = {endpoint for pages in PAGES.values() for endpoint in pages}
    assert asked - NO_PAGES == visited
    assert asked >= NO_PAGES


def no_finger_misses(page: Page) -> None:
    """Every control is large enough while the page is touched; then it is pointed at again."""
    browser = page.context.new_cdp_session(page)
    browser.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(SMALL) == [], page.url
    browser.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    browser.detach()


@pytest.mark.parametrize("role", PAGES)
def test_every_page_is_for_everyone_at_every_width(
    world: World,
    page: Page,
    role: str,
    complaints: list[str],
    no_barriers: Callable[[Page], None],
    fits: Callable[[], None],
) -> None:
    if role in world.people:
        world.live.enter(page, world.people[role])
    for path in (path for paths in PAGES[role].values() for path in paths):
        answer = page.goto(world.live.url + path.format(**world.things))
        assert answer is not None
        assert answer.status == 200, page.url
        for viewport in (DESK, PHONE):
            page.set_viewport_size(viewport)
            fits()
            no_barriers(page)
        no_finger_misses(page)
    assert complaints == []
