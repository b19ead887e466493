"""The office: where organizers run an edition, from its rules to its palmarès."""

from flask import Blueprint

bp = Blueprint("organizer", __name__)

from contest.web.organizer import (  # noqa: E402, F401  # views need the blueprint first
    awards,
    entries,
    jury,
    letters,
    office,
    people,
    publication,
    rounds,
    rules,
    standings,
    work,
)
