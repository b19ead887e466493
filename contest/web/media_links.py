"""Links to stored films, stills and subtitles: signed, short-lived, and good for one thing only.

The signature covers what is served, as what, and to whom; a link for one person opens for nobody
else, so that a copied address is worth nothing.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from contest.rulebook.permissions import Permission
from contest.web.guard import allow
from contest.web.house import house
from contest.web.serving import serve
from contest.web.who import visitor

bp = Blueprint("media", __name__)


def link_to(
    storage_key: str,
    media_type: str,
    *,
    person_id: int | None = None,
    filename: str | None = None,
) -> str:
    """The address of a stored object for the next `media_link_seconds`.

    With `person_id` it opens for that person alone; with `filename` it is offered for saving
    under that name instead of being shown.
    """
    told = [storage_key, media_type, person_id, filename]
    return url_for("media.fetch", token=_signer().dumps(told))


@bp.get("/media/<token>")
@allow(Permission.MEDIA_FETCH)
def fetch(token: str) -> Response:
    """A stored object, whole or in ranges, for whoever holds a link that is theirs."""
    lasting = house().settings.media_link_seconds
    try:
        storage_key, media_type, person_id, filename = _signer().loads(token, max_age=lasting)
    except BadData:
        abort(404)
    if person_id is not None and person_id != visitor().person_id:
        abort(404)
    again = f"max-age={lasting}" if person_id is None else "no-cache"  # theirs only while signed in
    response = serve(storage_key, media_type, cache=f"private, {again}")
    if filename is not None:
        told = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        response.headers["Content-Disposition"] = told
    return response


def _signer() -> URLSafeTimedSerializer:
    return _signer_with(str(current_app.secret_key))


@lru_cache(maxsize=4)
def _signer_with(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="media-link")
