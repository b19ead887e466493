"""`contest administrator`: lets somebody run the house, and in, where no letter arrives yet.

The first administrator of a house can be made by nobody in it. Whoever may type this command could
change the database as well, so their word is enough for an address that is new here.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from contest.cli import schema
from contest.db import Database
from contest.people.actions import (
    LINK_LIFE,
    in_one_line,
    make_administrator,
    new_sign_in_link,
    register,
)
from contest.people.models import Person
from contest.people.queries import person_by_email
from contest.rulebook.refusal import Refused
from contest.settings import load_settings
from contest.web.house_form import ADDRESS, LONGEST_ADDRESS


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest administrator`."""
    parser.add_argument("email", type=_address, metavar="E-MAIL", help="whose address it is")
    parser.add_argument("--name", type=in_one_line, help="of somebody new; default: the address")


def _address(typed: str) -> str:
    if not ADDRESS.fullmatch(typed) or len(typed) > LONGEST_ADDRESS:
        raise ArgumentTypeError(f"{typed!r} is no e-mail address, such as name@example.org.")
    return typed


def run(arguments: Namespace) -> int:
    """Make the administrator, unless they are one, and print a link that signs in. 1 if refused."""
    settings = load_settings()
    database = Database(settings.database_url)
    schema.upgrade(database)
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            person = _administrator(session, arguments.email, arguments.name, now=now)
            name, email = person.name, person.email
            token = new_sign_in_link(session, person, now=now)
    except Refused as refused:
        print(refused.sentence, file=sys.stderr)
        return 1
    finally:
        database.close()
    print(f"{name} <{email}> runs this house. This link signs in, once, within ", end="")
    print(f"{LINK_LIFE.seconds // 60} minutes; the same command makes another:\n")
    print(f"{settings.public_url}/sign-in/{token}")
    return 0


def _administrator(session: Session, email: str, name: str | None, *, now: datetime) -> Person:
    person = person_by_email(session, email) or _newcomer(session, email, name, now=now)
    make_administrator(session, person, by=None, now=now)
    return person


def _newcomer(session: Session, email: str, name: str | None, *, now: datetime) -> Person:
    """An account that its owner completes when they first save it."""
    person = register(
        session,
        email=email,
        name=name or email,
        country="",
        language="en",
        time_zone="UTC",
        password=None,
        now=now,
    )
    if person is None:  # whoever looked before us holds the write lock
        raise RuntimeError(f"{email} has an account already.")
    person.confirmed_at = now
    return person
