"""The post's round."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from contest.letters.actions import post
from contest.letters.models import Letter
from contest.machines.mail import open_mailer
from contest.machines.queue import job, settings_of


@job("send_letter")
def send_letter(session: Session, letter_id: int) -> None:
    """Hand one queued letter to the post."""
    settings = settings_of(session)
    letter = session.get_one(Letter, letter_id)
    mailer = open_mailer(settings.mail_url, settings.letters_path)
    post(letter, mailer, sender=settings.mail_from, now=datetime.now(UTC))
