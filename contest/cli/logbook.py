"""`contest logbook`: whether the record of who did what still stands as it was written.

Each line seals the one before it, so a line that was changed, taken out or put in between shows.
Only lines taken off the end don't: keep the last seal somewhere else, and it shows those, too.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from contest.db import Database
from contest.logbook import LogLine, broken_seals
from contest.settings import load_settings

NAMED = 20


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest logbook`."""
    parser.add_argument("--holds", metavar="SEAL", help="a seal that must still be in the logbook")


def run(arguments: Namespace) -> int:
    """Say what the logbook holds. 0 it stands, 1 it was tampered with or isn't there."""
    database = Database(load_settings().database_url)
    try:
        if not inspect(database.engine).has_table(LogLine.__tablename__):
            print("This house has no logbook yet: `contest migrate` makes one.")
            return 1
        with database.reading() as session:
            return _tell(session, arguments.holds)
    finally:
        database.close()


def _tell(session: Session, seal: str | None) -> int:
    broken = list(broken_seals(session))
    count = session.scalar(select(func.count(LogLine.id)))
    last = session.scalar(select(LogLine.seal).order_by(LogLine.id.desc()).limit(1))
    lost = seal and not session.scalar(select(LogLine.id).where(LogLine.seal == seal))
    print(f"{count} lines. The last seal: {last or 'none'}")
    if broken:
        print(f"Broken seals: {len(broken)}, at the lines {_numbers(broken)}.")
    if lost:
        print(f"No line has the seal {seal}: lines were taken off the end, or changed.")
    if not broken and not lost:
        print("Every line fits the line before it.")
    return 1 if broken or lost else 0


def _numbers(broken: Sequence[int]) -> str:
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return ", ".join(map(str, broken[:NAMED])) + more
