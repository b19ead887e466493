"""What tests of entries share: a draft that lacks nothing, rules that change, what was logged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition, RulesVersion
from contest.entries.judging import obstacles
from contest.entries.models import Entry
from contest.logbook import LogLine
from contest.rulebook.rules import canonical, rules_hash
from tests.factories import (
    make_edition,
    make_entry,
    make_master,
    make_reel,
)

URL = "https://localhost"
CLOSES = datetime.fromisoformat("2026-12-01T23:59:59+08:00")
SECOND = timedelta(seconds=1)


def make_ready_entry(session: Session, edition: Edition | None = None, **given: Any) -> Entry:
    """A draft that lacks nothing."""
    entry = make_entry(session, edition or make_edition(session), **given)
    make_reel(session, entry, make_master(session, entry.person))
    return entry


def reword(session: Session, edition: Edition, rules: dict[str, Any], at: datetime) -> RulesVersion:
    """A new version of an edition's rules."""
    edition.current.is_current = False
    session.flush()
    text = canonical(rules)
    number = len(edition.versions) + 1
    version = RulesVersion(number=number, text=text, hash=rules_hash(text), created_at=at)
    edition.versions.append(version)
    session.flush()
    session.expire(edition)
    return version


def lacks(entry: Entry) -> list[tuple[str, str]]:
    return [(each.about, each.code) for each in obstacles(entry)]


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(LogLine.act).order_by(LogLine.id)))


def fresh(session: Session, entry: Entry) -> Entry:
    """The entry as it is stored now."""
    session.rollback()
    session.expire_all()
    return session.get_one(Entry, entry.id)
