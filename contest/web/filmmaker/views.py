"""Reading: my entries, the one page of an entry, what changes on it, its receipt."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug, listed_editions
from contest.entries.actions import begin_entry
from contest.entries.models import Entry
from contest.entries.queries import entries_of_person, whole_entry
from contest.rulebook.embargo import CallPhase, call_phase
from contest.rulebook.permissions import Permission
from contest.web.filmmaker import bp
from contest.web.filmmaker.checklist import checklist
from contest.web.filmmaker.page import changing_parts, entry_page
from contest.web.filmmaker.status import status_words
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.who import me


@bp.post("/editions/<slug>/enter")
@allow(Permission.ENTRY_BEGIN, find=edition_by_slug)
def begin(edition: Edition) -> ResponseReturnValue:
    """Begin an entry, while the call is open."""
    entry = begin_entry(session(), edition, me(), now=now())
    return redirect(url_for("filmmaker.entry", entry_id=entry.id), 303)


@bp.get("/entries")
@allow(Permission.ACCOUNT_USE)
def entries() -> ResponseReturnValue:
    """My entries, and the calls that are open."""
    mine = [checklist(each, now()) for each in entries_of_person(session(), me().id)]
    calls = [
        each
        for each in listed_editions(session())
        if call_phase(each.rules.calendar, now()) is CallPhase.OPEN
    ]
    return render_template(
        "filmmaker/entries.html", mine=mine, calls=calls, status_words=status_words
    )


@bp.get("/entries/<int:entry_id>")
@allow(Permission.ENTRY_READ, find=whole_entry)
def entry(entry: Entry) -> ResponseReturnValue:
    """The one page of an entry."""
    return entry_page(entry)


@bp.get("/entries/<int:entry_id>/inspection")
@allow(Permission.ENTRY_READ, find=whole_entry)
def inspection(entry: Entry) -> ResponseReturnValue:
    """What changes while the film is being checked: a fragment, asked for again until it is."""
    return changing_parts(entry)


@bp.get("/entries/<int:entry_id>/receipt")
@allow(Permission.ENTRY_READ, find=whole_entry)
def receipt(entry: Entry) -> ResponseReturnValue:
    """The receipts of an entry, the newest first, fit to be printed."""
    if not entry.receipts:
        abort(404)
    return render_template("filmmaker/receipt.html", entry=entry)
