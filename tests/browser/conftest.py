"""A house with open doors and a real Chromium before it; its clock is the test's.

The web server runs in this process, so that a test can set the clock; jobs are done by a thread
that stands for the worker. Without Chromium the tests of this folder are skipped.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Page, ViewportSize, expect
from werkzeug.serving import make_server

from contest import create_app
from contest.cli.jobs import load_jobs
from contest.db import Database
from contest.machines.queue import run_pending
from contest.machines.tools import ffmpeg
from contest.people.models import Person, SignInLink
from contest.people.tokens import digest_of, new_token
from contest.settings import Settings
from contest.web.limits import limiter
from tests.conftest import Clock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=15_000)  # on a busy machine a page takes its time

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which looks for nobody outside."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine.")
    return {"executable_path": CHROMIUM, "args": list(QUIET)}


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce"}


@dataclass(frozen=True)
class LiveHouse:
    """A house that can be visited."""

    url: str
    app: Flask
    database: Database
    settings: Settings
    clock: Clock

    def enter(self, page: Page, person: Person) -> None:
        """Sign the person in by a letter's link, as they would."""
        enter(page, self.url, self.database, person, self.clock.now)


def enter(page: Page, url: str, database: Database, person: Person, now: datetime) -> None:
    """Sign the person in at a house that stands at `url`, whose clock shows `now`."""
    token = new_token()
    with database.transaction() as session:
        session.add(
            SignInLink(
                person_id=person.id,
                token_digest=digest_of(token),
                created_at=now,
                expires_at=now + timedelta(minutes=20),
            )
        )
    page.goto(f"{url}/sign-in/{token}")
    page.get_by_role("button", name="Sign in at this browser").click()
    page.wait_for_url(lambda url: token not in url)  # a page left earlier is not signed in


@pytest.fixture
def live(
    settings: Settings, clock: Clock, compiled_pages: FileSystemBytecodeCache
) -> Iterator[LiveHouse]:
    """An open house on a port of its own, empty, at NOON."""
    server = make_server("127.0.0.1", 0, _not_built_yet, threaded=True)
    url = f"http://localhost:{server.server_port}"
    app = create_app(replace(settings, public_url=url), clock)
    app.jinja_env.bytecode_cache = compiled_pages
    limiter.enabled = False
    server.app = _closed_in_any_case(app)
    database: Database = app.extensions["house"].database
    closing = threading.Event()
    hands = [
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}),
        threading.Thread(target=_work, args=(database, clock, closing)),
    ]
    for each in hands:
        each.start()
    yield LiveHouse(url, app, database, settings, clock)
    closing.set()
    server.shutdown()
    for each in hands:
        each.join()
    server.server_close()
    database.close()


def _not_built_yet(_environ: Any, _start_response: Any) -> list[bytes]:
    raise RuntimeError("The application takes this place before the server starts.")


def _closed_in_any_case(app: Flask) -> Any:
    """The application, each of whose answers is closed though the browser dropped its request.

    werkzeug's server reads on from the dropped line before it closes the answer, and fails there.
    """

    def answer(environ: Any, start_response: Any) -> Iterator[bytes]:
        response = app.wsgi_app(environ, start_response)
        with contextlib.closing(response):  # type: ignore[type-var]  # Flask's answers can be closed
            yield from response

    return answer


def _work(database: Database, clock: Clock, closing: threading.Event) -> None:
    load_jobs()
    while not closing.wait(0.1):
        run_pending(database, clock=clock)


@pytest.fixture
def no_barriers() -> Callable[[Page], None]:
    """Asserts that axe finds nothing on the page as it stands."""
    axe = Axe()

    def check(page: Page) -> None:
        results = axe.run(page)
        found = [
            f"{each['id']}: {node['html'][:160]}"
            for each in results.response["violations"]
            for node in each["nodes"]
        ]
        assert found == [], page.url

    return check


@pytest.fixture
def fits(page: Page) -> Callable[[], None]:
    """Asserts that nothing sticks out sideways."""

    def check() -> None:
        sizes = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert sizes[0] <= sizes[1], f"{page.url} is {sizes[0]} px wide on {sizes[1]} px"

    return check


def film_in(folder: Path, seconds: float, name: str = "film.mp4", *extra: str) -> Path:
    """A small real film of that running time."""
    target = folder / name
    target.write_bytes(_made(seconds, extra))
    return target


@cache
def _made(seconds: float, extra: tuple[str, ...]) -> bytes:
    """An MP4, made once for all tests."""
    command = [ffmpeg(), "-v", "error", "-f", "lavfi"]
    command += ["-i", f"testsrc2=s=320x180:r=12:d={seconds}", "-f", "lavfi"]
    command += ["-i", f"sine=frequency=330:duration={seconds}", "-c:v", "libx264"]
    command += ["-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", *extra]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        subprocess.run([*command, str(target)], check=True, capture_output=True)
        return target.read_bytes()


def film_is_there(page: Page, player: str = "video") -> None:
    """Wait for the player, on a page that may still be on its way, and for the head of its film."""
    page.wait_for_function("it => document.querySelector(it)?.readyState >= 1", arg=player)


def film_has_run(page: Page, seconds: float, player: str = "video") -> None:
    """Wait until the player has played so much of its film."""
    page.wait_for_function(
        "([it, seconds]) => document.querySelector(it)?.currentTime >= seconds",
        arg=[player, seconds],
    )


def today() -> datetime:
    """The machine's instant, for tests whose browser must agree with the house's clock."""
    return datetime.now(UTC).replace(microsecond=0)
