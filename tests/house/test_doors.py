"""Every view wears the guard, every permission has a door, every template is used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask

from contest.rulebook.permissions import TABLE, Permission
from contest.settings import HOME

TEMPLATES = HOME / "templates"
OPEN_TO_ALL = {"static"}
"""Built files: no person, no database, nothing to guard."""


def guarded_by(app: Flask) -> dict[str, Permission | None]:
    return {
        name: getattr(view, "permission", None)
        for name, view in app.view_functions.items()
        if name not in OPEN_TO_ALL
    }


def test_every_route_is_guarded(app: Flask) -> None:
    assert [name for name, permission in guarded_by(app).items() if permission is None] == []


def test_every_permission_has_a_door_and_a_row(app: Flask) -> None:
    doors = set(guarded_by(app).values())
    assert [each for each in Permission if each not in doors] == []
    assert set(TABLE) == set(Permission)


def test_only_post_and_its_kin_change_anything(app: Flask) -> None:
    looking = {"GET", "HEAD", "OPTIONS"}
    both = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"GET"} and (rule.methods or set()) - looking
    ]
    assert both == []


def mentions() -> Iterator[str]:
    for folder, pattern in ((HOME / "contest", "*.py"), (TEMPLATES, "*.*")):
        for file in folder.rglob(pattern):
            yield file.read_text()


def test_every_template_is_used() -> None:
    told = "\n".join(mentions())
    names = [str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html")]
    unused = [name for name in names if name not in told and name != "letters/frame.html"]
    assert unused == []


def test_every_letter_has_a_subject_and_a_writer() -> None:
    told = "\n".join(file.read_text() for file in (HOME / "contest").rglob("*.py"))
    folders = [each for each in (TEMPLATES / "letters").iterdir() if each.is_dir()]
    for folder in folders:
        assert sorted(each.name for each in folder.iterdir()) == ["subject.txt", "text.txt"]
        family = re.sub(r"_.*", "_", folder.name)
        assert f'"{folder.name}"' in told or f'f"{family}{{' in told, folder.name


def test_no_template_is_longer_than_150_lines() -> None:
    long = {
        str(file.relative_to(TEMPLATES)): len(file.read_text().splitlines())
        for file in TEMPLATES.rglob("*.html")
    }
    assert {name: lines for name, lines in long.items() if lines > 150} == {}
