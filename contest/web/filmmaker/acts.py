"""Changing an entry: saving its steps, subtitles, and the acts that move it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from contest.entries import actions
from contest.entries.models import Entry
from contest.entries.queries import whole_entry
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.rulebook.subtitles import LARGEST
from contest.web.filmmaker import bp
from contest.web.filmmaker.forms import SubtitlesForm
from contest.web.filmmaker.page import entry_page
from contest.web.filmmaker.sections import SECTIONS, Saved, Typed, field_of, rearrange, save
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.parts import say

KEYS = ", ".join(SECTIONS)


@bp.post(f"/entries/<int:entry_id>/<any({KEYS}):section>")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def save_section(entry: Entry, section: str) -> ResponseReturnValue:
    """Save fields of a step: all of them from a form, those that changed from our own script.

    The script sends `{"revision": n, "fields": {name: {"now": pairs, "was": pairs}}}` and gets the
    new revision, the time, and by input or field what could not be kept.
    """
    if request.is_json:
        typed = _typed_by_script(request.get_json(silent=True))
        if typed is None:
            return jsonify(message=_("This address does not take what was sent to it.")), 422
        return _told(entry, save(session(), entry, section, typed, now=now()))
    act = request.form.get("act", "")
    saved = save(session(), entry, section, _typed_in_form(section), now=now())
    if not saved.whole:
        return entry_page(entry, section=section, saved=saved)
    return _after_form(entry, section, saved, act)


def _after_form(entry: Entry, section: str, saved: Saved, act: str) -> ResponseReturnValue:
    verb, _dash, rows = act.partition("-")
    if verb == "add":
        return _back(entry, section, more=rows)
    if verb in ("up", "down", "remove"):
        rearrange(saved.form, act)
        SECTIONS[section].keep(
            session(), entry, SECTIONS[section].stored(entry) | saved.form.values, now()
        )
        return _back(entry, section)
    flash(_("Saved."))
    return _back(entry)


def _back(entry: Entry, step: str | None = None, more: str | None = None) -> ResponseReturnValue:
    address = url_for("filmmaker.entry", entry_id=entry.id, step=step, more=more, _anchor=step)
    return redirect(address, 303)


def _told(entry: Entry, saved: Saved) -> ResponseReturnValue:
    return jsonify(
        revision=entry.revision,
        saved_at=format_datetime(now(), "HH:mm"),
        wrong=saved.wrong,
        elsewhere=saved.elsewhere,
    )


def _typed_in_form(section: str) -> Typed:
    pairs = list(request.form.items(multi=True))
    fields = frozenset(SECTIONS[section].fields)
    return Typed(request.form.get("revision", -1, int), fields, pairs)


def _typed_by_script(told: Any) -> Typed | None:
    try:
        fields = dict(told["fields"])
        typed = [pair for name, each in fields.items() for pair in _pairs(name, each["now"])]
        before = [pair for name, each in fields.items() for pair in _pairs(name, each["was"])]
        return Typed(int(told["revision"]), frozenset(fields), typed, before)
    except (KeyError, TypeError, ValueError):
        return None


def _pairs(field: str, told: Any) -> list[tuple[str, str]]:
    """Names and values of one field. Raises ValueError for those of another."""
    pairs = [(str(name), str(value)) for name, value in told]
    if any(field_of(name) != field for name, _value in pairs):
        raise ValueError(field)
    return pairs


@bp.post("/entries/<int:entry_id>/subtitles")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def keep_subtitles(entry: Entry) -> ResponseReturnValue:
    """Take a subtitle file in a language; a newer one takes its place."""
    form = SubtitlesForm(request.form | request.files)
    sent = request.files.get("file")
    if not form.language.data or not form.language.validate(form):
        form.language.errors = [_("Choose the language of the subtitles.")]
    elif sent is None or not sent.filename:
        form.file.errors = [_("Choose a subtitle file, .srt or .vtt.")]
    else:
        try:
            actions.keep_subtitles(
                session(),
                house().storage,
                entry,
                language=form.language.data,
                file_name=sent.filename[-255:],
                data=sent.read(LARGEST + 1),
                now=now(),
            )
            return _back(entry, "facts")
        except Refused as refusal:
            form.file.errors = [say(refusal.sentence)]
    return entry_page(entry, section="facts", subtitles=form)


@bp.post("/entries/<int:entry_id>/subtitles/<language>/remove")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def remove_subtitles(entry: Entry, language: str) -> ResponseReturnValue:
    """Let the subtitles in a language go."""
    actions.remove_subtitles(session(), entry, language, now=now())
    return _back(entry, "facts")


@bp.post("/entries/<int:entry_id>/submit")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def submit(entry: Entry) -> ResponseReturnValue:
    """Submit the entry; its receipt follows. What is missing is named on the entry's page."""
    return _submitted(entry, lambda: actions.submit(session(), entry, **_instant_and_place()))


@bp.post("/entries/<int:entry_id>/answer")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def answer(entry: Entry) -> ResponseReturnValue:
    """Answer the organizers' question, and hand the entry back to them."""
    words = request.form.get("answer", "")
    return _submitted(
        entry, lambda: actions.answer(session(), entry, words, **_instant_and_place())
    )


def _submitted(entry: Entry, act: Callable[[], object]) -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        return entry_page(entry, section="submit", refusal=refusal)
    return redirect(url_for("filmmaker.receipt", entry_id=entry.id), 303)


def _instant_and_place() -> dict[str, Any]:
    return {"public_url": house().settings.public_url, "now": now()}


@bp.post("/entries/<int:entry_id>/return")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def return_to_draft(entry: Entry) -> ResponseReturnValue:
    """Open a submitted entry for changes."""
    actions.return_to_draft(session(), entry, now=now())
    flash(_("This entry is a draft again. Submit it once more before the call closes."))
    return _back(entry)


@bp.post("/entries/<int:entry_id>/withdraw")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def withdraw(entry: Entry) -> ResponseReturnValue:
    """Take the entry out of the competition."""
    actions.withdraw(session(), entry, now=now())
    flash(_("This entry is withdrawn."))
    return _back(entry)


@bp.post("/entries/<int:entry_id>/reopen")
@allow(Permission.ENTRY_EDIT, find=whole_entry)
def reopen(entry: Entry) -> ResponseReturnValue:
    """Make a withdrawn entry a draft again."""
    actions.reopen(session(), entry, now=now())
    return _back(entry)
