"""The jury as its organizers see it: rounds, jurors, invitations, conflicts."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.entries.queries import entry_by_number
from contest.jury.actions.ballots import declare_conflict, withdraw_conflict
from contest.jury.queries.office import conflict_of, conflicts_of, rounds_of
from contest.people.actions import invite, revoke_invitation
from contest.people.models import Invitation, Role
from contest.people.queries import appointed, invitation_to, invitations_of
from contest.rulebook.permissions import Permission
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.organizer import bp
from contest.web.organizer.jury_forms import ConflictForm, JurorForm
from contest.web.parts import texts
from contest.web.tongues import language
from contest.web.who import me


@bp.get("/office/<slug>/jury")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def jury(edition: Edition) -> ResponseReturnValue:
    """The rounds, who judges, and who is invited to."""
    return _jury(edition, JurorForm(language=language()))


@bp.post("/office/<slug>/jury/invitations")
@allow(Permission.ROUND_RUN, find=edition_by_slug)
def invite_juror(edition: Edition) -> ResponseReturnValue:
    """Invite somebody by letter; nobody gets a second letter while the first is open."""
    form = JurorForm()
    if not form.validate_on_submit() or not _is_new(edition, form):
        return _jury(edition, form), 422
    invite(
        session(),
        edition_id=edition.id,
        edition_title=texts(edition.rules.title),
        role=Role.JUROR,
        email=form.email.data,
        name=form.name.data,
        language=form.language.data,
        by=me(),
        public_url=house().settings.public_url,
        now=now(),
    )
    flash(_("The invitation to %(name)s is on its way.", name=form.name.data))
    return _to_jury(edition.slug)


def _invitation(session: Session, slug: str, invitation_id: int) -> Invitation | None:
    edition = edition_by_slug(session, slug)
    return invitation_to(session, invitation_id, edition.id, Role.JUROR) if edition else None


@bp.post("/office/<slug>/jury/invitations/<int:invitation_id>/revoke")
@allow(Permission.ROUND_RUN, find=_invitation)
def revoke_juror_invitation(invited: Invitation) -> ResponseReturnValue:
    """Make the letter's link worthless."""
    revoke_invitation(session(), invited, by_id=me().id, now=now())
    flash(_("The invitation to %(name)s no longer opens.", name=invited.name))
    return _to_jury(session().get_one(Edition, invited.edition_id).slug)


@bp.get("/office/<slug>/jury/conflicts")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def conflicts(edition: Edition) -> ResponseReturnValue:
    """Who must not judge which film."""
    return _conflicts(edition, ConflictForm())


@bp.post("/office/<slug>/jury/conflicts")
@allow(Permission.ROUND_RUN, find=edition_by_slug)
def declare_juror_conflict(edition: Edition) -> ResponseReturnValue:
    """Keep a juror from a film; where they were dealt it they step aside at once."""
    form = ConflictForm()
    jurors = {each.id: each for each in appointed(session(), edition.id, Role.JUROR)}
    form.juror.choices = [(key, each.name) for key, each in jurors.items()]
    if not form.validate_on_submit():
        return _conflicts(edition, form), 422
    entry = entry_by_number(session(), edition.id, form.number.data)
    if entry is None:
        form.number.errors = [_("This edition has no entry of that number.")]
        return _conflicts(edition, form), 422
    declare_conflict(
        session(), jurors[form.juror.data], entry, form.reason.data, by_id=me().id, now=now()
    )
    flash(_("Declared. If the film lacks a juror now, deal it again from its round's page."))
    return redirect(url_for("organizer.conflicts", slug=edition.slug), 303)


@bp.post("/office/<slug>/jury/conflicts/<int:conflict_id>/withdraw")
@allow(Permission.ROUND_RUN, find=edition_by_slug)
def withdraw_juror_conflict(edition: Edition, conflict_id: int) -> ResponseReturnValue:
    """Take back what was declared by mistake."""
    found = conflict_of(session(), edition.id, conflict_id)
    if found is not None:
        withdraw_conflict(session(), found, by_id=me().id, now=now())
        flash(_("The conflict is taken back."))
    return redirect(url_for("organizer.conflicts", slug=edition.slug), 303)


def _is_new(edition: Edition, form: JurorForm) -> bool:
    """Whether the address is neither in the jury nor invited to it; else says so at the field."""
    address = form.email.data.strip().lower()
    if any(each.email == address for each in appointed(session(), edition.id, Role.JUROR)):
        form.email.errors = [_("This person is in the jury already.")]
        return False
    waiting = [each for each in invitations_of(session(), edition.id) if _waits(each)]
    if any(each.email == address for each in waiting):
        form.email.errors = [_("An invitation to this address is open; revoke it to send another.")]
        return False
    return True


def _waits(invited: Invitation) -> bool:
    settled = invited.accepted_at or invited.revoked_at
    return invited.role is Role.JUROR and not settled and invited.expires_at > now()


def _jury(edition: Edition, form: JurorForm) -> str:
    invited = [each for each in invitations_of(session(), edition.id) if each.role is Role.JUROR]
    return render_template(
        "organizer/jury/jury.html",
        edition=edition,
        rounds=rounds_of(session(), edition),
        jurors=appointed(session(), edition.id, Role.JUROR),
        invitations=[each for each in invited if each.accepted_at is None],
        form=form,
    )


def _conflicts(edition: Edition, form: ConflictForm) -> str:
    jurors = appointed(session(), edition.id, Role.JUROR)
    form.juror.choices = [(each.id, each.name) for each in jurors]
    return render_template(
        "organizer/jury/conflicts.html",
        edition=edition,
        conflicts=conflicts_of(session(), edition.id),
        jurors=jurors,
        form=form,
    )


def _to_jury(slug: str) -> ResponseReturnValue:
    return redirect(url_for("organizer.jury", slug=slug), 303)
