"""Judging on a real database: dealing, signing, stepping aside, being called and reminded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.entries.models import Credit
from contest.jury.actions.ballots import (
    abstain,
    declare_conflict,
    recuse,
    resume,
    sign_ballot,
    skip,
)
from contest.jury.actions.calls import call_jurors, remind_jurors
from contest.jury.actions.rounds import open_round, plan_rounds, top_up
from contest.jury.actions.sheet import erase_note, record_watching, save_marks, write_note
from contest.jury.models import Ballot, Candidacy, Conflict, Screening
from contest.jury.queries.blind import desk
from contest.jury.queries.counting import lines_of
from contest.jury.queries.progress import progress
from contest.letters.models import Letter
from contest.logbook import LogLine
from contest.people.models import Person
from contest.rulebook.bundle_parts import Line
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import EntryStage, NotNow, RoundStage, ScreeningStage
from tests.factories import NOON, make_juror, make_submitted_entry
from tests.juries import (
    Sitting,
    close,
    dealt,
    make_sitting,
    marks,
    open_first,
    people,
    screening,
    sign,
)

LATER = NOON + timedelta(hours=1)


def count(session: Session, kind: type) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def counted(session: Session, sitting: Sitting) -> list[Line]:
    """Every screening of the round, as a closing would count it."""
    return lines_of(session, sitting.round, [each.id for each in sitting.entries])


def test_planning_makes_each_round_of_the_rules_once(session: Session) -> None:
    sitting = make_sitting(session, opened=False)
    again = plan_rounds(session, sitting.edition, LATER)
    assert again == sitting.rounds
    assert [(each.key, each.position, each.stage) for each in again] == [
        ("selection", 0, RoundStage.PLANNED),
        ("final", 1, RoundStage.PLANNED),
    ]


def test_each_film_is_dealt_to_as_many_jurors_as_the_rules_ask(session: Session) -> None:
    sitting = make_sitting(session, films=4, jurors=6)
    pairs = dealt(session, sitting.round)
    assert [sum(1 for _, film in pairs if film == each.id) for each in sitting.entries] == [3] * 4
    assert [sum(1 for who, _ in pairs if who == each.id) for each in sitting.jurors] == [2] * 6
    assert sitting.round.stage is RoundStage.OPEN


def test_only_accepted_films_take_part(session: Session) -> None:
    sitting = make_sitting(session, opened=False, films=2)
    make_submitted_entry(session, sitting.edition)
    make_submitted_entry(session, sitting.edition, stage=EntryStage.REFUSED)
    open_first(session, sitting)
    taking_part = session.scalars(select(Candidacy.entry_id).order_by(Candidacy.entry_id)).all()
    assert taking_part == [each.id for each in sitting.entries]


def test_opening_twice_is_refused_and_changes_nothing(session: Session) -> None:
    sitting = make_sitting(session)
    before = count(session, Screening)
    with pytest.raises(NotNow, match="This round is open"):
        open_first(session, sitting, LATER)
    assert (count(session, Screening), sitting.round.opened_at) == (before, NOON)


def test_a_panel_that_is_too_small_is_told_which_films_lack_jurors(session: Session) -> None:
    sitting = make_sitting(session, opened=False, jurors=2, films=1)
    with pytest.raises(Refused) as refusal:
        open_first(session, sitting)
    assert str(refusal.value) == "These films can't have the jurors the rules ask for."
    assert len(refusal.value.findings) >= 1


def test_nobody_judges_their_own_film_or_one_they_declared(session: Session) -> None:
    sitting = make_sitting(session, opened=False, jurors=5, films=2)
    author, friend = sitting.jurors[0], sitting.jurors[1]
    sitting.entries[0].person = author
    declare_conflict(
        session,
        friend,
        sitting.entries[0],
        "We share a studio.",
        by_id=sitting.organizer.id,
        now=NOON,
    )
    open_first(session, sitting)
    judged_by = {
        who for who, film in dealt(session, sitting.round) if film == sitting.entries[0].id
    }
    assert judged_by == set(people(*sitting.jurors[2:]))


def test_nobody_judges_a_film_that_credits_them(session: Session) -> None:
    sitting = make_sitting(session, opened=False, jurors=5, films=2)
    editor, dubber = sitting.jurors[:2]
    first = sitting.entries[0]
    first.credits.append(Credit(position=1, name=f" {editor.name.upper()} ", role="Editing"))
    first.credits.append(Credit(position=2, name="丹", romanised_name=dubber.name, role="Voice"))
    open_first(session, sitting)
    judged_by = {who for who, film in dealt(session, sitting.round) if film == first.id}
    assert judged_by == set(people(*sitting.jurors[2:]))


def test_somebody_who_is_no_juror_is_not_seated(session: Session) -> None:
    sitting = make_sitting(session, opened=False)
    with pytest.raises(Refused, match="Choose who judges this round"):
        open_round(
            session,
            sitting.round,
            people(*sitting.jurors, sitting.organizer),
            by_id=sitting.organizer.id,
            now=NOON,
            seed=1,
        )


def test_signing_the_same_marks_twice_adds_nothing(session: Session) -> None:
    sitting = make_sitting(session)
    first = sign(session, sitting, 0, 0, 7)
    again = sign(session, sitting, 0, 0, 7, now=LATER)
    assert (again, first.signed_at, count(session, Ballot)) == (first, NOON, 1)
    acts = session.scalars(select(LogLine.act).where(LogLine.act == "ballot.signed")).all()
    assert len(acts) == 1


def test_a_revised_ballot_counts_in_place_of_the_first_which_stays(session: Session) -> None:
    sitting = make_sitting(session)
    first = sign(session, sitting, 0, 0, 7)
    second = sign(session, sitting, 0, 0, 8, now=LATER)
    assert [(each.marks, each.counts) for each in (first, second)] == [
        (marks(7), False),
        (marks(8), True),
    ]


def test_a_sheet_that_lacks_a_mark_is_not_signed_and_says_where(session: Session) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    save_marks(found, {"story": 8, "craft": 7}, "Long.", now=NOON)
    with pytest.raises(Refused) as refusal:
        sign_ballot(session, found, now=NOON)
    assert [each.about for each in refusal.value.findings] == ["creativity", "ai"]
    assert (found.stage, found.marks, found.remark) == (
        ScreeningStage.WAITING,
        {"story": 8, "craft": 7},
        "Long.",
    )


def test_a_mark_off_the_scale_is_refused_and_the_sheet_stays(session: Session) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    save_marks(found, {"story": 8}, None, now=NOON)
    with pytest.raises(Refused) as refusal:
        save_marks(found, {"story": 11, "charm": 3}, None, now=LATER)
    assert [each.code for each in refusal.value.findings] == [
        "marks.unknown_criterion",
        "marks.off_scale",
    ]
    assert found.marks == {"story": 8}


def test_a_film_put_off_comes_back_at_the_end_of_the_queue(session: Session) -> None:
    sitting = make_sitting(session)
    juror = sitting.jurors[0]
    first = desk(session, juror.id)[0].places[0]
    skip(session, session.get_one(Screening, first.screening_id), now=NOON)
    session.flush()
    queue = desk(session, juror.id)[0]
    assert [each.screening_id == first.screening_id for each in queue.places] == [
        False,
        False,
        True,
    ]
    assert len(queue.left) == 3


def test_an_abstention_takes_the_ballot_out_and_can_be_taken_back(session: Session) -> None:
    sitting = make_sitting(session)
    ballot = sign(session, sitting, 0, 0, 9)
    abstain(session, ballot.screening, "I could not hear it.", now=NOON)
    states = [line[2] for line in counted(session, sitting) if line[3]]
    assert (ballot.counts, states) == (False, [])
    resume(session, ballot.screening, now=LATER)
    signed = sign_ballot(session, ballot.screening, now=LATER)
    assert (signed.counts, ballot.screening.stage) == (True, ScreeningStage.SCORED)


def test_who_steps_aside_declares_a_conflict_and_the_film_goes_to_another(session: Session) -> None:
    sitting = make_sitting(session, jurors=4, films=1)
    (who, _), *_ = sorted(dealt(session, sitting.round))
    juror = session.get_one(Person, who)
    spare = (
        {each.id for each in sitting.jurors} - {w for w, _ in dealt(session, sitting.round)}
    ).pop()
    found = screening(session, juror, sitting.entries[0], sitting.round)
    recuse(session, found, "My sister edited it.", now=NOON)
    recuse(session, found, "Again.", now=LATER)
    assert found.stage is ScreeningStage.RECUSED
    assert [each.reason for each in session.scalars(select(Conflict))] == ["My sister edited it."]
    with pytest.raises(NotNow, match="You have a conflict"):
        save_marks(found, marks(5), None, now=LATER)
    plan = top_up(
        session, sitting.round, people(*sitting.jurors), by_id=sitting.organizer.id, now=LATER
    )
    assert plan.pairs == {(str(spare), str(sitting.entries[0].id))}


def test_stepping_aside_needs_a_reason(session: Session) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    with pytest.raises(Refused, match="Write the reason"):
        recuse(session, found, "  ", now=NOON)
    assert found.stage is ScreeningStage.WAITING


def test_when_a_juror_leaves_their_ballots_stay_and_the_rest_is_dealt_again(
    session: Session,
) -> None:
    sitting = make_sitting(session, films=3, jurors=3)
    sign(session, sitting, 0, 0, 6)
    newcomer = make_juror(session, sitting.edition, "Neo New")
    stay = people(*sitting.jurors[1:], newcomer)
    by = sitting.organizer.id
    plan = top_up(session, sitting.round, stay, by_id=by, now=LATER)
    expected = {(str(newcomer.id), str(each.id)) for each in sitting.entries[1:]}
    assert plan.pairs == expected
    assert top_up(session, sitting.round, stay, by_id=by, now=LATER).pairs == frozenset()
    gone = screening(session, sitting.jurors[0], sitting.entries[1], sitting.round)
    with pytest.raises(Refused, match="You no longer sit in this round"):
        save_marks(gone, marks(5), None, now=LATER)
    signed = [line for line in counted(session, sitting) if line[3]]
    assert [(seat, given) for seat, _, _, given in signed] == [(1, marks(6))]


def test_watched_seconds_only_grow_and_end_with_the_film(session: Session) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    told = []
    for seconds, to_end in ((40, False), (30, False), (500, True), (2, False)):
        record_watching(found, seconds, to_end=to_end, now=NOON)
        told.append((found.seconds_watched, found.seen_to_end))
    assert told == [(40, False), (40, False), (178, True), (178, True)]


def test_a_note_is_kept_once_within_the_film_and_can_be_erased(session: Session) -> None:
    sitting = make_sitting(session)
    found = screening(session, sitting.jurors[0], sitting.entries[0], sitting.round)
    note = write_note(session, found, 62_000, " The whale turns twice. ", now=NOON)
    assert write_note(session, found, 62_000, "The whale turns twice.", now=LATER) is note
    assert write_note(session, found, 999_000, "End.", now=NOON).at_ms == 178_000
    erase_note(session, found, note.id)
    erase_note(session, found, note.id)
    assert [each.text for each in found.notes] == ["End."]


def test_progress_counts_by_seat_and_day_and_names_who_falls_behind(session: Session) -> None:
    sitting = make_sitting(session, films=2)
    sign(session, sitting, 0, 0, 7, now=NOON)
    sign(session, sitting, 0, 1, 7, now=NOON + timedelta(days=4))
    sign(session, sitting, 1, 0, 7, now=NOON + timedelta(days=4))
    found = progress(session, sitting.round, NOON + timedelta(days=4, hours=1))
    assert [each.by_day for each in found.seats] == [
        (1, 0, 0, 0, 1),
        (0, 0, 0, 0, 1),
        (0, 0, 0, 0, 0),
    ]
    assert [(each.signed, each.left, each.behind) for each in found.seats] == [
        (2, 0, False),
        (1, 1, False),
        (0, 2, True),
    ]
    assert (found.films, found.short, found.signed, found.left) == (2, 1, 3, 3)


def letters(session: Session, template: str) -> list[tuple[str, str]]:
    """Addresses and subjects of the letters made from that template."""
    found = session.scalars(select(Letter).where(Letter.template == template).order_by(Letter.id))
    return [(each.address, each.subject) for each in found]


def test_jurors_are_called_to_the_films_they_were_dealt_just_now(session: Session) -> None:
    sitting = make_sitting(session, films=3, jurors=3)
    newcomer = make_juror(session, sitting.edition, "Neo New")
    stay = people(*sitting.jurors[1:], newcomer)
    plan = top_up(session, sitting.round, stay, by_id=sitting.organizer.id, now=LATER)
    called = call_jurors(session, sitting.round, plan, public_url="https://house", now=LATER)
    assert called == 1
    assert letters(session, "films_dealt") == [(newcomer.email, "3 films wait for you: AI Shorts")]


def test_who_falls_behind_is_reminded_and_then_left_in_peace(session: Session) -> None:
    sitting = make_sitting(session, films=2)
    for film in range(2):
        sign(session, sitting, 0, film, 7)
    then = NOON + timedelta(days=4)
    sign(session, sitting, 1, 0, 7, now=then)

    def remind(after: timedelta) -> int:
        return remind_jurors(
            session,
            sitting.round,
            by_id=sitting.organizer.id,
            public_url="https://house",
            now=then + after,
        )

    assert [remind(timedelta(days=each)) for each in (0, 1)] == [1, 0]
    assert letters(session, "films_waiting") == [
        (sitting.jurors[2].email, "2 films still wait for you: AI Shorts")
    ]
    assert remind(timedelta(days=5)) == 2
    close(session, sitting)
    with pytest.raises(NotNow, match="This round is closed"):
        remind(timedelta(days=9))
