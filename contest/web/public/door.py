"""The door: registering, signing in by password or letter, invitations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contest.editions.queries import edition_title
from contest.people.actions import (
    accept_invitation,
    register,
    send_sign_in_link,
    sign_out_everywhere,
    use_link,
)
from contest.people.models import Invitation, Person, Role
from contest.people.passwords import matches
from contest.people.queries import open_invitation, person_by_email, sign_in_link
from contest.rulebook.permissions import Permission
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.limits import letter_limit, limiter, sign_in_limit
from contest.web.public import bp
from contest.web.public.forms import AcceptForm, LinkForm, RegisterForm, SignInForm
from contest.web.tongues import LANGUAGES, language
from contest.web.who import let_in, let_out, me, person


@bp.get("/sign-in")
@allow(Permission.ACCOUNT_OPEN)
def sign_in() -> ResponseReturnValue:
    """The door, with a way back to where somebody came from."""
    return render_template(
        "public/sign_in.html", form=SignInForm(back=request.args.get("back", ""))
    )


@bp.post("/sign-in")
@limiter.limit(sign_in_limit)
@allow(Permission.ACCOUNT_OPEN)
def sign_in_now() -> ResponseReturnValue:
    """Sign in by password."""
    form = SignInForm()
    if form.validate_on_submit():
        found = person_by_email(session(), form.email.data)
        if matches(found.password_hash if found else None, form.password.data or "") and found:
            let_in(found)
            return redirect(_back(form.back.data), 303)
        form.password.errors = [_("Address and password don't belong together. Try again.")]
    return render_template("public/sign_in.html", form=form), 422


@bp.get("/sign-in/letter")
@allow(Permission.ACCOUNT_OPEN)
def ask_for_link() -> ResponseReturnValue:
    """Where somebody asks for a letter that signs them in."""
    return render_template("public/link.html", form=LinkForm())


@bp.post("/sign-in/letter")
@limiter.limit(letter_limit)
@allow(Permission.ACCOUNT_OPEN)
def send_link() -> ResponseReturnValue:
    """Send the letter where there is an account; the answer is the same where there is none."""
    form = LinkForm()
    if not form.validate_on_submit():
        return render_template("public/link.html", form=form), 422
    found = person_by_email(session(), form.email.data)
    if found is not None:
        send_sign_in_link(session(), found, public_url=house().settings.public_url, now=now())
    return render_template("public/letter_sent.html", email=form.email.data)


@bp.get("/sign-in/<token>")
@allow(Permission.ACCOUNT_OPEN)
def follow_link(token: str) -> ResponseReturnValue:
    """A page with one button: mail readers that fetch links must not spend them."""
    if sign_in_link(session(), token, now()) is None:
        return _spent()
    return render_template("public/follow_link.html", token=token)


@bp.post("/sign-in/<token>")
@limiter.limit(sign_in_limit)
@allow(Permission.ACCOUNT_OPEN)
def sign_in_by_link(token: str) -> ResponseReturnValue:
    """Spend the link and sign in."""
    link = sign_in_link(session(), token, now())
    if link is None:
        return _spent()
    had_password = link.person.password_hash is not None
    arrived = use_link(session(), link, now=now(), here=person())
    _say_if_forgotten(arrived, had_password=had_password)
    let_in(arrived, by_letter=True)
    return redirect(_home(), 303)


def _say_if_forgotten(arrived: Person, *, had_password: bool) -> None:
    if had_password and arrived.password_hash is None:
        words = _(
            "Your address is confirmed. The password chosen for it before is forgotten: anyone "
            "could have chosen it. You sign in by letter from now on."
        )
        flash(words)


def _spent() -> ResponseReturnValue:
    return render_template("public/link_spent.html"), 410


@bp.post("/sign-out")
@allow(Permission.ACCOUNT_USE)
def sign_out() -> ResponseReturnValue:
    """Sign out here, or everywhere."""
    if request.form.get("everywhere"):
        sign_out_everywhere(session(), me(), now=now())
    let_out()
    return redirect(url_for("public.home"), 303)


@bp.get("/register")
@allow(Permission.ACCOUNT_OPEN)
def open_account() -> ResponseReturnValue:
    """The form of a new account."""
    form = RegisterForm(language=language(), time_zone="UTC")
    return render_template("public/register.html", form=form)


@bp.post("/register")
@limiter.limit(sign_in_limit)
@allow(Permission.ACCOUNT_OPEN)
def open_account_now() -> ResponseReturnValue:
    """Open the account; an address that has one gets a letter instead, and the page says so."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return render_template("public/register.html", form=form), 422
    opened = register(session(), **_of(form), email=form.email.data, now=now())
    if opened is None or not opened.password_hash:
        holder = opened or person_by_email(session(), form.email.data)
        if holder is not None:
            send_sign_in_link(session(), holder, public_url=house().settings.public_url, now=now())
        return render_template("public/letter_sent.html", email=form.email.data)
    let_in(opened)
    return redirect(_home(), 303)


