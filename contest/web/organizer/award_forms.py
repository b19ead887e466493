"""The shape of what organizers write about prizes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length

from contest.awards.actions import LONGEST_CITATION
from contest.web.house_form import HouseForm


class CiteForm(HouseForm):
    """Why a film won, and why the choice departs from the standings."""

    citation = TextAreaField(
        validators=[
            Length(max=LONGEST_CITATION, message=_l("A citation has at most 600 characters."))
        ],
        default="",
    )
    reason = TextAreaField(
        validators=[Length(max=1000, message=_l("A reason has at most 1000 characters."))],
        default="",
    )


class ConferForm(CiteForm):
    """A film, by its entry number, for a prize."""

    entry = IntegerField(validators=[InputRequired(message=_l("Choose a film."))])
