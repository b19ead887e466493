"""Letters about an entry to its author, in their language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from contest.entries.models import Entry
from contest.letters.actions import write_letter
from contest.letters.models import Letter
from contest.rulebook.rules import in_language


def write_to_author(
    session: Session,
    template: str,
    entry: Entry,
    *,
    now: datetime,
    held: bool = False,
    **facts: Any,
) -> Letter:
    """Put a letter into the outbox; name, title, edition and number are known to every template."""
    author = entry.person
    return write_letter(
        session,
        template,
        address=author.email,
        language=author.language,
        person_id=author.id,
        edition_id=entry.edition_id,
        about=f"entry:{entry.id}",
        now=now,
        held=held,
        name=author.name,
        title=entry.display_title,
        edition=in_language(entry.edition.rules.title, author.language),
        number=entry.number,
        **facts,
    )
