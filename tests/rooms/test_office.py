"""The desk of an edition: what waits today, the outbox, work behind the pages, people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.actions import decide
from contest.entries.models import DecisionKind, Entry
from contest.jury.actions.rounds import open_round, plan_rounds
from contest.letters.actions import write_letter
from contest.letters.models import Letter, LetterState
from contest.machines.queue import Job
from contest.people.models import Invitation, Person, Role
from contest.rulebook.findings import Severity
from contest.rulebook.stages import EntryStage
from contest.settings import HOME
from contest.web.organizer.log_words import ACTS
from tests.conftest import NOON, Clock
from tests.factories import (
    make_edition,
    make_entry,
    make_juror,
    make_organizer,
    make_person,
    make_submitted_entry,
)
from tests.judged import make_judged_edition
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]


@dataclass(frozen=True)
class Desk:
    """An edition, who organizes it, and their browser."""

    edition: Edition
    organizer: Person
    visitor: TestVisitor


@pytest.fixture
def desk(session: Session, signed_in: SignIn) -> Desk:
    edition = make_edition(session, "first")
    organizer = make_organizer(session, edition)
    session.commit()
    return Desk(edition, organizer, signed_in(organizer))


def waiting(page: str) -> list[tuple[int, str, str]]:
    """What the page says waits: how many, in which words, and where the link goes."""
    agenda = page.partition('<ul class="agenda">')[2].partition("</ul>")[0]
    line = r'count">(\d+)</span> <span class="agenda-words">([^<]*)</span> <a href="([^"]*)"'
    return [
        (int(count), words, link.replace("&amp;", "&"))
        for count, words, link in re.findall(line, agenda)
    ]


def decided(session: Session, desk: Desk, entry: Entry, kind: DecisionKind) -> Letter:
    """The held letter of a decision about the entry."""
    url = "https://localhost"
    made = decide(session, entry, kind, "Why?", by=desk.organizer, public_url=url, now=NOON)
    assert made.letter is not None
    return made.letter


def test_today_tells_what_waits_in_sentences_that_lead_there(desk: Desk, session: Session) -> None:
    desk.edition.listed_at = None
    odd = make_submitted_entry(session, desk.edition, facts={"video_codec": "rv40"})
    make_submitted_entry(session, desk.edition)
    decided(session, desk, make_submitted_entry(session, desk.edition), DecisionKind.ASK)
    assert odd.master is not None
    film = [odd.master.id]
    session.add(Job(name="decode_master", ids=film, asked_at=NOON, due_at=NOON, given_up_at=NOON))
    session.commit()
    assert odd.verdict is Severity.FLAG
    entries = "/office/first/entries?stage="
    assert waiting(desk.visitor.get("/office/first").text) == [
        (1, "call is not public yet: nobody but its organizers sees it.", "/office/first/rules"),
        (2, "entries wait for your decision.", f"{entries}submitted"),
        (
            1,
            "of them has a film with something to look at first.",
            f"{entries}submitted&film=remarked",
        ),
        (1, "author has not answered your question yet.", f"{entries}asked"),
        (1, "letter is written, not sent.", "/office/first/letters?state=held"),
        (1, "piece of work was given up after several tries.", "/office/first/jobs"),
    ]


def test_today_with_nothing_to_decide_says_so(desk: Desk) -> None:
    assert "Nothing waits for a decision." in desk.visitor.get("/office/first").text


def test_today_names_the_next_round_then_silent_jurors_then_the_round_that_is_complete(
    desk: Desk, session: Session, clock: Clock
) -> None:
    jurors = [make_juror(session, desk.edition) for _ in range(3)]
    entry = make_submitted_entry(session, desk.edition, stage=EntryStage.ACCEPTED)
    session.commit()
    clock.now = desk.edition.rules.calendar.closes_at + timedelta(days=1)
    page = "/office/first/rounds/selection"
    next_round = (1, "round is next: “First screening” is not open yet.", page)
    assert waiting(desk.visitor.get("/office/first").text) == [next_round]
    running = plan_rounds(session, desk.edition, now=clock.now)[0]
    seats = [each.id for each in jurors]
    open_round(session, running, seats, by_id=desk.organizer.id, now=clock.now, seed=7)
    session.commit()
    assert waiting(desk.visitor.get("/office/first").text) == []
    clock.pass_by(timedelta(days=5))
    silent = (3, "jurors have signed nothing for days; 3 films wait for them.", page)
    assert waiting(desk.visitor.get("/office/first").text) == [silent]
    entry.stage = EntryStage.WITHDRAWN
    session.commit()
    complete = (1, "round is complete: every ballot of “First screening” is signed.", page)
    assert waiting(desk.visitor.get("/office/first").text) == [complete]


def test_a_judged_edition_waits_for_its_palmares_and_draws_its_way(
    session: Session, signed_in: SignIn
) -> None:
    judged = make_judged_edition(session, "judged")
    session.commit()
    page = signed_in(judged.organizer).get("/office/judged").text
    palmares = (1, "palmarès waits to be decided and published.", "/office/judged/prizes")
    assert [each[:2] for each in waiting(page)] == [palmares[:2]]
    steps = page.partition('<ol class="funnel-steps">')[2].partition("</ol>")[0]
    counts = [int(count) for count in re.findall(r"<strong>(\d+)</strong>", steps)]
    assert counts == [13, 13, 12, 12, 0]
    assert re.findall(r'country=(\w\w)">', page) == ["CN"]


def test_the_list_tells_films_in_order_from_those_with_a_remark(
    desk: Desk, session: Session
) -> None:
    make_submitted_entry(session, desk.edition, original_title="Odd", facts={"audio_codec": "amr"})
    make_submitted_entry(session, desk.edition, original_title="Fine")
    make_entry(session, desk.edition, original_title="Draft")
    session.commit()
    for film, shown in (("remarked", ["Odd"]), ("in_order", ["Fine"])):
        page = desk.visitor.get(f"/office/first/entries?film={film}").text
        rows = page.partition("<tbody>")[2].partition("</tbody>")[0]
        assert [title for title in ("Odd", "Fine", "Draft") if f">{title}<" in rows] == shown


def test_the_list_goes_on_after_fifty_and_keeps_its_filters(desk: Desk, session: Session) -> None:
    author = make_person(session)
    for _ in range(51):
        make_entry(session, desk.edition, author)
    session.commit()
    first = desk.visitor.get("/office/first/entries?stage=draft").text
    assert first.count("<tr>") == 51
    assert "Page 1 of 2" in first
    following = re.search(r'href="([^"]*)" rel="next"', first)
    assert following is not None
    second = desk.visitor.get(following[1].replace("&amp;", "&")).text
    assert (second.count("<tr>"), "Page 2 of 2" in second) == (2, True)
    assert "stage=draft" in following[1]


def test_a_held_letter_is_read_on_its_entrys_page_and_sent_from_there(
    desk: Desk, session: Session, run_jobs: Callable[[], int]
) -> None:
    entry = make_submitted_entry(session, desk.edition)
    letter = decided(session, desk, entry, DecisionKind.REFUSE)
    session.commit()
    page = f"/office/first/entries/{entry.id}"
    assert "We can" not in desk.visitor.get(page).text
    assert letter.text.splitlines()[0] in desk.visitor.get(page).text
    address = f"/office/first/letters/{letter.id}"
    sent = desk.visitor.post(address, data={"act": "send_unchanged"})
    assert (sent.status_code, sent.location) == (303, page)
    assert run_jobs() == 1
    session.expire_all()
    assert letter.state is LetterState.SENT
    assert "Letter let go" in desk.visitor.get("/office/first/logbook").text
    again = desk.visitor.post(address, data={"act": "discard"})
    assert again.status_code == 303
    session.expire_all()
    assert letter.state is LetterState.SENT


def test_a_letter_is_reworded_or_never_sent(desk: Desk, session: Session) -> None:
    letter = decided(session, desk, make_submitted_entry(session, desk.edition), DecisionKind.ASK)
    session.commit()
    address = f"/office/first/letters/{letter.id}"
    empty = desk.visitor.post(address, data={"act": "keep", "subject": "", "text": "Words"})
    assert empty.status_code == 422
    assert "A letter has a subject." in empty.text
    kept = {
        "act": "keep",
        "subject": "One thing",
        "text": "Which licence?\r\nTell us.\r\n\r\nThank you.",
    }
    assert desk.visitor.post(address, data=kept).location == address
    session.expire_all()
    assert (letter.state, letter.subject) == (LetterState.HELD, "One thing")
    assert "<p>Which licence?<br>\nTell us.</p>" in letter.html
    assert "<p>Thank you.</p>" in letter.html
    assert desk.visitor.post(address, data={"act": "discard"}).status_code == 303
    session.expire_all()
    assert letter.state is LetterState.DISCARDED
    assert "Not to be sent" in desk.visitor.get("/office/first/letters").text


def test_all_held_letters_are_sent_at_once_and_only_those_of_the_edition(
    desk: Desk, session: Session
) -> None:
    other = make_edition(session, "other")
    for edition in (desk.edition, desk.edition, other):
        decided(session, desk, make_submitted_entry(session, edition), DecisionKind.ACCEPT)
    session.commit()
    assert desk.visitor.post("/office/first/letters/held").status_code == 303
    session.expire_all()
    states = session.execute(select(Letter.edition_id, Letter.state).order_by(Letter.id)).all()
    queued, held = (desk.edition.id, LetterState.QUEUED), (other.id, LetterState.HELD)
    assert [tuple(each) for each in states] == [queued, queued, held]
    page = desk.visitor.get("/office/first/logbook").text
    assert page.count("Held letters let go") == 1
    assert "letters: [1, 2]" in page


def test_a_letters_html_is_shown_where_it_can_do_nothing(desk: Desk, session: Session) -> None:
    letter = decided(session, desk, make_submitted_entry(session, desk.edition), DecisionKind.ASK)
    session.commit()
    shown = desk.visitor.get(f"/office/first/letters/{letter.id}/html")
    policy = shown.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert shown.text == letter.html


def test_letters_of_another_edition_or_of_none_are_not_found(desk: Desk, session: Session) -> None:
    other = make_edition(session, "other")
    theirs = decided(session, desk, make_submitted_entry(session, other), DecisionKind.ASK)
    nobodys = write_letter(
        session,
        "sign_in",
        address="a@example.org",
        language="en",
        about="person:1",
        now=NOON,
        name="A",
        link="https://localhost/sign-in/secret",
        minutes=20,
    )
    session.commit()
    for letter in (theirs, nobodys):
        address = f"/office/first/letters/{letter.id}"
        assert desk.visitor.get(address).status_code == 404
        assert desk.visitor.get(f"{address}/html").status_code == 404
        assert desk.visitor.post(address, data={"act": "send_unchanged"}).status_code == 404


def test_somebody_is_invited_to_organize_by_letter(desk: Desk, session: Session) -> None:
    typed = {"name": "Ivo Nowak", "email": "Ivo@Example.org", "language": "fr"}
    wrong = desk.visitor.post("/office/first/organizers", data=typed | {"email": "ivo"})
    assert wrong.status_code == 422
    assert 'value="Ivo Nowak"' in wrong.text
    assert desk.visitor.post("/office/first/organizers", data=typed).status_code == 303
    invited = session.scalars(select(Invitation)).one()
    assert (invited.email, invited.role) == ("ivo@example.org", Role.ORGANIZER)
    assert session.scalars(select(Letter)).one().address == "ivo@example.org"
    assert "Ivo Nowak" in desk.visitor.get("/office/first/organizers").text
    revoke = f"/office/first/organizers/{invited.id}/revoke"
    assert desk.visitor.post(revoke.replace("first", "other")).status_code == 404
    assert desk.visitor.post(revoke).status_code == 303
    session.expire_all()
    assert invited.revoked_at == NOON


def test_an_administrator_appoints_another(desk: Desk, session: Session, signed_in: SignIn) -> None:
    chief = make_person(session, "Ida Haus", is_administrator=True)
    make_person(session, "Pat 100%", email="pat@example.org")
    session.commit()
    for search, found in (("PAT@", True), ("100%", True), ("1%0", False), ("", False)):
        page = signed_in(chief).get("/office/people", query_string={"search": search}).text
        assert ("pat@example.org" in page) is found, search
    address = f"/office/people/{desk.organizer.id}/administrator"
    assert desk.visitor.post(address).status_code == 404
    assert signed_in(chief).post(address).status_code == 303
    session.expire_all()
    assert desk.organizer.is_administrator


def test_every_act_that_is_logged_has_words() -> None:
    told = "\n".join(file.read_text() for file in (HOME / "contest").rglob("*.py"))
    rooms = ("entry", "edition", "rules", "person", "round", "ballot", "screening", "conflict")
    logged = {
        act
        for act in re.findall(r'(?:log|_log|_note|_step)\([^)]*?"(\w+\.\w+)"', told)
        if act.partition(".")[0] in (*rooms, "letter", "award", "palmares", "film")
    }
    assert len(logged) > 20
    assert logged - set(ACTS) == set()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/entries?page=%(huge)s", 200),
        ("/entries?page=-1", 200),
        ("/entries?slug=other&_scheme=ftp&_external=1", 200),
        ("/entries?search=%%00%%25_&stage=none&film=none", 200),
        ("/entries/%(huge)s", 404),
        ("/letters?page=%(huge)s&state=none", 200),
        ("/letters/%(huge)s", 404),
        ("/logbook?before=%(huge)s", 200),
        ("/logbook?before=soon", 200),
        ("/rules/none", 404),
    ],
)
def test_an_odd_address_is_answered_with_a_page(
    desk: Desk, session: Session, address: str, status: int
) -> None:
    make_submitted_entry(session, desk.edition)
    session.commit()
    odd = address % {"huge": "9" * 30}
    assert desk.visitor.get(f"/office/first{odd}").status_code == status
