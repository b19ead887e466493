"""The palmarès: pages, feed and bytes of the one snapshot that shows at this instant.

Before its instant each address here answers as if there were nothing, to everyone alike; no
answer carries a date of change or a tag that a stranger could watch.
"""

from __future__ import annotations

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contest.editions.queries import edition_by_slug
from contest.programme.models import Asset, Snapshot
from contest.programme.queries import asset_on_show, on_show
from contest.rulebook.permissions import Permission
from contest.rulebook.rules import canonical
from contest.web.guard import allow
from contest.web.house import now
from contest.web.palmares_page import FilmAddress, PalmaresPage, Sheet, lay_out, make_sheet
from contest.web.public import bp
from contest.web.public.shelf import Shelf
from contest.web.serving import serve

SHELF = Shelf(places=256)
"""Sheets of snapshots, which never change: each is made once for a language and a time zone."""

KEEP = "public, max-age=86400, immutable"
"""An asset never changes; a day is how long a film taken back may linger in caches."""


def _shown(session: Session, slug: str) -> Snapshot | None:
    edition = edition_by_slug(session, slug)
    return on_show(session, edition.id, now()) if edition else None


def _asset(session: Session, token: str) -> Asset | None:
    return asset_on_show(session, token, now())


@bp.get("/editions/<slug>/palmares")
@allow(Permission.PUBLIC_READ, find=_shown)
def palmares(snapshot: Snapshot) -> ResponseReturnValue:
    """Who won, why, and how it was judged."""
    sheet = SHELF.sheet(snapshot, 0, lambda: _palmares_sheet(snapshot))
    return render_template("public/palmares.html", sheet=sheet, preview=False)


@bp.get("/editions/<slug>/palmares/films/<int:number>")
@allow(Permission.PUBLIC_READ, find=_shown)
def film(snapshot: Snapshot, number: int) -> ResponseReturnValue:
    """One awarded film: the film if its author lets it be seen, and how it was made."""
    sheet = SHELF.sheet(snapshot, number, lambda: _film_sheet(snapshot, number))
    back = url_for("public.palmares", slug=sheet.slug)
    return render_template("public/film.html", sheet=sheet, back=back, preview=False)


@bp.get("/editions/<slug>/palmares.json")
@allow(Permission.PUBLIC_READ, find=_shown)
def feed(snapshot: Snapshot) -> ResponseReturnValue:
    """The snapshot itself: the SHA-256 of these bytes is the one the page names."""
    response = Response(canonical(snapshot.document), mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@bp.get("/programme/assets/<token>")
@allow(Permission.PUBLIC_READ, find=_asset, closes_session=True)
def asset(asset: Asset) -> ResponseReturnValue:
    """A still or a film of a palmarès that shows."""
    return serve(asset.storage_key, asset.media_type, KEEP)


def _palmares_sheet(snapshot: Snapshot) -> Sheet:
    page = lay_out(snapshot.document)
    address = _film_address(page)
    return make_sheet("public/palmares_main.html", page, address, sha256=snapshot.sha256)


def _film_sheet(snapshot: Snapshot, number: int) -> Sheet:
    page = lay_out(snapshot.document)
    honours = page.honours_of(number) or abort(404)
    return make_sheet("public/film_main.html", page, _film_address(page), honours)


def _film_address(page: PalmaresPage) -> FilmAddress:
    slug = page.edition["slug"]
    return lambda number: url_for("public.film", slug=slug, number=number)
