"""Shapes of what people fill in at the door."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, SelectField
from wtforms.validators import DataRequired, Length, Optional

from contest.people.passwords import LONGEST, SHORTEST
from contest.web.choices import offered
from contest.web.geography import countries
from contest.web.house_form import HouseForm, address_field, name_field
from contest.web.tongues import LANGUAGES


def _address() -> EmailField:
    return address_field(_("Write your e-mail address."), autocomplete="email")


def _new_password(label: object) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            Optional(),
            Length(
                SHORTEST,
                LONGEST,
                _("Use at least %(min)d characters; a few words in a row are easy to keep."),
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class SignInForm(HouseForm):
    """Address and password; without a password a letter with a link is sent."""

    email = _address()
    password = PasswordField(
        _("Password"),
        validators=[Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    back = HiddenField()


class LinkForm(HouseForm):
    """An address to send a sign-in letter to."""

    email = _address()


class AboutMe(HouseForm):
    """What a person says of themselves."""

    name = name_field(
        _("Your name"), _("Write your name as it should be read."), autocomplete="name"
    )
    country = SelectField(
        _("Country"),
        validators=[DataRequired(_("Choose your country."))],
        render_kw={"autocomplete": "country"},
    )
    language = SelectField(_("Language of pages and letters"), choices=offered(LANGUAGES.items()))
    time_zone = SelectField(_("Time zone"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = offered([("", ""), *countries()])
        self.time_zone.choices = offered((zone, zone) for zone in sorted(available_timezones()))


class PasswordForm(HouseForm):
    """A new password, and the present one of whoever can't show a letter instead."""

    present = PasswordField(
        _("Present password"),
        validators=[Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = _new_password(_("New password"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.password.flags.optional = False  # it may be empty only to take the password away


class RegisterForm(AboutMe):
    """A new account."""

    email = _address()
    password = _new_password(_("Password"))


class AcceptForm(AboutMe):
    """What an invited person without an account adds."""

    password = _new_password(_("Password"))
