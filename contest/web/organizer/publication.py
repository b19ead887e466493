"""From the table of prizes to the public: a preview, a page that says what will happen, the act."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contest.awards.actions import publish
from contest.awards.composition import compose
from contest.awards.queries import bench, shortcomings
from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.programme.actions import Palmares, unchanged
from contest.programme.models import Snapshot
from contest.programme.queries import latest
from contest.rulebook.embargo import may_show
from contest.rulebook.findings import blocks
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.media_links import link_to
from contest.web.organizer import bp
from contest.web.palmares_page import FilmAddress, PalmaresPage, Sheet, lay_out, make_sheet
from contest.web.tongues import language
from contest.web.who import me


@bp.get("/office/<slug>/awards/preview")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def preview(edition: Edition) -> ResponseReturnValue:
    """The palmarès exactly as the public will see it, for its organizers alone."""
    sheet = make_sheet("public/palmares_main.html", _preview(edition), _film_address(edition))
    return _shown("public/palmares.html", edition, sheet)


@bp.get("/office/<slug>/awards/preview/films/<int:number>")
@allow(Permission.AWARD_CONFER, find=edition_by_slug)
def preview_film(edition: Edition, number: int) -> ResponseReturnValue:
    """The page of one awarded film, as the public will see it."""
    page = _preview(edition)
    honours = page.honours_of(number) or abort(404)
    sheet = make_sheet("public/film_main.html", page, _film_address(edition), honours)
    return _shown("public/film.html", edition, sheet)


@bp.get("/office/<slug>/awards/publish")
@allow(Permission.PALMARES_PUBLISH, find=edition_by_slug)
def confirm_publication(edition: Edition) -> ResponseReturnValue:
    """What publication will do, and when; with what is lacking, if anything is."""
    return _confirmation(edition)


@bp.post("/office/<slug>/awards/publish")
@allow(Permission.PALMARES_PUBLISH, find=edition_by_slug)
def publish_palmares(edition: Edition) -> ResponseReturnValue:
    """The one act that makes the palmarès public at its instant."""
    correction = request.form.get("correction", "")
    try:
        snapshot = publish(session(), edition, correction=correction, person_id=me().id, now=now())
    except Refused as refusal:
        return _confirmation(edition, refusal, correction), 422
    flash(_published(snapshot))
    return redirect(url_for("organizer.awards", slug=edition.slug), 303)


def _preview(edition: Edition) -> PalmaresPage:
    palmares = compose(session(), bench(session(), edition))
    links = {
        name: link_to(each.storage_key, each.media_type, person_id=me().id)
        for name, each in palmares.assets.items()
    }
    return lay_out(palmares.addressed(links))


def _film_address(edition: Edition) -> FilmAddress:
    return lambda number: url_for("organizer.preview_film", slug=edition.slug, number=number)


def _shown(template: str, edition: Edition, sheet: Sheet) -> str:
    return render_template(
        template,
        sheet=sheet,
        preview=True,
        announced_at=edition.rules.calendar.announces_at,
        office=url_for("organizer.awards", slug=edition.slug),
        back=url_for("organizer.preview", slug=edition.slug),
    )


def _confirmation(edition: Edition, refusal: Refused | None = None, correction: str = "") -> str:
    seen = bench(session(), edition)
    findings = shortcomings(seen, language())
    palmares = compose(session(), seen) if seen.round else None
    before = latest(session(), edition.id)
    instant = edition.rules.calendar.announces_at
    return render_template(
        "organizer/awards/publish.html",
        edition=edition,
        findings=findings,
        slate=seen.slate.awards,
        ready=palmares is not None and not blocks(findings),
        before=before,
        unchanged=palmares is not None and unchanged(before, palmares),
        at_once=may_show(instant, now()),
        instant=instant,
        counts=_counts(palmares),
        refusal=refusal,
        correction=correction,
    )


def _counts(palmares: Palmares | None) -> dict[str, int]:
    """Prizes, films and films that will play."""
    if palmares is None:
        return {"prizes": 0, "films": 0, "play": 0}
    films = palmares.content["films"]
    return {
        "prizes": sum(len(each["films"]) for each in palmares.content["awards"]),
        "films": len(films),
        "play": sum(1 for each in films if each["film"]),
    }


def _published(snapshot: Snapshot) -> str:
    if may_show(snapshot.visible_from, now()):
        return str(_("Published: everyone can read the palmarès now."))
    return str(_("Published: it will show to everyone at the announced instant, and not before."))
