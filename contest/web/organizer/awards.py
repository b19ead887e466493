"""The office's table of prizes: what the standings propose, what is conferred, what is lacking."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contest.awards.actions import cite, confer, confer_proposed, take_back
from contest.awards.cards import rendition
from contest.awards.composition import compose
from contest.awards.models import Conferral
from contest.awards.queries import bench, conferral_of, prizes, shortcomings
from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.entries.models import Entry
from contest.entries.queries import entry_by_number
from contest.media.models import RenditionKind
from contest.programme.actions import unchanged
from contest.programme.queries import latest
from contest.rulebook.findings import blocks
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.media_links import link_to
from contest.web.organizer import bp
from contest.web.organizer.award_forms import CiteForm, ConferForm
from contest.web.tongues import language
from contest.web.who import me


@bp.get("/office/<slug>/awards")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def awards(edition: Edition) -> ResponseReturnValue:
    """The slate, prize by prize."""
    return _table(edition)


@bp.post("/office/<slug>/awards/proposed")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def confer_all_proposed(edition: Edition) -> ResponseReturnValue:
    """Give every open place the film the standings alone decide."""
    given = confer_proposed(session(), edition, person_id=me().id, now=now())
    flash(ngettext("%(num)s prize conferred.", "%(num)s prizes conferred.", len(given)))
    return redirect(url_for("organizer.awards", slug=edition.slug), 303)


@bp.post("/office/<slug>/awards/<key>/films")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def confer_prize(edition: Edition, key: str) -> ResponseReturnValue:
    """Give a prize to a film; what forbids it is said at the prize."""
    form = ConferForm()
    if not form.validate_on_submit():
        return _table(edition, key, form.errors), 422
    entry = entry_by_number(session(), edition.id, form.entry.data) or abort(404)
    try:
        confer(
            session(),
            edition,
            key,
            entry,
            citation=form.citation.data,
            reason=form.reason.data,
            person_id=me().id,
            now=now(),
        )
    except Refused as refusal:
        return _table(edition, key, refusal=refusal), 422
    return _back(edition, key)


@bp.post("/office/<slug>/awards/<key>/films/<int:number>/citation")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def cite_prize(edition: Edition, key: str, number: int) -> ResponseReturnValue:
    """Write why a film won."""
    form, conferral = CiteForm(), _conferral(edition, key, number)
    if not form.validate_on_submit():
        return _table(edition, key, form.errors), 422
    try:
        cite(
            session(),
            conferral,
            citation=form.citation.data,
            reason=form.reason.data,
            person_id=me().id,
            now=now(),
        )
    except Refused as refusal:
        return _table(edition, key, refusal=refusal), 422
    flash(_("The citation is kept."))
    return _back(edition, key)


@bp.post("/office/<slug>/awards/<key>/films/<int:number>/take-back")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def take_back_prize(edition: Edition, key: str, number: int) -> ResponseReturnValue:
    """Take a prize back."""
    take_back(session(), _conferral(edition, key, number), person_id=me().id, now=now())
    return _back(edition, key)


def _table(
    edition: Edition,
    key: str | None = None,
    errors: dict[str, list[str]] | None = None,
    refusal: Refused | None = None,
) -> str:
    """The page; `errors` and `refusal` belong to the prize called `key`."""
    seen = bench(session(), edition)
    findings = shortcomings(seen, language()) if seen.round else []
    snapshot = latest(session(), edition.id)
    return render_template(
        "organizer/awards/table.html",
        edition=edition,
        seen=seen,
        prizes=prizes(seen, findings) if seen.round else [],
        findings=findings,
        slate=seen.slate.awards,
        ready=bool(seen.round) and not blocks(findings),
        snapshot=snapshot,
        differs=bool(seen.round) and not unchanged(snapshot, compose(session(), seen)),
        wrong_at=key,
        errors=[each for told in (errors or {}).values() for each in told],
        refusal=refusal,
        typed=request.form,
        still_of=_still,
    )


def _still(entry: Entry) -> str | None:
    """A link to the film's still, for this organizer."""
    still = rendition(entry, RenditionKind.STILL)
    return link_to(still.storage_key, still.media_type, person_id=me().id) if still else None


def _conferral(edition: Edition, key: str, number: int) -> Conferral:
    return conferral_of(session(), edition, key, number) or abort(404)


def _back(edition: Edition, key: str) -> ResponseReturnValue:
    return redirect(url_for("organizer.awards", slug=edition.slug, _anchor=f"prize-{key}"), 303)
