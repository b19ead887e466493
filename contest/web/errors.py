"""Pages for when something can't be had: what happened, what it means, what to do."""

from __future__ import annotations

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from contest.db import BUSY_SECONDS, turn_never_came
from contest.machines.storage import OutOfReach
from contest.rulebook.findings import to_json
from contest.rulebook.refusal import Refused
from contest.web.guard import put_away
from contest.web.house import house
from contest.web.parts import say

UNKEPT = (DataError, OverflowError, RecursionError, UnicodeEncodeError)
"""What Python or a database raises for what no column can keep: numbers and dates out of range,
nestings too deep, halved characters; on PostgreSQL also text with a zero byte, or too long."""

AGAIN_SECONDS = 5
"""After so long a script may ask again where others held the write lock."""


def init_app(app: Flask) -> None:
    """Hang the pages up."""
    for each in UNKEPT:
        app.register_error_handler(each, _unkept)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(OutOfReach, _out_of_reach)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)


def wants_json() -> bool:
    """Whether one of our own scripts asks, rather than a person."""
    return request.accept_mimetypes.best == "application/json"


def _refused(refusal: Refused) -> ResponseReturnValue:
    if wants_json():
        findings = [to_json(each) | {"advice": say(each.advice)} for each in refusal.findings]
        return jsonify(message=say(refusal.sentence), findings=findings), 409
    return render_template("errors/refused.html", refusal=refusal), 409


def _unkept(error: Exception) -> ResponseReturnValue:
    # No page of ours sends such a thing; should it be a fault of ours, the record has it.
    current_app.logger.warning("%s %r: %r", request.method, request.path, error)
    g.pop("_login_user", None)  # a failed flush forgot them: flask-login reads them anew
    words = _("This address does not take what was sent to it.")
    return _page(422, _("This could not be done"), words)


def _busy(problem: OperationalError) -> ResponseReturnValue:
    if not turn_never_came(problem):
        raise problem
    put_away()
    g.pop("_login_user", None)  # flask-login would remember that it found nobody
    g.session = house().database.reading()  # who reads this page waits for no turn
    words = _(
        "So many people are writing at this moment that your turn did not come within %(seconds)d "
        "seconds. Nothing is lost, and nothing was changed: go back and press the button again.",
        seconds=BUSY_SECONDS,
    )
    response = make_response(_page(503, _("The house is busy"), words))
    response.headers["Retry-After"] = str(AGAIN_SECONDS)
    return response


def _out_of_reach(_problem: OutOfReach) -> ResponseReturnValue:
    words = _(
        "The place where films are kept can't be reached at this moment. Nothing is lost, and "
        "nothing was changed: try again in a minute."
    )
    response = make_response(_page(503, _("Films can't be reached"), words))
    response.headers["Retry-After"] = str(AGAIN_SECONDS)
    return response


def _stale(_error: CSRFError) -> ResponseReturnValue:
    words = _("This page was open too long or in two windows. Load it again and send it once more.")
    return _page(400, _("Please send it again"), words)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None:
        return error.response
    title, words = _words().get(code, (_("This could not be done"), error.description or ""))
    return _page(code, title, words)


def _words() -> dict[int, tuple[str, str]]:
    return {
        401: (_("Please sign in"), _("You have to be signed in to do this.")),
        404: (
            _("Nothing here"),
            _("There is no page at this address, or it is not meant for you."),
        ),
        405: (_("Not this way"), _("This address does not take what was sent to it.")),
        413: (_("Too large"), _("What you sent is larger than this field takes.")),
        429: (
            _("Too many tries"),
            _("From your address came many tries in a short time. Wait a minute, then go on."),
        ),
        500: (
            _("A fault of ours"),
            _("Something went wrong here. Nothing you sent was half kept. Please try again."),
        ),
    }


def _page(code: int, title: str, words: str) -> ResponseReturnValue:
    if wants_json():
        return jsonify(message=words), code
    return render_template("errors/page.html", heading=title, words=words), code
