"""The room anyone may enter: calls, published palmarès, and the door of the house."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from contest.web.public import door, editions, palmares  # noqa: E402, F401  # views need the blueprint first
