"""The verdict on a real database: closing freezes places, the best films go on."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.jury.actions.ballots import recuse, sign_ballot
from contest.jury.actions.rounds import open_round
from contest.jury.actions.sheet import save_marks
from contest.jury.actions.verdict import advance_films, close_round, count_round
from contest.jury.queries.blind import desk
from contest.jury.queries.counting import advanced_ids, cut_of, places_of, standings_of
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage, NotNow
from tests.factories import NOON, make_juror
from tests.juries import Sitting, close, dealt, make_sitting, marks, people, sign

LATER = NOON + timedelta(hours=1)


def test_closing_freezes_places_with_their_reasons(session: Session) -> None:
    sitting = make_sitting(session, films=3)
    for juror in range(3):
        sign(session, sitting, juror, 0, 9)
        sign(session, sitting, juror, 1, 5 + juror)
    sign(session, sitting, 0, 2, 10)
    close(session, sitting)
    found = standings_of(session, sitting.round)
    assert [(each.entry.number, each.place, each.score, each.ballots) for each in found] == [
        (1, 1, "9.00", 3),
        (2, 2, "6.00", 3),
        (3, None, None, 1),
    ]
    assert found[2].why[0]["msgid"].startswith("Not ranked: scores received")
    assert found[1].criteria == {
        "story": "6.00",
        "creativity": "6.00",
        "craft": "6.00",
        "ai": "6.00",
    }
    method = sitting.round.method
    assert method is not None
    assert (method["method"], method["quorum"], method["seed"]) == ("mean", 2, 7)


def test_the_digest_covers_seat_number_state_and_marks_of_every_screening(session: Session) -> None:
    sitting = make_sitting(session, films=1)
    sign(session, sitting, 0, 0, 9)
    sign(session, sitting, 1, 0, 8)
    close(session, sitting)
    lines = [
        [1, 1, "scored", marks(9)],
        [2, 1, "scored", marks(8)],
        [3, 1, "waiting", {}],
    ]
    text = json.dumps(lines, sort_keys=True, separators=(",", ":"))
    assert sitting.round.ballots_digest == hashlib.sha256(text.encode()).hexdigest()


def test_after_closing_nothing_can_be_signed_and_closing_again_is_refused(session: Session) -> None:
    sitting = make_sitting(session, films=1)
    ballot = sign(session, sitting, 0, 0, 9)
    close(session, sitting)
    for act in (
        lambda: save_marks(ballot.screening, marks(1), None, now=LATER),
        lambda: sign_ballot(session, ballot.screening, now=LATER),
        lambda: recuse(session, ballot.screening, "Late thought.", now=LATER),
        lambda: close(session, sitting),
    ):
        with pytest.raises(NotNow, match="This round is closed"):
            act()


def test_a_film_withdrawn_meanwhile_is_neither_shown_nor_ranked(session: Session) -> None:
    sitting = make_sitting(session, films=2)
    for juror in range(3):
        sign(session, sitting, juror, 0, 9)
        sign(session, sitting, juror, 1, 5)
    sitting.entries[0].stage = EntryStage.WITHDRAWN
    session.flush()
    assert [len(each.places) for each in desk(session, sitting.jurors[0].id)] == [1]
    close(session, sitting)
    assert [each.entry.number for each in standings_of(session, sitting.round)] == [2]


def judged(session: Session, *levels: int, advances: int) -> Sitting:
    """A closed round whose films got these marks from all three jurors."""
    sitting = make_sitting(session, films=len(levels), advances=advances)
    for film, level in enumerate(levels):
        for juror in range(3):
            sign(session, sitting, juror, film, level)
    close(session, sitting)
    return sitting


def go_on(session: Session, sitting: Sitting, films: list[Entry] | None) -> list[int]:
    ids = None if films is None else [each.id for each in films]
    return advance_films(session, sitting.round, ids, by_id=sitting.organizer.id, now=LATER)


def test_the_best_films_go_on_and_open_the_next_round(session: Session) -> None:
    sitting = judged(session, 9, 5, 7, advances=2)
    best = [sitting.entries[0].id, sitting.entries[2].id]
    assert advanced_ids(session, sitting.round) is None
    assert go_on(session, sitting, None) == best
    assert advanced_ids(session, sitting.round) == frozenset(best)
    five = [*sitting.jurors, *(make_juror(session, sitting.edition, each) for each in "XY")]
    final = sitting.rounds[1]
    open_round(session, final, people(*five), by_id=sitting.organizer.id, now=LATER, seed=3)
    assert {film for _, film in dealt(session, final)} == set(best)
    with pytest.raises(Refused, match="The next round is open"):
        go_on(session, sitting, sitting.entries[:1])


def test_a_tie_across_the_cut_waits_for_a_decision(session: Session) -> None:
    sitting = judged(session, 9, 7, 7, 5, advances=2)
    cut = cut_of(places_of(session, sitting.round), 2)
    parts = [[each.entry_id for each in part] for part in (cut.through, cut.contested, cut.behind)]
    first, second, third, last = (each.id for each in sitting.entries)
    assert parts == [[first], [second, third], [last]]
    with pytest.raises(Refused, match="2 films share place 2 across the cut"):
        go_on(session, sitting, None)
    chosen = [sitting.entries[0], sitting.entries[2]]
    assert go_on(session, sitting, chosen) == [each.id for each in chosen]


def test_no_film_goes_on_past_a_better_placed_one(session: Session) -> None:
    sitting = judged(session, 9, 7, 5, advances=2)
    with pytest.raises(Refused, match="A film on a better place than place 3"):
        go_on(session, sitting, [sitting.entries[0], sitting.entries[2]])


def test_a_later_round_waits_for_the_one_before_and_for_its_films(session: Session) -> None:
    sitting = make_sitting(session)
    final = sitting.rounds[1]

    def open_final() -> None:
        ids = people(*sitting.jurors)
        open_round(session, final, ids, by_id=sitting.organizer.id, now=LATER, seed=1)

    with pytest.raises(Refused, match="Close the round before"):
        open_final()
    close(session, sitting)
    with pytest.raises(Refused, match="Choose which films of the round before"):
        open_final()


def test_a_ballot_signed_while_the_votes_are_counted_counts(session: Session) -> None:
    sitting = make_sitting(session, films=2)
    for juror in range(3):
        sign(session, sitting, juror, 0, 9)
        sign(session, sitting, juror, 1, 5)
    before = count_round(session, sitting.round)
    for juror in range(3):
        sign(session, sitting, juror, 1, 10)
    by_id = sitting.organizer.id
    close_round(session, sitting.round, by_id=by_id, now=LATER, counted=before)
    found = standings_of(session, sitting.round)
    assert [(each.entry.number, each.score) for each in found] == [(2, "10.00"), (1, "9.00")]


def test_a_film_that_leaves_while_the_votes_are_counted_is_not_ranked(session: Session) -> None:
    sitting = make_sitting(session, films=2)
    for juror in range(3):
        sign(session, sitting, juror, 0, 9)
    before = count_round(session, sitting.round)
    sitting.entries[1].stage = EntryStage.WITHDRAWN
    session.flush()
    by_id = sitting.organizer.id
    close_round(session, sitting.round, by_id=by_id, now=LATER, counted=before)
    assert [each.entry.number for each in standings_of(session, sitting.round)] == [1]
