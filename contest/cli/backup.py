"""`contest backup`: a copy of a whole house, made while it is open.

The folder is laid out as `var/` is. The database comes first, then the films: they are written once
and never changed, so what is copied later lacks nothing that the database knows of. A film on its
way in is copied as far as it came, and can go on from there. The next backup into the same folder
copies only films that are not in it yet.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL, make_url

from contest.settings import HOME, Settings, load_settings

SQLITE_COPY, POSTGRESQL_COPY = "palmares.db", "palmares.dump"


class NotBackedUp(Exception):
    """A part of the house could not be copied; the message says what helps."""


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest backup`."""
    parser.add_argument("folder", type=Path, help="where the copy goes; may hold an earlier one")


def run(arguments: Namespace) -> int:
    """Copy the house. 0 when all of it is copied, else 1."""
    settings = load_settings()
    folder: Path = arguments.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        copy = copy_database(make_url(settings.database_url), folder)
    except NotBackedUp as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"The database: {copy}, {copy.stat().st_size / 1e6:.1f} MB.")
    print(copy_films(settings, folder))
    print(copy_key(settings, folder))
    return 0


def copy_database(url: URL, folder: Path) -> Path:
    """The database as it was at one instant; replaces an earlier copy once it is whole."""
    if url.get_backend_name() == "sqlite":
        whole = folder / SQLITE_COPY
        arriving = whole.with_suffix(".new")
        _copy_sqlite(str(url.database), arriving)
    else:
        whole = folder / POSTGRESQL_COPY
        arriving = whole.with_suffix(".new")
        _copy_postgresql(url, arriving)
    arriving.chmod(0o600)
    _give_name(arriving, whole)
    return whole


def _give_name(arriving: Path, whole: Path) -> None:
    """Under its name a file is all there, even if the power fails in the next moment."""
    descriptor = os.open(arriving, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    arriving.replace(whole)


def _copy_sqlite(file: str, target: Path) -> None:
    if not Path(file).is_file():
        raise NotBackedUp(f"There is no database {file} to back up.")
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _copy_postgresql(url: URL, target: Path) -> None:
    """By `pg_dump`, which is told the password where no list of processes shows it."""
    address = url.set(drivername="postgresql", password=None).render_as_string()
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    command = ["pg_dump", "--format=custom", f"--file={target}", address]
    try:
        subprocess.run(command, env=os.environ | password, check=True)
    except FileNotFoundError:
        raise NotBackedUp(
            "pg_dump is not installed here: it comes with PostgreSQL's client programs, of the "
            "server's version or newer."
        ) from None
    except subprocess.CalledProcessError as failed:
        raise NotBackedUp(f"pg_dump ended with code {failed.returncode}; see above.") from None


def copy_films(settings: Settings, folder: Path) -> str:
    """Copy what the storage keeps on this disk and the folder lacks; says what was done."""
    if settings.s3_bucket:
        return f"The films stay in the bucket {settings.s3_bucket}: let it keep versions."
    source, target = settings.storage_path, folder / "storage"
    shutil.rmtree(target / "incoming", ignore_errors=True)  # what is on its way in has moved on
    _copy_new(source / "incoming", target / "incoming")
    new = _copy_new(source / "kept", target / "kept")
    return f"Films and what was made of them: {new} new files in {target}."


def _copy_new(source: Path, target: Path) -> int:
    """Copy every file below `source` that `target` lacks; says how many."""
    new = 0
    for file in sorted(source.rglob("*")):
        place = target / file.relative_to(source)
        if file.is_dir() or place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        arriving = place.with_name(f"{place.name}.new")
        with suppress(FileNotFoundError):  # arrived meanwhile, and is copied from there
            shutil.copy(file, arriving)
            _give_name(arriving, place)
            new += 1
    return new


def copy_key(settings: Settings, folder: Path) -> str:
    """Copy the key that signs cookies, where the house keeps it in a file."""
    file = HOME / settings.secret_key_file
    if not file.is_file():
        return "The key is a setting: keep it with the settings."
    copy = folder / "secret-key"
    shutil.copy(file, copy)
    copy.chmod(0o600)
    return f"The key: {copy}. Whoever has it can sign in as anybody: keep the folder closed."
