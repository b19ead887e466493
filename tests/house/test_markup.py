"""Whatever people wrote, pages show it as they wrote it: markup in a title is a title's letters.

Every free text of a small world is made a piece of code; then every page of the house is opened as
everyone who may. The visitor refuses pages with inline scripts, handlers or broken HTML.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute, Session

from contest.awards.actions import publish
from contest.awards.models import Conferral
from contest.db import Database
from contest.editions.actions import save_rules
from contest.editions.queries import edition_by_slug
from contest.entries.models import Credit, Decision, Entry, Subtitles, ToolUse
from contest.jury.models import Conflict, Note, Screening
from contest.letters.models import Letter
from contest.machines.queue import Job
from contest.media.models import Master, Upload
from contest.people.models import Invitation, Person
from contest.web.limits import limiter
from tests.house.small_world import NOW, World, address, restore
from tests.house.test_access import ADMITTED
from tests.visitor import TestVisitor

CODE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>{{7*7}}"

WRITTEN: tuple[InstrumentedAttribute[Any], ...] = (
    *(Entry.original_title, Entry.english_title, Entry.romanised_title, Entry.synopsis),
    *(Credit.name, Credit.romanised_name, Credit.role),
    *(ToolUse.tool, ToolUse.vendor, ToolUse.version, ToolUse.made, ToolUse.human_step),
    *(ToolUse.terms, Subtitles.file_name, Decision.reason, Conflict.reason, Note.text),
    *(Screening.remark, Screening.reason, Conferral.citation, Conferral.reason),
    *(Letter.subject, Letter.text, Letter.problem, Job.problem, Invitation.name, Person.name),
    *(Master.file_name, Upload.file_name),
)
"""Columns that hold what people wrote."""


BYTES = {"public.asset", "media.fetch"}
"""Addresses of stored films and stills."""


def scrawl(session: Session, world: World) -> None:
    """Put code wherever people write, also into rules and into what is published."""
    for column in WRITTEN:
        session.execute(update(column.class_).values({column.key: CODE}))
    session.expire_all()
    by_id = world.people["administrator"]
    for slug in ("first", "running"):
        edition = edition_by_slug(session, slug)
        assert edition is not None
        document = _scrawled(json.loads(edition.current.text))
        save_rules(session, edition, document, by_id=by_id, now=NOW)
        session.flush()
        session.refresh(edition, ["current"])
    judged = edition_by_slug(session, "first")
    assert judged is not None
    publish(session, judged, correction=CODE, person_id=by_id, now=NOW)


def _scrawled(part: Any) -> Any:
    """A document of rules with code for each English text."""
    if isinstance(part, list):
        return [_scrawled(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: CODE if key == "en" and isinstance(value, str) else _scrawled(value)
        for key, value in part.items()
    }


def open_as(world: World, app: Flask, endpoint: str, role: str) -> tuple[int, str | None, str]:
    """Status, kind and text of a page as that role sees it."""
    client = app.test_client()
    assert isinstance(client, TestVisitor)
    if role != "nobody":
        with app.extensions["house"].database.reading() as session:
            client.is_person(session.get_one(Person, world.people[role]))
    rule = next(app.url_map.iter_rules(endpoint))
    response = client.get(address(world, app, endpoint, rule.arguments))
    with response:
        return (
            response.status_code,
            response.mimetype,
            response.get_data().decode("utf-8", "replace"),
        )


@pytest.fixture
def scrawled(world: World, house: Flask) -> Database:
    limiter.enabled = False
    restore(world, house)
    database: Database = house.extensions["house"].database
    with database.transaction() as session:
        scrawl(session, world)
    return database


def test_no_page_takes_what_people_wrote_for_code(
    world: World, house: Flask, scrawled: Database
) -> None:
    shown = 0
    for endpoint in sorted(set(ADMITTED) - BYTES):
        if "GET" not in (next(house.url_map.iter_rules(endpoint)).methods or ()):
            continue
        for role in sorted(ADMITTED[endpoint]):
            status, kind, text = open_as(world, house, endpoint, role)
            assert status in (200, 303), f"{endpoint} as {role}"
            if kind == "text/html":
                assert CODE not in text, f"{endpoint} as {role}"
                shown += str(escape(CODE)) in text
    assert shown > 30
