"""`contest logbook`: what was changed, taken out or cut off shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from contest.cli import main, schema
from contest.db import Database
from contest.logbook import LogLine, log
from tests.conftest import NOON


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A house in whose logbook three things happened, and whose owner can take off its locks."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    database = Database(url)
    schema.upgrade(database)
    with database.transaction() as session:
        for number in (1, 2, 3):
            log(session, "entry.submitted", f"entry:{number}", now=NOON)
        for lock in ("log_line_kept_from_update", "log_line_kept_from_delete"):
            session.execute(text(f"DROP TRIGGER {lock}"))
    yield database
    database.close()


def seals(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(LogLine.seal).order_by(LogLine.id)))


def test_a_logbook_as_it_was_written_stands(
    house: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _, last = seals(house)
    assert main(["logbook", "--holds", first]) == 0
    assert capsys.readouterr().out == (
        f"3 lines. The last seal: {last}\nEvery line fits the line before it.\n"
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("UPDATE log_line SET about = 'entry:9' WHERE id = 2", 2),
        ("DELETE FROM log_line WHERE id = 2", 3),
    ],
)
def test_a_line_changed_or_taken_out_shows(
    house: Database, change: str, line: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.transaction() as session:
        session.execute(text(change))
    assert main(["logbook"]) == 1
    assert f"Broken seals: 1, at the lines {line}." in capsys.readouterr().out


def test_lines_taken_off_the_end_show_to_whoever_noted_the_last_seal(
    house: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    last = seals(house)[-1]
    with house.transaction() as session:
        session.execute(text("DELETE FROM log_line WHERE id = 3"))
    assert main(["logbook"]) == 0
    assert main(["logbook", "--holds", last]) == 1
    assert f"No line has the seal {last}" in capsys.readouterr().out


def test_a_house_without_a_logbook_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    assert main(["logbook"]) == 1
    assert capsys.readouterr().out.startswith("This house has no logbook yet")
