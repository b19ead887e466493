"""Bytes from storage to a browser: whole or in ranges, never in memory, under our own type."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from flask import Response, abort, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from contest.machines.storage import CHUNK, NotKept
from contest.web.house import house

MEDIA_POLICY = "default-src 'none'; sandbox"
"""Uploaded bytes are never a page, whatever they look like."""


def serve(key: str, media_type: str, cache: str = "private, no-store") -> Response:
    """An object of the storage as a response that answers ranges. 404 where nothing is kept.

    `media_type` is ours, never guessed from the bytes; `cache` is the Cache-Control header.
    An object never changes, so a digest of its key serves as a tag that gives nothing away.
    """
    try:
        size, source = house().storage.size(key), house().storage.open(key)
    except NotKept:
        abort(404)
    response = Response(FileWrapper(source, CHUNK), mimetype=media_type, direct_passthrough=True)
    response.content_length = size
    response.set_etag(hashlib.sha256(key.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = MEDIA_POLICY
    response.headers["Content-Disposition"] = "inline"
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        source.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    if request.method == "HEAD" or response.status_code == HTTPStatus.NOT_MODIFIED:
        source.close()  # nobody will read it, so nobody would close it
    return response
