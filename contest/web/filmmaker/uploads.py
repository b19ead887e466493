"""Films on their way in: begin, announce parts and send them, look what is there, finish, give up.

Parts go where `part_addresses` says: to a bucket without us, or here, where they stream to their
place on the disk while no database session is open. What our own script sends and gets is JSON.
"""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeGuard

from flask import Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from contest.entries.film import (
    begin_film,
    check_may_arrive,
    check_may_begin,
    film_is_whole,
    open_uploads,
    reel_of,
)
from contest.entries.models import Entry
from contest.machines.storage import NoRoom, NotKept, OutOfReach, Part, PartsDiffer, chunks
from contest.media import actions, clearing
from contest.media.models import Upload, UploadState
from contest.media.queries import upload_by_token, upload_with_parts
from contest.rulebook.permissions import Permission
from contest.web.filmmaker import bp
from contest.web.filmmaker.part_addresses import address_of, promised
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.limits import Lanes
from contest.web.parts import say

SHA256 = re.compile(r"[0-9a-f]{64}")
PUT_PART = "filmmaker.put_part"
PARTS_AT_ONCE = 32
"""So many parts may be announced by one request."""
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
@allow(Permission.FILM_SEND, find=entry_of, closes_session=True)
def begin_upload(entry: Entry) -> ResponseReturnValue:
    """Takes `{"name": …, "size": bytes}`; tells how large the parts are.

    Where the SHA-256 of the whole is known already, it comes along as `sha256`.
    """
    told = _sent()
    name, size, sha256 = told.get("name"), told.get("size"), told.get("sha256")
    if not isinstance(name, str) or type(size) is not int:
        return jsonify(message=_("Say the name of the file and its size in bytes.")), 422
    if sha256 is not None and not _is_hash(sha256):
        return _no_hash()
    with house().database.reading() as looking:
        check_may_begin(looking.get_one(Entry, entry.id), size, now())
    transfer = actions.make_room(house().storage, size)
    try:
        with house().database.transaction() as own:
            again = own.get_one(Entry, entry.id, with_for_update=True)
            unfinished = open_uploads(again)
            upload = begin_film(
                own,
                transfer,
                again,
                file_name=name,
                part_bytes=house().settings.part_bytes,
                sha256=sha256,
                now=now(),
            )
            answer = _told(own, upload)
    except Exception:  # whatever it was, nobody will send anything into that room
        with suppress(OutOfReach):  # then a bucket sweeps by itself
            house().storage.abandon(transfer)
        raise
    _clear_at_once(unfinished)
    return jsonify(answer), 201


@bp.get("/uploads/<token>")
@allow(Permission.FILM_SEND, find=upload_with_parts)
def show_upload(upload: Upload) -> ResponseReturnValue:
    """What came so far, so that sending can go on where it stopped; and the film once it is one."""
    return jsonify(_told(session(), upload))


@bp.put("/uploads/<token>/sha256")
@allow(Permission.FILM_SEND, find=upload_by_token)
def announce_film(upload: Upload) -> ResponseReturnValue:
    """Takes `{"sha256": …}` of the whole film, once and for good."""
    sha256 = _sent().get("sha256")
    if not _is_hash(sha256):
        return _no_hash()
    actions.announce_film(upload, sha256, now=now())
    return jsonify(sha256=sha256)


@bp.post("/uploads/<token>/parts")
@allow(Permission.FILM_SEND, find=upload_by_token)
def announce_parts(upload: Upload) -> ResponseReturnValue:
    """Takes `{"parts": [{"number": …, "sha256": …}, …]}`; tells where each is to be PUT."""
    hashes = _announced(_sent().get("parts"))
    if hashes is None:
        return _no_hash()
    check_may_arrive(session(), upload, now())
    parts = actions.announce_parts(session(), house().storage, upload, hashes, now=now())
    addresses = [(part.number, address_of(upload, part)) for part in parts]
    return jsonify(
        parts=[
            {"number": number, "url": each.url, "headers": dict(each.headers)}
            for number, each in addresses
        ]
    )


