"""The access matrix: every route as every role, on things that are theirs and things that aren't.

`DOORS` says of each route who gets in. A route without a line here fails, and so does a line
without a route. Whoever does not get in is sent to the door (not signed in) or told that there is
nothing (404), never that there is something. Each visit that is allowed happens in a fresh copy of
the same small world, so that one act can't hide what another would have shown.
"""

from __future__ import annotations

import pytest
from flask import Flask

from contest.web.limits import limiter
from tests.house.small_world import World, address, browser, restore

ROLES = {
    "nobody",
    "author",
    "other_author",
    "juror",
    "other_juror",
    "organizer",
    "other_organizer",
    "administrator",
}
ALL = frozenset(ROLES)
SIGNED_IN = ALL - {"nobody"}
AUTHOR = frozenset({"author"})
JUROR = frozenset({"juror"})
JURORS = frozenset({"juror", "other_juror"})
OFFICE = frozenset({"organizer", "administrator"})
OFFICES = OFFICE | {"other_organizer"}
CHIEF = frozenset({"administrator"})

DOORS: dict[frozenset[str], str] = {
    ALL: """public.home public.call public.palmares public.feed public.film public.rules
        public.rules_text public.invitation public.accept public.choose_language public.asset
        public.open_account public.open_account_now public.sign_in public.sign_in_now
        public.follow_link public.sign_in_by_link public.ask_for_link public.send_link""",
    SIGNED_IN: """public.account public.save_account public.save_password public.sign_out
        filmmaker.begin filmmaker.entries""",
    AUTHOR: """filmmaker.entry filmmaker.save_section filmmaker.answer filmmaker.inspection
        filmmaker.receipt filmmaker.reopen filmmaker.return_to_draft filmmaker.submit
        filmmaker.keep_subtitles filmmaker.remove_subtitles filmmaker.begin_upload
        filmmaker.withdraw filmmaker.show_upload filmmaker.abandon_upload
        filmmaker.complete_upload filmmaker.put_part filmmaker.announce_parts
        filmmaker.announce_film media.fetch""",
    JURORS: "juror.desk juror.conflicts juror.declare_conflicts",
    JUROR: """juror.screening juror.abstain juror.save juror.write_note juror.erase_note
        juror.recuse juror.resume juror.sign juror.skip juror.watched""",
    OFFICES: "organizer.offices organizer.new_edition organizer.make_edition",
    OFFICE: """organizer.office organizer.awards organizer.confer_prize organizer.cite_prize
        organizer.take_back_prize organizer.preview organizer.preview_film
        organizer.confer_all_proposed organizer.confirm_publication organizer.publish_palmares
        organizer.entries organizer.entry organizer.decide_entry organizer.accept_chosen
        organizer.jobs organizer.try_again organizer.jury organizer.conflicts
        organizer.declare_juror_conflict organizer.withdraw_juror_conflict
        organizer.invite_juror organizer.revoke_juror_invitation organizer.letters
        organizer.letter organizer.act_on_letter organizer.letter_html organizer.send_held
        organizer.open_call organizer.logbook organizer.organizers organizer.invite_organizer
        organizer.revoke_organizer_invitation
        organizer.round_ organizer.send_films_on organizer.confirm_closing
        organizer.bundle organizer.close_for_good organizer.open_planned_round organizer.scores
        organizer.deal_again organizer.deal_where_it_decides organizer.remind
        organizer.rules organizer.rules_section organizer.save_section""",
    CHIEF: """organizer.people organizer.appoint_administrator organizer.house_jobs
        organizer.try_house_job""",
}
ADMITTED = {door: roles for roles, doors in DOORS.items() for door in doors.split()}
UNGUARDED = {"static"}


def test_every_route_has_its_line_and_every_line_its_route(app: Flask) -> None:
    assert set(app.view_functions) - UNGUARDED == set(ADMITTED)


@pytest.mark.parametrize("endpoint", sorted(ADMITTED))
def test_only_those_get_in_who_may(world: World, house: Flask, endpoint: str) -> None:
    limiter.enabled = False
    admitted = ADMITTED[endpoint]
    restore(world, house)
    outside = {role: _visit(world, house, endpoint, role) for role in ROLES - admitted}
    assert {role for role, got_in in outside.items() if got_in} == set()
    for role in sorted(admitted):
        restore(world, house)
        assert _visit(world, house, endpoint, role), f"{role} should get in"


def _visit(world: World, app: Flask, endpoint: str, role: str) -> bool:
    """Whether the role gets in: anything but the way to the door, or nothing there."""
    client = browser(world, app, role)
    rule = next(app.url_map.iter_rules(endpoint))
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    response = client.open(address(world, app, endpoint, rule.arguments), method=method)
    response.close()
    assert response.status_code < 500, f"{method} {response.request.path}"
    to_the_door = response.status_code == 303 and response.location.startswith("/sign-in?back=")
    at_the_door = response.status_code == 303 and response.location == "/sign-in"
    return not to_the_door and not at_the_door and response.status_code not in (401, 404)
