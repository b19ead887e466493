"""Migrations agree with the code, and rows that are proof can't be changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contest.cli import schema
from contest.db import Database
from contest.settings import DEFAULTS, HOME
from tests.factories import make_edition


def test_migrations_have_one_head_and_the_head_file_names_it() -> None:
    scripts = ScriptDirectory(str(HOME / "migrations"))
    assert scripts.get_heads() == [schema.HEAD_FILE.read_text().strip()]


def test_migrations_import_nothing_of_the_house() -> None:
    for file in (HOME / "migrations" / "versions").glob("*.py"):
        assert not re.search(r"^\s*(from|import) contest", file.read_text(), re.MULTILINE), (
            file.name
        )


def test_the_schema_does_not_drift_and_goes_down_and_up_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'house.db'}")
    assert schema.upgrade(database) is True
    schema.check(database)
    schema.downgrade(database, "base")
    assert schema.upgrade(database) is True
    assert schema.upgrade(database) is False
    schema.check(database)
    database.close()


@pytest.mark.parametrize(
    "change", ["UPDATE rules_version SET text = '{}'", "DELETE FROM rules_version"]
)
def test_a_wording_of_the_rules_is_never_changed(session: Session, change: str) -> None:
    make_edition(session)
    with pytest.raises(DBAPIError, match="rules_version rows are kept as they are"):
        session.execute(text(change))


def test_every_setting_is_explained() -> None:
    lines = DEFAULTS.read_text().splitlines()
    for at, line in enumerate(lines):
        if re.match(r"\w+ = ", line):
            above = [each for each in lines[:at] if each][-1]
            assert above.startswith("#") or re.match(r"\w+ = ", above), line
