"""The outbox: letters as they will be read, to be changed, sent or not."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.letters.actions import discard, let_go, reword
from contest.letters.models import Letter, LetterState
from contest.letters.queries import PAGE, counts_by_state, held_letters, letter_of, letters_of
from contest.logbook import log
from contest.rulebook.permissions import Permission
from contest.web.guard import allow, session
from contest.web.house import now
from contest.web.organizer import bp
from contest.web.organizer.forms import LetterForm
from contest.web.paging import number_asked
from contest.web.who import me

LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A letter carries its own styles, as letters must; alone in its frame it can do nothing else."""

_DONE = {
    LetterState.HELD: _l("The new words are kept; the letter is still held."),
    LetterState.QUEUED: _l("The letter is on its way."),
    LetterState.DISCARDED: _l("The letter will not be sent."),
}


@bp.get("/office/<slug>/letters")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def letters(edition: Edition) -> ResponseReturnValue:
    """The outbox, newest first."""
    asked, page = request.args.get("state", ""), number_asked("page", 1)
    state = LetterState(asked) if asked in set(LetterState) else None
    found = letters_of(session(), edition.id, state, page=page)
    return render_template(
        "organizer/letters.html",
        edition=edition,
        letters=found[:PAGE],
        more=len(found) > PAGE,
        page=page,
        state=state,
        counts=counts_by_state(session(), edition.id),
    )


def _letter(session: Session, slug: str, letter_id: int) -> Letter | None:
    edition = edition_by_slug(session, slug)
    return letter_of(session, edition.id, letter_id) if edition else None


@bp.get("/office/<slug>/letters/<int:letter_id>")
@allow(Permission.OFFICE_READ, find=_letter)
def letter(letter: Letter) -> ResponseReturnValue:
    """One letter, to read and, while it is held, to change."""
    return _page(letter, LetterForm(obj=letter))


@bp.get("/office/<slug>/letters/<int:letter_id>/html")
@allow(Permission.OFFICE_READ, find=_letter)
def letter_html(letter: Letter) -> ResponseReturnValue:
    """The letter as a mail reader shows it."""
    response = Response(letter.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


@bp.post("/office/<slug>/letters/<int:letter_id>")
@allow(Permission.LETTER_SEND, find=_letter)
def act_on_letter(letter: Letter) -> ResponseReturnValue:
    """Keep new words, send with them or as it stands, or decide not to."""
    act, form, before = request.form.get("act"), LetterForm(), letter.state
    if act in ("keep", "send") and before is LetterState.HELD:
        if not form.validate_on_submit():
            return _page(letter, form), 422
        reword(letter, subject=form.subject.data, text=form.text.data)
    if act in ("send", "send_unchanged"):
        let_go(session(), letter)
    elif act == "discard":
        discard(letter)
    if letter.state is not before or act == "keep":
        _note(letter, f"letter.{letter.state.value}")
        flash(str(_DONE[letter.state]))
    return redirect(_after(letter, act), 303)


@bp.post("/office/<slug>/letters/held")
@allow(Permission.LETTER_SEND, find=edition_by_slug)
def send_held(edition: Edition) -> ResponseReturnValue:
    """Send every held letter of the edition."""
    held = held_letters(session(), edition.id)
    for each in held:
        let_go(session(), each)
    if held:
        log(
            session(),
            "letters.queued",
            f"edition:{edition.id}",
            now=now(),
            person_id=me().id,
            edition_id=edition.id,
            letters=[each.id for each in held],
        )
    words = ngettext(
        "%(num)s letter is on its way.", "%(num)s letters are on their way.", len(held)
    )
    flash(words)
    return redirect(url_for("organizer.letters", slug=edition.slug), 303)


def _page(shown: Letter, form: LetterForm) -> str:
    slug = _slug(shown)
    return render_template(
        "organizer/letter.html", letter=shown, form=form, edition=edition_by_slug(session(), slug)
    )


def _after(letter: Letter, act: str | None) -> str:
    """Back to where the button was pressed."""
    slug = _slug(letter)
    kind, _colon, number = letter.about.partition(":")
    if act == "keep":
        return url_for("organizer.letter", slug=slug, letter_id=letter.id)
    if act == "send_unchanged" and kind == "entry":
        return url_for("organizer.entry", slug=slug, entry_id=int(number))
    return url_for("organizer.letters", slug=slug)


def _slug(shown: Letter) -> str:
    edition = session().get(Edition, shown.edition_id)
    return edition.slug if edition else ""


def _note(about: Letter, act: str) -> None:
    name, edition_id = f"letter:{about.id}", about.edition_id
    log(session(), act, name, now=now(), person_id=me().id, edition_id=edition_id)
