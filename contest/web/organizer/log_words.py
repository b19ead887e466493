"""The logbook's acts in words, and the pages of what they are about."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from contest.logbook import LogLine

ACTS: Mapping[str, LazyString] = {
    "award.cited": _("Citation written"),
    "award.conferred": _("Prize conferred"),
    "award.taken_back": _("Prize taken back"),
    "ballot.signed": _("Ballot signed"),
    "closing.moved": _("Closing of the call moved"),
    "conflict.declared": _("Conflict of interest declared"),
    "conflict.withdrawn": _("Conflict of interest withdrawn"),
    "edition.created": _("Edition begun"),
    "edition.listed": _("Call made public"),
    "entry.accepted": _("Entry accepted"),
    "entry.answered": _("Question answered"),
    "entry.asked": _("Author asked"),
    "entry.begun": _("Entry begun"),
    "entry.credits_saved": _("Credits changed"),
    "entry.declaration_saved": _("AI declaration changed"),
    "entry.facts_saved": _("Facts changed"),
    "entry.film_received": _("Film received"),
    "entry.film_refused": _("Film not taken: it is not what was announced"),
    "entry.refused": _("Entry refused"),
    "entry.reopened": _("Entry reopened"),
    "entry.returned_to_draft": _("Returned to draft"),
    "entry.rights_saved": _("Rights statements affirmed"),
    "entry.submitted": _("Entry submitted"),
    "entry.subtitles_kept": _("Subtitles received"),
    "entry.subtitles_removed": _("Subtitles taken away"),
    "entry.withdrawn": _("Entry withdrawn"),
    "film.received": _("Film received"),
    "letter.discarded": _("Letter not to be sent"),
    "letter.held": _("Letter reworded"),
    "letter.queued": _("Letter let go"),
    "letters.queued": _("Held letters let go"),
    "palmares.corrected": _("Palmarès corrected"),
    "palmares.published": _("Palmarès published"),
    "person.appointed": _("Person appointed"),
    "person.changed": _("Account changed"),
    "person.invitation_revoked": _("Invitation taken back"),
    "person.invited": _("Person invited"),
    "person.made_administrator": _("Administrator appointed"),
    "person.password_changed": _("Password chosen"),
    "person.password_removed": _("Password taken away"),
    "person.registered": _("Account opened"),
    "person.signed_in": _("Signed in"),
    "person.signed_out": _("Signed out everywhere"),
    "round.closed": _("Round closed, standings frozen"),
    "round.films_advanced": _("Films sent on"),
    "round.jurors_reminded": _("Jurors reminded"),
    "round.opened": _("Round opened"),
    "round.planned": _("Round planned"),
    "round.scores_read": _("Scores read out"),
    "round.topped_up": _("Films dealt again"),
    "round.dealt_more": _("More jurors for undecided films"),
    "rules.changed": _("Rules changed"),
    "screening.abstained": _("Juror abstained"),
    "screening.put_off": _("Juror put a film off"),
    "screening.recused": _("Juror recused"),
    "screening.resumed": _("Juror took a film up again"),
}


def act_words(line: LogLine) -> str:
    """What happened, in words; an act nobody has words for is named as it is kept."""
    return str(ACTS.get(line.act, line.act))


def about_link(line: LogLine, slug: str) -> str | None:
    """The page of what a line is about, where it has one in this office."""
    kind, _colon, number = line.about.partition(":")
    if kind == "entry" and number.isdigit():
        return url_for("organizer.entry", slug=slug, entry_id=int(number))
    if kind == "letter" and number.isdigit():
        return url_for("organizer.letter", slug=slug, letter_id=int(number))
    return url_for("organizer.rules", slug=slug) if kind == "edition" else None
