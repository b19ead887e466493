"""The jury's room: the queue, the screening room, the score sheet."""

from flask import Blueprint

bp = Blueprint("juror", __name__)
