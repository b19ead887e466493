"""Writing letters into the outbox, letting them go, and handing them to the post."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from sqlalchemy.orm import Session

from contest.letters.models import Letter, LetterState
from contest.letters.writing import as_html, write
from contest.machines.mail import Mailer
from contest.machines.queue import enqueue, given_up_on, now_of, send_again


def write_letter(
    session: Session,
    template: str,
    *,
    address: str,
    language: str,
    about: str,
    now: datetime,
    person_id: int | None = None,
    edition_id: int | None = None,
    held: bool = False,
    **facts: Any,
) -> Letter:
    """Put a letter into the outbox: sent by the next job, or held until a person lets it go.

    `facts` fill the template; `about` names what it concerns, such as `entry:417`.
    """
    words = write(template, language, facts)
    letter = Letter(
        template=template,
        address=address,
        language=language,
        about=about,
        person_id=person_id,
        edition_id=edition_id,
        subject=words.subject,
        text=words.text,
        html=words.html,
        state=LetterState.HELD if held else LetterState.QUEUED,
        created_at=now,
    )
    session.add(letter)
    session.flush()  # the job is named by the letter's id
    if not held:
        enqueue(session, "send_letter", letter.id)
    return letter


def let_go(session: Session, letter: Letter) -> None:
    """Send a held or failed letter. Sending one that is on its way or gone changes nothing."""
    if letter.state in (LetterState.HELD, LetterState.FAILED):
        letter.state, letter.problem = LetterState.QUEUED, None
        given_up = given_up_on(session, "send_letter", letter.id)
        if given_up:
            send_again(session, given_up, now=now_of(session))
        else:
            enqueue(session, "send_letter", letter.id)


def reword(letter: Letter, *, subject: str, text: str) -> None:
    """Change the words of a held letter; its HTML twin follows. Browsers end lines with CR LF."""
    if letter.state is LetterState.HELD:
        letter.subject = " ".join(subject.split())
        letter.text = text.replace("\r\n", "\n").strip() + "\n"
        letter.html = as_html(letter.language, letter.text)


def discard(letter: Letter) -> None:
    """Decide not to send a held letter; it stays to be seen."""
    if letter.state is LetterState.HELD:
        letter.state = LetterState.DISCARDED


def post(letter: Letter, mailer: Mailer, *, sender: str, now: datetime) -> None:
    """Hand a queued letter to the mailer, once. Raises OSError when the post refuses it."""
    if letter.state is not LetterState.QUEUED:
        return
    mailer.send(as_message(letter, sender))
    letter.state, letter.sent_at = LetterState.SENT, now


def fail(letter: Letter, problem: str) -> None:
    """Note that the post would not take a queued letter; a person may let it go again."""
    if letter.state is LetterState.QUEUED:
        letter.state, letter.problem = LetterState.FAILED, problem


def as_message(letter: Letter, sender: str) -> EmailMessage:
    """The letter as an e-mail with its plain-text and HTML twins."""
    message = EmailMessage()
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=letter.address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<letter-{letter.id}-{letter.created_at:%Y%m%d%H%M%S%f}@{domain}>"
    message["Content-Language"] = letter.language
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
