"""The room anyone may enter: calls, published palmarès, and the door of the house."""

from flask import Blueprint

bp = Blueprint("public", __name__)

from contest.web.public import (  # noqa: E402  # views need the blueprint first
    account,  # noqa: F401  # its views register themselves
    door,  # noqa: F401  # its views register themselves
    editions,  # noqa: F401  # its views register themselves
    palmares,  # noqa: F401  # its views register themselves
)
