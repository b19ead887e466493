"""The work behind the pages: what failed and why, what waits, and how to have it tried again."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.entries.work import work_of
from contest.letters.actions import let_go
from contest.letters.models import Letter, LetterState
from contest.machines.overview import job_among, jobs_overview
from contest.machines.queue import Job, send_again
from contest.rulebook.permissions import Permission
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.organizer import bp

WORK = {
    "send_letter": _l("Send a letter"),
    "inspect_master": _l("Read a film's header"),
    "decode_master": _l("Decode a film to its last frame"),
    "make_rendition": _l("Make a still or a viewing copy"),
    "clear_upload": _l("Throw away what came of an upload that was given up"),
    "end_idle_upload": _l("End an upload nobody goes on with"),
    "receive_film": _l("Read a film that arrived once more"),
}
"""The house's jobs in words."""


@bp.get("/office/<slug>/jobs")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def jobs(edition: Edition) -> ResponseReturnValue:
    """Work on the edition's letters and films that is not done: attempts, problem, next try."""
    lines = jobs_overview(session(), work_of(edition.id), now=now())
    return render_template(
        "organizer/jobs.html",
        edition=edition,
        lines=lines,
        work=WORK,
        again=lambda job_id: url_for("organizer.try_again", slug=edition.slug, job_id=job_id),
    )


@bp.post("/office/<slug>/jobs/<int:job_id>")
@allow(Permission.LETTER_SEND, find=edition_by_slug)
def try_again(edition: Edition, job_id: int) -> ResponseReturnValue:
    """Begin a job of the edition anew that was given up."""
    job = job_among(session(), work_of(edition.id), job_id) or abort(404)
    return _begun_anew(job, url_for("organizer.jobs", slug=edition.slug))


@bp.get("/office/jobs")
@allow(Permission.HOUSE_RUN)
def house_jobs() -> ResponseReturnValue:
    """Work of the whole house, also what belongs to no edition, such as sign-in letters.

    Those are sent again from here alone: a page that showed one would let its reader in as another.
    """
    return render_template(
        "organizer/jobs.html",
        lines=jobs_overview(session(), now=now()),
        work=WORK,
        again=lambda job_id: url_for("organizer.try_house_job", job_id=job_id),
    )


def _job(session: Session, job_id: int) -> Job | None:
    return session.get(Job, job_id)


@bp.post("/office/jobs/<int:job_id>")
@allow(Permission.HOUSE_RUN, find=_job)
def try_house_job(job: Job) -> ResponseReturnValue:
    """Begin any job anew that was given up."""
    return _begun_anew(job, url_for("organizer.house_jobs"))


def _begun_anew(job: Job, back: str) -> ResponseReturnValue:
    if job.given_up_at is not None:
        letter = session().get(Letter, job.ids[0]) if job.name == "send_letter" else None
        if letter is not None and letter.state is LetterState.FAILED:
            let_go(session(), letter)
        else:
            send_again(session(), job, now=now())
        flash(_("It is tried again now."))
    return redirect(back, 303)
