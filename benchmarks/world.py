"""A first edition at full size: 2,300 entries, 60 jurors, 11,500 ballots; written in bulk."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contest.editions.models import Edition
from contest.entries.models import Affirmation, Credit, Entry, Reel, ToolUse
from contest.jury.models import Ballot, Candidacy, Round, Screening, Seat
from contest.media.models import Inspection, Master, Rendition, Upload
from contest.people.models import Appointment, Person, Role
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage
from tests.factories import FACTS, NOON, make_edition, make_organizer, make_person

ENTRIES, JURORS, PER_FILM = 2300, 60, 5
COUNTRIES = ("CN", "FR", "MA", "KR", "KZ", "AR", "NG", "JP", "PT", "IN", "SE", "US", "BR", "DE")


@dataclass(frozen=True)
class World:
    """The people and things that pages are asked for."""

    edition: Edition
    organizer: Person
    juror: Person
    round: Round
    screenings: Sequence[int]
    """The ids of those the juror may sign."""


def make_world(session: Session, seed: int = 20261102) -> World:
    """Fill an empty database. The same seed makes the same world."""
    dice = random.Random(seed)
    edition = make_edition(session, "first")
    organizer = make_organizer(session, edition)
    _entries(session, edition, dice)
    round_ = _round(session, edition)
    jurors = _jurors(session, edition, round_)
    _ballots(session, round_, dice)
    screenings = session.scalars(
        select(Screening.id)
        .join(Screening.entry)
        .where(
            Screening.seat_id == 1,
            Screening.stage.in_((ScreeningStage.WAITING, ScreeningStage.SCORED)),
            Entry.stage == EntryStage.ACCEPTED,
        )
    ).all()
    session.commit()
    return World(edition, organizer, jurors[0], round_, screenings)


def _rows(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    session.execute(insert(table), rows)


def _entries(session: Session, edition: Edition, dice: random.Random) -> None:
    numbers = range(1, ENTRIES + 1)
    base = 100
    _rows(
        session,
        Person,
        [
            {
                "id": base + n,
                "email": f"author{n}@example.org",
                "name": f"Author {n}",
                "country": COUNTRIES[n % len(COUNTRIES)],
                "language": "en",
                "time_zone": "UTC",
                "is_administrator": False,
                "session_key": f"author-{n}",
                "created_at": NOON,
            }
            for n in numbers
        ],
    )
    _rows(session, Master, [_master(base, n) for n in numbers])
    _rows(session, Inspection, [_inspection(n, dice) for n in numbers])
    _rows(session, Rendition, list(itertools.chain(*(_renditions(n) for n in numbers))))
    _rows(session, Upload, [_upload(base, n) for n in numbers])
    _rows(session, Entry, [_entry(edition, base, n, dice) for n in numbers])
    _rows(
        session,
        Reel,
        [{"id": n, "entry_id": n, "upload_id": n, "master_id": n, "number": 1} for n in numbers],
    )
    _rows(
        session,
        Credit,
        [
            {"entry_id": n, "position": 0, "name": f"Author {n}", "role": "Director"}
            for n in numbers
        ],
    )
    stages = [stage.key for stage in edition.rules.declaration.stages]
    _rows(
        session,
        ToolUse,
        [
            {"entry_id": n, "position": at, "stage": stage, "tool": "Seedance"}
            for n in numbers
            for at, stage in enumerate(stages)
        ],
    )
    _rows(
        session,
        Affirmation,
        [
            {"entry_id": n, "statement": each.key, "affirmed_at": NOON}
            for n in numbers
            for each in edition.rules.rights
        ],
    )
    edition.last_entry_number = ENTRIES


def _master(base: int, n: int) -> dict[str, Any]:
    return {
        "id": n,
        "person_id": base + n,
        "storage_key": f"world-master-{n}",
        "file_name": f"film-{n}.mp4",
        "size_bytes": 52_000_000 + n,
        "sha256": f"{n:064x}",
        "received_at": NOON,
    }


def _inspection(n: int, dice: random.Random) -> dict[str, Any]:
    return {
        "master_id": n,
        "state": "finished",
        "facts": FACTS | {"duration_s": round(dice.uniform(60, 300), 2)},
        "requested_at": NOON,
        "header_at": NOON,
        "finished_at": NOON,
    }


def _renditions(n: int) -> list[dict[str, Any]]:
    return [
        {
            "master_id": n,
            "kind": kind,
            "state": "ready",
            "storage_key": f"world-{kind}-{n}",
            "media_type": media_type,
            "size_bytes": 1000,
            "requested_at": NOON,
            "ready_at": NOON,
        }
        for kind, media_type in (("screener", "video/mp4"), ("still", "image/jpeg"))
    ]


def _upload(base: int, n: int) -> dict[str, Any]:
    return {
        "id": n,
        "token": f"world-upload-{n}",
        "person_id": base + n,
        "file_name": f"film-{n}.mp4",
        "size_bytes": 52_000_000 + n,
        "part_bytes": 16 << 20,
        "storage_key": f"world-upload-{n}",
        "state": "complete",
        "created_at": NOON,
        "ended_at": NOON,
        "master_id": n,
    }


def _entry(edition: Edition, base: int, n: int, dice: random.Random) -> dict[str, Any]:
    return {
        "id": n,
        "edition_id": edition.id,
        "person_id": base + n,
        "rules_version_id": edition.current.id,
        "stage": EntryStage.SUBMITTED if n % 23 == 0 else EntryStage.ACCEPTED,
        "number": n,
        "film_code": 10_000 + n,
        "revision": 0,
        "category": dice.choice(["fiction", "animation", "documentary", "experimental"]),
        "original_title": f"Film {n} of {COUNTRIES[n % len(COUNTRIES)]}",
        "title_language": "en",
        "romanised_title": "",
        "english_title": f"Film {n}",
        "synopsis": "A film about what a machine remembers of a harbour it has never seen.",
        "languages": ["en"],
        "countries": [COUNTRIES[n % len(COUNTRIES)]],
        "year": 2026,
        "declared_share_bp": dice.randint(7000, 10_000),
        "may_play_publicly": True,
        "created_at": NOON - timedelta(days=20),
        "changed_at": NOON - timedelta(days=3),
        "submitted_at": NOON - timedelta(days=2, minutes=n),
        "decided_at": NOON,
    }


def _round(session: Session, edition: Edition) -> Round:
    first = edition.rules.rounds[0]
    opened = Round(
        edition=edition,
        key=first.key,
        position=0,
        stage=RoundStage.OPEN,
        rules_version=edition.current,
        seed=7,
        opened_at=NOON,
    )
    session.add(opened)
    session.flush()
    _rows(
        session,
        Candidacy,
        [{"round_id": opened.id, "entry_id": n, "advanced": None} for n in range(1, ENTRIES + 1)],
    )
    return opened


def _jurors(session: Session, edition: Edition, round_: Round) -> list[Person]:
    jurors = [make_person(session, f"Juror {n}") for n in range(1, JURORS + 1)]
    for number, person in enumerate(jurors, start=1):
        person.appointments.append(
            Appointment(edition_id=edition.id, role=Role.JUROR, created_at=NOON)
        )
        session.add(Seat(id=number, round_id=round_.id, person=person, number=number))
    session.flush()
    return jurors


def _ballots(session: Session, round_: Round, dice: random.Random) -> None:
    keys = [criterion.key for criterion in round_.rules.criteria]
    screenings: list[dict[str, Any]] = []
    ballots: list[dict[str, Any]] = []
    positions = [0] * (JURORS + 1)
    for n in range(1, ENTRIES + 1):
        for seat in ((n * PER_FILM + step) % JURORS + 1 for step in range(PER_FILM)):
            marks = {key: dice.randint(1, 10) for key in keys}
            screenings.append(_screening(len(screenings) + 1, seat, n, positions[seat], marks))
            positions[seat] += 1
            ballots.append(
                {
                    "screening_id": len(screenings),
                    "marks": marks,
                    "counts": True,
                    "seconds_watched": 120,
                    "signed_at": NOON + timedelta(seconds=len(ballots)),
                }
            )
    # The first juror has one film left, so that a ballot can be posted.
    last = max(each["id"] for each in screenings if each["seat_id"] == 1)
    screenings[last - 1] |= {"stage": ScreeningStage.WAITING, "marks": {}}
    _rows(session, Screening, screenings)
    _rows(session, Ballot, [each for each in ballots if each["screening_id"] != last])


def _screening(
    number: int, seat: int, entry: int, position: int, marks: dict[str, int]
) -> dict[str, Any]:
    return {
        "id": number,
        "seat_id": seat,
        "entry_id": entry,
        "position": position,
        "stage": ScreeningStage.SCORED,
        "marks": marks,
        "remark": "",
        "seconds_watched": 120,
        "seen_to_end": True,
        "reason": "",
        "changed_at": NOON,
    }
