"""An edition whose jury has spoken: rounds closed, standings frozen, prizes to be given."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.awards.actions import cite, confer_proposed
from contest.awards.models import Conferral
from contest.editions.models import Edition
from contest.entries.models import Entry
from contest.jury.models import Ballot, Candidacy, Round, Screening, Seat, Standing
from contest.machines.storage import Storage
from contest.media.models import RenditionKind
from contest.people.models import Person
from contest.rulebook.rules import RoundRules
from contest.rulebook.sentences import Sentence
from contest.rulebook.stages import EntryStage, RoundStage, ScreeningStage
from tests.factories import (
    NOON,
    make_edition,
    make_juror,
    make_organizer,
    make_person,
    make_submitted_entry,
)

TITLES = (
    ("烟火下的港湾", "zh-Hans", "The Harbour under Fireworks", "林安琪", "Lin Anqi", "CN"),
    ("Fantaisie de l’arbre", "fr", "Tree Fantasy", "Wen Duval", "", "FR"),
    ("Alaya", "en", "Alaya", "Noor Haddad", "", "MA"),
    ("Последний поезд", "ru", "The Last Train", "Мира Орлова", "Mira Orlova", "KZ"),
    ("Mountains That Fold", "en", "Mountains That Fold", "Ji-woo Han", "", "KR"),
    ("Paraguas, 4 a.m.", "es", "Umbrella, 4 a.m.", "Tomás Rey", "", "AR"),
    ("Salt Letters", "en", "Salt Letters", "Ada Obi", "", "NG"),
    ("Le Dernier Phare", "fr", "The Last Lighthouse", "Inès Moreau", "", "CA"),
    ("雨の駅", "ja", "Rain Station", "佐藤葵", "Sato Aoi", "JP"),
    ("Glasberg", "de", "Glass Mountain", "Jonas Keil", "", "DE"),
    ("Noon in Reverse", "en", "Noon in Reverse", "Priya Nair", "", "IN"),
    ("A Fila", "pt", "The Queue", "Rui Matos", "", "PT"),
)
"""Title, its language, English title, maker, romanised name, country."""


@dataclass(frozen=True)
class Judged:
    """The edition, who runs and judges it, and its ranked films, best first."""

    edition: Edition
    organizer: Person
    jurors: list[Person]
    entries: list[Entry]


def make_judged_edition(session: Session, slug: str | None = None, films: int = 12) -> Judged:
    """Both rounds closed; the first `films` titles ranked in their order, one more refused."""
    edition = make_edition(session, slug)
    organizer = make_organizer(session, edition)
    jurors = [make_juror(session, edition, name) for name in ("Ana Bo", "Ben Cho", "Chi Dao")]
    entries = [_entry(session, edition, at) for at in range(films)]
    make_submitted_entry(
        session, edition, stage=EntryStage.REFUSED, original_title="Refused and never named"
    )
    for position, rules in enumerate(edition.rules.rounds):
        _closed_round(session, edition, position, rules, jurors, entries)
    session.flush()
    return Judged(edition, organizer, jurors, entries)


def crown(session: Session, judged: Judged, now: datetime = NOON) -> list[Conferral]:
    """Every prize as the standings propose, each with a citation."""
    given = confer_proposed(session, judged.edition, person_id=judged.organizer.id, now=now)
    for each in given:
        words = f"It keeps its promise: {each.entry.english_title}."
        cite(
            session,
            each,
            citation=words,
            reason="",
            person_id=judged.organizer.id,
            now=now,
        )
    session.flush()
    return given


def keep_bytes(judged: Judged, storage: Storage, kind: RenditionKind, content: bytes) -> None:
    """Put bytes where the records say stills or films are."""
    for entry in judged.entries:
        master = entry.master
        rendition = master.rendition(kind) if master else None
        if rendition is not None:
            storage.keep(io.BytesIO(content), rendition.storage_key)


def standing_of(session: Session, entry: Entry) -> Standing:
    """The entry's standing in the last round."""
    found = select(Standing).where(Standing.entry_id == entry.id).order_by(Standing.round_id.desc())
    standing = session.scalar(found.limit(1))
    assert standing is not None
    return standing


def _entry(session: Session, edition: Edition, at: int) -> Entry:
    title, language, english, maker, romanised, country = TITLES[at % len(TITLES)]
    entry = make_submitted_entry(
        session,
        edition,
        make_person(session, f"Account of {maker}"),
        stage=EntryStage.ACCEPTED,
        facts={"duration_s": 104.0 + 17 * at},
        original_title=title,
        title_language=language,
        english_title=english,
        romanised_title=romanised and f"Romanised {at}",
        countries=[country],
        declared_share_bp=7000 + 250 * at,
        may_play_publicly=at % 2 == 0,
    )
    entry.credits[0].name, entry.credits[0].romanised_name = maker, romanised
    return entry


def _closed_round(
    session: Session,
    edition: Edition,
    position: int,
    rules: RoundRules,
    jurors: list[Person],
    entries: list[Entry],
) -> None:
    round_ = Round(
        edition_id=edition.id,
        key=rules.key,
        position=position,
        stage=RoundStage.CLOSED,
        rules_version_id=edition.current.id,
        seed=7,
        opened_at=NOON,
        closes_at=NOON + timedelta(days=1),
        closed_at=NOON + timedelta(days=1),
        ballots_digest=f"{position:064x}",
        method={"method": rules.method},
    )
    session.add(round_)
    session.flush()
    for number, juror in enumerate(jurors, start=1):
        _seat(session, round_, number, juror, entries)
    for at, entry in enumerate(entries):
        session.add(Candidacy(round_id=round_.id, entry=entry, advanced=True))
        session.add(Standing(round_id=round_.id, entry=entry, **_result(at, rules)))


def _result(at: int, rules: RoundRules) -> dict[str, Any]:
    score = f"{9 - at * 0.25:.2f}"
    return {
        "place": at + 1,
        "shared": False,
        "score": score,
        "ballots": 3,
        "criteria": {each.key: score for each in rules.criteria},
        "why": [Sentence("Place %(place)s.", place=at + 1).to_json()],
    }


def _seat(
    session: Session, round_: Round, number: int, juror: Person, entries: list[Entry]
) -> None:
    seat = Seat(round_id=round_.id, person_id=juror.id, number=number)
    session.add(seat)
    session.flush()
    for position, entry in enumerate(entries):
        recused = number == 3 and position == 0
        screening = Screening(
            seat_id=seat.id,
            entry=entry,
            position=position,
            stage=ScreeningStage.RECUSED if recused else ScreeningStage.SCORED,
            changed_at=NOON,
        )
        if not recused:
            screening.ballots.append(
                Ballot(marks={"story": 7}, seconds_watched=100, signed_at=NOON)
            )
        session.add(screening)