@bp.post("/language")
@allow(Permission.PUBLIC_READ)
def choose_language() -> ResponseReturnValue:
    """Read on in another language, at the same page."""
    if (chosen := request.form.get("language")) in LANGUAGES:
        cookie["language"] = chosen
    return redirect(_back(request.form.get("back", "")), 303)


def _invitation(session: Session, token: str) -> Invitation | None:
    return open_invitation(session, token, now())


@bp.get("/invitations/<token>")
@allow(Permission.ACCOUNT_OPEN, find=_invitation)
def invitation(invited: Invitation) -> ResponseReturnValue:
    """What is offered, and a form for whoever has no account yet."""
    form = AcceptForm(name=invited.name, language=invited.language, time_zone="UTC")
    return _invitation_page(invited, form)


@bp.post("/invitations/<token>")
@limiter.limit(sign_in_limit)
@allow(Permission.ACCOUNT_OPEN, find=_invitation)
def accept(invited: Invitation) -> ResponseReturnValue:
    """Accept; holding the letter proves the address, so the person is signed in."""
    invited_person = person_by_email(session(), invited.email)
    had_password = invited_person is not None and invited_person.password_hash is not None
    same_hand = invited_person is None or invited_person is person()
    if invited_person is None:
        form = AcceptForm()
        if not form.validate_on_submit():
            return _invitation_page(invited, form), 422
        invited_person = register(session(), **_of(form), email=invited.email, now=now())
    if invited_person is None:  # the address was free a moment ago, in this very transaction
        abort(409)
    accept_invitation(session(), invited, invited_person, now=now(), same_hand=same_hand)
    _say_if_forgotten(invited_person, had_password=had_password)
    session().refresh(invited_person, ["appointments"])
    let_in(invited_person, by_letter=True)
    return redirect(url_for("juror.desk") if invited.role is Role.JUROR else _home(), 303)


def _invitation_page(invited: Invitation, form: AcceptForm) -> str:
    return render_template(
        "public/invitation.html",
        invited=invited,
        known=person_by_email(session(), invited.email) is not None,
        edition=edition_title(session(), invited.edition_id, language()),
        form=form,
        token=(request.view_args or {}).get("token"),
    )


def _of(form: RegisterForm | AcceptForm) -> dict[str, Any]:
    names = ("name", "country", "language", "time_zone", "password")
    return {name: form[name].data for name in names}


def _back(wanted: str | None) -> str:
    """A path of this house, whatever somebody put into the form."""
    try:
        parts = urlsplit((wanted or "").replace("\\", "/"))
    except ValueError:  # such as brackets that enclose no address
        return _home()
    inside = parts.path.startswith("/") and not parts.path.startswith("//")
    if not inside or parts.scheme or parts.netloc:
        return _home()
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _home() -> str:
    """Where a person's work lies."""
    found: Person | None = person()
    if found is None:
        return url_for("public.home")
    if found.is_administrator or any(a.role is Role.ORGANIZER for a in found.appointments):
        return url_for("organizer.offices")
    if any(a.role is Role.JUROR for a in found.appointments):
        return url_for("juror.desk")
    return url_for("filmmaker.entries")
