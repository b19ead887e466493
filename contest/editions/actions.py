"""What happens to editions: made from a document, their rules reworded, their call made public."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from contest.editions.models import Edition, RulesVersion
from contest.editions.queries import edition_by_slug
from contest.logbook import log
from contest.rulebook.refusal import Refused
from contest.rulebook.rules import canonical, rules_hash
from contest.rulebook.rules_reading import read_rules
from contest.rulebook.sentences import Sentence

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 60
TAKEN_BY_THE_HOUSE = frozenset({"jobs", "new", "people"})
"""Addresses of the office's own pages."""


def create_edition(
    session: Session, slug: str, document: Mapping[str, Any], *, by_id: int | None, now: datetime
) -> Edition:
    """A new edition, seen by its organizers only.

    Raises `RulesRefused` for senseless rules and `Refused` for an address that is taken or odd.
    """
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise Refused(Sentence("Use lower-case letters, digits and single hyphens."))
    if slug in TAKEN_BY_THE_HOUSE or edition_by_slug(session, slug):
        raise Refused(Sentence("This address is taken already. Choose another."))
    read_rules(document)
    edition = Edition(slug=slug, created_at=now)
    session.add(edition)
    session.flush()  # the version and the log name the edition by id
    _add_version(session, edition, canonical(document), number=1, by_id=by_id, now=now)
    _log(session, "edition.created", edition, by_id, now, slug=slug)
    return edition


def save_rules(
    session: Session,
    edition: Edition,
    document: Mapping[str, Any],
    *,
    by_id: int | None,
    now: datetime,
) -> RulesVersion:
    """Reword the rules: a new version where the text differs, the current one where it does not.

    Entries keep the version they refer to. Raises `RulesRefused` with every fault at its field.
    """
    read_rules(document)
    text, before = canonical(document), edition.current
    if text == before.text:
        return before
    before.is_current = False
    session.flush()  # one version is current at a time, and the database sees to it
    number = before.number + 1
    version = _add_version(session, edition, text, number=number, by_id=by_id, now=now)
    _log(session, "rules.changed", edition, by_id, now, version=number, hash=version.hash)
    closed, closes = before.rules.calendar.closes_at, version.rules.calendar.closes_at
    if closes != closed:
        told = {"before": closed.isoformat(), "after": closes.isoformat()}
        _log(session, "closing.moved", edition, by_id, now, version=number, **told)
    return version


def list_call(session: Session, edition: Edition, *, by_id: int, now: datetime) -> None:
    """Make the call public; a call that is public stays so."""
    if edition.listed_at is None:
        edition.listed_at = now
        _log(session, "edition.listed", edition, by_id, now)


def _add_version(
    session: Session, edition: Edition, text: str, *, number: int, by_id: int | None, now: datetime
) -> RulesVersion:
    version = RulesVersion(
        edition_id=edition.id,
        number=number,
        text=text,
        hash=rules_hash(text),
        is_current=True,
        created_at=now,
        created_by_id=by_id,
    )
    session.add(version)
    session.flush()
    session.expire(edition, ["current", "versions"])
    return version


def _log(
    session: Session, act: str, edition: Edition, by_id: int | None, now: datetime, **details: Any
) -> None:
    about = f"edition:{edition.id}"
    log(session, act, about, now=now, person_id=by_id, edition_id=edition.id, **details)
