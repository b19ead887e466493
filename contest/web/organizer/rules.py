"""Editing an edition's rules, a section a page; each saved change is a new version."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import available_timezones

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contest.editions.actions import save_rules
from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug, versions_of
from contest.people.queries import names_of
from contest.rulebook.permissions import Permission
from contest.rulebook.rules_reading import RulesRefused, with_measures
from contest.rulebook.rules_sense import Fault
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.organizer import bp
from contest.web.organizer.rules_changes import changes_between
from contest.web.organizer.rules_form import (
    get,
    in_gib,
    is_inside,
    join,
    local,
    marks_in_order,
    rearranged,
    tongues_of,
    typed_into,
)
from contest.web.organizer.rules_gist import gist
from contest.web.organizer.rules_shape import (
    CHOICES,
    SECTIONS,
    Section,
    section_at,
    section_of,
    words_of,
)
from contest.web.parts import say
from contest.web.who import me


@bp.get("/office/<slug>/rules")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def rules(edition: Edition) -> ResponseReturnValue:
    """The sections to edit, and every version there was, with what each changed."""
    versions = versions_of(session(), edition)
    texts = [json.loads(each.text) for each in versions]
    changes = [
        changes_between(old, new) for new, old in zip(texts, [*texts[1:], None], strict=True)
    ]
    return render_template(
        "organizer/rules.html",
        edition=edition,
        sections=SECTIONS,
        versions=list(zip(versions, changes, strict=True)),
        names=names_of(session(), {each.created_by_id for each in versions if each.created_by_id}),
        words_of=words_of,
        gist=gist,
    )


@bp.get("/office/<slug>/rules/<key>")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def rules_section(edition: Edition, key: str) -> ResponseReturnValue:
    """One section, to edit."""
    section = _section(key)
    return _page(edition, section, _document(edition, section), ())


@bp.post("/office/<slug>/rules/<key>")
@allow(Permission.RULES_EDIT, find=edition_by_slug)
def save_section(edition: Edition, key: str) -> ResponseReturnValue:
    """Save a section, or add, move or remove a row of it; nothing typed is lost either way."""
    section = _section(key)
    document = typed_into(_document(edition, section), section, request.form)
    act = request.form.get("act", "save")
    if act != "save":
        opened = rearranged(document, section, act)
        return _page(edition, section, document, (), opened=opened), 422
    if request.form.get("version", type=int) != edition.current.number:
        return _page(edition, section, document, (), overtaken=True), 422
    try:
        version = save_rules(session(), edition, document, by_id=me().id, now=now())
    except RulesRefused as refused:
        return _page(edition, section, document, refused.faults), 422
    flash(_("Saved: the rules in force are version %(number)s.", number=version.number))
    return redirect(url_for("organizer.rules", slug=edition.slug), 303)


def _document(edition: Edition, section: Section) -> dict[str, Any]:
    """What a section's form edits; older versions may not speak of what is measured."""
    document: dict[str, Any] = json.loads(edition.current.text)
    return with_measures(document) if section.key == "measured" else document


def _section(key: str) -> Section:
    return section_of(key) or abort(404)


def _page(
    edition: Edition,
    section: Section,
    document: dict[str, Any],
    faults: tuple[Fault, ...],
    *,
    overtaken: bool = False,
    opened: str | None = None,
) -> str:
    """The section's form; `overtaken` where somebody saved a version while this was typed.

    `opened` is the path of a row that was just added or moved.
    """
    said: dict[str, list[str]] = {}
    for fault in faults:
        said.setdefault(fault.path, []).append(say(fault.message))
    return render_template(
        "organizer/rules_section.html",
        edition=edition,
        section=section,
        document=document,
        overtaken=overtaken,
        opened=opened,
        is_inside=is_inside,
        choice_words=CHOICES,
        faults=said,
        section_at=section_at,
        words_of=words_of,
        get=get,
        join=join,
        in_gib=in_gib,
        local=local,
        marks_in_order=marks_in_order,
        tongues=tongues_of(document),
        zones=sorted(available_timezones()),
    )
