"""Where an entry stands, in past facts, and what that means for its author."""

from __future__ import annotations

from flask_babel import gettext as _

from contest.rulebook.embargo import CallPhase
from contest.rulebook.stages import EntryStage
from contest.web.filmmaker.checklist import Checklist


def status_words(page: Checklist) -> str:
    """What has happened so far."""
    if page.stage is EntryStage.DRAFT:
        return _draft(page)
    words = {
        EntryStage.SUBMITTED: _("Received. Checked. Waiting for the organizers."),
        EntryStage.ASKED: _("Received. Checked. The organizers ask you something."),
        EntryStage.ACCEPTED: _("Received. Checked. Waiting for the jury."),
        EntryStage.REFUSED: _("Received. Not taken into this edition."),
        EntryStage.WITHDRAWN: _("Withdrawn."),
    }
    return str(words[page.stage])


def _draft(page: Checklist) -> str:
    if page.awaits_film:
        return str(_("Being sent. The call is closed."))
    if page.phase is CallPhase.CLOSED and page.may_submit:
        return str(_("Not yet submitted. The call is closed."))
    if page.phase is CallPhase.CLOSED:
        return str(_("Not submitted. The call is closed."))
    if page.entry.master is None:
        return str(_("Begun. Not yet submitted."))
    if page.is_checking:
        return str(_("Received. Being checked."))
    return str(_("Checked. Not yet submitted."))


def status_meaning(page: Checklist) -> str:
    """What that means, and what may be done."""
    is_open = page.phase is CallPhase.OPEN
    if page.stage is EntryStage.DRAFT and not is_open and (page.awaits_film or page.may_submit):
        return str(
            _(
                "Its film was announced before the call closed and may still arrive; then submit "
                "the entry. Nothing else of it can be changed any more."
            )
        )
    words = {
        (EntryStage.DRAFT, True): _(
            "Nobody sees it before you submit. You may send new versions of the film until the "
            "call closes; the newest counts."
        ),
        (EntryStage.DRAFT, False): _(
            "Nobody but you sees this draft. It takes no part in this edition."
        ),
        (EntryStage.SUBMITTED, True): _(
            "The organizers will read it. Until the call closes you may return it to draft, change "
            "it and submit it again."
        ),
        (EntryStage.SUBMITTED, False): _("The organizers will read it and write to you."),
        (EntryStage.WITHDRAWN, True): _("While the call is open you may make it a draft again."),
        (EntryStage.WITHDRAWN, False): _("It takes no part in this edition."),
    }
    decided = {
        EntryStage.ASKED: _("Change what is needed, write an answer, and hand the entry back."),
        EntryStage.ACCEPTED: _(
            "The jury watches in its own time. You will hear of the palmarès by letter."
        ),
        EntryStage.REFUSED: _("The organizers wrote why:"),
    }
    return str(decided.get(page.stage) or words[page.stage, is_open])
