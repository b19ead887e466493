"""Who is at the browser: the signed-in person, and what the permission table asks about them."""

from __future__ import annotations

import math
from typing import cast

from flask import g
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from contest.people.actions import LINK_LIFE
from contest.people.models import Person, Role
from contest.people.queries import person_at_door
from contest.rulebook.permissions import Visitor
from contest.web.house import now

login_manager = LoginManager()
LETTER = "by_letter_at"
"""In the cookie: when its person signed in by letter, in seconds of Unix time."""


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """A person as Flask-Login knows one; the cookie holds id and session key."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}:{self.person.session_key}"


@login_manager.user_loader  # type: ignore[untyped-decorator]  # flask_login has no types
def _from_cookie(kept: str) -> SignedIn | None:
    from contest.web.guard import session  # the guard asks who, who asks the guard

    number, _, key = kept.partition(":")
    person = person_at_door(session(), int(number), key) if number.isdecimal() else None
    return SignedIn(person) if person else None


def person() -> Person | None:
    """The signed-in person, with their appointments, or None."""
    return cast(SignedIn, current_user).person if current_user.is_authenticated else None


def me() -> Person:
    """The signed-in person, where the guard has let nobody else in."""
    found = person()
    if found is None:
        raise RuntimeError("This view's permission must ask for somebody signed in.")
    return found


def visitor() -> Visitor:
    """The visitor as the permission table sees them."""
    if "visitor" not in g:
        g.visitor = _visitor(person())
    return cast(Visitor, g.visitor)


def let_in(arrived: Person, *, by_letter: bool = False) -> None:
    """Sign a person in at this browser; a form's token from before is worth nothing after."""
    cookie.pop("csrf_token", None)
    cookie.pop(LETTER, None)
    if by_letter:
        cookie[LETTER] = now().timestamp()
    login_user(SignedIn(arrived))
    g.visitor = _visitor(arrived)


def let_out() -> None:
    """Sign out at this browser."""
    logout_user()
    cookie.pop(LETTER, None)
    g.pop("visitor", None)


def came_by_letter() -> bool:
    """Whether who is signed in here has just shown that they read the letters to their address."""
    at: float = cookie.get(LETTER, -math.inf)
    return now().timestamp() - at < LINK_LIFE.total_seconds()


def _visitor(found: Person | None) -> Visitor:
    if found is None:
        return Visitor()
    by_role = {
        role: frozenset(each.edition_id for each in found.appointments if each.role is role)
        for role in Role
    }
    return Visitor(
        person_id=found.id,
        is_administrator=found.is_administrator,
        organizes=by_role[Role.ORGANIZER],
        judges=by_role[Role.JUROR],
    )
