"""An author's browser without a screen: one line to the house, cookies, the token of its pages.

Asks again, after the pauses of the pages' own scripts, where the house is busy (503 with
Retry-After); any other answer than the one expected is a fault.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from benchmarks.tally import Tally

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')
BUSY = 503
LONGEST_PAUSE_S = 30.0


class Unexpected(AssertionError):
    """The house answered otherwise than it should have."""


@dataclass(frozen=True)
class Answer:
    """A status, the address of another page, and what stands in this one."""

    status: int
    location: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Of one person, for one thing at a time."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=120)
        self._tally = tally
        self._cookies: dict[str, str] = {}
        self._token = ""

    def page(self, step: str, path: str) -> str:
        """Open a page; its token goes with what is sent from it."""
        with self._tally.timed(step):
            text = self._asked(step, 200, "GET", path, {"Accept": "text/html"}).text
        found = TOKEN.search(text)
        self._token = found[1] if found else self._token
        return text

    def press(self, step: str, path: str, **typed: str) -> str:
        """Send a form; where it leads."""
        with self._tally.timed(step):
            told = urlencode({**typed, "csrf_token": self._token}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
            return self._asked(step, 303, "POST", path, headers, told).location

    def ask(self, step: str, status: int, method: str, path: str, told: Any = None) -> Any:
        """What a page's script asks and gets."""
        body = None if told is None else json.dumps(told).encode()
        with self._tally.timed(step):
            headers = self._script() | {"Content-Type": "application/json"}
            return self._asked(step, status, method, path, headers, body).data

    def put(self, step: str, where: Any, body: bytes) -> None:
        """Send a part of a film."""
        with self._tally.timed(step):
            headers = self._script() | {"Content-Type": "application/octet-stream"}
            self._asked(step, 200, "PUT", where["url"], headers | where["headers"], body)

    def twin(self) -> Browser:
        """Another line of the same browser: it has the same cookies."""
        other = Browser(self._line.port, self._tally)
        other._cookies, other._token = self._cookies, self._token
        return other

    def close(self) -> None:
        self._line.close()

    def _script(self) -> dict[str, str]:
        return {"Accept": "application/json", "X-CSRFToken": self._token}

    def _asked(
        self,
        step: str,
        status: int,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Answer:
        failed = 0
        while (answer := self._answer(method, path, headers, body)).status == BUSY:
            self._tally.told_to_wait(step)
            pause = min(2.0**failed, LONGEST_PAUSE_S)
            time.sleep(pause * random.uniform(0.5, 1))
            failed += 1
        if answer.status != status:
            words = f"{step}: {method} {path} gave {answer.status}, not {status}"
            raise Unexpected(f"{words}: {answer.body[:300]!r}")
        return answer

    def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """Ask on the line that stands; a line the house closed meanwhile is opened once more."""
        for again in (True, False):
            try:
                return self._said(method, path, headers, body)
            except (HTTPException, OSError):
                self._line.close()
                if not again or method != "GET":
                    raise
        raise AssertionError

    def _said(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        kept = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        cookie = {"Cookie": kept} if kept else {}
        self._line.request(method, path, body, {**headers, **cookie})
        with self._line.getresponse() as answer:
            text = answer.read()
        self._tally.asked()
        for told in answer.headers.get_all("Set-Cookie", []):
            name, _, value = told.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status == BUSY and answer.headers["Retry-After"] is None:
            raise Unexpected(f"{method} {path} gave 503 without saying when to come again")
        return Answer(answer.status, answer.headers.get("Location", ""), text)
