"""What a juror does with a film: marks saved at each touch, notes, the signature, the ways out."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contest.jury.actions import ballots, sheet
from contest.jury.models import Note, Screening
from contest.jury.queries import blind
from contest.jury.queries.blind import booth_of
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import NotNow
from contest.web.errors import wants_json
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.juror import bp
from contest.web.juror.forms import NoteForm, milliseconds, sent_sheet
from contest.web.juror.views import room
from contest.web.parts import clock, say
from contest.web.who import me

LONGEST_WATCH_S = 24 * 3600
"""More seconds than that come from no film."""

LONGEST_REASON = 1000


@bp.post("/jury/screenings/<int:screening_id>/marks")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def save(screening: Screening) -> ResponseReturnValue:
    """Keep the sheet as it stands, unsigned."""
    sent = sent_sheet()
    if sent is None:
        return _not_a_sheet(screening)
    sheet.save_marks(screening, sent.marks, sent.remark, now=now())
    if wants_json():
        return jsonify(saved=_("Saved %(time)s", time=clock(now())), marks=screening.marks)
    flash(_("Saved %(time)s", time=clock(now())))
    return _back(screening)


@bp.post("/jury/screenings/<int:screening_id>/sign")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def sign(screening: Screening) -> ResponseReturnValue:
    """Sign the sheet and go on to the next film; what lacks is said at its criterion."""
    sent = sent_sheet()
    if sent is None:
        return _not_a_sheet(screening)
    try:
        sheet.save_marks(screening, sent.marks, sent.remark, now=now())
        ballots.sign_ballot(session(), screening, now=now())
    except NotNow:
        raise
    except Refused as refusal:
        if not refusal.findings:
            raise
        return _sheet_again(screening, sent.marks, refusal), 422
    flash(_("Ballot for film %(code)s signed.", code=_code(screening)))
    return _go_on(screening)


@bp.post("/jury/screenings/<int:screening_id>/watched")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def watched(screening: Screening) -> ResponseReturnValue:
    """Keep how many seconds were watched, as the player tells."""
    told = request.get_json(silent=True)
    told = told if isinstance(told, dict) else {}
    seconds = told.get("seconds")
    if type(seconds) is not int or not 0 <= seconds <= LONGEST_WATCH_S:
        return jsonify(message=_("The player tells seconds as a whole number.")), 422
    sheet.record_watching(screening, seconds, to_end=told.get("to_end") is True, now=now())
    return jsonify(seconds=screening.seconds_watched, to_end=screening.seen_to_end)


@bp.post("/jury/screenings/<int:screening_id>/notes")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def write_note(screening: Screening) -> ResponseReturnValue:
    """Note something at a moment of the film."""
    form = NoteForm()
    if not form.validate_on_submit():
        if wants_json():
            words = [each for told in form.errors.values() for each in told]
            return jsonify(message=" ".join(map(str, words))), 422
        return room(booth_of(screening), form=form), 422
    at = milliseconds(form.at.data)
    note = sheet.write_note(session(), screening, at, form.text.data, now=now())
    return jsonify(_note(screening, note)) if wants_json() else _back(screening, "notes")


@bp.post("/jury/screenings/<int:screening_id>/notes/<int:note_id>/erase")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def erase_note(screening: Screening, note_id: int) -> ResponseReturnValue:
    """Take a note back."""
    sheet.erase_note(session(), screening, note_id)
    return jsonify(erased=note_id) if wants_json() else _back(screening, "notes")


@bp.post("/jury/screenings/<int:screening_id>/skip")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def skip(screening: Screening) -> ResponseReturnValue:
    """Put the film off to the end of the queue."""
    ballots.skip(session(), screening, now=now())
    flash(_("Film %(code)s waits at the end of your queue.", code=_code(screening)))
    return _go_on(screening)


@bp.post("/jury/screenings/<int:screening_id>/abstain")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def abstain(screening: Screening) -> ResponseReturnValue:
    """Give the film no marks."""
    ballots.abstain(session(), screening, _reason(), now=now())
    flash(_("You abstained from film %(code)s. You can take that back.", code=_code(screening)))
    return _go_on(screening)


@bp.post("/jury/screenings/<int:screening_id>/recuse")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def recuse(screening: Screening) -> ResponseReturnValue:
    """Step aside for good."""
    ballots.recuse(session(), screening, _reason(), now=now())
    flash(_("You stepped aside from film %(code)s.", code=_code(screening)))
    return _go_on(screening)


@bp.post("/jury/screenings/<int:screening_id>/resume")
@allow(Permission.BALLOT_CAST, find=blind.screening_to_act)
def resume(screening: Screening) -> ResponseReturnValue:
    """Take back a postponement or an abstention."""
    ballots.resume(session(), screening, now=now())
    return _back(screening)


def _sheet_again(screening: Screening, marks: Any, refusal: Refused) -> str:
    """The room with the sheet as it was sent, and what is missing at each criterion."""
    wrong = {each.about: say(each.advice) for each in refusal.findings}
    return room(booth_of(screening), marks={**screening.marks, **marks}, wrong=wrong)


def _not_a_sheet(screening: Screening) -> ResponseReturnValue:
    words = _("A mark is a whole number of the scale. Choose it from the row of numbers.")
    if wants_json():
        return jsonify(message=words), 422
    wrong = {each.key: words for each in screening.seat.round.rules.criteria[:1]}
    return room(booth_of(screening), wrong=wrong), 422


def _note(screening: Screening, note: Note) -> dict[str, Any]:
    erase = url_for("juror.erase_note", screening_id=screening.id, note_id=note.id)
    return {"id": note.id, "at_ms": note.at_ms, "text": note.text, "erase": erase}


def _reason() -> str:
    return request.form.get("reason", "")[:LONGEST_REASON]


def _code(screening: Screening) -> str:
    return f"{screening.entry.film_code:04d}"


def _go_on(screening: Screening) -> ResponseReturnValue:
    """To the next film the juror owes, after this one if there is one; else to the desk."""
    session().flush()
    queue = blind.queue_of(session(), me().id, screening.seat.round_id)
    following = queue.after(screening.id) if queue else None
    if following is None:
        return redirect(url_for("juror.desk"), 303)
    return redirect(url_for("juror.screening", screening_id=following.screening_id), 303)


def _back(screening: Screening, anchor: str | None = None) -> ResponseReturnValue:
    where = url_for("juror.screening", screening_id=screening.id, _anchor=anchor)
    return redirect(where, 303)
