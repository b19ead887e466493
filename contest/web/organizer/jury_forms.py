"""Shapes of what organizers fill in about the jury."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    DateTimeLocalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from contest.web.house_form import HouseForm
from contest.web.organizer.forms import OrganizerForm

MOST_AT_ONCE = 5_000


class JurorForm(OrganizerForm):
    """Somebody to invite as a juror."""


class SeatsForm(HouseForm):
    """Who judges a round."""

    jurors = SelectMultipleField(
        _("Jurors"),
        coerce=int,
        validators=[DataRequired(_("Choose who judges this round."))],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


class OpeningForm(SeatsForm):
    """Who judges a round, and by when they should be done."""

    closes_at = DateTimeLocalField(_("Jurors should be done by"), validators=[Optional()])


class MoreForm(HouseForm):
    """How many screenings to deal where they decide most."""

    screenings = IntegerField(
        _("Screenings"),
        validators=[
            InputRequired(_("Write how many screenings to deal.")),
            NumberRange(1, MOST_AT_ONCE, _("Deal 1 to 5,000 screenings at a time.")),
        ],
    )


class ConflictForm(HouseForm):
    """A juror who must not judge a film, and why."""

    juror = SelectField(_("Juror"), coerce=int)
    number = IntegerField(
        _("Entry number"), validators=[InputRequired(_("Write the entry's number."))]
    )
    reason = StringField(
        _("Reason, for the organizers alone"),
        validators=[DataRequired(_("Write the reason in a few words.")), Length(max=1000)],
    )
