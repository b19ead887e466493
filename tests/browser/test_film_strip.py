"""The film on a strip in a real browser: sent, measured, drawn, and every moment a step away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from contest.media.models import Rendition, RenditionState
from tests.browser.conftest import DESK, PHONE, LiveHouse, film_has_run
from tests.factories import make_edition, make_entry
from tests.machines.test_one_pass import made
from tests.waiting import wait_until

SCENES = (
    "testsrc2=s=640x360:r=25:d=12",
    "color=black:s=640x360:r=25:d=6",
    "mandelbrot=s=640x360:r=25,trim=duration=10",
    "gradients=s=640x360:r=25:d=1:n=3,trim=end_frame=1,loop=199:1,setpts=N/25/TB",
    "rgbtestsrc=s=640x360:r=25:d=10,negate=enable=lt(mod(n\\,4)\\,2)*lt(t\\,3)",
    "sine=d=12,volume=6dB",
    "aevalsrc=0:d=14",
    "anoisesrc=d=20:a=0.2,tremolo=f=0.5",
)
GRAPH = "[0][1][2][3][4]concat=n=5,format=yuv420p[v];[5][6][7]concat=n=3:v=0:a=1[a]"


def renditions_ready(live: LiveHouse) -> int:
    with live.database.reading() as session:
        ready = select(Rendition).where(Rendition.state == RenditionState.READY)
        return len(session.scalars(ready).all())


def test_a_sent_film_is_drawn_on_a_strip_whose_moments_lead_into_it(
    live: LiveHouse,
    page: Page,
    tmp_path: Path,
    fits: Callable[[], None],
    no_barriers: Callable[[Page], None],
) -> None:
    with live.database.transaction() as session:
        entry = make_entry(session, make_edition(session, "shorts"))
        person = entry.person
    live.enter(page, person)
    page.goto(f"{live.url}/entries/{entry.id}?step=film")
    page.set_input_files(
        "#upload-file", made(tmp_path / "film.mp4", *SCENES, graph=GRAPH, seconds=90)
    )
    wait_until(lambda: renditions_ready(live) == 4, 90)  # with a light copy
    page.reload()
    strip = page.locator("#film-strip")
    expect(strip.locator("image")).to_have_count(12)
    strip.get_by_role("link", name="0:12–0:18").first.click()
    film_has_run(page, 12, "video.entry-still")
    page.evaluate("document.querySelector('video.entry-still').pause()")
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        fits()
        no_barriers(page)