@bp.put("/uploads/<token>/parts/<int:number>")
@allow(Permission.FILM_SEND, find=upload_by_token, closes_session=True)
def put_part(upload: Upload, number: int) -> ResponseReturnValue:
    """Takes the bytes of one part, which its address says the hash of."""
    actions.must_be_open(upload)
    sha256 = promised(upload, number, request.args.get("ticket", ""))
    if sha256 is None:
        return jsonify(message=_("This address is over. Ask for another one.")), 403
    part = actions.part_of(upload, number, sha256)
    if request.content_length != part.size_bytes:
        return _damaged(part)
    with house().database.reading() as looking:
        came = actions.has_part(looking, upload, part)
    if not came:
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
@allow(Permission.FILM_SEND, find=upload_with_parts, closes_session=True)
def complete_upload(upload: Upload) -> ResponseReturnValue:
    """Says that every part is there. The film is then read once more; `show_upload` tells the end.

    Answers 409 with the numbers of the parts that are not there, so that they are sent again.
    """
    lacking = actions.lacking_parts(house().storage, upload)
    if lacking and upload.state is UploadState.OPEN:
        words = _("Some parts of the film have yet to come. They are sent again.")
        return jsonify(message=words, again=lacking), 409
    with house().database.transaction() as own:
        again = _again(own, upload)
        film_is_whole(own, again, now=now())
        return jsonify(_told(own, again)), 202


@bp.delete("/uploads/<token>")
@allow(Permission.FILM_SEND, find=upload_with_parts, closes_session=True)
def abandon_upload(upload: Upload) -> ResponseReturnValue:
    """Gives the upload up; what came of it is thrown away."""
    with house().database.transaction() as own:
        again = _again(own, upload)
        clearing.abandon_upload(own, again, now=now())
        answer = _told(own, again)
    _clear_at_once([again])
    return jsonify(answer)


def _clear_at_once(given_up: list[Upload]) -> None:
    """Free what was given up, without waiting for the job that sees to it in any case: who begins
    again and again must not hold the disk meanwhile."""
    for each in given_up:
        with suppress(Exception):  # the job tells what is wrong with the storage
            clearing.clear_upload(house().storage, each)


def _again(own: Session, upload: Upload) -> Upload:
    """The same upload in a session that changes it, with nobody else changing it meanwhile."""
    return own.get_one(Upload, upload.id, with_for_update=True)


def _sent() -> dict[str, Any]:
    """What our script sent; nothing where it is not what it sends."""
    told = request.get_json(silent=True)
    return told if isinstance(told, dict) else {}


def _announced(told: Any) -> dict[int, str] | None:
    """Hashes by part number; None where what was sent does not say them."""
    try:
        hashes = {each["number"]: each["sha256"] for each in told}
    except (KeyError, TypeError):
        return None
    proper = all(type(number) is int and _is_hash(sha256) for number, sha256 in hashes.items())
    return hashes if proper and 0 < len(hashes) == len(told) <= PARTS_AT_ONCE else None


def _is_hash(told: Any) -> TypeGuard[str]:
    return isinstance(told, str) and SHA256.fullmatch(told) is not None


def _no_hash() -> ResponseReturnValue:
    return jsonify(message=_("Say the SHA-256 in 64 hexadecimal digits, lower case.")), 422


def _damaged(part: Part) -> ResponseReturnValue:
    words = _("Part %(number)s was damaged on its way. It is sent again.", number=part.number)
    return jsonify(message=words), 422


def _told(of: Session, upload: Upload) -> dict[str, Any]:
    return {
        "url": url_for("filmmaker.show_upload", token=upload.token),
        "state": upload.state,
        "message": _ended(upload),
        "being_read": upload.state is UploadState.OPEN and upload.whole_at is not None,
        "name": upload.file_name,
        "size": upload.size_bytes,
        "sha256": upload.sha256,
        "part_bytes": upload.part_bytes,
        "parts": [
            {"number": each.number, "size": each.size_bytes, "sha256": each.sha256}
            for each in actions.parts_there(house().storage, upload)
        ],
        "film": _arrived(of, upload),
    }


def _ended(upload: Upload) -> str | None:
    """Why an upload was thrown away."""
    if upload.state is not UploadState.ABANDONED:
        return None
    return say(actions.NOT_AS_ANNOUNCED if upload.was_thrown_away else actions.OVER[upload.state])


def _arrived(of: Session, upload: Upload) -> dict[str, Any] | None:
    """The film an upload became."""
    master = upload.master
    if master is None:
        return None
    reel = reel_of(of, upload)
    return {
        "entry": reel.entry_id,
        "version": reel.number,
        "name": master.file_name,
        "size": master.size_bytes,
        "sha256": master.sha256,
        "received_at": master.received_at.isoformat(),
    }
