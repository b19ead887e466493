"""What every form of the house has in common."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm


class HouseForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form that reads what forms send.

    JSON has numbers and lists where WTForms' fields expect words, so it counts as nothing sent;
    views that take JSON from our scripts read it themselves.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if formdata is not None and request.is_json:
                return request.form
            return super().wrap_formdata(form, formdata)
