"""What happens to persons: registering, signing in, being invited and appointed."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.letters.actions import write_letter
from contest.logbook import log
from contest.people.models import Appointment, Invitation, Person, Role, SignInLink
from contest.people.passwords import hashed
from contest.people.queries import person_by_email
from contest.people.tokens import digest_of, new_token
from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence

LINK_LIFE = timedelta(minutes=20)
INVITATION_LIFE = timedelta(days=30)
TURNING = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what follows."""


def in_one_line(name: str) -> str:
    """A name as letters and pages can show it: in one line, and turning nothing after it."""
    return TURNING.sub("", " ".join(name.split()))


def register(
    session: Session,
    *,
    email: str,
    name: str,
    country: str,
    language: str,
    time_zone: str,
    password: str | None,
    now: datetime,
) -> Person | None:
    """Open an account. Returns None, and changes nothing, where the address has one already."""
    if person_by_email(session, email):
        return None
    person = Person(
        email=email.strip().lower(),
        name=in_one_line(name),
        country=country,
        language=language,
        time_zone=time_zone,
        password_hash=hashed(password) if password else None,
        session_key=secrets.token_urlsafe(32),
        created_at=now,
    )
    session.add(person)
    session.flush()  # the log names the person by id
    log(session, "person.registered", f"person:{person.id}", now=now, person_id=person.id)
    return person


def new_sign_in_link(session: Session, person: Person, *, now: datetime) -> str:
    """Make a link that signs the person in once; returns its token."""
    token = new_token()
    session.add(
        SignInLink(
            person=person, token_digest=digest_of(token), created_at=now, expires_at=now + LINK_LIFE
        )
    )
    return token


def send_sign_in_link(session: Session, person: Person, *, public_url: str, now: datetime) -> str:
    """Write the person a letter with a link that signs in once; returns its token."""
    token = new_sign_in_link(session, person, now=now)
    write_letter(
        session,
        "sign_in",
        address=person.email,
        language=person.language,
        person_id=person.id,
        about=f"person:{person.id}",
        now=now,
        name=person.name,
        link=f"{public_url}/sign-in/{token}",
        minutes=int(LINK_LIFE.total_seconds() // 60),
    )
    return token


def use_link(
    session: Session, link: SignInLink, *, now: datetime, here: Person | None = None
) -> Person:
    """Sign in by letter: the link is spent, and the address is known to be the person's.

    `here` is whoever is signed in already where the link was followed.
    """
    link.used_at = now
    _prove_address(session, link.person, same_hand=link.person is here, now=now)
    log(session, "person.signed_in", f"person:{link.person_id}", now=now, person_id=link.person_id)
    return link.person


def sign_out_everywhere(session: Session, person: Person, *, now: datetime) -> None:
    """Make every sign-in cookie of the person worthless."""
    person.session_key = secrets.token_urlsafe(32)
    log(session, "person.signed_out", f"person:{person.id}", now=now, person_id=person.id)


def change_account(
    session: Session,
    person: Person,
    *,
    name: str,
    country: str,
    language: str,
    time_zone: str,
    now: datetime,
) -> None:
    """What a person can change of themselves."""
    person.name, person.country = in_one_line(name), country
    person.language, person.time_zone = language, time_zone
    log(session, "person.changed", f"person:{person.id}", now=now, person_id=person.id)


def change_password(
    session: Session, person: Person, password: str | None, *, now: datetime
) -> None:
    """Choose a password, or have none; either way whoever is signed in to the account is out."""
    person.password_hash = hashed(password) if password else None
    act = "person.password_changed" if password else "person.password_removed"
    log(session, act, f"person:{person.id}", now=now, person_id=person.id)
    sign_out_everywhere(session, person, now=now)


def appoint(
    session: Session,
    person: Person,
    edition_id: int,
    role: Role,
    *,
    by_id: int | None,
    now: datetime,
) -> None:
    """Give a person a role in an edition; to give it twice is to give it once."""
    held = session.scalar(
        select(Appointment).where(
            Appointment.person_id == person.id,
            Appointment.edition_id == edition_id,
            Appointment.role == role,
        )
    )
    if held is None:
        session.add(Appointment(person=person, edition_id=edition_id, role=role, created_at=now))
        log(
            session,
            "person.appointed",
            f"person:{person.id}",
            now=now,
            person_id=by_id,
            edition_id=edition_id,
            role=role.value,
        )


def make_administrator(
    session: Session, person: Person, *, by: Person | None, now: datetime
) -> None:
    """Let a person run the house; who runs it already goes on. `by` nobody: at its own machine.

    Refused for an address nobody has read a letter at: anyone could have registered it.
    """
    if person.confirmed_at is None:
        raise Refused(
            Sentence(
                "%(name)s has not confirmed this e-mail address yet. Ask them to sign in "
                "by letter once.",
                name=person.name,
            )
        )
    if not person.is_administrator:
        person.is_administrator = True
        about = f"person:{person.id}"
        by_id = by.id if by else None
        log(session, "person.made_administrator", about, now=now, person_id=by_id)


def invite(
    session: Session,
    *,
    edition_id: int,
    edition_title: str,
    role: Role,
    email: str,
    name: str,
    language: str,
    by: Person,
    public_url: str,
    now: datetime,
) -> str:
    """Invite somebody by letter to a role in an edition; returns the invitation's token."""
    token = new_token()
    invitation = Invitation(
        edition_id=edition_id,
        role=role,
        email=email.strip().lower(),
        name=in_one_line(name),
        language=language,
        token_digest=digest_of(token),
        invited_by_id=by.id,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    session.add(invitation)
    session.flush()  # the letter is about the invitation's id
    about = f"invitation:{invitation.id}"
    write_letter(
        session,
        f"invite_{role.value}",
        address=invitation.email,
        language=language,
        edition_id=edition_id,
        about=about,
        now=now,
        name=invitation.name,
        inviter=by.name,
        edition=edition_title,
        link=f"{public_url}/invitations/{token}",
        days=INVITATION_LIFE.days,
    )
    log(session, "person.invited", about, now=now, person_id=by.id, edition_id=edition_id)
    return token


def revoke_invitation(
    session: Session, invitation: Invitation, *, by_id: int, now: datetime
) -> None:
    """Make an invitation's link worthless. One that was accepted or revoked stays as it is."""
    if invitation.accepted_at is None and invitation.revoked_at is None:
        invitation.revoked_at = now
        log(
            session,
            "person.invitation_revoked",
            f"invitation:{invitation.id}",
            now=now,
            person_id=by_id,
            edition_id=invitation.edition_id,
        )


def accept_invitation(
    session: Session,
    invitation: Invitation,
    person: Person,
    *,
    now: datetime,
    same_hand: bool = False,
) -> None:
    """Take the role offered; an invitation is accepted once, by one person.

    `same_hand`: who accepts has opened this account just now, or is signed in to it already.
    """
    invitation.accepted_at, invitation.person_id = now, person.id
    _prove_address(session, person, same_hand=same_hand, now=now)
    appoint(session, person, invitation.edition_id, invitation.role, by_id=person.id, now=now)


def _prove_address(session: Session, person: Person, *, same_hand: bool, now: datetime) -> None:
    """Somebody has read a letter sent to the person's address.

    Until then anyone may have opened the account: unless it was the same hand, the password
    chosen for it is forgotten, and whoever is signed in by it is signed out.
    """
    if person.confirmed_at is not None:
        return
    person.confirmed_at = now
    if person.password_hash is not None and not same_hand:
        person.password_hash = None
        sign_out_everywhere(session, person, now=now)
