"""Pages of a first edition at full size, each beside a bare Flask page of the same size.

    .venv/bin/python -m benchmarks.pages

The house holds 2,300 entries and 11,500 ballots. The bare page is what anyone would write in ten
lines: no sign-in, no permissions, no translations; one query by sqlite3 for as many rows as ours
shows, a Jinja template that loops over them, and as many bytes. It is the floor, not a goal. Both
are called in this process, in turn, so that no network and no server hides what they cost.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from benchmarks.world import World, make_world
from contest import create_app
from contest.awards.actions import publish
from contest.cli import schema
from contest.db import Database
from contest.people.models import Person
from contest.settings import load_settings
from contest.web.limits import limiter
from tests.counting import statements
from tests.judged import crown, make_judged_edition

REQUESTS, WARM_UP = 120, 10
NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
SECRET, RAW_TOKEN = "only for this run", "a" * 40
BARE = """<!doctype html><html lang="en"><head><title>Bare</title></head><body>
<h1>{{ rows|length }} rows</h1><table>{% for row in rows %}<tr>
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></body></html>"""


@dataclass(frozen=True)
class Asked:
    """What one page took: milliseconds of CPU (median) and of clock (95th percentile)."""

    cpu_ms: float
    p95_ms: float
    per_second: float
    size: int
    queries: int


def main() -> None:
    """Build the world, ask every page and its bare twin, print ratios."""
    with tempfile.TemporaryDirectory() as folder:
        house, world = build(Path(folder))
        limiter.enabled = False
        print(f"{'page':22}{'CPU':>9}{'bare':>9}{'ratio':>7}{'p95':>9}{'req/s':>8}{'queries':>9}")
        for name, ask, rows in pages(house, world):
            ours = measured(house, ask)
            bare = measured_bare(Path(folder) / "house.db", rows, ours.size)
            print(
                f"{name:22}{ours.cpu_ms:6.1f} ms{bare.cpu_ms:6.1f} ms"
                f"{ours.cpu_ms / bare.cpu_ms:7.1f}{ours.p95_ms:6.1f} ms{ours.per_second:8.0f}"
                f"{ours.queries:9}"
            )


def build(folder: Path) -> tuple[Flask, World]:
    """The application on a database of full size."""
    settings = load_settings(
        {},
        database_url=f"sqlite:///{folder / 'house.db'}",
        storage_root=str(folder / "storage"),
        secret_key=SECRET,
        queue="inline",
    )
    database = Database(settings.database_url)
    schema.upgrade(database)
    with database.working() as session:
        world = make_world(session)
        judged = make_judged_edition(session, "judged")
        crown(session, judged)
        publish(session, judged.edition, correction="", person_id=judged.organizer.id, now=NOW)
        session.commit()
    database.close()
    return create_app(settings, lambda: NOW), world


def pages(house: Flask, world: World) -> list[tuple[str, Callable[[], int], int]]:
    """Name, a call that asks once and gives the bytes of the answer, and the rows it shows."""
    organizer, juror = signed_in(house, world.organizer), signed_in(house, world.juror)
    nobody = house.test_client()
    turns = iter(range(10_000))

    def ballot() -> int:
        turn = next(turns)
        criteria = world.round.rules.criteria
        marks = {f"mark-{each.key}": str(1 + (turn + at) % 10) for at, each in enumerate(criteria)}
        screening = world.screenings[turn % len(world.screenings)]
        return answer(juror, "POST", f"/jury/screenings/{screening}/sign", marks)

    return [
        ("entries list", lambda: answer(organizer, "GET", "/office/first/entries"), 50),
        ("entries, page 40", lambda: answer(organizer, "GET", "/office/first/entries?page=40"), 50),
        (
            "entries, search",
            lambda: answer(organizer, "GET", "/office/first/entries?search=77"),
            50,
        ),
        ("today", lambda: answer(organizer, "GET", "/office/first"), 10),
        (
            "round in progress",
            lambda: answer(organizer, "GET", "/office/first/rounds/selection"),
            60,
        ),
        ("jury desk", lambda: answer(juror, "GET", "/jury"), 192),
        ("ballot posted", ballot, 4),
        ("palmarès", lambda: answer(nobody, "GET", "/editions/judged/palmares"), 11),
    ]


def signed_in(house: Flask, person: Person) -> FlaskClient:
    client = house.test_client()
    with client.session_transaction(base_url="https://localhost") as kept:
        kept["_user_id"] = f"{person.id}:{person.session_key}"
        kept["csrf_token"] = RAW_TOKEN
    return client


def answer(
    client: FlaskClient, method: str, address: str, data: dict[str, str] | None = None
) -> int:
    token = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(RAW_TOKEN)
    response = client.open(
        address,
        method=method,
        data=data,
        base_url="https://localhost",
        headers={"X-CSRFToken": str(token)},
    )
    size = len(response.get_data())
    if response.status_code not in (200, 303):
        raise RuntimeError(f"{address} answered {response.status_code}")
    return size


def measured(house: Flask, ask: Callable[[], int]) -> Asked:
    for _ in range(WARM_UP):
        ask()
    with statements(house.extensions["house"].database.engine) as sent:
        size = ask()
    return timed(ask, size, len(sent))


def timed(ask: Callable[[], int], size: int, queries: int) -> Asked:
    cpu, clock = [], []
    for _ in range(REQUESTS):
        used, began = time.process_time(), time.perf_counter()
        ask()
        cpu.append(time.process_time() - used)
        clock.append(time.perf_counter() - began)
    return Asked(
        cpu_ms=statistics.median(cpu) * 1000,
        p95_ms=statistics.quantiles(clock, n=20)[-1] * 1000,
        per_second=REQUESTS / sum(clock),
        size=size,
        queries=queries,
    )


def measured_bare(file: Path, rows: int, size: int) -> Asked:
    """The bare page: as many rows from the same table, and as many bytes."""
    app = Flask("bare")
    # asked while ours is open, so from a copy: two readers of one file would share its cache
    copy = file.with_name("bare.db")
    if not copy.exists():
        shutil.copy(file, copy)

    @app.get("/")
    def page() -> str:
        with sqlite3.connect(copy) as connection:
            found = connection.execute(
                "SELECT number, original_title, english_title, category, stage, film_code"
                " FROM entry ORDER BY number LIMIT ?",
                (rows,),
            ).fetchall()
        connection.close()
        shown = render_template_string(BARE, rows=found)
        return shown + "x" * max(0, size - len(shown.encode()))

    client = app.test_client()
    for _ in range(WARM_UP):
        client.get("/")
    return timed(lambda: len(client.get("/").get_data()), size, 1)


if __name__ == "__main__":
    main()
