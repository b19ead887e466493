"""What a juror must not learn, by comparing two houses that differ in one secret alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from contest.jury.actions.verdict import close_round
from contest.people.models import Person
from tests.factories import NOON
from tests.juries import Sitting, make_sitting, screening, sign
from tests.visitor import TestVisitor

Enter = Callable[[Person], TestVisitor]
Act = Callable[[Session, Sitting], object]

NEW_EACH_TIME = re.compile(
    r'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"'
    r'|name="csrf-token" content="[^"]*"|/media/[\w.\-]+'
)
"""Tokens and signed links, which differ between two answers that tell the same."""


@dataclass(frozen=True)
class Answer:
    """All that an answer tells whoever asked."""

    status: int
    text: str


def ask(juror: TestVisitor, addresses: Sequence[str]) -> list[Answer]:
    found = []
    for address in addresses:
        response = juror.get(address)
        found.append(Answer(response.status_code, NEW_EACH_TIME.sub("", response.text)))
    return found


def rename(session: Session, sitting: Sitting) -> None:
    entry = sitting.entries[0]
    entry.person.name, entry.person.email = "Somebody Else", "else@example.org"
    entry.person.country, entry.countries = "MG", ["MG"]
    entry.credits[0].name = entry.credits[0].romanised_name = "Another Name"
    entry.english_title = entry.romanised_title = "Another Title"
    entry.synopsis, entry.category, entry.declared_share_bp = "Another story.", "animation", 7100
    assert entry.master is not None
    entry.master.file_name = "another.mov"


def others_sign(session: Session, sitting: Sitting) -> None:
    for juror in (1, 2):
        for film in range(3):
            sign(session, sitting, juror, film, 3 + juror * 2)


def others_leave_notes(session: Session, sitting: Sitting) -> None:
    found = screening(session, sitting.jurors[1], sitting.entries[0], sitting.round)
    found.remark, found.reason, found.seconds_watched = "Weak.", "Tired.", 120


def close(session: Session, sitting: Sitting) -> None:
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=NOON)


@pytest.mark.parametrize("secret", [rename, others_sign, others_leave_notes])
def test_a_juror_reads_the_same_whatever_the_secret_is(
    session: Session, signed_in: Enter, secret: Act
) -> None:
    sitting = make_sitting(session)
    sign(session, sitting, 0, 1, 7)
    session.commit()
    addresses = addresses_of(session, sitting)
    juror = signed_in(sitting.jurors[0])
    before = ask(juror, addresses)
    assert {each.status for each in before} == {200}
    secret(session, sitting)
    session.commit()
    assert ask(juror, addresses) == before


def test_after_the_round_closed_a_juror_learns_no_result(
    session: Session, signed_in: Enter
) -> None:
    sitting = make_sitting(session)
    sign(session, sitting, 0, 1, 7)
    close(session, sitting)
    session.commit()
    addresses = addresses_of(session, sitting)
    told = ask(signed_in(sitting.jurors[0]), addresses)
    again = make_sitting(session)
    others_sign(session, again)
    sign(session, again, 0, 1, 7)
    close(session, again)
    session.commit()
    same = ask(signed_in(again.jurors[0]), addresses_of(session, again))
    assert [each.status for each in told] == [each.status for each in same]
    assert re.findall(r"[4-9]\.\d\d", "".join(each.text for each in same)) == []


def addresses_of(session: Session, sitting: Sitting) -> list[str]:
    mine = [
        screening(session, sitting.jurors[0], entry, sitting.round) for entry in sitting.entries
    ]
    rooms = [f"/jury/screenings/{each.id}" for each in mine]
    return ["/jury", f"/jury/rounds/{sitting.round.id}/conflicts", *rooms]
