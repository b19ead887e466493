"""What needs a decision today: counted, said in a sentence, with the page where it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.queries import count_remarked, counts_by_stage
from contest.jury.models import Round
from contest.jury.queries.office import RoundLine, rounds_of
from contest.jury.queries.progress import progress
from contest.letters.models import LetterState
from contest.letters.queries import counts_by_state
from contest.machines.overview import jobs_overview
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.stages import EntryStage, RoundStage
from contest.web.parts import texts


@dataclass(frozen=True)
class Task:
    """Something that waits for an organizer: how many, in words, and where to go."""

    count: int
    words: str
    link: str
    act: str


def agenda_of(session: Session, edition: Edition, now: datetime) -> list[Task]:
    """What waits, the most pressing first; empty when nothing does."""
    rounds = rounds_of(session, edition)
    tasks = [
        *_call(edition, now),
        *_entries(session, edition),
        *_letters(session, edition),
        *_jobs(session, edition, now),
        *_judging(session, edition, rounds, now),
        *_palmares(edition, rounds),
    ]
    return [task for task in tasks if task.count]


def _call(edition: Edition, now: datetime) -> Iterator[Task]:
    if edition.listed_at is None and call_phase(edition.rules.calendar, now) != CallPhase.CLOSED:
        yield Task(
            1,
            _("call is not public yet: nobody but its organizers sees it."),
            url_for("organizer.rules", slug=edition.slug),
            _("Read the rules and open it"),
        )


def _entries(session: Session, edition: Edition) -> Iterator[Task]:
    stages = counts_by_stage(session, edition.id)
    waiting, asked = stages[EntryStage.SUBMITTED], stages[EntryStage.ASKED]
    remarked = count_remarked(session, edition.id)

    def listed(**filters: Any) -> str:
        return url_for("organizer.entries", slug=edition.slug, **filters)

    yield Task(
        waiting,
        ngettext("entry waits for your decision.", "entries wait for your decision.", waiting),
        listed(stage=EntryStage.SUBMITTED.value),
        _("Read and decide"),
    )
    yield Task(
        remarked,
        ngettext(
            "of them has a film with something to look at first.",
            "of them have films with something to look at first.",
            remarked,
        ),
        listed(stage=EntryStage.SUBMITTED.value, film="remarked"),
        _("Look at them"),
    )
    yield Task(
        asked,
        ngettext(
            "author has not answered your question yet.",
            "authors have not answered your questions yet.",
            asked,
        ),
        listed(stage=EntryStage.ASKED.value),
        _("See who"),
    )


def _letters(session: Session, edition: Edition) -> Iterator[Task]:
    states = counts_by_state(session, edition.id)
    held, failed = states[LetterState.HELD], states[LetterState.FAILED]

    def outbox(state: LetterState) -> str:
        return url_for("organizer.letters", slug=edition.slug, state=state.value)

    words = ngettext("letter is written, not sent.", "letters are written, not sent.", held)
    yield Task(held, words, outbox(LetterState.HELD), _("Read and send"))
    words = ngettext("letter could not be delivered.", "letters could not be delivered.", failed)
    yield Task(failed, words, outbox(LetterState.FAILED), _("See why"))


def _jobs(session: Session, edition: Edition, now: datetime) -> Iterator[Task]:
    given_up = sum(1 for each in jobs_overview(session, now=now) if each.given_up_at)
    words = ngettext(
        "piece of work was given up after several tries.",
        "pieces of work were given up after several tries.",
        given_up,
    )
    link = url_for("organizer.jobs", slug=edition.slug)
    yield Task(given_up, words, link, _("Look and try again"))


def _judging(
    session: Session, edition: Edition, rounds: list[RoundLine], now: datetime
) -> Iterator[Task]:
    running = [each.round for each in rounds if each.round and each.stage is RoundStage.OPEN]
    for each in running:
        yield from _silent(session, edition, each, now)
    planned = [each for each in rounds if each.stage is RoundStage.PLANNED]
    closed = call_phase(edition.rules.calendar, now) is CallPhase.CLOSED
    if closed and planned and not running:
        yield Task(
            1,
            _("round is next: “%(round)s” is not open yet.", round=texts(planned[0].rules.title)),
            url_for("organizer.round_", slug=edition.slug, key=planned[0].key),
            _("Seat the jury and open it"),
        )


def _silent(session: Session, edition: Edition, running: Round, now: datetime) -> Iterator[Task]:
    """Jurors who have films left and signed nothing for days; or a round with nothing left."""
    seen = progress(session, running, now)
    behind = [each for each in seen.seats if each.behind]
    films = ngettext(
        "%(num)s film waits for them.",
        "%(num)s films wait for them.",
        sum(each.left for each in behind),
    )
    who = ngettext(
        "juror has signed nothing for days;",
        "jurors have signed nothing for days;",
        len(behind),
    )
    link = url_for("organizer.round_", slug=edition.slug, key=running.key)
    yield Task(len(behind), f"{who} {films}", link, _("Remind or deal again"))
    if seen.seats and not seen.left:
        title = texts(running.rules.title)
        words = _("round is complete: every ballot of “%(round)s” is signed.", round=title)
        yield Task(1, words, link, _("Close it and see standings"))


def _palmares(edition: Edition, rounds: list[RoundLine]) -> Iterator[Task]:
    judged = bool(rounds) and all(each.stage is RoundStage.CLOSED for each in rounds)
    if judged and edition.published_at is None:
        yield Task(
            1,
            _("palmarès waits to be decided and published."),
            url_for("organizer.awards", slug=edition.slug),
            _("Confer the prizes"),
        )
