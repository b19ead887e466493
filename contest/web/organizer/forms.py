"""Shapes of what organizers fill in."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import (
    DateTimeLocalField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp

from contest.entries.models import DecisionKind
from contest.web.choices import offered
from contest.web.house_form import HouseForm, address_field, name_field
from contest.web.tongues import LANGUAGES

FORMATS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
"""A browser leaves out seconds that are nought."""


def _moment(label: LazyString) -> DateTimeLocalField:
    asked = DataRequired(_("Give a date and a time."))
    return DateTimeLocalField(label, format=FORMATS, validators=[asked], render_kw={"step": 1})


class NewEditionForm(HouseForm):
    """What an edition from a preset still needs to be told."""

    preset = SelectField(_("Begin from"))
    title = StringField(
        _("Title"), validators=[DataRequired(_("Write the edition's title.")), Length(max=120)]
    )
    slug = StringField(
        _("Address"),
        validators=[
            DataRequired(_("Write a short name for its address.")),
            Length(max=60),
            Regexp(
                r"[a-z0-9]+(-[a-z0-9]+)*\Z",
                message=_("Use lower-case letters, digits and single hyphens."),
            ),
        ],
    )
    time_zone = SelectField(_("Time zone of the dates"))
    opens_at = _moment(_("The call opens"))
    closes_at = _moment(_("The call closes"))
    announces_at = _moment(_("The palmarès is announced"))


class DecisionForm(HouseForm):
    """A decision about one entry, with what its author will read."""

    kind = RadioField(
        _("Decision"),
        choices=offered(
            [
                (DecisionKind.ACCEPT.value, _("Accept: it goes to the jury")),
                (DecisionKind.ASK.value, _("Ask the author")),
                (DecisionKind.REFUSE.value, _("Refuse, with the reason")),
            ]
        ),
        validators=[DataRequired(_("Choose one of the three."))],
    )
    reason = TextAreaField(_("What the author reads"), validators=[Optional(), Length(max=4000)])


class LetterForm(HouseForm):
    """The words of a letter that is still held."""

    subject = StringField(
        _("Subject"), validators=[DataRequired(_("A letter has a subject.")), Length(max=200)]
    )
    text = TextAreaField(
        _("Text"), validators=[DataRequired(_("A letter has a text.")), Length(max=10_000)]
    )


class OrganizerForm(HouseForm):
    """Somebody to invite as an organizer."""

    name = name_field(_("Name"), _("Write the name."))
    email = address_field(_("Write the e-mail address."))
    language = SelectField(_("Language of the letter"), choices=offered(LANGUAGES.items()))
