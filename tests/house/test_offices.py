"""What belongs to one edition is nothing to the office of another."""

from __future__ import annotations

import re

from flask import Flask

from contest.jury.models import Conflict
from contest.web.limits import limiter
from tests.house.small_world import World, address, browser, restore


def test_an_office_reaches_nothing_of_another_by_its_number(world: World, house: Flask) -> None:
    limiter.enabled = False
    restore(world, house)
    client, reached = browser(world, house, "other_organizer"), {}
    for rule in house.url_map.iter_rules():
        if rule.endpoint.startswith("organizer.") and rule.arguments - {"slug", "key"} > set():
            theirs = address(world, house, rule.endpoint, rule.arguments)
            ours = re.sub("^/office/(first|running)/", "/office/other/", theirs)
            method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            reached[f"{method} {ours}"] = client.open(ours, method=method).status_code
    assert len(reached) > 10
    assert {act: status for act, status in reached.items() if status != 404} == {
        "GET /office/other/awards/preview/films/1": 409,  # its own palmarès is not judged
        "POST /office/other/jury/conflicts/1/withdraw": 303,  # what is not there is taken back
    }
    with house.extensions["house"].database.reading() as session:
        assert session.query(Conflict).count() == 1
