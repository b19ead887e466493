"""One's own account: what the house knows of a person, and their password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contest.people.actions import change_account, change_password
from contest.people.passwords import SHORTEST, matches
from contest.rulebook.permissions import Permission
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.limits import limiter, sign_in_limit
from contest.web.public import bp
from contest.web.public.forms import AboutMe, PasswordForm
from contest.web.who import came_by_letter, let_in, me


@bp.get("/account")
@allow(Permission.ACCOUNT_USE)
def account() -> ResponseReturnValue:
    """What the house knows of the person, to change."""
    return _page()


@bp.post("/account")
@allow(Permission.ACCOUNT_USE)
def save_account() -> ResponseReturnValue:
    """Change it."""
    form = AboutMe()
    if not form.validate_on_submit():
        return _page(form=form), 422
    told = {name: form[name].data for name in ("name", "country", "language", "time_zone")}
    change_account(session(), me(), **told, now=now())
    cookie.pop("language", None)
    flash(_("Your account is changed."))
    return redirect(url_for("public.account"), 303)


@bp.post("/account/password")
@limiter.limit(sign_in_limit)
@allow(Permission.ACCOUNT_USE)
def save_password() -> ResponseReturnValue:
    """Choose a password, or do without one; everyone else signed in to the account is out."""
    form, keeps = PasswordForm(), request.form.get("act") != "take_away"
    if not form.validate_on_submit() or not _is_asked_rightly(form, keeps=keeps):
        return _page(password=form), 422
    change_password(session(), me(), form.password.data if keeps else None, now=now())
    let_in(me())
    if keeps:
        flash(_("Your password is kept. On every other device you are signed out."))
    else:
        flash(_("Your password is gone: you sign in by letter. Other devices are signed out."))
    return redirect(url_for("public.account"), 303)


def _is_asked_rightly(form: PasswordForm, *, keeps: bool) -> bool:
    # Being signed in is not enough: at a browser somebody left open, a stranger could lock the
    # owner out. Whoever asks knows the present password, or has just read a letter sent to the
    # address, which is how the owner gets in who has none or forgot it.
    if not came_by_letter() and not matches(me().password_hash, form.present.data or ""):
        form.present.errors = [_("This is not your present password. Try again.")]
    elif keeps and not form.password.data:
        words = _("Write a new password of at least %(least)d characters.", least=SHORTEST)
        form.password.errors = [words]
    return not form.present.errors and not form.password.errors


def _page(form: AboutMe | None = None, password: PasswordForm | None = None) -> str:
    return render_template(
        "public/account.html",
        form=form or AboutMe(formdata=None, obj=me()),
        password=password or PasswordForm(formdata=None),
        has_password=me().password_hash is not None,
        by_letter=came_by_letter(),
    )
