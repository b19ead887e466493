"""What every form of the house has in common, and the fields that more than one of them has."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from contest.people.actions import in_one_line


class HouseForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form that reads what forms send.

    JSON has numbers and lists where WTForms' fields expect words, so it counts as nothing sent;
    views that take JSON from our scripts read it themselves.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # nor has its Meta
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if formdata is not None and request.is_json:
                return request.form
            return super().wrap_formdata(form, formdata)


_LOCAL = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})+")
"""An address that a letter can be sent to, as browsers send it: another alphabet's domain comes
in its ASCII form. Comments, quotes and lists are addresses to mail programs, and no person's."""

LONGEST_ADDRESS = 254
"""Characters of an address that a letter can be sent to (RFC 5321)."""

NO_LINK = re.compile(r"(?!.*(://|www\.))", re.IGNORECASE)
"""No address of a page: our letters greet people by name, and must not carry others' links."""


def address_field(missing: LazyString, **render: str) -> EmailField:
    """An e-mail address; `missing` asks for it. Whether somebody reads it there, a letter shows."""
    return EmailField(
        _("E-mail address"),
        filters=[lambda typed: typed.strip() if typed else typed],
        validators=[
            DataRequired(missing),
            Regexp(
                rf"{ADDRESS.pattern}\Z",
                message=_("This does not look like an e-mail address, such as name@example.org."),
            ),
            Length(max=LONGEST_ADDRESS),
        ],
        render_kw=render,
    )


def name_field(label: LazyString, missing: LazyString, **render: str) -> StringField:
    """A person's name, in one line."""
    return StringField(
        label,
        filters=[lambda typed: in_one_line(typed) if typed else typed],
        validators=[
            DataRequired(missing),
            Length(max=200),
            Regexp(NO_LINK, message=_("Write a name here, not the address of a page.")),
        ],
        render_kw=render,
    )
