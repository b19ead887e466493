"""One author on the night of the deadline: from the door to the receipt, as the pages do it."""

from __future__ import annotations

import hashlib
import re
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from benchmarks.browser import Browser, Unexpected
from benchmarks.tally import Tally
from contest.editions.models import Edition

LANES, HANDFUL = 4, 8
"""Parts sent at a time and announced at once, as `sending.js` does it."""
LOOK_AGAIN_S = 1.5
"""So often `entry.js` looks at a film that is being checked."""
PATIENCE_S = 3600.0
REVISION = re.compile(r'data-revision="(\d+)"')
PASSWORD = "a night in the harbour"  # noqa: S105  # of people who live as long as the benchmark


@dataclass(frozen=True)
class Sent:
    """What an author keeps: which entry it was, the film's SHA-256, the number they were told."""

    entry_id: int
    sha256: str
    number: int


@dataclass(frozen=True)
class Author:
    """Who enters a film, at which house, by which account."""

    at: int
    email: str
    edition: Edition
    port: int
    tally: Tally

    def enter(self, film: bytes) -> Sent:
        """Sign in, fill everything in, send the film, wait for its check, submit."""
        film = own_copy(film, self.at)
        with closing(Browser(self.port, self.tally)) as browser:
            browser.page("door", "/sign-in")
            browser.press("sign in", "/sign-in", email=self.email, password=PASSWORD)
            browser.page("my entries", "/entries")
            entry = browser.press("begin", f"/editions/{self.edition.slug}/enter")
            found = REVISION.search(browser.page("entry's page", entry))
            if found is None:
                raise Unexpected("the page of the entry doesn't tell its revision")
            self._fill_in(browser, entry, int(found[1]))
            sha256 = self._send(browser, entry, film)
            self._wait_for_check(browser, entry)
            receipt = browser.press("submit", f"{entry}/submit")
            told = browser.page("receipt", receipt)
        return Sent(int(entry.rpartition("/")[2]), sha256, _number(told, sha256))

    def _fill_in(self, browser: Browser, entry: str, revision: int) -> None:
        """Save field after field, as the page does while somebody types."""
        for section, fields in self._typed():
            told = {"revision": revision, "fields": fields}
            answer = browser.ask("save", 200, "POST", f"{entry}/{section}", told)
            if answer["wrong"] or answer["elsewhere"]:
                raise Unexpected(f"{section} was not kept: {answer}")
            revision = answer["revision"]

    def _typed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        rules = self.edition.rules
        synopsis = f"Film {self.at} of this night: what a machine remembers of a harbour."
        facts = {
            "category": rules.categories[self.at % len(rules.categories)].key,
            "original_title": f"港湾 {self.at}",
            "title_language": "zh-Hans",
            "english_title": f"Harbour {self.at}",
            "synopsis": synopsis,
            "languages": "zxx",
            "countries": "CN",
            "year": "2026",
        }
        for name, value in facts.items():
            yield "facts", {name: _change((name, value))}
        person = ("people-0-name", f"Author {self.at}"), ("people-0-role", "Director")
        yield "credits", {"people": _change(*person)}
        stages = [each.key for each in rules.declaration.stages]
        tools = (
            pair
            for at, stage in enumerate(stages)
            for pair in (
                (f"tools-{at}-stage", stage),
                (f"tools-{at}-tool", "Seedance"),
                (f"tools-{at}-made", "all of it"),
                (f"tools-{at}-human_step", "chose among takes"),
            )
        )
        yield "making", {"tools": _change(*tools)}
        yield "making", {"share": _change(("share", "85"))}
        affirmed = (("affirmed", each.key) for each in rules.rights)
        yield "rights", {"affirmed": _change(*affirmed)}

    def _send(self, browser: Browser, entry: str, film: bytes) -> str:
        sha256 = hashlib.sha256(film).hexdigest()
        told = {"name": f"harbour-{self.at}.mp4", "size": len(film)}
        upload = browser.ask("begin upload", 201, "POST", f"{entry}/uploads", told)
        url, length = upload["url"], upload["part_bytes"]
        browser.ask("announce film", 200, "PUT", f"{url}/sha256", {"sha256": sha256})
        parts = [film[at : at + length] for at in range(0, len(film), length)]
        lines = [browser.twin() for _ in range(LANES)]
        with ThreadPoolExecutor(LANES) as lanes:
            for first in range(0, len(parts), HANDFUL):
                handful = list(enumerate(parts[first : first + HANDFUL], start=first + 1))
                told = {"parts": [_announced(number, part) for number, part in handful]}
                places = browser.ask("announce parts", 200, "POST", f"{url}/parts", told)["parts"]
                jobs = [
                    lanes.submit(_put_in_turn, line, places[lane::LANES], parts)
                    for lane, line in enumerate(lines)
                ]
                for job in jobs:
                    job.result()
        for line in lines:
            line.close()
        browser.ask("complete", 202, "POST", f"{url}/complete", {})
        self._wait_for_reading(browser, url, sha256)
        return sha256

    def _wait_for_reading(self, browser: Browser, url: str, sha256: str) -> None:
        """Look as often as `sending.js` does whether the film was read once more."""
        begun, pause = time.monotonic(), 0.25
        with self.tally.timed("read again"):
            while (told := browser.ask("look at upload", 200, "GET", url))["being_read"]:
                if time.monotonic() - begun > PATIENCE_S:
                    raise Unexpected("the film was not read once more in time")
                time.sleep(pause)
                pause = min(2 * pause, 5)
        if (told["film"] or {}).get("sha256") != sha256:
            raise Unexpected(f"the film did not arrive as it was sent: {told}")

    def _wait_for_check(self, browser: Browser, entry: str) -> None:
        """Look as often as `entry.js` does, until the film was checked to its end."""
        begun = time.monotonic()
        with self.tally.timed("checked"):
            while "checking" in browser.page("look at check", f"{entry}/inspection"):
                if time.monotonic() - begun > PATIENCE_S:
                    raise Unexpected("the film was not checked in time")
                time.sleep(LOOK_AGAIN_S)


def own_copy(film: bytes, number: int) -> bytes:
    """The same film in bytes of its own: MP4 lets a box of free space follow the picture."""
    words = f"film {number} of the night".encode()
    return film + struct.pack(">I4s", 8 + len(words), b"free") + words


def _put_in_turn(line: Browser, places: list[Any], parts: list[bytes]) -> None:
    for where in places:
        line.put("part", where, parts[where["number"] - 1])


def _announced(number: int, part: bytes) -> dict[str, Any]:
    return {"number": number, "sha256": hashlib.sha256(part).hexdigest()}


def _change(*pairs: tuple[str, str]) -> dict[str, Any]:
    """A field as it is now; it was empty when its page came."""
    return {"now": list(map(list, pairs)), "was": []}


def _number(receipt: str, sha256: str) -> int:
    """The number a receipt tells, where it tells the film's SHA-256 as well."""
    found = re.search(r"<h1>[^<]*?(\d{4,})</h1>", receipt)
    if found is None or sha256 not in receipt:
        raise Unexpected("the receipt doesn't tell the number of the entry and the film's SHA-256")
    return int(found[1])
