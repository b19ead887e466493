"""What needs a decision today: counted, said in a sentence, with the page where it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.queries import count_remarked, counts_by_stage
from contest.entries.work import work_of
from contest.jury.models import Round
from contest.jury.queries.office import RoundLine
from contest.jury.queries.progress import Progress, SeatProgress, progress
from contest.letters.models import LetterState
from contest.letters.queries import counts_by_state
from contest.machines.overview import jobs_overview
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.stages import EntryStage, RoundStage
from contest.web.drawings.jury_matrix import days_strip
from contest.web.parts import texts


@dataclass(frozen=True)
class Task:
    """Something that waits for an organizer: how many, in words, and where to go."""

    count: int
    words: str
    link: str
    act: str


@dataclass(frozen=True)
class Running:
    """A round that is open, and how far its jurors are."""

    round: Round
    progress: Progress

    def strips(self) -> list[tuple[SeatProgress, Markup]]:
        """Each seat still judging, with its squares: one a day, the darker the more ballots."""
        busiest = max((most for each in self.progress.seats for most in each.by_day), default=0)
        return [
            (each, days_strip(each.seat.number, each.by_day, self.progress.days, busiest))
            for each in self.progress.seats
            if each.seat.left_at is None
        ]


def running_rounds(session: Session, rounds: list[RoundLine], now: datetime) -> list[Running]:
    """The rounds that are open now; there is seldom more than one."""
    opened = [each.round for each in rounds if each.round and each.stage is RoundStage.OPEN]
    return [Running(each, progress(session, each, now)) for each in opened]


def agenda_of(
    session: Session,
    edition: Edition,
    rounds: list[RoundLine],
    running: list[Running],
    now: datetime,
) -> list[Task]:
    """What waits, the most pressing first; empty when nothing does."""
    tasks = [
        *_call(edition, now),
        *_entries(session, edition),
        *_letters(session, edition),
        *_jobs(session, edition, now),
        *_judging(edition, rounds, running, now),
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
    lines = jobs_overview(session, work_of(edition.id), now=now)
    # A letter that can't be delivered is a task of its own.
    given_up = sum(1 for each in lines if each.given_up_at and each.name != "send_letter")
    words = ngettext(
        "piece of work was given up after several tries.",
        "pieces of work were given up after several tries.",
        given_up,
    )
    link = url_for("organizer.jobs", slug=edition.slug)
    yield Task(given_up, words, link, _("Look and try again"))


def _judging(
    edition: Edition, rounds: list[RoundLine], running: list[Running], now: datetime
) -> Iterator[Task]:
    for each in running:
        yield from _silent(edition, each)
    planned = [each for each in rounds if each.stage is RoundStage.PLANNED]
    closed = call_phase(edition.rules.calendar, now) is CallPhase.CLOSED
    if closed and planned and not running:
        yield Task(
            1,
            _("round is next: “%(round)s” is not open yet.", round=texts(planned[0].rules.title)),
            url_for("organizer.round_", slug=edition.slug, key=planned[0].key),
            _("Seat the jury and open it"),
        )


def _silent(edition: Edition, running: Running) -> Iterator[Task]:
    """Jurors who have films left and signed nothing for days; or a round with nothing left."""
    seen, key = running.progress, running.round.key
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
    link = url_for("organizer.round_", slug=edition.slug, key=key)
    yield Task(len(behind), f"{who} {films}", link, _("Remind or deal again"))
    if seen.seats and not seen.left:
        title = texts(running.round.rules.title)
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
