"""The post's round."""

from __future__ import annotations

from sqlalchemy.orm import Session

from contest.letters.actions import fail, post
from contest.letters.models import Letter
from contest.machines.mail import open_mailer
from contest.machines.queue import job, now_of, settings_of


def not_delivered(session: Session, letter_id: int, problem: str) -> None:
    """Show at the letter that nobody tries to send it any more."""
    fail(session.get_one(Letter, letter_id), problem)


@job("send_letter", given_up=not_delivered)
def send_letter(session: Session, letter_id: int) -> None:
    """Hand one queued letter to the post."""
    settings = settings_of(session)
    letter = session.get_one(Letter, letter_id)
    mailer = open_mailer(settings.mail_url, settings.letters_path)
    post(letter, mailer, sender=settings.mail_from, now=now_of(session))
