"""Letters that the post does not take: tried, given up, shown, and sent again by a person."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.letters.actions import let_go, write_letter
from contest.letters.models import Letter, LetterState
from contest.machines.queue import ATTEMPTS, LEASE, Job, attach, run_pending
from contest.settings import Settings
from tests.conftest import NOON, Clock
from tests.factories import make_edition

RunJobs = Callable[[], int]


@pytest.fixture
def letter(session: Session) -> Letter:
    """A letter of an edition, on its way."""
    edition = make_edition(session)
    written = write_letter(
        session,
        "sign_in",
        address="lin@example.org",
        language="en",
        about="person:1",
        now=NOON,
        edition_id=edition.id,
        name="Lin",
        link="https://localhost/",
        minutes=20,
    )
    session.commit()
    return written


@pytest.fixture
def no_post(database: Database, settings: Settings, clock: Clock) -> Callable[[bool], None]:
    """Makes the house send its letters to a port where nobody listens, or to its folder again."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"smtp://127.0.0.1:{free.getsockname()[1]}"

    def arrange(closed: bool) -> None:
        chosen = replace(settings, mail_url=nobody) if closed else settings
        attach(database, chosen, clock=clock)

    return arrange


def try_in_vain(run_jobs: RunJobs, clock: Clock) -> None:
    """Every attempt a letter has, each failing."""
    for _ in range(ATTEMPTS):
        with pytest.raises(ConnectionRefusedError):
            run_jobs()
        clock.pass_by(timedelta(hours=1))


def test_a_letter_that_goes_is_sent_at_the_instant_of_the_houses_clock(
    session: Session, letter: Letter, run_jobs: RunJobs, clock: Clock
) -> None:
    clock.pass_by(timedelta(minutes=3))
    assert run_jobs() == 1
    session.refresh(letter)
    assert (letter.state, letter.sent_at) == (LetterState.SENT, NOON + timedelta(minutes=3))


def test_a_letter_is_on_its_way_while_it_is_tried_and_failed_when_that_is_given_up(
    session: Session,
    letter: Letter,
    no_post: Callable[[bool], None],
    run_jobs: RunJobs,
    clock: Clock,
) -> None:
    no_post(True)
    with pytest.raises(ConnectionRefusedError):
        run_jobs()
    session.refresh(letter)
    assert (letter.state, letter.problem) == (LetterState.QUEUED, None)
    for _ in range(ATTEMPTS - 1):
        clock.pass_by(timedelta(hours=1))
        with pytest.raises(ConnectionRefusedError):
            run_jobs()
    session.refresh(letter)
    job = session.scalars(select(Job)).one()
    assert job.given_up_at == clock()
    assert letter.state is LetterState.FAILED
    assert (letter.problem or "").startswith("ConnectionRefusedError: ")
    assert letter.problem == job.problem


def test_a_letter_whose_worker_died_each_time_has_failed(
    session: Session, database: Database, letter: Letter, run_jobs: RunJobs, clock: Clock
) -> None:
    job = session.scalars(select(Job)).one()
    job.attempts, job.held_by, job.held_until = ATTEMPTS, "a worker that died", NOON + LEASE
    session.commit()
    clock.pass_by(LEASE)
    run_pending(database, clock=clock)
    session.expire_all()
    assert (letter.state, letter.problem) == (
        LetterState.FAILED,
        "The worker ended in the middle, each time.",
    )


def test_a_failed_letter_that_is_let_go_is_sent_by_the_job_that_was_given_up(
    session: Session,
    settings: Settings,
    letter: Letter,
    no_post: Callable[[bool], None],
    run_jobs: RunJobs,
    clock: Clock,
) -> None:
    no_post(True)
    try_in_vain(run_jobs, clock)
    no_post(False)
    session.refresh(letter)
    let_go(session, letter)
    session.commit()
    assert (letter.state, letter.problem) == (LetterState.QUEUED, None)
    assert run_jobs() == 1
    session.expire_all()
    assert (letter.state, letter.sent_at) == (LetterState.SENT, clock())
    job = session.scalars(select(Job)).one()
    assert (job.done_at, job.given_up_at) == (clock(), None)
    assert len(list(Path(settings.letters_path).glob("*.eml"))) == 1
