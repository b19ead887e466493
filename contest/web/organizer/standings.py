"""A closed round: its frozen standings, the films that go on, and the table to recount it from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from itertools import groupby

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from contest.jury.actions.verdict import advance_films
from contest.jury.models import Round, Standing
from contest.jury.queries.bundle import bundle_of
from contest.jury.queries.counting import (
    Placed,
    advanced_ids,
    cut_of,
    names_of_seats,
    places_of,
    scores_of,
    standings_of,
    unranked_of,
)
from contest.jury.queries.office import round_by_key, rounds_of
from contest.logbook import log
from contest.rulebook.jury_told import FilmTold, JuryTold, SeatTold
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.rulebook.rules import RoundRules
from contest.rulebook.stages import RoundStage
from contest.rulebook.verdict import ON_THE_MARKS_SCALE
from contest.web.drawings.standings import Mark, Scale, Span, leaning, standing_mark
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.organizer import bp
from contest.web.paging import number_asked
from contest.web.who import me

PAGE = 50


def _closed(session: Session, slug: str, key: str) -> Round | None:
    found = round_by_key(session, slug, key)
    return found if found is not None and found.stage is RoundStage.CLOSED else None


@bp.post("/office/<slug>/rounds/<key>/advance")
@allow(Permission.ROUND_RUN, find=_closed)
def send_films_on(closed: Round) -> ResponseReturnValue:
    """Say which films go on; where a tie runs across the cut the organizer has chosen."""
    chosen = request.form.getlist("entry", type=int) if "chosen" in request.form else None
    try:
        films = advance_films(session(), closed, chosen, by_id=me().id, now=now())
    except Refused as refusal:
        session().rollback()
        return standings_page(closed, refusal), 422
    flash(ngettext("%(num)s film goes on.", "%(num)s films go on.", len(films)))
    return redirect(url_for("organizer.round_", slug=closed.edition.slug, key=closed.key), 303)


@bp.get("/office/<slug>/rounds/<key>/scores.csv")
@allow(Permission.ROUND_RUN, find=_closed, closes_session=True)
def scores(closed: Round) -> ResponseReturnValue:
    """Every mark that counted, for `contest rank`; who reads single marks is logged."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["judge", "item", "criterion", "score"])
    with house().database.transaction() as own:
        found = own.get_one(Round, closed.id)
        writer.writerows(scores_of(own, found))
        _note_reading(own, found)
    response = Response(table.getvalue(), mimetype="text/csv")
    name = f"scores-{closed.key}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/office/<slug>/rounds/<key>/bundle.json")
@allow(Permission.ROUND_RUN, find=_closed, closes_session=True)
def bundle(closed: Round) -> ResponseReturnValue:
    """All that `contest recompute` needs; who reads single ballots is logged."""
    with house().database.transaction() as own:
        found = own.get_one(Round, closed.id)
        told = bundle_of(own, found)
        _note_reading(own, found)
        name = f"{found.edition.slug}-{found.key}.json"
    response = Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _note_reading(own: Session, found: Round) -> None:
    log(
        own,
        "round.scores_read",
        found.about,
        now=now(),
        person_id=me().id,
        edition_id=found.edition_id,
    )


def standings_page(closed: Round, refusal: Refused | None = None) -> str:
    """The standings from the top, a page of films at a time, and what is still to be decided."""
    ranked = places_of(session(), closed)
    told = JuryTold.from_json(closed.jury) if closed.jury and _on_the_scale(closed) else None
    scale = _scale(closed, ranked, told)
    cut = cut_of(ranked, closed.rules.advances)
    pages = max(1, -(-len(ranked) // PAGE))
    page = min(number_asked("page", 1), pages)
    shown = ranked[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "organizer/jury/closed.html",
        edition=closed.edition,
        round=closed,
        ranked=ranked,
        places=_places(_full(closed, shown), scale, told),
        told=told,
        seats=_seats(closed, told),
        scale=scale,
        unranked=unranked_of(session(), closed),
        cut=cut,
        contested=_full(closed, cut.contested),
        went_on=advanced_ids(session(), closed),
        following=_following(closed),
        recount=recount(closed),
        page=page,
        pages=pages,
        refusal=refusal,
    )


def recount(closed: Round) -> str:
    """The command that makes the same places of the table of scores."""
    method = closed.method or {}
    weights = ",".join(f"{key}={weight}" for key, weight in method.get("weights", {}).items())
    words = [f"contest rank scores-{closed.key}.csv --method {method.get('method')}"]
    words += [f"--weights {weights}", f"--quorum {method.get('quorum')}"]
    if method.get("precision") is not None:
        words.append(f"--precision {method['precision']}")
    if method.get("tie_chain"):
        words.append(f"--ties {','.join(method['tie_chain'])}")
    return " ".join(words)


def _on_the_scale(closed: Round) -> bool:
    return (closed.method or {}).get("method") in ON_THE_MARKS_SCALE


def _scale(closed: Round, ranked: Sequence[Placed], told: JuryTold | None) -> Scale:
    """Wide enough for every interval, but no wider than the marks."""
    scores = [float(each.score) for each in ranked]
    if told is None or told.lowest is None or told.highest is None:
        return Scale.of(scores)
    lowest, highest = closed.rules.scale_min, closed.rules.scale_max
    return Scale.of([*scores, max(lowest, told.lowest), min(highest, told.highest)])


def _places(
    ranked: Sequence[Standing], scale: Scale, told: JuryTold | None
) -> list[dict[str, object]]:
    """Films that share a place on one line, with their one dot."""
    found = []
    cut = told.cut if told else None
    band = Span(cut.low, cut.high) if cut and cut.low is not None and cut.high is not None else None
    for place, group in groupby(ranked, key=lambda each: each.place or 0):
        films = list(group)
        score = films[0].score or "0"
        models = [FilmTold.from_json(each.model) if each.model else None for each in films]
        mark = _mark(float(score), models[0] if told else None)
        found.append(
            {
                "place": place,
                "films": list(zip(films, models, strict=True)),
                "score": score,
                "drawn": standing_mark(place, mark, scale, band),
            }
        )
    return found


def _seats(closed: Round, told: JuryTold | None) -> list[dict[str, object]]:
    """The jurors by their seats, with what the closing told of each."""
    if told is None:
        return []
    names = names_of_seats(session(), closed)
    widest = max((max(abs(each.low), abs(each.high)) for each in told.seats), default=0) or 1
    return [
        {
            "told": each,
            "name": names.get(int(each.seat), ""),
            "drawn": _leaning(each, widest),
        }
        for each in told.seats
    ]


def _leaning(told: SeatTold, widest: float) -> Markup | None:
    if told.severity is None:
        return None
    return leaning(int(told.seat), told.severity, Span(told.low, told.high), widest)


def _mark(score: float, model: FilmTold | None) -> Mark:
    if model is None or model.low is None or model.high is None or model.corrected is None:
        return Mark(score)
    others = [each for each in (model.raw, model.corrected) if each is not None]
    farthest = max(others, key=lambda each: abs(each - score))
    return Mark(score, farthest, Span(model.low, model.high))


def _full(closed: Round, placed: Sequence[Placed]) -> Sequence[Standing]:
    return standings_of(session(), closed, [each.entry_id for each in placed])


def _following(closed: Round) -> RoundRules | None:
    """The round after this one, while it waits for its films."""
    lines = rounds_of(session(), closed.edition)
    at = next(index for index, each in enumerate(lines) if each.key == closed.key)
    after = lines[at + 1] if at + 1 < len(lines) else None
    return after.rules if after is not None and after.stage is RoundStage.PLANNED else None
