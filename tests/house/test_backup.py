"""A house is copied while it is open, put back elsewhere, and is the same, film for film."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from contest.cli import schema
from contest.db import Database
from contest.logbook import LogLine, log
from contest.machines.storage import Part, Transfer, open_storage
from contest.media.models import Master
from contest.settings import HOME, load_settings
from tests.factories import make_person
from tests.postgres import Server

FILM = b"moving pictures" * 5000


class House:
    """A house in a folder, with a database somewhere, that commands can be given to.

    `programs` is where pg_dump is, if not among the system's.
    """

    def __init__(self, var: Path, database_url: str, programs: Path | None = None) -> None:
        self.var, self.programs = var, programs
        self.environment = {
            "PALMARES_DATABASE_URL": database_url,
            "PALMARES_STORAGE_ROOT": str(var / "storage"),
            "PALMARES_SECRET_KEY_FILE": str(var / "secret-key"),
            "PALMARES_LETTERS_DIR": str(var / "letters"),
        }
        self.settings = load_settings(self.environment)
        self.database = Database(database_url)

    def contest(self, *words: str) -> subprocess.CompletedProcess[str]:
        path = [str(self.programs)] if self.programs else []
        return subprocess.run(
            [sys.executable, "-m", "contest.cli", *words],
            cwd=HOME,
            env=os.environ | self.environment | {"PATH": ":".join([*path, os.environ["PATH"]])},
            capture_output=True,
            text=True,
            check=False,
        )

    def receive(self, session: Session, content: bytes) -> Master:
        """A film that arrived."""
        storage = open_storage(self.settings)
        transfer = storage.begin(len(content))
        part = Part(1, 0, len(content), hashlib.sha256(content).hexdigest())
        with _source(self.var, content).open("rb") as source:
            storage.put_part(transfer, part, source)
        now = datetime.now(UTC)
        master = Master(
            person_id=make_person(session).id,
            storage_key=transfer.key,
            file_name="harbour_final.mov",
            size_bytes=len(content),
            sha256=storage.finish(transfer, [part]),
            received_at=now,
        )
        session.add(master)
        session.flush()
        log(session, "film.received", f"master:{master.id}", now=now)
        return master

    def content(self) -> list[tuple[str, str]]:
        """What is in it: films and the seals of the logbook."""
        with self.database.reading() as session:
            films = session.execute(select(Master.storage_key, Master.sha256).order_by(Master.id))
            lines = session.execute(select(LogLine.about, LogLine.seal).order_by(LogLine.id))
            return [(key, sha256) for key, sha256 in (*films, *lines)]


def _source(folder: Path, content: bytes) -> Path:
    file = folder / "source"
    file.write_bytes(content)
    return file


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "var").mkdir()
    made = House(tmp_path / "var", f"sqlite:///{tmp_path / 'var' / 'palmares.db'}")
    yield from _with_two_films(made)


@pytest.fixture
def house_on_postgresql(tmp_path: Path, postgres: str, postgres_server: Server) -> Iterator[House]:
    (tmp_path / "var").mkdir()
    yield from _with_two_films(House(tmp_path / "var", postgres, postgres_server.programs))


def _with_two_films(house: House) -> Iterator[House]:
    schema.upgrade(house.database)
    with house.database.transaction() as session:
        for number in (1, 2):
            house.receive(session, FILM * number)
    yield house
    house.database.close()


def test_a_house_on_sqlite_is_the_same_when_it_is_put_back_elsewhere(
    house: House, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    with writing(house) as written:
        copied = house.contest("backup", str(backup))
    assert (copied.returncode, copied.stderr) == (0, "")
    assert written.count > 0
    shutil.copytree(backup, tmp_path / "elsewhere")
    other = House(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'elsewhere' / 'palmares.db'}")
    there = other.content()
    assert there == [each for each in house.content() if each in there]
    assert len(there) >= 4
    assert other.settings.secret_key == house.settings.secret_key
    read = other.contest("films")
    assert (read.returncode, read.stdout) == (
        0,
        "2 films, 0.000 GB read; each is what arrived, and all that was made of them is there.\n",
    )
    assert other.contest("logbook").returncode == 0
    other.database.close()


class writing:  # noqa: N801  # reads as what it is: with writing(house)
    """Somebody who goes on writing into the logbook within the block."""

    def __init__(self, house: House) -> None:
        self._house, self._enough, self.count = house, Event(), 0
        self._hand = Thread(target=self._write)

    def __enter__(self) -> writing:
        self._hand.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._hand.join()

    def _write(self) -> None:
        while not self._enough.wait(0.02):
            with self._house.database.transaction() as session:
                log(session, "house.tested", f"line:{self.count}", now=datetime.now(UTC))
            self.count += 1


def test_the_next_backup_copies_only_what_is_new(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    where = folder / "storage"
    said = [house.contest("backup", str(folder)).stdout.splitlines()[1]]
    with house.database.transaction() as session:
        house.receive(session, FILM * 3)
    said.append(house.contest("backup", str(folder)).stdout.splitlines()[1])
    assert said == [
        f"Films and what was made of them: {new} new files in {where}." for new in (2, 1)
    ]
    assert sorted(each.name for each in folder.iterdir()) == [
        "palmares.db",
        "secret-key",
        "storage",
    ]
    closed = [folder, folder / "palmares.db", folder / "secret-key"]
    assert [each.stat().st_mode & 0o077 for each in closed] == [0, 0, 0]


def test_a_film_on_its_way_in_goes_on_where_the_backup_was_put_back(
    house: House, tmp_path: Path
) -> None:
    halves = [Part(n + 1, n * 9, 9, hashlib.sha256(FILM[n * 9 :][:9]).hexdigest()) for n in (0, 1)]
    transfer = open_storage(house.settings).begin(18)
    send(house, transfer, halves[0])
    assert house.contest("backup", str(tmp_path / "backup")).returncode == 0
    other = House(tmp_path / "backup", f"sqlite:///{tmp_path / 'backup' / 'palmares.db'}")
    send(other, transfer, halves[1])
    whole = open_storage(other.settings).finish(transfer, halves)
    assert whole == hashlib.sha256(FILM[:18]).hexdigest()


def send(house: House, transfer: Transfer, part: Part) -> None:
    content = FILM[part.offset : part.offset + part.size_bytes]
    with _source(house.var, content).open("rb") as source:
        open_storage(house.settings).put_part(transfer, part, source)


def test_films_that_are_lacking_or_have_changed_are_named(house: House) -> None:
    with house.database.reading() as session:
        lost, changed = session.scalars(select(Master).order_by(Master.id))
    kept = house.settings.storage_path / "kept"
    (kept / lost.storage_key[:2] / lost.storage_key).unlink()
    file = kept / changed.storage_key[:2] / changed.storage_key
    file.chmod(0o600)
    file.write_bytes(b"X" + file.read_bytes()[1:])
    read = house.contest("films")
    assert (read.returncode, read.stdout.splitlines()) == (
        1,
        [
            f"Film {lost.id} (harbour_final.mov, {lost.storage_key}) is lacking.",
            f"Film {changed.id} (harbour_final.mov, {changed.storage_key}) has changed.",
            "2 films, 0.000 GB read; 2 files are not what they were: take them from a backup.",
        ],
    )


def test_a_house_on_postgresql_is_the_same_when_it_is_put_back_elsewhere(
    house_on_postgresql: House, postgres_server: Server, tmp_path: Path
) -> None:
    copied = house_on_postgresql.contest("backup", str(tmp_path / "backup"))
    assert (copied.returncode, copied.stderr) == (0, "")
    empty = postgres_server.make("template0")
    restored = put_back(postgres_server, tmp_path / "backup" / "palmares.dump", empty)
    assert (restored.returncode, restored.stderr) == (0, "")
    other = House(tmp_path / "backup", empty)
    assert other.content() == house_on_postgresql.content()
    assert [other.contest(word).returncode for word in ("films", "logbook")] == [0, 0]
    other.database.close()


def put_back(server: Server, dump: Path, url: str) -> subprocess.CompletedProcess[str]:
    """As docs/operations.md says."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(
        [
            server.programs / "pg_restore",
            "--no-owner",
            "--exit-on-error",
            f"--dbname={address}",
            dump,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_where_there_is_no_database_nothing_is_said_to_be_backed_up(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.db"
    house = House(tmp_path, f"sqlite:///{nowhere}")
    copied = house.contest("backup", str(tmp_path / "backup"))
    assert (copied.returncode, copied.stdout) == (1, "")
    assert copied.stderr == f"There is no database {nowhere} to back up.\n"
