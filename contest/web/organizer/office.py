"""The office's first pages: which editions, what needs a decision today, the logbook."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contest.awards.counts import funnel
from contest.editions.actions import create_edition, list_call
from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug, organized_editions, preset, presets
from contest.entries.queries import counts_by_country
from contest.jury.queries.office import rounds_of
from contest.logbook import lines_of
from contest.people.actions import appoint
from contest.people.models import Role
from contest.people.queries import names_of
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.rulebook.rules_reading import RulesRefused
from contest.web.choices import offered
from contest.web.drawings import award_funnel
from contest.web.drawings.entries_by_country import countries_shown
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.organizer import bp
from contest.web.organizer.agenda import agenda_of, running_rounds
from contest.web.organizer.forms import NewEditionForm
from contest.web.organizer.log_words import about_link, act_words
from contest.web.paging import MOST, number_asked
from contest.web.parts import say, texts
from contest.web.tongues import language
from contest.web.who import me, visitor

LOG_PAGE = 50
DATES = ("opens_at", "closes_at", "announces_at")


@bp.get("/office")
@allow(Permission.OFFICE_OPEN)
def offices() -> ResponseReturnValue:
    """The editions one organizes."""
    ids = None if visitor().is_administrator else visitor().organizes
    return render_template("organizer/offices.html", editions=organized_editions(session(), ids))


@bp.get("/office/new")
@allow(Permission.EDITION_CREATE)
def new_edition() -> ResponseReturnValue:
    """The few things a preset can't know."""
    return render_template("organizer/new.html", form=_filled(NewEditionForm()))


@bp.post("/office/new")
@allow(Permission.EDITION_CREATE)
def make_edition() -> ResponseReturnValue:
    """Make an edition from a preset; whoever makes it organizes it."""
    form = _filled(NewEditionForm())
    if form.validate_on_submit():
        edition = _made(form)
        if edition is not None:
            return redirect(url_for("organizer.office", slug=edition.slug), 303)
    return render_template("organizer/new.html", form=form), 422


@bp.get("/office/<slug>")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def office(edition: Edition) -> ResponseReturnValue:
    """What needs a decision today, then how far the films have come and from where."""
    rounds = rounds_of(session(), edition)
    running = running_rounds(session(), rounds, now())
    steps = funnel(session(), edition.id, [each.round for each in rounds if each.round])
    return render_template(
        "organizer/today.html",
        edition=edition,
        tasks=agenda_of(session(), edition, rounds, running, now()),
        running=running,
        steps=steps,
        funnel_standing=award_funnel.standing(steps),
        funnel_lying=award_funnel.lying(steps),
        countries=countries_shown(counts_by_country(session(), edition.id)),
    )


@bp.post("/office/<slug>/list")
@allow(Permission.RULES_EDIT, find=edition_by_slug)
def open_call(edition: Edition) -> ResponseReturnValue:
    """Show the call to everyone."""
    list_call(session(), edition, by_id=me().id, now=now())
    return redirect(url_for("organizer.office", slug=edition.slug), 303)


@bp.get("/office/<slug>/logbook")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def logbook(edition: Edition) -> ResponseReturnValue:
    """Who did what, newest first."""
    before = number_asked("before", MOST)
    lines = lines_of(session(), edition.id, before=before, limit=LOG_PAGE + 1)
    more = lines[LOG_PAGE - 1].id if len(lines) > LOG_PAGE else None
    shown = lines[:LOG_PAGE]
    return render_template(
        "organizer/logbook.html",
        edition=edition,
        lines=shown,
        more=more,
        names=names_of(session(), {each.person_id for each in shown if each.person_id}),
        act_words=act_words,
        about_link=about_link,
    )


def _filled(form: NewEditionForm) -> NewEditionForm:
    form.preset.choices = offered(
        (each.key, texts(each.document["texts"]["title"])) for each in presets()
    )
    form.time_zone.choices = offered((zone, zone) for zone in sorted(available_timezones()))
    if request.method == "GET":
        form.time_zone.data = me().time_zone
        suggested = presets()[0].document["calendar"]
        for name in DATES:
            form[name].data = datetime.fromisoformat(suggested[name])
    return form


def _made(form: NewEditionForm) -> Edition | None:
    """The edition, or None with each fault said at its field."""
    chosen = preset(form.preset.data)
    if chosen is None:
        return None
    document = _document(form, chosen.document)
    try:
        made = create_edition(session(), form.slug.data, document, by_id=me().id, now=now())
    except RulesRefused as refused:
        for fault in refused.faults:
            named = fault.path.rpartition(".")[2]
            at = form[named if named in form else "preset"]
            at.errors = [*at.errors, say(fault.message)]
        return None
    except Refused as refused:
        form.slug.errors = [say(refused.sentence)]
        return None
    appoint(session(), me(), made.id, Role.ORGANIZER, by_id=me().id, now=now())
    return made


def _document(form: NewEditionForm, preset_: dict[str, Any]) -> dict[str, Any]:
    """The preset's document with what was typed: a title in the reader's language, the dates."""
    languages = preset_["languages"]
    tongue = language() if language() in languages else languages[0]
    dates = {name: form[name].data.isoformat(timespec="seconds") for name in DATES}
    return preset_ | {
        "languages": [tongue, *(each for each in languages if each != tongue)],
        "texts": preset_["texts"] | {"title": {tongue: form.title.data}},
        "calendar": {"time_zone": form.time_zone.data, **dates},
    }
