"""Where a browser sends a part: to the bucket by an address it signs, or to us by one we sign.

Either way the address is good for one part of one upload, with one hash, for some minutes.
"""

from __future__ import annotations

from flask import current_app, url_for
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer

from contest.machines.storage import Address, Part
from contest.media.actions import transfer_of
from contest.media.models import Upload
from contest.web.house import house


def address_of(upload: Upload, part: Part) -> Address:
    """The address of a part, good for the next `upload_link_seconds`."""
    lasting = house().settings.upload_link_seconds
    signed = house().storage.address_for(transfer_of(upload), part, lasting)
    if signed is not None:
        return signed
    ticket = _signer().dumps([upload.token, part.number, part.sha256])
    own = url_for("filmmaker.put_part", token=upload.token, number=part.number, ticket=ticket)
    return Address(own, {"X-CSRFToken": generate_csrf()})


def promised(upload: Upload, number: int, ticket: str) -> str | None:
    """The hash that part was promised to have; None where the address is over or another's."""
    lasting = house().settings.upload_link_seconds
    try:
        token, promised_number, sha256 = _signer().loads(ticket, max_age=lasting)
    except BadData:
        return None
    return str(sha256) if (token, promised_number) == (upload.token, number) else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="upload-part")
