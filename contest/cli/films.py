"""`contest films`: whether every film is still what arrived, byte for byte.

Reads all that the database knows of from the storage: films against their SHA-256, what was made of
them against its length, subtitles and published stills for being there. Worth doing after a
restoration, and now and then.
"""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contest.cli.jobs import load_jobs
from contest.db import Database
from contest.entries.models import Subtitles
from contest.machines.storage import NotKept, Storage, chunks, open_storage
from contest.media.models import Master, Rendition
from contest.programme.models import Asset
from contest.settings import load_settings


def add_parser(_parser: ArgumentParser) -> None:
    """`contest films` has no arguments."""


def run(_arguments: Namespace) -> int:
    """Say which films are lacking or have changed. 0 when none is, else 1."""
    settings = load_settings()
    load_jobs()  # and with them all tables
    database = Database(settings.database_url)
    storage = open_storage(settings)
    with database.reading() as session:
        masters = session.scalars(select(Master).order_by(Master.id)).all()
        problems = [*_of_masters(storage, masters), *_of_the_rest(session, storage)]
    database.close()
    for problem in problems:
        print(problem)
    gigabytes = sum(each.size_bytes for each in masters) / 1e9
    print(f"{len(masters)} films, {gigabytes:.3f} GB read; {_verdict(len(problems))}")
    return 1 if problems else 0


def _verdict(problems: int) -> str:
    if problems:
        return f"{problems} files are not what they were: take them from a backup."
    return "each is what arrived, and all that was made of them is there."


def _of_masters(storage: Storage, masters: Sequence[Master]) -> Iterator[str]:
    for each in masters:
        name = f"Film {each.id} ({each.file_name}, {each.storage_key})"
        try:
            if _sha256(storage, each.storage_key) != each.sha256:
                yield f"{name} has changed."
        except NotKept:
            yield f"{name} is lacking."


def _sha256(storage: Storage, key: str) -> str:
    digest = hashlib.sha256()
    with storage.open(key) as film:
        for chunk in chunks(film):
            digest.update(chunk)
    return digest.hexdigest()


def _of_the_rest(session: Session, storage: Storage) -> Iterator[str]:
    """What has a length must have it still; what has none must be there."""
    ready = select(Rendition.storage_key, Rendition.size_bytes).where(
        Rendition.storage_key.is_not(None)
    )
    known = dict.fromkeys(
        [
            *session.scalars(select(Subtitles.storage_key)),
            *session.scalars(select(Asset.storage_key)),
        ]
    )
    lengths: dict[str, int | None] = known | {
        str(key): size for key, size in session.execute(ready)
    }
    for key, expected in sorted(lengths.items()):
        try:
            found = storage.size(key)
        except NotKept:
            yield f"{key} is lacking."
            continue
        if expected not in (None, found):
            yield f"{key} has {found} bytes; it was made with {expected}."
