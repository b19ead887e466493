"""One round as its organizers see it: planned, then open, then closed for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.editions.queries import edition_by_slug
from contest.jury.actions.calls import call_jurors, remind_jurors
from contest.jury.actions.more import deal_more
from contest.jury.actions.rounds import open_round, plan_rounds, top_up
from contest.jury.actions.verdict import close_round, count_round
from contest.jury.models import Round
from contest.jury.queries.office import (
    RoundLine,
    films_to_judge,
    round_by_key,
    rounds_of,
)
from contest.jury.queries.progress import progress
from contest.people.models import Role
from contest.people.queries import appointed
from contest.rulebook.method_words import METHOD_WORDS
from contest.rulebook.permissions import Permission
from contest.rulebook.refusal import Refused
from contest.rulebook.stages import RoundStage
from contest.web.drawings.jury_matrix import days_strip
from contest.web.guard import allow, session
from contest.web.house import house, now
from contest.web.organizer import bp
from contest.web.organizer.jury_forms import MoreForm, OpeningForm, SeatsForm
from contest.web.organizer.standings import standings_page
from contest.web.parts import say
from contest.web.plain_rules import equal_scores
from contest.web.tongues import day
from contest.web.who import me

if TYPE_CHECKING:
    from contest.rulebook.assignment import Plan

SEED_BITS = 31


@dataclass(frozen=True)
class RoundSeen:
    """A round an address names, which may not have begun: `line.round` is None until then."""

    edition: Edition
    line: RoundLine

    @property
    def edition_id(self) -> int:
        return self.edition.id

    @property
    def position(self) -> int:
        """Where the rules in force have it, from 0; of a round that has not begun."""
        keys = [each.key for each in self.edition.rules.rounds]
        return keys.index(self.line.key)


def _seen(session: Session, slug: str, key: str) -> RoundSeen | None:
    edition = edition_by_slug(session, slug)
    if edition is None:
        return None
    lines = [each for each in rounds_of(session, edition) if each.key == key]
    return RoundSeen(edition, lines[0]) if lines else None


@bp.get("/office/<slug>/rounds/<key>")
@allow(Permission.OFFICE_READ, find=_seen)
def round_(seen: RoundSeen) -> ResponseReturnValue:
    """What this round needs next: its jurors, its ballots, or a decision on its standings."""
    if seen.line.round is None or seen.line.stage is RoundStage.PLANNED:
        return _planned(seen, OpeningForm(formdata=None, jurors=_everybody(seen.edition)))
    if seen.line.stage is RoundStage.OPEN:
        seats = SeatsForm(formdata=None, jurors=_sitting(seen.line.round))
        return _open(seen.line.round, seats)
    return standings_page(seen.line.round)


@bp.post("/office/<slug>/rounds/<key>/open")
@allow(Permission.ROUND_RUN, find=_seen)
def open_planned_round(seen: RoundSeen) -> ResponseReturnValue:
    """Seat the jurors, freeze the rules and deal the films."""
    form = OpeningForm()
    form.jurors.choices = _choices(seen.edition)
    if not form.validate_on_submit():
        return _planned(seen, form), 422
    rounds = {each.key: each for each in plan_rounds(session(), seen.edition, now())}
    planned = rounds[seen.line.key]
    try:
        plan = open_round(
            session(),
            planned,
            form.jurors.data,
            by_id=me().id,
            now=now(),
            seed=secrets.randbits(SEED_BITS),
            closes_at=_instant(seen.edition, form.closes_at.data),
        )
    except Refused as refusal:
        session().rollback()
        return _planned(seen, form, refusal), 422
    _call(planned, plan)
    flash(_("The round is open. Screenings dealt: %(count)s.", count=len(plan.pairs)))
    return _to_round(seen.edition.slug, seen.line.key)


@bp.post("/office/<slug>/rounds/<key>/seats")
@allow(Permission.ROUND_RUN, find=round_by_key)
def deal_again(open_: Round) -> ResponseReturnValue:
    """Let jurors leave or join, and deal the films that lack jurors."""
    form = SeatsForm()
    form.jurors.choices = _choices(open_.edition)
    if not form.validate_on_submit():
        return _open(open_, form), 422
    try:
        plan = top_up(session(), open_, form.jurors.data, by_id=me().id, now=now())
    except Refused as refusal:
        session().rollback()
        return _open(open_, form, refusal), 422
    _call(open_, plan)
    count = len(plan.pairs)
    flash(
        ngettext("%(num)s screening dealt anew.", "%(num)s screenings dealt anew.", count)
        if count
        else _("Nothing had to be dealt: every film has its jurors.")
    )
    return _to_round(open_.edition.slug, open_.key)


@bp.post("/office/<slug>/rounds/<key>/more")
@allow(Permission.ROUND_RUN, find=round_by_key)
def deal_where_it_decides(open_: Round) -> ResponseReturnValue:
    """Deal more screenings where one more ballot decides most."""
    seats, form = SeatsForm(formdata=None, jurors=_sitting(open_)), MoreForm()
    if not form.validate_on_submit():
        return _open(open_, seats, more=form), 422
    try:
        plan = deal_more(session(), open_, form.screenings.data or 0, by_id=me().id, now=now())
    except Refused as refusal:
        session().rollback()
        return _open(open_, seats, refusal, more=form), 422
    _call(open_, plan)
    count = len(plan.pairs)
    flash(
        ngettext("%(num)s screening dealt.", "%(num)s screenings dealt.", count)
        if count
        else _("Nothing could be dealt: every juror has all the films they may see.")
    )
    return _to_round(open_.edition.slug, open_.key)


@bp.post("/office/<slug>/rounds/<key>/remind")
@allow(Permission.ROUND_RUN, find=round_by_key)
def remind(open_: Round) -> ResponseReturnValue:
    """Write to the jurors who fall behind."""
    url = house().settings.public_url
    letters = remind_jurors(session(), open_, by_id=me().id, public_url=url, now=now())
    flash(
        ngettext("%(num)s juror is reminded by letter.", "%(num)s jurors are reminded.", letters)
        if letters
        else _("Nobody falls behind, so nobody was reminded.")
    )
    return _to_round(open_.edition.slug, open_.key)


@bp.get("/office/<slug>/rounds/<key>/close")
@allow(Permission.ROUND_RUN, find=round_by_key)
def confirm_closing(open_: Round) -> ResponseReturnValue:
    """What closing will do, before it is done."""
    if open_.stage is not RoundStage.OPEN:
        return _to_round(open_.edition.slug, open_.key)
    return render_template(
        "organizer/jury/close.html",
        edition=open_.edition,
        round=open_,
        progress=progress(session(), open_, now()),
    )


@bp.post("/office/<slug>/rounds/<key>/close")
@allow(Permission.ROUND_RUN, find=round_by_key, closes_session=True)
def close_for_good(open_: Round) -> ResponseReturnValue:
    """Count the ballots, while others may still write, and freeze the standings."""
    with house().database.reading() as looking:
        counted = count_round(looking, looking.get_one(Round, open_.id))
    with house().database.transaction() as own:
        again = own.get_one(Round, open_.id, with_for_update=True)
        close_round(own, again, by_id=me().id, now=now(), counted=counted)
        slug = again.edition.slug
    flash(_("The round is closed and its standings are frozen."))
    return _to_round(slug, open_.key)


def _planned(seen: RoundSeen, form: OpeningForm, refusal: Refused | None = None) -> str:
    form.jurors.choices = _choices(seen.edition)
    before = seen.edition.rules.rounds[seen.position - 1] if seen.position else None
    return render_template(
        "organizer/jury/planned.html",
        edition=seen.edition,
        line=seen.line,
        before=before,
        counted=[say(METHOD_WORDS[seen.line.rules.method]), equal_scores(seen.line.rules)],
        films=films_to_judge(session(), seen.edition, seen.position),
        form=form,
        refusal=refusal,
    )


def _sitting(round_: Round) -> list[int]:
    return [each.person_id for each in round_.seats if each.left_at is None]


def _open(
    open_: Round,
    form: SeatsForm,
    refusal: Refused | None = None,
    *,
    more: MoreForm | None = None,
) -> str:
    form.jurors.choices = _choices(open_.edition)
    found = progress(session(), open_, now())
    busiest = max((signed for each in found.seats for signed in each.by_day), default=0)
    return render_template(
        "organizer/jury/open.html",
        edition=open_.edition,
        round=open_,
        progress=found,
        first_day=format_date(found.days[0], day()),
        last_day=format_date(found.days[-1], day()),
        strips={
            each.seat.id: days_strip(each.seat.number, each.by_day, found.days, busiest)
            for each in found.seats
        },
        form=form,
        more=more or MoreForm(formdata=None, screenings=len(_sitting(open_))),
        refusal=refusal,
    )


def _call(round_: Round, plan: Plan) -> None:
    """Write to whom films were dealt, and say what the plan could not have."""
    for note in plan.notes:
        flash(say(note))
    call_jurors(session(), round_, plan, public_url=house().settings.public_url, now=now())


def _choices(edition: Edition) -> list[tuple[int, str]]:
    return [(each.id, each.name) for each in appointed(session(), edition.id, Role.JUROR)]


def _everybody(edition: Edition) -> list[int]:
    return [key for key, _name in _choices(edition)]


def _instant(edition: Edition, local: datetime | None) -> datetime | None:
    """A time typed in the edition's zone."""
    if local is None:
        return None
    zone = ZoneInfo(edition.rules.calendar.time_zone)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _to_round(slug: str, key: str) -> ResponseReturnValue:
    return redirect(url_for("organizer.round_", slug=slug, key=key), 303)
