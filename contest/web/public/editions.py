"""Calls and rules: what anyone may read before there is a palmarès."""

from __future__ import annotations

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from contest.editions.models import Edition, RulesVersion
from contest.editions.queries import edition_by_slug, listed_editions, moved_closings
from contest.programme.queries import all_on_show, on_show
from contest.rulebook.embargo import CallPhase, call_phase, may_show
from contest.rulebook.permissions import Permission
from contest.web.drawings.calendar_line import calendar_line
from contest.web.drawings.rule_scales import length_band, share_bar
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.palmares_page import lay_out
from contest.web.plain_rules import plain_rules
from contest.web.public import bp


@bp.get("/")
@allow(Permission.PUBLIC_READ)
def home() -> ResponseReturnValue:
    """What is open, what is being judged, and what was decided."""
    shown = {each.edition_id: each for each in all_on_show(session(), now())}
    calls = [each for each in listed_editions(session()) if each.id not in shown]
    by_phase = {
        phase: [each for each in calls if call_phase(each.rules.calendar, now()) is phase]
        for phase in CallPhase
    }
    return render_template(
        "public/home.html",
        open_calls=by_phase[CallPhase.OPEN],
        coming=by_phase[CallPhase.BEFORE],
        judged=by_phase[CallPhase.CLOSED],
        palmares=[lay_out(each.document) for each in shown.values()],
        calendar_line=calendar_line,
        due=_due,
    )


@bp.get("/editions/<slug>")
@allow(Permission.EDITION_READ, find=edition_by_slug)
def call(edition: Edition) -> ResponseReturnValue:
    """The call: what is asked, until when, and the one button."""
    calendar = edition.rules.calendar
    return render_template(
        "public/call.html",
        edition=edition,
        rules=edition.rules,
        plain=plain_rules(edition.rules),
        phase=call_phase(calendar, now()).value,
        shown=on_show(session(), edition.id, now()) is not None,
        moved=moved_closings(edition),
        calendar_line=calendar_line,
        due=_due(edition),
        length_band=length_band,
        share_bar=share_bar,
    )


@bp.get("/editions/<slug>/rules/<int:number>")
@allow(Permission.EDITION_READ, find=edition_by_slug)
def rules(edition: Edition, number: int) -> ResponseReturnValue:
    """One version of the rules in plain words, for whoever entered under it."""
    version = _version(edition, number)
    return render_template(
        "public/rules.html", edition=edition, version=version, plain=plain_rules(version.rules)
    )


@bp.get("/editions/<slug>/rules/<int:number>.json")
@allow(Permission.EDITION_READ, find=edition_by_slug)
def rules_text(edition: Edition, number: int) -> ResponseReturnValue:
    """The exact text of a version: the SHA-256 of these bytes is its hash."""
    version = _version(edition, number)
    return Response(version.text, mimetype="application/json")


def _due(edition: Edition) -> bool:
    """Whether the announced instant has passed, with or without a palmarès."""
    return may_show(edition.rules.calendar.announces_at, now())


def _version(edition: Edition, number: int) -> RulesVersion:
    return next((each for each in edition.versions if each.number == number), None) or abort(404)
