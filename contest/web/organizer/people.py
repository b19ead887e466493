"""The administrator's desk: who is in the house, and who may organize."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug, organized_editions
from contest.people.actions import invite, make_administrator, revoke_invitation
from contest.people.models import Invitation, Person, Role
from contest.people.queries import (
    appointed,
    count_people,
    invitation_to,
    invitations_of,
    people_like,
    staff,
)
from contest.rulebook.permissions import Permission
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.organizer import bp
from contest.web.organizer.forms import OrganizerForm
from contest.web.paging import words_asked
from contest.web.parts import texts
from contest.web.tongues import language
from contest.web.who import me


@bp.get("/office/people")
@allow(Permission.HOUSE_RUN)
def people() -> ResponseReturnValue:
    """Administrators and organizers, or whoever is looked for; the others are counted."""
    search = words_asked("search")
    found = people_like(session(), search) if search else staff(session())
    titles = {each.id: each.rules.title for each in organized_editions(session(), None)}
    return render_template(
        "organizer/people.html",
        found=found,
        search=search,
        total=count_people(session()),
        titles=titles,
        organizer=Role.ORGANIZER,
    )


def _person(session: Session, person_id: int) -> Person | None:
    return session.get(Person, person_id)


@bp.post("/office/people/<int:person_id>/administrator")
@allow(Permission.HOUSE_RUN, find=_person)
def appoint_administrator(person: Person) -> ResponseReturnValue:
    """Let a person run the house."""
    make_administrator(session(), person, by=me(), now=now())
    flash(_("%(name)s runs the house now.", name=person.name))
    return redirect(url_for("organizer.people"), 303)


@bp.get("/office/<slug>/organizers")
@allow(Permission.OFFICE_READ, find=edition_by_slug)
def organizers(edition: Edition) -> ResponseReturnValue:
    """Who organizes this edition."""
    return _organizers(edition, OrganizerForm(language=language()))


@bp.post("/office/<slug>/organizers")
@allow(Permission.RULES_EDIT, find=edition_by_slug)
def invite_organizer(edition: Edition) -> ResponseReturnValue:
    """Invite somebody by letter."""
    form = OrganizerForm()
    if not form.validate_on_submit():
        return _organizers(edition, form), 422
    invite(
        session(),
        edition_id=edition.id,
        edition_title=texts(edition.rules.title),
        role=Role.ORGANIZER,
        email=form.email.data,
        name=form.name.data,
        language=form.language.data,
        by=me(),
        public_url=house().settings.public_url,
        now=now(),
    )
    flash(_("The invitation is on its way."))
    return redirect(url_for("organizer.organizers", slug=edition.slug), 303)


def _invitation(session: Session, slug: str, invitation_id: int) -> Invitation | None:
    edition = edition_by_slug(session, slug)
    return invitation_to(session, invitation_id, edition.id, Role.ORGANIZER) if edition else None


@bp.post("/office/<slug>/organizers/<int:invitation_id>/revoke")
@allow(Permission.RULES_EDIT, find=_invitation)
def revoke_organizer_invitation(invited: Invitation) -> ResponseReturnValue:
    """Make the letter's link worthless."""
    revoke_invitation(session(), invited, by_id=me().id, now=now())
    flash(_("The invitation to %(name)s no longer opens.", name=invited.name))
    slug = session().get_one(Edition, invited.edition_id).slug
    return redirect(url_for("organizer.organizers", slug=slug), 303)


def _organizers(edition: Edition, form: OrganizerForm) -> str:
    return render_template(
        "organizer/organizers.html",
        edition=edition,
        organizers=appointed(session(), edition.id, Role.ORGANIZER),
        invitations=[
            each
            for each in invitations_of(session(), edition.id)
            if each.role is Role.ORGANIZER and each.accepted_at is None
        ],
        form=form,
    )
