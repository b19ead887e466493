"""The office's jury pages: invitations, opening, progress, closing, standings, the recount."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.cli import main
from contest.db import Database
from contest.jury.actions.ballots import declare_conflict, recuse
from contest.jury.actions.verdict import close_round
from contest.jury.models import Conflict, Round, Screening, Seat
from contest.jury.queries.counting import advanced_ids, standings_of
from contest.logbook import LogLine
from contest.people.models import Invitation, Person, Role
from contest.rulebook.bundles import Bundle, recompute
from contest.rulebook.stages import EntryStage, RoundStage
from contest.rulebook.verdict import METHODS
from contest.settings import Settings
from tests.conftest import NOON, Clock
from tests.counting import statements
from tests.factories import make_juror
from tests.juries import Sitting, dealt, make_sitting, screening, sign
from tests.visitor import TestVisitor, untokened

LATER = NOON + timedelta(hours=1)
SignIn = Callable[[Person], TestVisitor]


def base(sitting: Sitting) -> str:
    return f"/office/{sitting.edition.slug}"


def first_round(sitting: Sitting) -> str:
    return f"{base(sitting)}/rounds/selection"


def office(session: Session, signed_in: SignIn, sitting: Sitting) -> TestVisitor:
    session.commit()
    return signed_in(sitting.organizer)


def fresh(session: Session, round_: Round) -> Round:
    """The round as it stands now, whatever this session knew."""
    session.expire_all()
    return session.get_one(Round, round_.id)


def seated(session: Session) -> list[tuple[int, bool]]:
    """Seat numbers and whether their juror still sits."""
    session.expire_all()
    seats = session.scalars(select(Seat).order_by(Seat.number))
    return [(each.number, each.left_at is None) for each in seats]


def test_a_juror_is_invited_by_letter_and_the_link_can_be_revoked(
    session: Session,
    signed_in: SignIn,
    visitor: TestVisitor,
    settings: Settings,
    run_jobs: Callable[[], int],
) -> None:
    sitting = make_sitting(session, opened=False)
    organizer = office(session, signed_in, sitting)
    typed = {"name": "Amara Diallo", "email": "Amara@Example.org", "language": "fr"}
    sent = organizer.post(f"{base(sitting)}/jury/invitations", data=typed)
    assert (sent.status_code, sent.location) == (303, f"{base(sitting)}/jury")
    run_jobs()
    (file,) = Path(settings.letters_path).glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["To"] == "amara@example.org"
    body = letter.get_body(("plain",))
    assert body is not None
    token = body.get_content().partition("/invitations/")[2].split()[0]
    assert visitor.get(f"/invitations/{token}").status_code == 200
    page = organizer.get(f"{base(sitting)}/jury").text
    assert "amara@example.org" in page
    (invited,) = session.scalars(select(Invitation).where(Invitation.role == Role.JUROR))
    organizer.post(f"{base(sitting)}/jury/invitations/{invited.id}/revoke")
    assert visitor.get(f"/invitations/{token}").status_code == 404
    assert "Revoked" in organizer.get(f"{base(sitting)}/jury").text


def test_nobody_gets_a_second_letter_while_the_first_is_open(
    session: Session, signed_in: SignIn
) -> None:
    sitting = make_sitting(session, opened=False)
    organizer = office(session, signed_in, sitting)
    address = f"{base(sitting)}/jury/invitations"
    typed = {"name": "Amara Diallo", "email": "amara@example.org", "language": "fr"}
    assert organizer.post(address, data=typed).status_code == 303
    again = organizer.post(address, data=typed)
    assert (again.status_code, "is open; revoke it" in again.text) == (422, True)
    known = organizer.post(address, data=typed | {"email": sitting.jurors[0].email})
    assert (known.status_code, "in the jury already" in known.text) == (422, True)
    assert len(session.scalars(select(Invitation)).all()) == 1


def test_another_editions_invitation_is_not_to_be_found(
    session: Session, signed_in: SignIn
) -> None:
    mine, other = make_sitting(session, opened=False), make_sitting(session, opened=False)
    stranger = office(session, signed_in, other)
    stranger.post(
        f"{base(other)}/jury/invitations",
        data={"name": "A B", "email": "a@example.org", "language": "en"},
    )
    invited = session.scalars(select(Invitation)).one()
    organizer = signed_in(mine.organizer)
    for address in (base(mine), base(other)):
        revoked = organizer.post(f"{address}/jury/invitations/{invited.id}/revoke")
        assert revoked.status_code == 404
    session.expire_all()
    assert session.scalars(select(Invitation)).one().revoked_at is None


def test_a_round_is_opened_with_the_chosen_jurors(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session, opened=False, jurors=4, films=4)
    organizer = office(session, signed_in, sitting)
    page = organizer.get(first_round(sitting)).text
    assert "4 films wait for this round." in page
    assert "That makes 12 screenings" in page
    chosen = [each.id for each in sitting.jurors]
    typed = {"jurors": chosen, "closes_at": "2026-12-20T18:00"}
    opened = organizer.post(f"{first_round(sitting)}/open", data=typed)
    assert (opened.status_code, opened.location) == (303, first_round(sitting))
    found = fresh(session, sitting.round)
    assert found.stage is RoundStage.OPEN
    assert found.closes_at is not None
    assert found.closes_at.isoformat() == "2026-12-20T10:00:00+00:00", "typed in Shanghai's time"
    assert len(session.scalars(select(Screening)).all()) == 12
    line = session.scalars(select(LogLine).where(LogLine.act == "round.opened")).one()
    assert line.details["seed"] == found.seed


def test_a_jury_too_small_is_told_so_and_nothing_opens(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session, opened=False, jurors=2)
    organizer = office(session, signed_in, sitting)
    chosen = [each.id for each in sitting.jurors]
    refused = organizer.post(f"{first_round(sitting)}/open", data={"jurors": chosen})
    assert refused.status_code == 422
    assert "Invite at least 1 more" in refused.text
    assert fresh(session, sitting.round).stage is RoundStage.PLANNED
    assert seated(session) == []
    nobody = organizer.post(f"{first_round(sitting)}/open", data={})
    assert (nobody.status_code, "Choose who judges this round." in nobody.text) == (422, True)


def test_a_later_round_says_what_it_waits_for(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session)
    organizer = office(session, signed_in, sitting)
    page = organizer.get(f"{base(sitting)}/rounds/final").text
    assert "It opens once “First screening” is closed" in page
    assert organizer.get(f"{base(sitting)}/rounds/nonsense").status_code == 404


def test_progress_shows_days_and_counts_and_no_mark_or_average(
    session: Session, signed_in: SignIn, clock: Clock
) -> None:
    sitting = make_sitting(session)
    sign(session, sitting, 0, 0, 7)
    sign(session, sitting, 0, 1, 3)
    clock.now = NOON + timedelta(days=4)
    organizer = office(session, signed_in, sitting)
    page = organizer.get(first_round(sitting)).text
    assert "2 of 9 ballots are signed." in page
    assert "3 of 3 films have too few to be ranked yet." in page
    assert "2 signed, 1 to go" in page
    assert "Ballots signed: 2 November: 2." in page
    assert page.count("Falls behind") == 3
    sign(session, sitting, 0, 0, 10)
    sign(session, sitting, 0, 1, 1)
    session.commit()
    again = organizer.get(first_round(sitting)).text
    assert untokened(again) == untokened(page), "other marks leave the page the same"


def test_pages_ask_as_many_questions_for_six_seats_as_for_three(
    session: Session, signed_in: SignIn, database: Database
) -> None:
    asked: list[int] = []
    for jurors, films in ((3, 2), (6, 8)):
        sitting = make_sitting(session, jurors=jurors, films=films)
        sign(session, sitting, 0, 0, 5) if films == 2 else None
        organizer = office(session, signed_in, sitting)
        with statements(database.engine) as sent:
            for address in (f"{base(sitting)}/jury", first_round(sitting)):
                assert organizer.get(address).status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_a_juror_leaves_and_a_newcomer_takes_over(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session)
    newcomer = make_juror(session, sitting.edition, "Neo New")
    organizer = office(session, signed_in, sitting)
    stay = [*(each.id for each in sitting.jurors[1:]), newcomer.id]
    dealt = organizer.post(f"{first_round(sitting)}/seats", data={"jurors": stay})
    assert dealt.status_code == 303
    page = organizer.get(first_round(sitting)).text
    assert "3 screenings dealt anew." in page
    assert "left the round" in page
    assert seated(session) == [(1, False), (2, True), (3, True), (4, True)]
    refused = organizer.post(f"{first_round(sitting)}/seats", data={"jurors": stay[:1]})
    assert refused.status_code == 422
    assert seated(session) == [(1, False), (2, True), (3, True), (4, True)]


def test_more_jurors_are_dealt_where_they_decide_most(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session, films=4, jurors=5, jurors_per_film=2, advances=2)
    organizer = office(session, signed_in, sitting)
    address = f"{first_round(sitting)}/more"
    early = organizer.post(address, data={"screenings": "3"})
    assert (early.status_code, "Nothing tells yet which films" in early.text) == (422, True)
    assert 'value="5"' in organizer.get(first_round(sitting)).text  # one for each juror
    for juror, film in sorted(dealt(session, sitting.round)):
        at = [each.id for each in sitting.jurors].index(juror)
        place = [each.id for each in sitting.entries].index(film)
        sign(session, sitting, at, place, 2 + 2 * place + at % 2)
    session.commit()
    before = dealt(session, sitting.round)
    for typed in ["0", "5001", "many", ""]:
        assert organizer.post(address, data={"screenings": typed}).status_code == 422
    sent = organizer.post(address, data={"screenings": "5"})
    assert (sent.status_code, sent.location) == (303, first_round(sitting))
    assert "5 screenings dealt." in organizer.get(first_round(sitting)).text
    after = dealt(session, sitting.round)
    assert (before <= after, len(after - before)) == (True, 5)
    (line,) = session.scalars(select(LogLine).where(LogLine.act == "round.dealt_more"))
    assert (line.details["asked"], line.details["screenings"]) == (5, 5)
    assert organizer.post(address, data={"screenings": "500"}).status_code == 303
    assert len(dealt(session, sitting.round)) == 4 * 5
    organizer.post(address, data={"screenings": "1"})
    assert "Nothing could be dealt" in organizer.get(first_round(sitting)).text
    assert organizer.post(f"{first_round(sitting)}/close").status_code == 303
    assert organizer.post(address, data={"screenings": "1"}).status_code == 422


def test_a_film_somebody_stepped_aside_from_is_said_to_lack_a_juror(
    session: Session, signed_in: SignIn
) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    recuse(session, found, "My sister edited it.", now=NOON)
    organizer = office(session, signed_in, sitting)
    page = organizer.get(first_round(sitting)).text
    assert "1 film has fewer jurors than the rules ask" in page
    listed = organizer.get(f"{base(sitting)}/jury/conflicts").text
    assert "My sister edited it." in listed


def test_organizers_declare_and_take_back_conflicts(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session, opened=False)
    organizer = office(session, signed_in, sitting)
    address = f"{base(sitting)}/jury/conflicts"
    typed = {"juror": sitting.jurors[0].id, "number": 99, "reason": "They teach together."}
    unknown = organizer.post(address, data=typed)
    assert (unknown.status_code, "no entry of that number" in unknown.text) == (422, True)
    assert organizer.post(address, data=typed | {"number": 2}).status_code == 303
    kept = session.scalars(select(Conflict)).one()
    assert (kept.person_id, kept.entry_id) == (sitting.jurors[0].id, sitting.entries[1].id)
    assert organizer.post(f"{address}/{kept.id}/withdraw").status_code == 303
    assert session.scalars(select(Conflict)).all() == []


def test_a_conflict_somebody_stepped_aside_for_stays(session: Session, signed_in: SignIn) -> None:
    sitting = make_sitting(session)
    by = sitting.organizer.id
    juror, film = sitting.jurors[0], sitting.entries[0]
    kept = declare_conflict(session, juror, film, "A cousin.", by_id=by, now=NOON)
    organizer = office(session, signed_in, sitting)
    refused = organizer.post(f"{base(sitting)}/jury/conflicts/{kept.id}/withdraw")
    assert refused.status_code == 409
    assert "stepped aside from this film" in refused.text


def test_closing_is_one_confirmed_act_and_cannot_be_done_twice(
    session: Session, signed_in: SignIn
) -> None:
    sitting = make_sitting(session, films=2)
    for juror in range(3):
        sign(session, sitting, juror, 0, 8)
    organizer = office(session, signed_in, sitting)
    confirm = organizer.get(f"{first_round(sitting)}/close").text
    assert "3 ballots are still owed." in confirm
    assert fresh(session, sitting.round).stage is RoundStage.OPEN
    closed = organizer.post(f"{first_round(sitting)}/close")
    assert (closed.status_code, closed.location) == (303, first_round(sitting))
    assert fresh(session, sitting.round).stage is RoundStage.CLOSED
    assert organizer.post(f"{first_round(sitting)}/close").status_code == 409
    page = organizer.get(first_round(sitting)).text
    assert "Weighted mean 8.00 of 10; jurors who scored: 3." in page
    assert "Not ranked: scores received: 0; the rules ask for at least 2." in page
    assert sitting.round.ballots_digest is not None
    assert sitting.round.ballots_digest in page


def judged(session: Session, *levels: int, advances: int) -> Sitting:
    """A closed round whose films got these marks from all three jurors."""
    sitting = make_sitting(session, films=len(levels), advances=advances)
    for film, level in enumerate(levels):
        for juror in range(3):
            sign(session, sitting, juror, film, level)
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=LATER)
    return sitting


def test_what_the_places_decide_goes_on_at_one_press(session: Session, signed_in: SignIn) -> None:
    sitting = judged(session, 9, 5, 7, advances=2)
    organizer = office(session, signed_in, sitting)
    assert "Send 2 films on to “Final”" in organizer.get(first_round(sitting)).text
    sent = organizer.post(f"{first_round(sitting)}/advance")
    assert sent.status_code == 303
    best = frozenset({sitting.entries[0].id, sitting.entries[2].id})
    assert advanced_ids(session, fresh(session, sitting.round)) == best
    page = organizer.get(first_round(sitting)).text
    assert page.count("goes on</span>") == 2
    assert "2 films wait for this round." in organizer.get(f"{base(sitting)}/rounds/final").text


def test_a_tie_across_the_cut_asks_for_a_choice(session: Session, signed_in: SignIn) -> None:
    sitting = judged(session, 9, 7, 7, 5, advances=2)
    organizer = office(session, signed_in, sitting)
    page = organizer.get(first_round(sitting)).text
    assert "2 films share place 2 across the cut." in page
    undecided = organizer.post(f"{first_round(sitting)}/advance")
    assert undecided.status_code == 422
    assert advanced_ids(session, fresh(session, sitting.round)) is None
    chosen = [sitting.entries[0].id, sitting.entries[2].id]
    data = {"chosen": "yes", "entry": chosen}
    assert organizer.post(f"{first_round(sitting)}/advance", data=data).status_code == 303
    assert advanced_ids(session, fresh(session, sitting.round)) == frozenset(chosen)


def test_films_that_share_a_place_stand_on_one_line(session: Session, signed_in: SignIn) -> None:
    sitting = judged(session, 9, 7, 7, 5, advances=2)
    organizer = office(session, signed_in, sitting)
    page = organizer.get(first_round(sitting)).text
    drawn = [place for place in range(1, 5) if f'id="standing-{place}-title"' in page]
    assert drawn == [1, 2, 4]


def test_the_table_of_scores_recounts_to_the_same_places(
    session: Session,
    signed_in: SignIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sitting = make_sitting(session, films=4)
    given = ((8, 7, 9, 6), (7, 8, 6, 9), (9, 9, 4, 7), (7, 8, 6, 9))
    for film, marks in enumerate(given):
        for juror in range(3):
            sign(session, sitting, juror, film, *(max(1, each - juror) for each in marks))
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=LATER)
    organizer = office(session, signed_in, sitting)
    saved = organizer.get(f"{first_round(sitting)}/scores.csv")
    rows = list(csv.reader(io.StringIO(saved.text)))
    assert rows[0] == ["judge", "item", "criterion", "score"]
    assert len(rows) == 1 + 4 * 3 * 4
    words = {cell for row in rows[1:] for cell in row if not cell.isdecimal()}
    assert words == {each.key for each in sitting.round.rules.criteria}, "nobody's formulas"
    line = session.scalars(select(LogLine).where(LogLine.act == "round.scores_read")).one()
    assert line.person_id == sitting.organizer.id
    page = organizer.get(first_round(sitting)).text
    command = re.findall(r'<p class="mono">(contest rank .*)</p>', page)[0]
    (tmp_path / "scores-selection.csv").write_text(saved.text)
    monkeypatch.chdir(tmp_path)
    assert main([*shlex.split(command)[1:], "--json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    recounted = {each["item"]: each["place"] for each in items}
    frozen = standings_of(session, fresh(session, sitting.round))
    assert recounted == {str(each.entry.number): each.place for each in frozen}
    assert sorted(recounted.values()) == [1, 2, 3, 3]


@pytest.mark.parametrize("method", METHODS)
def test_the_bundle_counts_again_to_the_same_verdict_with_the_rulebook_alone(
    session: Session,
    signed_in: SignIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    method: str,
) -> None:
    sitting = make_sitting(session, films=5, jurors=4, jurors_per_film=4, method=method)
    for film, mark in enumerate((8, 7, 7, 4)):
        for juror in range(4):
            sign(session, sitting, juror, film, max(1, mark - juror + (film * juror) % 3))
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=LATER)
    organizer = office(session, signed_in, sitting)
    saved = organizer.get(f"{first_round(sitting)}/bundle.json")
    page = organizer.get(first_round(sitting)).text
    command = re.findall(r'<p class="mono">(contest recompute .*)</p>', page)[0].split()
    (tmp_path / command[2]).write_text(saved.text)
    monkeypatch.chdir(tmp_path)
    assert main([*command[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"same": True, "differences": []}
    told = json.loads(saved.text)
    told["standings"][0]["place"] += 1
    (tmp_path / command[2]).write_text(json.dumps(told))
    assert main(command[1:]) == 1
    assert "Film 1: place" in capsys.readouterr().out
    told["ballots"][0][3]["story"] -= 1
    (tmp_path / command[2]).write_text(json.dumps(told))
    assert main(command[1:]) == 1
    assert "The ballots are not those that were counted" in capsys.readouterr().out


def test_a_film_that_leaves_after_the_closing_stays_in_the_bundle(
    session: Session, signed_in: SignIn
) -> None:
    sitting = judged(session, 9, 7, 5, advances=2)
    sitting.entries[1].stage = EntryStage.WITHDRAWN
    session.commit()
    organizer = office(session, signed_in, sitting)
    told = json.loads(organizer.get(f"{first_round(sitting)}/bundle.json").text)
    assert recompute(Bundle.from_json(told)) == []
    assert told["films"] == [1, 2, 3]


def test_standings_say_how_sure_they_are_and_how_jurors_lean(
    session: Session, signed_in: SignIn
) -> None:
    sitting = make_sitting(session, films=4, jurors=3, method="mixed", advances=2)
    for film, mark in enumerate((8, 7, 6, 3)):
        for juror in range(3):
            sign(session, sitting, juror, film, mark + juror - 1 + (film + juror) % 2)
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=LATER)
    page = office(session, signed_in, sitting).get(first_round(sitting)).text
    assert page.count("with 9 chances in 10 between") == 4
    assert "How sure it is" in page
    assert re.search(r"Plain mean \d\.\d\d · corrected \d\.\d\d ± \d\.\d\d · first: ", page)
    assert all(each.name in page for each in sitting.jurors)
    assert page.count('class="drawing leaning"') == 3


def test_a_mark_on_no_criterion_gets_onto_no_sheet_and_into_no_table(
    session: Session, signed_in: SignIn
) -> None:
    sitting = make_sitting(session)
    film = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    session.commit()
    juror, address = signed_in(sitting.jurors[0]), f"/jury/screenings/{film.id}"
    told = {"marks": {"=1+1": 5}}
    assert juror.fetch(f"{address}/marks", method="POST", json=told).status_code == 409
    typed = {f"mark-{each.key}": 5 for each in sitting.round.rules.criteria} | {"mark-=1+1": 5}
    assert juror.post(f"{address}/sign", data=typed).status_code == 422
    session.refresh(film)
    assert (film.marks, film.ballots) == ({}, [])


def test_there_are_no_scores_to_save_before_the_round_closes(
    session: Session, signed_in: SignIn
) -> None:
    sitting = make_sitting(session)
    sign(session, sitting, 0, 0, 7)
    organizer = office(session, signed_in, sitting)
    assert organizer.get(f"{first_round(sitting)}/scores.csv").status_code == 404


def test_jurors_and_other_organizers_find_nothing_here(session: Session, signed_in: SignIn) -> None:
    sitting, other = judged(session, 9, 5, advances=1), make_sitting(session, opened=False)
    session.commit()
    addresses = [
        f"{base(sitting)}/jury",
        f"{base(sitting)}/jury/conflicts",
        first_round(sitting),
        f"{first_round(sitting)}/close",
        f"{first_round(sitting)}/scores.csv",
        f"{first_round(sitting)}/bundle.json",
    ]
    for stranger in (sitting.jurors[0], other.organizer):
        client = signed_in(stranger)
        assert [client.get(each).status_code for each in addresses] == [404] * 6
