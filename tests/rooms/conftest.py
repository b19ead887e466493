"""Who visits the rooms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.people.models import Person
from tests.factories import (
    make_edition,
    make_entry,
    make_master,
    make_person,
    make_reel,
)
from tests.visitor import TestVisitor

SignIn = Callable[[Person], TestVisitor]


@pytest.fixture
def author(session: Session) -> Person:
    return make_person(session, time_zone="Asia/Shanghai")


@pytest.fixture
def draft(session: Session, author: Person) -> Entry:
    """A draft that lacks nothing, committed."""
    entry = make_entry(session, make_edition(session, "shorts"), author)
    make_reel(session, entry, make_master(session, author))
    session.commit()
    return entry


@pytest.fixture
def filmmaker(signed_in: SignIn, draft: Entry) -> TestVisitor:
    """The draft's author."""
    return signed_in(draft.person)
