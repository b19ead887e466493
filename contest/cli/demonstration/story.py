"""Plays the demonstration through the same actions that people's clicks call, at past instants."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from contest.awards import actions as awards
from contest.awards.models import Conferral
from contest.cli.demonstration.cast import AUTHORS, JURORS, WORKS, Author, Work
from contest.cli.demonstration.rules import CITATIONS, judging_rules, open_rules, published_rules
from contest.db import Database
from contest.editions.actions import create_edition, list_call
from contest.editions.models import Edition
from contest.entries import actions as entries
from contest.entries.film import begin_film, film_arrived
from contest.entries.models import DecisionKind, Entry
from contest.jury.actions.ballots import sign_ballot
from contest.jury.actions.rounds import open_round, plan_rounds
from contest.jury.actions.sheet import record_watching, save_marks
from contest.jury.actions.verdict import close_round
from contest.jury.models import Round, Screening, Seat
from contest.letters.models import Letter, LetterState
from contest.machines.queue import run_pending
from contest.machines.storage import Part, Storage
from contest.media.actions import make_room, record_part, transfer_of, verify_upload
from contest.people.actions import appoint, register
from contest.people.models import Person, Role
from contest.rulebook.declaration import share_from

URL = "http://localhost:8000"
DAY = timedelta(days=1)
LEANING = {1: 1, 3: -1}  # how much milder than the others the juror of a seat is
TOOLS = {
    "script": (
        "Claude",
        "Anthropic",
        "4.5",
        "A first draft of the voice-over",
        "Rewritten by hand",
    ),
    "stills": (
        "Midjourney",
        "Midjourney",
        "7",
        "Key frames",
        "One of forty kept, then painted over",
    ),
    "video": ("Seedance", "ByteDance", "1.0 Pro", "Every shot", "Cut to the voice, shot by shot"),
    "voice": ("ElevenLabs", "ElevenLabs", "v3", "The narrator", "Directed line by line"),
    "music": ("Suno", "Suno", "5", "The theme", "Arranged and mixed by hand"),
}


@dataclass
class Stage:
    """The house being filled, and who is in it. `today` is when all this is told."""

    database: Database
    storage: Storage
    films: dict[str, Path]
    today: datetime
    password: str
    tell: Callable[[str], None]
    people: dict[str, int] = field(default_factory=dict)

    def play(self) -> None:
        """Everything, in the order in which it would have happened."""
        with self.database.transaction() as session:
            self._people(session)
        for words, act in (
            ("Publishing last year's edition", self._published),
            ("Seating this spring's jury", self._judging),
            ("Opening this winter's call", self._open),
        ):
            self.tell(words)
            act()

    def _people(self, session: Session) -> None:
        admin = self._person(session, "admin@example.org", "Ida Haus", "FR")
        admin.is_administrator = True
        self._person(session, "organizer@example.org", "Olga Orlova", "FR")
        for email, name, country in JURORS:
            self._person(session, email, name, country)
        for author in AUTHORS:
            self._person(session, author.email, author.name, author.country, author)

    def _person(
        self, session: Session, email: str, name: str, country: str, author: Author | None = None
    ) -> Person:
        person = register(
            session,
            email=email,
            name=name,
            country=country,
            language=author.language if author else "en",
            time_zone=author.time_zone if author else "Europe/Paris",
            password=self.password,
            now=self.today - 400 * DAY,
        )
        if person is None:
            raise RuntimeError(f"{email} lives here already.")
        person.confirmed_at = person.created_at
        self.people[email] = person.id
        return person

    def _one(self, session: Session, email: str) -> Person:
        return session.get_one(Person, self.people[email])

    # Editions

    def _published(self) -> None:
        document, opens = published_rules(self.today), self.today - 300 * DAY
        with self.database.transaction() as session:
            edition_id = self._edition(session, "ai-shorts-2025", document, opens).id
        ids = [
            self._enter(edition_id, work, opens + (5 + at) * DAY)
            for at, work in enumerate(WORKS[:8])
        ]
        self._decide(edition_id, ids, opens + 95 * DAY)
        self._judge(edition_id, "final", opens + 100 * DAY, everybody=True)
        with self.database.transaction() as session:
            self._award(session, edition_id, opens + 140 * DAY)

    def _judging(self) -> None:
        document, opens = judging_rules(self.today), self.today - 80 * DAY
        with self.database.transaction() as session:
            edition_id = self._edition(session, "ai-shorts-spring", document, opens).id
        works = (*WORKS[7:12], WORKS[12])
        ids = [
            self._enter(edition_id, work, opens + (5 + at) * DAY) for at, work in enumerate(works)
        ]
        self._decide(edition_id, ids, opens + 65 * DAY)
        self._judge(edition_id, "selection", self.today - 6 * DAY, everybody=False)

    def _open(self) -> None:
        """An entry at every stage: drafts, one too short, submitted, asked, decided, withdrawn."""
        opens = self.today - 20 * DAY
        with self.database.transaction() as session:
            document = open_rules(self.today)
            edition_id = self._edition(session, "ai-shorts-winter", document, opens).id
        ids = [
            self._enter(edition_id, work, opens + (2 + at) * DAY)
            for at, work in enumerate(WORKS[:6])
        ]
        self._enter(edition_id, WORKS[13], opens + 9 * DAY, submit=False)
        self._begin(edition_id, WORKS[6], opens + 10 * DAY)
        now = self.today - 3 * DAY
        self._say(ids[1], DecisionKind.ACCEPT, "", now=now)
        self._say(ids[2], DecisionKind.REFUSE, "It was shown on a platform last year.", now=now)
        self._say(ids[3], DecisionKind.ASK, "Which model sang the song at the end?", now=now)
        with self.database.transaction() as session:
            entry = session.get_one(Entry, ids[4])
            entries.withdraw(session, entry, now=self.today - 2 * DAY)

    def _edition(
        self, session: Session, slug: str, document: dict[str, Any], opens: datetime
    ) -> Edition:
        by_id, made = self.people["organizer@example.org"], opens - 10 * DAY
        edition = create_edition(session, slug, document, by_id=by_id, now=made)
        for email, role in [("organizer@example.org", Role.ORGANIZER)] + [
            (juror[0], Role.JUROR) for juror in JURORS
        ]:
            appoint(session, self._one(session, email), edition.id, role, by_id=by_id, now=made)
        list_call(session, edition, by_id=by_id, now=opens - DAY)
        return edition

    # Entries

    def _enter(self, edition_id: int, work: Work, when: datetime, *, submit: bool = True) -> int:
        """Fill in an entry, send its film, have it checked, and submit it."""
        entry_id = self._begin(edition_id, work, when)
        with self.database.transaction() as session:
            self._complete(session, session.get_one(Entry, entry_id), work, when)
        run_pending(self.database, clock=lambda: when)
        if submit:
            with self.database.transaction() as session:
                entry = session.get_one(Entry, entry_id)
                entries.submit(session, entry, public_url=URL, now=when + timedelta(hours=1))
        return entry_id

    def _begin(self, edition_id: int, work: Work, when: datetime) -> int:
        with self.database.transaction() as session:
            edition = session.get_one(Edition, edition_id)
            entry = entries.begin_entry(session, edition, self._one(session, work.author), now=when)
            facts = {
                "category": work.category,
                "original_title": work.title,
                "title_language": work.title_language,
                "romanised_title": work.romanised,
                "english_title": work.english,
                "synopsis": work.synopsis,
                "languages": [work.language],
                "year": when.year,
                "may_play_publicly": work.public,
            }
            entries.save_facts(session, entry, facts, now=when)
            return entry.id

    def _complete(self, session: Session, entry: Entry, work: Work, when: datetime) -> None:
        author = next(each for each in AUTHORS if each.email == work.author)
        people = [{"name": author.name, "romanised_name": author.romanised, "role": "Director"}]
        entries.save_credits(session, entry, people, now=when)
        names = ("tool", "vendor", "version", "made", "human_step")
        lines = [
            dict(zip(names, told, strict=True)) | {"stage": stage, "terms": "Paid plan"}
            for stage, told in TOOLS.items()
        ]
        entries.save_declaration(session, entry, lines, share_from(work.share), now=when)
        statements = [each.key for each in entry.edition.rules.rights]
        entries.affirm(session, entry, statements, now=when)
        self._send_film(session, entry, self.films[work.plan.name], when)

    def _send_film(self, session: Session, entry: Entry, film: Path, when: datetime) -> None:
        content = film.read_bytes()
        upload = begin_film(
            session,
            make_room(self.storage, len(content)),
            entry,
            file_name=film.name,
            part_bytes=16 << 20,
            now=when,
        )
        part = Part(1, 0, len(content), hashlib.sha256(content).hexdigest())
        self.storage.put_part(transfer_of(upload), part, io.BytesIO(content))
        record_part(session, upload, part, now=when)
        film_arrived(session, upload, verify_upload(self.storage, upload), now=when)

    def _decide(self, edition_id: int, ids: Sequence[int], when: datetime) -> None:
        for entry_id in ids:
            self._say(entry_id, DecisionKind.ACCEPT, "", now=when)
        with self.database.transaction() as session:
            for letter in session.query(Letter).filter_by(edition_id=edition_id):
                letter.state, letter.sent_at = LetterState.SENT, when

    def _say(self, entry_id: int, kind: DecisionKind, reason: str, *, now: datetime) -> None:
        with self.database.transaction() as session:
            entry = session.get_one(Entry, entry_id)
            person = self._one(session, "organizer@example.org")
            entries.decide(session, entry, kind, reason, by=person, public_url=URL, now=now)

    # Jury

    def _judge(self, edition_id: int, key: str, when: datetime, *, everybody: bool) -> None:
        """Open a round, sign ballots (all, or what a week brings), and close it if all are in."""
        by_id = self.people["organizer@example.org"]
        with self.database.transaction() as session:
            edition = session.get_one(Edition, edition_id)
            plan_rounds(session, edition, now=when)
            judged = session.query(Round).filter_by(edition_id=edition_id, key=key).one()
            jurors = [self.people[each[0]] for each in JURORS]
            open_round(session, judged, jurors, by_id=by_id, now=when, seed=2026)
        self._ballots(edition_id, key, when, everybody=everybody)
        if everybody:
            with self.database.transaction() as session:
                judged = session.query(Round).filter_by(edition_id=edition_id, key=key).one()
                close_round(session, judged, by_id=by_id, now=when + 30 * DAY)

    def _ballots(self, edition_id: int, key: str, when: datetime, *, everybody: bool) -> None:
        dice = random.Random(11)  # noqa: S311  # marks of invented jurors
        with self.database.transaction() as session:
            query = session.query(Screening).join(Seat).join(Round)
            seen = query.filter(Round.edition_id == edition_id, Round.key == key)
            for screening in seen.order_by(Screening.id):
                late = screening.seat.number * 2 - 1
                if everybody or screening.position < max(0, 4 - late // 2):
                    at = when + timedelta(hours=20 * (screening.position + 1))
                    self._score(session, screening, dice, min(at, self.today))

    def _score(
        self, session: Session, screening: Screening, dice: random.Random, when: datetime
    ) -> None:
        worth = 4 + screening.entry_id * 5 % 6 + LEANING.get(screening.seat.number, 0)
        marks = {
            criterion.key: min(10, max(1, worth + dice.choice((-2, -1, 0, 0, 1))))
            for criterion in screening.seat.round.rules.criteria
        }
        record_watching(screening, 90, to_end=True, now=when)
        save_marks(screening, marks, None, now=when)
        sign_ballot(session, screening, now=when)

    # Awards

    def _award(self, session: Session, edition_id: int, when: datetime) -> None:
        by_id = self.people["organizer@example.org"]
        edition = session.get_one(Edition, edition_id)
        awards.confer_proposed(session, edition, person_id=by_id, now=when)
        session.flush()
        for conferral in session.query(Conferral).filter_by(edition_id=edition_id):
            words = CITATIONS[conferral.entry_id % len(CITATIONS)]
            awards.cite(session, conferral, citation=words, reason="", person_id=by_id, now=when)
        awards.publish(session, edition, correction="", person_id=by_id, now=when)
