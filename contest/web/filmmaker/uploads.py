"""Films on their way in: begin, send parts in any order, look what is there, finish, give up.

A part streams from the browser to its place in the storage; meanwhile no database session is open.
What our own script sends and gets here is JSON.
"""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from contest.entries.film import begin_film, film_arrived
from contest.entries.models import Entry, Reel
from contest.machines.storage import NoRoom, NotKept, Part, PartsDiffer, chunks
from contest.media import actions
from contest.media.models import Upload
from contest.media.queries import upload_by_token
from contest.rulebook.permissions import Permission
from contest.web.filmmaker import bp
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.limits import Lanes
from contest.web.parts import say

SHA256 = re.compile(r"[0-9a-f]{64}")
PUT_PART = "filmmaker.put_part"
lanes = Lanes(at_once=8)
"""Twice what our own script uses: slow lines of one person must not take the whole server."""


def entry_of(session: Session, entry_id: int) -> Entry | None:
    return session.get(Entry, entry_id)


@bp.url_value_preprocessor
def take_large_parts(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A part may be larger than a form; said before anything asks for the body."""
    if endpoint == PUT_PART:
        # one more: a server that marks the end itself lets Werkzeug refuse a body of just the limit
        request.max_content_length = house().settings.part_bytes + 1


@bp.after_request
def hear_out(response: Response) -> Response:
    """Read what is left of a part that was not wanted: who still sends hears no answer.

    Not where too much is sent at once: reading on would hold what the limit is to keep free.
    """
    if request.endpoint == PUT_PART and response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        with suppress(HTTPException, OSError):
            for _chunk in chunks(request.stream):  # type: ignore[arg-type]  # reads like a file
                pass
    return response


@bp.post("/entries/<int:entry_id>/uploads")
@allow(Permission.FILM_SEND, find=entry_of)
def begin_upload(entry: Entry) -> ResponseReturnValue:
    """Takes `{"name": …, "size": bytes}`; tells where the parts go, and how large they are."""
    told = request.get_json(silent=True)
    name, size = (told.get("name"), told.get("size")) if isinstance(told, dict) else (None, None)
    if not isinstance(name, str) or type(size) is not int:
        return jsonify(message=_("Say the name of the file and its size in bytes.")), 422
    upload = begin_film(
        session(),
        house().storage,
        entry,
        file_name=name,
        size_bytes=size,
        part_bytes=house().settings.part_bytes,
        now=now(),
    )
    return jsonify(_told(upload)), 201


@bp.get("/uploads/<token>")
@allow(Permission.FILM_SEND, find=upload_by_token)
def show_upload(upload: Upload) -> ResponseReturnValue:
    """What came so far, so that sending can go on where it stopped."""
    return jsonify(_told(upload))


@bp.put("/uploads/<token>/parts/<int:number>")
@allow(Permission.FILM_SEND, find=upload_by_token, closes_session=True)
def put_part(upload: Upload, number: int) -> ResponseReturnValue:
    """Takes the bytes of one part; the header `X-Part-SHA256` says what they must be."""
    actions.must_be_open(upload)
    part = actions.part_of(upload, number, request.headers.get("X-Part-SHA256", ""))
    if not SHA256.fullmatch(part.sha256) or request.content_length != part.size_bytes:
        return _damaged(part)
    if not actions.has_part(upload, part):
        with lanes.one_for(upload.person_id):
            refusal = _stream(upload, part)
        if refusal is not None:
            return refusal
        with house().database.transaction() as own:
            actions.record_part(own, _again(own, upload), part, now=now())
    return jsonify(number=number)


def _stream(upload: Upload, part: Part) -> ResponseReturnValue | None:
    """Bring the part into the storage; the answer when it could not be taken."""
    source: Any = request.stream
    try:
        house().storage.put_part(actions.transfer_of(upload), part, source)
    except PartsDiffer:
        return _damaged(part)
    except NotKept:
        abort(404)
    except NoRoom:
        return jsonify(message=say(actions.FULL)), HTTPStatus.INSUFFICIENT_STORAGE
    return None


@bp.post("/uploads/<token>/complete")
@allow(Permission.FILM_SEND, find=upload_by_token, closes_session=True)
def complete_upload(upload: Upload) -> ResponseReturnValue:
    """Reads the whole film once more, keeps it for good and asks for its inspection."""
    try:
        sha256 = actions.verify_upload(house().storage, upload)
    except PartsDiffer as differ:
        with house().database.transaction() as own:
            actions.forget_parts(own, _again(own, upload), differ.numbers)
        words = _("Some parts of the film were damaged on their way. They are sent again.")
        return jsonify(message=words, again=differ.numbers), 409
    with house().database.transaction() as own:
        return jsonify(_arrived(film_arrived(own, _again(own, upload), sha256, now=now())))


@bp.delete("/uploads/<token>")
@allow(Permission.FILM_SEND, find=upload_by_token)
def abandon_upload(upload: Upload) -> ResponseReturnValue:
    """Gives the upload up; what came of it is thrown away."""
    actions.abandon_upload(session(), house().storage, upload, now=now())
    return jsonify(_told(upload))


def _again(own: Session, upload: Upload) -> Upload:
    """The same upload in a session that changes it, with nobody else changing it meanwhile."""
    return own.get_one(Upload, upload.id, with_for_update=True)


def _damaged(part: Part) -> ResponseReturnValue:
    words = _("Part %(number)s was damaged on its way. It is sent again.", number=part.number)
    return jsonify(message=words), 422


def _told(upload: Upload) -> dict[str, Any]:
    return {
        "url": url_for("filmmaker.show_upload", token=upload.token),
        "state": upload.state,
        "name": upload.file_name,
        "size": upload.size_bytes,
        "part_bytes": upload.part_bytes,
        "parts": [
            {"number": each.number, "size": each.size_bytes, "sha256": each.sha256}
            for each in upload.parts
        ],
    }


def _arrived(reel: Reel) -> dict[str, Any]:
    master = reel.master
    if master is None:
        raise LookupError("A film that arrived has a master.")
    return {
        "entry": reel.entry_id,
        "version": reel.number,
        "name": master.file_name,
        "size": master.size_bytes,
        "sha256": master.sha256,
        "received_at": master.received_at.isoformat(),
    }
