"""Takes the pictures of the README from the pages of a running demonstration.

    make run &                                   # a house with the demonstration in it
    .venv/bin/python docs/pictures/take.py       # or: take.py http://localhost:8080

Needs the development packages (`make test` installs them) and a Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from contest.cli.demo import PASSWORD

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 860}
PUBLISHED, OPEN, JUDGING = "ai-shorts-2025", "ai-shorts-winter", "ai-shorts-spring"


def main() -> None:
    """Take every picture."""
    house = (sys.argv[1:] or ["http://localhost:8000"])[0]
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(visitor(browser, house), f"{house}/editions/{PUBLISHED}/palmares", "palmares")
        take(visitor(browser, house), f"{house}/editions/{OPEN}", "call")
        author = visitor(browser, house, "tomas@example.org")
        author.goto(f"{house}/entries")
        take(author, link(author, "a[href^='/entries/']"), "entry")
        juror = visitor(browser, house, "juror@example.org")
        juror.goto(f"{house}/jury")
        take(juror, link(juror, "a[href^='/jury/screenings/']", last=True), "screening")
        organizer = visitor(browser, house, "organizer@example.org")
        take(organizer, f"{house}/office/{OPEN}", "office")
        take(organizer, f"{house}/office/{PUBLISHED}/rounds/final", "standings")
        browser.close()


def visitor(browser: Browser, house: str, email: str | None = None) -> Page:
    """Somebody at a browser of their own, signed in where an address is given."""
    page = browser.new_context(viewport=SIZE, locale="en-GB", reduced_motion="reduce").new_page()  # type: ignore[arg-type]  # a plain dict is one
    if email is not None:
        page.goto(f"{house}/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main form button.button").click()
        page.wait_for_load_state()
    return page


def link(page: Page, selector: str, *, last: bool = False) -> str:
    """Where the first or last of some links of the page leads."""
    links = page.locator(f"main {selector}")
    found = (links.last if last else links.first).evaluate("each => each.href")
    return str(found)


def take(page: Page, address: str, name: str) -> None:
    """One picture of what fits the window."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if (film := page.locator("video[preload=metadata], video[preload=auto]")).count():
        film.first.evaluate("film => { film.currentTime = 20; }")
        page.wait_for_timeout(1500)
    page.screenshot(path=HERE / f"{name}.png")
    print(f"{name}.png")


if __name__ == "__main__":
    main()
