"""The one page of an entry, and the parts of it that change while its author works."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from contest.entries.film import open_uploads, was_thrown_away
from contest.entries.models import Entry, Subtitles
from contest.machines.storage import OutOfReach
from contest.media.actions import NOT_AS_ANNOUNCED, parts_there
from contest.media.models import Stored, Upload, UploadPart
from contest.rulebook.refusal import Refused
from contest.web.drawings.duration_band import duration_band
from contest.web.drawings.film_strip import film_strip
from contest.web.drawings.share_strip import share_strip
from contest.web.filmmaker.checklist import STEPS, Checklist, checklist
from contest.web.filmmaker.forms import StepForm, SubtitlesForm
from contest.web.filmmaker.said import verdict_title
from contest.web.filmmaker.sections import SECTIONS, Saved, shown
from contest.web.filmmaker.status import status_meaning, status_words
from contest.web.house import house, now
from contest.web.media_links import link_to
from contest.web.parts import say

LISTS = {"credits": "people", "making": "tools"}
"""Steps that hold a list of rows; there is always one row to begin with."""
STEP_TEMPLATES = {
    "facts": "filmmaker/steps/facts.html",
    "credits": "filmmaker/steps/credits.html",
    "making": "filmmaker/steps/making.html",
    "film": "filmmaker/steps/film.html",
    "rights": "filmmaker/steps/rights.html",
    "submit": "filmmaker/steps/submit.html",
}


def entry_page(
    entry: Entry,
    *,
    section: str = "",
    saved: Saved | None = None,
    refusal: Refused | None = None,
    subtitles: SubtitlesForm | None = None,
) -> ResponseReturnValue:
    """The entry as it stands; with what was typed, and 422, where something is in the way."""
    page = checklist(entry, now())
    forms = {key: shown(entry, key) for key in SECTIONS} if page.is_editable else {}
    if saved is not None:
        forms[section] = saved.form
    for key, name in LISTS.items():
        _one_row_at_least(forms.get(key), name)
    asked = request.args.get("step", "")
    upload = next(iter(open_uploads(entry)), None)
    html = render_template(
        "filmmaker/entry.html",
        **_shared(page),
        open_step=section or (asked if asked in STEPS else page.next_step),
        forms=forms,
        upload=upload,
        upload_parts=_parts_of(upload),
        upload_refused=say(NOT_AS_ANNOUNCED) if was_thrown_away(entry) else "",
        elsewhere=saved.elsewhere if saved else {},
        refusal=refusal,
        subtitles_form=subtitles or SubtitlesForm(),
    )
    fine = refusal is None and saved is None and subtitles is None
    return html, 200 if fine else 422


def _parts_of(upload: Upload | None) -> list[UploadPart]:
    """What came of it; nothing where that can't be asked now: sending will ask again."""
    try:
        return parts_there(house().storage, upload) if upload else []
    except OutOfReach:
        return []


def changing_parts(entry: Entry) -> str:
    """The parts of the page that the house knows more about than its author, as a fragment."""
    return render_template("filmmaker/changing.html", **_shared(checklist(entry, now())))


def _shared(page: Checklist) -> dict[str, Any]:
    return {
        "page": page,
        "entry": page.entry,
        "rules": page.rules,
        "severities": {each.about: each.severity for each in page.findings},
        "step_templates": STEP_TEMPLATES,
        "status_words": status_words,
        "status_meaning": status_meaning,
        "verdict_title": verdict_title(page.findings),
        "duration_band": duration_band,
        "film_strip": film_strip,
        "share_strip": share_strip,
        "shown_to_author": lambda thing: _address(page.entry, thing),
        "saved_by_author": lambda thing, name: _address(page.entry, thing, name),
    }


def _address(entry: Entry, thing: Stored | Subtitles, filename: str | None = None) -> str:
    """Where the author alone may fetch something stored of their film, or save it as a file."""
    media_type = "text/vtt" if isinstance(thing, Subtitles) else thing.media_type
    return link_to(thing.storage_key, media_type, person_id=entry.person_id, filename=filename)


def _one_row_at_least(form: StepForm | None, name: str) -> None:
    if form is not None and (not form[name].entries or request.args.get("more") == name):
        form[name].append_entry()
        if name == "tools":
            form[name].entries[-1].form.stage.choices = form.stages
