"""The one door of every view: finds the thing, asks the permission, closes the transaction.

A thing nobody may know of and a thing somebody may not see answer alike (404), so that an address
tells nothing. Whoever has not signed in is sent to the door first.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contest.rulebook.permissions import Permission, Visitor, allowed, is_open_to_all
from contest.web.house import house
from contest.web.who import visitor

View = Callable[..., ResponseReturnValue]
Finder = Callable[..., Any]

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
GUARDED: dict[str, Permission] = {}
"""Every guarded view by its qualified name, for the house tests."""


def session() -> Session:
    """The request's one database session: it reads for GET and writes for everything else.

    It only reads as well for a view that has it closed before it begins: to find the thing and ask
    the permission, nobody waits for a turn to write.
    """
    if "session" not in g:
        database = house().database
        view = current_app.view_functions.get(request.endpoint or "")
        looks = request.method in LOOKING or getattr(view, "closes_session", False)
        g.session = database.reading() if looks else database.writing()
    return g.session  # type: ignore[no-any-return]  # flask.g is untyped


def put_away(_error: BaseException | None = None) -> None:
    """Close what a page read after its view had left, such as who reads an error page."""
    _leave(commit=False)


def allow(
    permission: Permission, find: Finder | None = None, *, closes_session: bool = False
) -> Callable[[View], View]:
    """Guard a view with a permission on the thing that `find` finds from the address.

    `find(session, …)` takes the parts of the address it names and returns the thing or None; the
    view gets the thing first and the other parts by name. A view that streams, or asks a storage
    that may be far away, has its session closed before it begins (`closes_session`) and opens one
    of its own for what it records, in which it finds the thing again.
    """

    def wear(view: View) -> View:
        GUARDED[f"{view.__module__}.{view.__qualname__}"] = permission
        wanted = frozenset(inspect.signature(find).parameters) if find else frozenset()

        @wraps(view)
        def guarded(**arguments: Any) -> ResponseReturnValue:
            try:
                things = _found(permission, find, wanted, arguments)
                _admit(permission, visitor(), things)
                if closes_session:
                    _leave(commit=False)
                return _answer(view, things, arguments)
            finally:
                _leave(commit=False)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the house tests
        guarded.closes_session = closes_session  # type: ignore[attr-defined]  # read by `session`
        return guarded

    return wear


def _found(
    permission: Permission,
    find: Finder | None,
    wanted: frozenset[str],
    arguments: dict[str, Any],
) -> list[Any]:
    if find is None:
        return []
    named = {name: arguments.pop(name) for name in list(arguments) if name in wanted}
    thing = find(session(), **named)
    if thing is None:
        if is_open_to_all(permission):
            abort(404)  # signing in would find nothing more
        _turn_away(visitor())
    return [thing]


def _admit(permission: Permission, who: Visitor, things: list[Any]) -> None:
    if not allowed(permission, who, things[0] if things else None):
        _turn_away(who)


def _turn_away(who: Visitor) -> None:
    if who.person_id is None and not _is_fetch():
        back = request.full_path.rstrip("?") if request.method in LOOKING else None
        abort(redirect(url_for("public.sign_in", back=back), code=303))
    abort(401 if who.person_id is None else 404)


def _answer(view: View, things: list[Any], arguments: dict[str, Any]) -> ResponseReturnValue:
    response = current_app.make_response(view(*things, **arguments))
    if request.method not in LOOKING and response.status_code < 400:
        _leave(commit=True)
    return response


def _leave(*, commit: bool) -> None:
    left: Session | None = g.pop("session", None)
    if left is None:
        return
    try:
        if commit:
            left.commit()
    finally:
        left.close()


def _is_fetch() -> bool:
    return request.accept_mimetypes.best == "application/json"
