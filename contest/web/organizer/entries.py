"""Entries in the office: a list to search, one to read, and decisions about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.entries.actions import decide
from contest.entries.judging import film_findings, running_s
from contest.entries.models import DecisionKind, Entry
from contest.entries.queries import (
    counts_by_country,
    counts_by_stage,
    entry_of_edition,
    list_entries,
)
from contest.letters.queries import letters_about
from contest.logbook import lines_about
from contest.media.models import Master, RenditionKind, Stored
from contest.media.queries import facts_of
from contest.people.queries import names_of
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import ENTRY, EntryStage
from contest.web.drawings.duration_band import duration_band
from contest.web.drawings.film_strip import film_strip
from contest.web.drawings.share_strip import share_strip
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.media_links import link_to
from contest.web.organizer import bp
from contest.web.organizer.forms import DecisionForm
from contest.web.organizer.log_words import act_words
from contest.web.paging import number_asked, words_asked
from contest.web.parts import say
from contest.web.who import me

BULK = 200
"""Entries one press of a button may decide."""

WAITING = (EntryStage.SUBMITTED, EntryStage.ASKED)

FILMS: Mapping[bool | None, str] = {False: "in_order", True: "remarked"}
"""How addresses name what the check of a film came to."""


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to."""

    search: str
    stage: EntryStage | None
    category: str | None
    country: str | None
    remarked: bool | None
    """Films the check found something about, or films in order; None for both."""

    def query(self) -> dict[str, Any]:
        """As an address says them; what is not narrowed is None."""
        return {
            "search": self.search or None,
            "stage": self.stage.value if self.stage else None,
            "category": self.category,
            "country": self.country,
            "film": FILMS.get(self.remarked),
        }

    def address(self, slug: str, **changed: Any) -> str:
        """The list's address with these filters, some of them changed."""
        return url_for("organizer.entries", slug=slug, **(self.query() | changed))


@bp.get("/office/<slug>/entries")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def entries(edition: Edition) -> ResponseReturnValue:
    """The list, fifty at a time."""
    filters = _filters()
    page = list_entries(
        session(),
        edition.id,
        search=filters.search,
        stage=filters.stage,
        category=filters.category,
        country=filters.country,
        remarked=filters.remarked,
        page=number_asked("page", 1),
    )
    return render_template(
        "organizer/entries.html",
        edition=edition,
        page=page,
        filters=filters,
        stages=counts_by_stage(session(), edition.id),
        countries=counts_by_country(session(), edition.id),
        categories={each.key: each.label for each in edition.rules.categories},
        still_link=partial(link_to, media_type="image/jpeg", person_id=me().id),
    )


def _filters() -> Filters:
    asked = request.args
    stage = asked.get("stage", "")
    return Filters(
        search=words_asked("search"),
        stage=EntryStage(stage) if stage in set(EntryStage) else None,
        category=asked.get("category") or None,
        country=asked.get("country") or None,
        remarked={words: each for each, words in FILMS.items()}.get(asked.get("film", "")),
    )


def _entry(session: Session, slug: str, entry_id: int) -> Entry | None:
    edition = edition_by_slug(session, slug)
    return entry_of_edition(session, edition.id, entry_id) if edition else None


@bp.get("/office/<slug>/entries/<int:entry_id>")
@allow(Permission.OFFICE_READ, find=_entry)
def entry(entry: Entry) -> ResponseReturnValue:
    """What was measured beside what was declared, and the decision."""
    return _page(entry, DecisionForm())


@bp.post("/office/<slug>/entries/<int:entry_id>/decision")
@allow(Permission.ENTRY_DECIDE, find=_entry)
def decide_entry(entry: Entry) -> ResponseReturnValue:
    """Decide; the letter to the author is then held in the outbox, to be read and sent."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(entry, form), 422
    try:
        _decide(entry, DecisionKind(form.kind.data), form.reason.data or "")
    except Refused as refused:
        form.reason.errors = [say(refused.sentence)]
        return _page(entry, form), 422
    flash(_("Decided. The letter to its author is held below; read it and send it."))
    slug = entry.edition.slug
    return redirect(url_for("organizer.entry", slug=slug, entry_id=entry.id), 303)


@bp.post("/office/<slug>/entries/accepted")
@allow(Permission.ENTRY_DECIDE, find=edition_by_slug)
def accept_chosen(edition: Edition) -> ResponseReturnValue:
    """Accept every chosen entry that waits for a decision; others stay as they are."""
    accepted = 0
    for entry_id in request.form.getlist("entry", type=int)[:BULK]:
        chosen = entry_of_edition(session(), edition.id, entry_id)
        if chosen is not None and chosen.stage in WAITING:
            _decide(chosen, DecisionKind.ACCEPT, "")
            accepted += 1
    words = ngettext(
        "%(num)s entry accepted; its letter is held in the outbox.",
        "%(num)s entries accepted; their letters are held in the outbox.",
        accepted,
    )
    flash(words)
    return redirect(_filters().address(edition.slug), 303)


def _decide(chosen: Entry, kind: DecisionKind, reason: str) -> None:
    url = house().settings.public_url
    decide(session(), chosen, kind, reason, by=me(), public_url=url, now=now())


def _page(shown: Entry, form: DecisionForm) -> str:
    possible = {event.value for stage, event in ENTRY if stage is shown.stage}
    form.kind.choices = [each for each in form.kind.choices if each.value in possible]
    return render_template(
        "organizer/entry.html",
        entry=shown,
        edition=shown.edition,
        rules=shown.rules,
        form=form,
        letters=letters_about(session(), f"entry:{shown.id}"),
        **_film(shown),
        **_history(shown),
    )


def _film(shown: Entry) -> dict[str, Any]:
    """The newest film: to watch, to fetch as it came, and what was measured of it."""
    master = shown.master
    return {
        "facts": facts_of(master.inspection) if master else None,
        "findings": film_findings(shown),
        "running_s": running_s(shown),
        "still": _shown(shown, RenditionKind.STILL),
        "strip": _shown(shown, RenditionKind.STRIP),
        "film": _shown(shown, RenditionKind.SCREENER),
        "subtitles_link": lambda each: link_to(each.storage_key, "text/vtt", person_id=me().id),
        "original_link": _original_link,
        "credentials_of": lambda each: each.ready(RenditionKind.CREDENTIALS),
        "to_save": _to_save,
        "duration_band": duration_band,
        "film_strip": film_strip,
        "share_strip": share_strip,
    }


def _original_link(master: Master) -> str:
    kind, name = "application/octet-stream", master.file_name
    return link_to(master.storage_key, kind, person_id=me().id, filename=name)


def _to_save(kept: Stored, name: str) -> str:
    return link_to(kept.storage_key, kept.media_type, person_id=me().id, filename=name)


def _history(shown: Entry) -> dict[str, Any]:
    """Every act about the entry with who did it."""
    lines = lines_about(session(), f"entry:{shown.id}")
    who = {each.person_id for each in lines if each.person_id is not None}
    return {"lines": lines, "names": names_of(session(), who), "act_words": act_words}


def _shown(shown: Entry, kind: RenditionKind) -> str | None:
    """A link to a rendition of the newest film, once it is ready."""
    made = shown.master.ready(kind) if shown.master else None
    return link_to(made.storage_key, made.media_type, person_id=me().id) if made else None
