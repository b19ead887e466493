"""Finding editions, their rules, and the presets new ones begin from."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition, RulesVersion
from contest.rulebook.rules import in_language, storable
from contest.settings import HOME

PRESETS = HOME / "config" / "editions"


@dataclass(frozen=True)
class Preset:
    """An edition as data, ready to be made one's own; `document` is storable JSON."""

    key: str
    document: dict[str, Any]


def edition_by_slug(session: Session, slug: str) -> Edition | None:
    """The edition an address names."""
    return session.scalar(select(Edition).where(Edition.slug == slug))


def edition_title(session: Session, edition_id: int, language: str) -> str:
    """An edition's title in a language, or the nearest it has."""
    return in_language(session.get_one(Edition, edition_id).rules.title, language)


def listed_editions(session: Session) -> Sequence[Edition]:
    """The editions whose call is public, newest first."""
    return session.scalars(
        select(Edition).where(Edition.listed_at.is_not(None)).order_by(Edition.id.desc())
    ).all()


def organized_editions(session: Session, ids: Collection[int] | None) -> Sequence[Edition]:
    """The editions with these ids, or all of them where None is given, newest first."""
    query = select(Edition).order_by(Edition.id.desc())
    return session.scalars(query if ids is None else query.where(Edition.id.in_(ids))).all()


def versions_of(session: Session, edition: Edition) -> Sequence[RulesVersion]:
    """Every wording an edition's rules had, newest first."""
    return session.scalars(
        select(RulesVersion)
        .where(RulesVersion.edition_id == edition.id)
        .order_by(RulesVersion.number.desc())
    ).all()


@dataclass(frozen=True)
class MovedClosing:
    """A version of the rules that moved the closing of a call that was public."""

    version: RulesVersion
    before: datetime
    after: datetime


def moved_closings(edition: Edition) -> list[MovedClosing]:
    """Every time the closing was moved since the call is public, in order."""
    closings = [each.rules.calendar.closes_at for each in edition.versions]
    listed_at = edition.listed_at
    return [
        MovedClosing(version, before, after)
        for version, before, after in zip(
            edition.versions[1:], closings, closings[1:], strict=False
        )
        if before != after and listed_at is not None and version.created_at >= listed_at
    ]


def presets() -> list[Preset]:
    """The presets that come with the house, by file name."""
    return [
        Preset(file.stem, storable(tomllib.loads(file.read_text())))
        for file in sorted(PRESETS.glob("*.toml"))
    ]


def preset(key: str) -> Preset | None:
    """The preset of that name."""
    return next((each for each in presets() if each.key == key), None)
