"""A jury at work: an edition whose first round is open, and ballots as jurors sign them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.models import Entry
from contest.jury.actions.ballots import sign_ballot
from contest.jury.actions.rounds import open_round, plan_rounds
from contest.jury.actions.sheet import save_marks
from contest.jury.actions.verdict import close_round
from contest.jury.models import Ballot, Round, Screening, Seat
from contest.people.models import Person
from contest.rulebook.stages import EntryStage
from tests.factories import (
    NOON,
    document,
    make_edition,
    make_juror,
    make_organizer,
    make_submitted_entry,
)

NAMES = ("Ana Bo", "Ben Cho", "Chi Dao", "Dan Eto", "Eva Fu", "Fei Guo")


@dataclass(frozen=True)
class Sitting:
    """The edition, who runs and who judges it, the films by number, its planned rounds."""

    edition: Edition
    organizer: Person
    jurors: list[Person]
    entries: list[Entry]
    rounds: list[Round]

    @property
    def round(self) -> Round:
        """The first round."""
        return self.rounds[0]


def make_sitting(
    session: Session,
    slug: str | None = None,
    *,
    films: int = 3,
    jurors: int = 3,
    opened: bool = True,
    **first_round: Any,
) -> Sitting:
    """Accepted films and a jury; the first round open unless told otherwise.

    Further words change the first round's rules, such as `advances=2`.
    """
    rules = document()
    rules["rounds"][0] |= {"method": "mean", **first_round}  # places that a head can reckon
    if "advances" in first_round:  # nobody hands out more prizes than films get there
        rules["rounds"][1]["advances"] = first_round["advances"]
        rules["awards"] = rules["awards"][:1]
    edition = make_edition(session, slug, rules=rules)
    organizer = make_organizer(session, edition)
    panel = [make_juror(session, edition, name) for name in NAMES[:jurors]]
    entries = [
        make_submitted_entry(session, edition, stage=EntryStage.ACCEPTED) for _ in range(films)
    ]
    sitting = Sitting(edition, organizer, panel, entries, plan_rounds(session, edition, NOON))
    if opened:
        open_first(session, sitting)
    return sitting


def open_first(session: Session, sitting: Sitting, now: datetime = NOON) -> None:
    """Open the first round to all its jurors."""
    open_round(
        session,
        sitting.round,
        [each.id for each in sitting.jurors],
        by_id=sitting.organizer.id,
        now=now,
        seed=7,
    )


def screening(session: Session, juror: Person, entry: Entry, round_: Round) -> Screening:
    """The juror's screening of the entry in that round."""
    found = session.scalar(
        select(Screening)
        .join(Seat)
        .where(
            Seat.person_id == juror.id,
            Seat.round_id == round_.id,
            Screening.entry_id == entry.id,
        )
    )
    assert found is not None, f"{juror.name} was not dealt entry {entry.number}"
    return found


def marks(*given: int) -> dict[str, int]:
    """Marks on the first round's criteria: all the same, or each its own."""
    keys = ("story", "creativity", "craft", "ai")
    return dict(zip(keys, given * 4 if len(given) == 1 else given, strict=True))


def sign(
    session: Session, sitting: Sitting, at: int, film: int, *given: int, now: datetime = NOON
) -> Ballot:
    """Juror number `at` signs marks for film number `film`, both counted from 0."""
    found = screening(session, sitting.jurors[at], sitting.entries[film], sitting.round)
    save_marks(found, marks(*given), None, now=now)
    return sign_ballot(session, found, now=now)


def dealt(session: Session, round_: Round) -> set[tuple[int, int]]:
    """Who was dealt what: ids of persons and entries."""
    rows = session.execute(
        select(Seat.person_id, Screening.entry_id).join(Screening).where(Seat.round_id == round_.id)
    )
    return set(rows)


def people(*jurors: Person) -> list[int]:
    """Their ids."""
    return [each.id for each in jurors]


def close(session: Session, sitting: Sitting, now: datetime = NOON) -> None:
    """Close the first round."""
    close_round(session, sitting.round, by_id=sitting.organizer.id, now=now)
