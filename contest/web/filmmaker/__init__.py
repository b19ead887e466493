"""The filmmakers' room: their entries, from the first draft to the receipt."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("filmmaker", __name__)

from contest.web.filmmaker import acts, uploads, views  # noqa: E402, F401  # views hang themselves on the room
