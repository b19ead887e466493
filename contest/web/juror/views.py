"""What a juror looks at: the queue of films, and one film with its score sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from contest.jury.queries import blind
from contest.jury.queries.blind import Booth
from contest.rulebook.permissions import Permission
from contest.rulebook.stages import NOT_NOW, NotNow, RoundStage, ScreeningStage
from contest.web.guard import allow, session
from contest.web.juror import bp
from contest.web.juror.forms import NoteForm
from contest.web.media_links import link_to
from contest.web.who import me


@bp.get("/jury")
@allow(Permission.JURY_DESK)
def desk() -> ResponseReturnValue:
    """Tonight's queue, round by round."""
    queues = blind.desk(session(), me().id)
    return render_template(
        "juror/desk.html",
        open=[each for each in queues if each.stage is RoundStage.OPEN],
        closed=[each for each in queues if each.stage is RoundStage.CLOSED],
        stages=ScreeningStage,
    )


@bp.get("/jury/screenings/<int:screening_id>")
@allow(Permission.SCREENING_READ, find=blind.screening_of)
def screening(booth: Booth) -> ResponseReturnValue:
    """The screening room, or the sentence that says why there is nothing to see."""
    return room(booth)


def room(
    booth: Booth,
    *,
    marks: Mapping[str, Any] | None = None,
    wrong: Mapping[str, str] | None = None,
    form: NoteForm | None = None,
) -> str:
    """The screening room; `marks` and `wrong` show a sheet again that could not be signed.

    `wrong` holds what is to be said at each criterion. Refused where the round is not open: its
    films are shown to nobody then, whatever they sent.
    """
    if booth.round_stage is not RoundStage.OPEN:
        raise NotNow(NOT_NOW[booth.round_stage])
    film, mine = booth.film, me().id
    return render_template(
        "juror/screening.html",
        booth=booth,
        film=film,
        queue=blind.queue_of(session(), mine, booth.round_id),
        marks=booth.marks if marks is None else marks,
        wrong=wrong or {},
        form=form or NoteForm(formdata=None),
        stages=ScreeningStage,
        video=link_to(film.screener.storage_key, film.screener.media_type, person_id=mine)
        if film.screener
        else None,
        light=link_to(film.light.storage_key, film.light.media_type, person_id=mine)
        if film.light
        else None,
        tracks=[
            (language, link_to(key, "text/vtt", person_id=mine)) for language, key in film.subtitles
        ],
    )
