"""Before watching: a juror looks through titles and steps aside where they know who made a film."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from sqlalchemy.orm import Session

from contest.jury.actions.ballots import step_aside
from contest.jury.queries.titles import Titles, titles_of
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.juror import bp
from contest.web.juror.forms import ConflictsForm
from contest.web.parts import say
from contest.web.who import me, person


def _mine(session: Session, round_id: int) -> Titles | None:
    """The visitor's own films in that round, if they judge it."""
    juror = person()
    return titles_of(session, juror.id, round_id) if juror else None


@bp.get("/jury/rounds/<int:round_id>/conflicts")
@allow(Permission.SCREENING_READ, find=_mine)
def conflicts(titles: Titles) -> ResponseReturnValue:
    """The titles of one's films, in the order of the alphabet and not of the queue."""
    return _page(titles, ConflictsForm(formdata=None))


@bp.post("/jury/rounds/<int:round_id>/conflicts")
@allow(Permission.BALLOT_CAST, find=_mine)
def declare_conflicts(titles: Titles) -> ResponseReturnValue:
    """Step aside from the chosen films for good."""
    form = ConflictsForm()
    chosen = frozenset(request.form.getlist("film", type=int))
    if not form.validate_on_submit():
        return _page(titles, form, chosen), 422
    try:
        count = step_aside(session(), me(), titles.round_id, chosen, form.reason.data, now=now())
    except Refused as refusal:
        form.reason.errors = [say(refusal.sentence)]
        return _page(titles, form, chosen), 422
    flash(
        ngettext(
            "You stepped aside from %(num)s film. Somebody else will see it.",
            "You stepped aside from %(num)s films. Somebody else will see them.",
            count,
        )
    )
    return redirect(url_for("juror.desk"), 303)


def _page(titles: Titles, form: ConflictsForm, chosen: frozenset[int] = frozenset()) -> str:
    return render_template("juror/conflicts.html", titles=titles, form=form, chosen=chosen)
