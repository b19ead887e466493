"""Who may do what: one table for the whole house.

A permission is granted when every predicate of one of its alternatives holds. Predicates are
pure questions about a visitor and a thing; a thing says itself whose it is (`person_id`) and
which edition it belongs to (`edition_id`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Visitor:
    """Whoever asks. `person_id` is None for somebody who has not signed in."""

    person_id: int | None = None
    is_administrator: bool = False
    organizes: frozenset[int] = field(default_factory=frozenset)
    judges: frozenset[int] = field(default_factory=frozenset)
    """Editions by id."""


class Permission(StrEnum):
    """Everything somebody can be allowed, as room:act."""

    PUBLIC_READ = "public:read"
    EDITION_READ = "public:edition"
    ACCOUNT_OPEN = "people:open_account"
    ACCOUNT_USE = "people:use_account"
    MEDIA_FETCH = "public:media"

    ENTRY_BEGIN = "filmmaker:begin"
    ENTRY_READ = "filmmaker:read"
    ENTRY_EDIT = "filmmaker:edit"
    FILM_SEND = "filmmaker:send_film"

    JURY_DESK = "juror:desk"
    SCREENING_READ = "juror:watch"
    BALLOT_CAST = "juror:vote"

    OFFICE_OPEN = "organizer:open"
    EDITION_CREATE = "organizer:create_edition"
    OFFICE_READ = "organizer:read"
    RULES_EDIT = "organizer:rules"
    ENTRY_DECIDE = "organizer:decide"
    ROUND_RUN = "organizer:rounds"
    LETTER_SEND = "organizer:letters"
    AWARD_CONFER = "organizer:awards"
    PALMARES_PUBLISH = "organizer:publish"
    HOUSE_RUN = "administrator:house"


Predicate = Callable[[Visitor, Any], bool]


def anyone(visitor: Visitor, thing: Any) -> bool:
    return True


def signed_in(visitor: Visitor, thing: Any) -> bool:
    return visitor.person_id is not None


def administrator(visitor: Visitor, thing: Any) -> bool:
    return visitor.is_administrator


def organizer_somewhere(visitor: Visitor, thing: Any) -> bool:
    return visitor.is_administrator or bool(visitor.organizes)


def organizer(visitor: Visitor, thing: Any) -> bool:
    return visitor.is_administrator or thing.edition_id in visitor.organizes


def owner(visitor: Visitor, thing: Any) -> bool:
    return visitor.person_id is not None and bool(thing.person_id == visitor.person_id)


def listed(visitor: Visitor, thing: Any) -> bool:
    return thing.listed_at is not None


def juror_somewhere(visitor: Visitor, thing: Any) -> bool:
    return bool(visitor.judges)


TABLE: Mapping[Permission, list[list[Predicate]]] = {
    Permission.PUBLIC_READ: [[anyone]],
    Permission.EDITION_READ: [[listed], [organizer]],
    Permission.ACCOUNT_OPEN: [[anyone]],
    Permission.ACCOUNT_USE: [[signed_in]],
    Permission.MEDIA_FETCH: [[anyone]],
    Permission.ENTRY_BEGIN: [[signed_in, listed]],
    Permission.ENTRY_READ: [[owner]],
    Permission.ENTRY_EDIT: [[owner]],
    Permission.FILM_SEND: [[owner]],
    Permission.JURY_DESK: [[juror_somewhere]],
    Permission.SCREENING_READ: [[owner]],
    Permission.BALLOT_CAST: [[owner]],
    Permission.OFFICE_OPEN: [[organizer_somewhere]],
    Permission.EDITION_CREATE: [[organizer_somewhere]],
    Permission.OFFICE_READ: [[organizer]],
    Permission.RULES_EDIT: [[organizer]],
    Permission.ENTRY_DECIDE: [[organizer]],
    Permission.ROUND_RUN: [[organizer]],
    Permission.LETTER_SEND: [[organizer]],
    Permission.AWARD_CONFER: [[organizer]],
    Permission.PALMARES_PUBLISH: [[organizer]],
    Permission.HOUSE_RUN: [[administrator]],
}


def allowed(permission: Permission, visitor: Visitor, thing: Any = None) -> bool:
    """Whether the table grants the visitor this permission on the thing."""
    return any(
        all(predicate(visitor, thing) for predicate in alternative)
        for alternative in TABLE[permission]
    )


def is_open_to_all(permission: Permission) -> bool:
    """Whether the table grants the permission on anything to whoever asks."""
    return [anyone] in TABLE[permission]
