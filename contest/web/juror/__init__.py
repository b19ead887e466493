"""The jury's room: the queue, the screening room, the score sheet."""

from flask import Blueprint

bp = Blueprint("juror", __name__)

from contest.web.juror import conflicts, sheet, views  # noqa: E402, F401  # views need the blueprint first
