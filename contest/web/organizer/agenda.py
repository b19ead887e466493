"""What needs a decision today, and how far the films have come: counted, not listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.queries import counts_by_stage
from contest.jury.models import Round, Screening, Seat
from contest.letters.models import LetterState
from contest.letters.queries import counts_by_state
from contest.machines.overview import jobs_overview
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage

SUBMITTED = (EntryStage.SUBMITTED, EntryStage.ASKED, EntryStage.ACCEPTED, EntryStage.REFUSED)


@dataclass(frozen=True)
class Task:
    """Something that waits for an organizer: how many, in words, and where to go."""

    count: int
    words: str
    link: str
    act: str


def agenda_of(session: Session, edition: Edition, now: datetime) -> list[Task]:
    """What waits, the most pressing first; empty when nothing does."""
    stages = counts_by_stage(session, edition.id)
    letters = counts_by_state(session, edition.id)
    failed = sum(1 for each in jobs_overview(session, now=now) if each.given_up_at)
    tasks = [
        _call(edition, now),
        _waiting(edition, stages[EntryStage.SUBMITTED]),
        _asked(edition, stages[EntryStage.ASKED]),
        _held(edition, letters[LetterState.HELD]),
        _unsent(edition, letters[LetterState.FAILED]),
        _jobs(edition, failed),
        _rounds(session, edition),
        _palmares(session, edition),
    ]
    return [task for task in tasks if task.count]


def funnel_of(session: Session, edition: Edition) -> list[dict[str, Any]]:
    """Films begun, submitted, accepted, and in each round, as the funnel is drawn from."""
    stages = counts_by_stage(session, edition.id)
    return [
        {"key": "begun", "label": _("begun"), "count": sum(stages.values())},
        {
            "key": "submitted",
            "label": _("submitted"),
            "count": sum(stages[each] for each in SUBMITTED),
        },
        {"key": "accepted", "label": _("accepted"), "count": stages[EntryStage.ACCEPTED]},
    ]


def _call(edition: Edition, now: datetime) -> Task:
    closed = call_phase(edition.rules.calendar, now) is CallPhase.CLOSED
    return Task(
        0 if edition.listed_at or closed else 1,
        _("call is not public yet: nobody but its organizers sees it."),
        url_for("organizer.rules", slug=edition.slug),
        _("Read the rules and open it"),
    )


def _waiting(edition: Edition, count: int) -> Task:
    words = ngettext("entry waits for your decision.", "entries wait for your decision.", count)
    return Task(count, words, _entries(edition, EntryStage.SUBMITTED), _("Read and decide"))


def _asked(edition: Edition, count: int) -> Task:
    words = ngettext(
        "author has not answered your question yet.",
        "authors have not answered your questions yet.",
        count,
    )
    return Task(count, words, _entries(edition, EntryStage.ASKED), _("See who"))


def _entries(edition: Edition, stage: EntryStage) -> str:
    return url_for("organizer.entries", slug=edition.slug, stage=stage.value)


def _held(edition: Edition, count: int) -> Task:
    words = ngettext("letter is written, not sent.", "letters are written, not sent.", count)
    return Task(count, words, _letters(edition, LetterState.HELD), _("Read and send"))


def _unsent(edition: Edition, count: int) -> Task:
    words = ngettext("letter could not be delivered.", "letters could not be delivered.", count)
    return Task(count, words, _letters(edition, LetterState.FAILED), _("See why"))


def _letters(edition: Edition, state: LetterState) -> str:
    return url_for("organizer.letters", slug=edition.slug, state=state.value)


def _jobs(edition: Edition, count: int) -> Task:
    words = ngettext("job was given up.", "jobs were given up.", count)
    return Task(count, words, url_for("organizer.jobs", slug=edition.slug), _("Look and try again"))


def _rounds(session: Session, edition: Edition) -> Task:
    """Places of open rounds whose juror has not signed yet."""
    left = session.scalar(
        select(func.count())
        .select_from(Screening)
        .join(Seat, Seat.id == Screening.seat_id)
        .join(Round, Round.id == Seat.round_id)
        .where(
            Round.edition_id == edition.id,
            Round.stage == RoundStage.OPEN,
            Screening.stage.in_((ScreeningStage.WAITING, ScreeningStage.SKIPPED)),
        )
    )
    words = ngettext(
        "film still waits for a juror to sign.", "films still wait for jurors to sign.", left or 0
    )
    return Task(left or 0, words, url_for("organizer.jury", slug=edition.slug), _("See the jury"))


def _palmares(session: Session, edition: Edition) -> Task:
    """Prizes still to give once every round of the rules is closed."""
    closed = session.scalar(
        select(func.count())
        .select_from(Round)
        .where(Round.edition_id == edition.id, Round.stage == RoundStage.CLOSED)
    )
    judged = closed == len(edition.rules.rounds) and edition.published_at is None
    words = _("palmarès waits to be decided and published.")
    link = url_for("organizer.awards", slug=edition.slug)
    return Task(1 if judged else 0, words, link, _("Confer the prizes"))
