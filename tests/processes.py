"""A house of real processes on a folder of its own, and somebody who sends it a film by hand."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, BinaryIO

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from contest.cli import schema
from contest.cli.run import THREADS, WORKER, web_command
from contest.db import Database
from contest.editions.models import Edition
from contest.machines import carrier
from contest.machines.storage import chunks
from contest.people.models import Person
from contest.settings import HOME, Settings, load_settings
from tests.factories import document, make_edition
from tests.waiting import free_port, wait_until

SECRET = "only for tests"
RAW_TOKEN = "a" * 40
OPEN_SECONDS = 60
PART_HEADERS = {"Content-Type": "application/octet-stream"}


@dataclass
class Processes:
    """Web servers and workers over one folder; whatever was started ends with the block."""

    folder: Path
    part_bytes: int
    database_url: str
    told: Mapping[str, str]
    settings: Settings = field(init=False)
    database: Database = field(init=False)
    port: int = field(init=False)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.settings = load_settings(self._told())
        self.database = Database(self.settings.database_url)
        schema.upgrade(self.database)
        carrier.prepare(self.database)

    def _told(self) -> dict[str, str]:
        return {
            "PALMARES_DATABASE_URL": self.database_url,
            "PALMARES_STORAGE_ROOT": str(self.folder / "storage"),
            "PALMARES_LETTERS_DIR": str(self.folder / "letters"),
            "PALMARES_SECRET_KEY": SECRET,
            "PALMARES_PART_BYTES": str(self.part_bytes),
            "PALMARES_PUBLIC_URL": f"http://localhost:{self.port}",
            **self.told,
        }

    def web(self, threads: int = THREADS) -> subprocess.Popen[bytes]:
        """A web server that answers."""
        process = self._start(web_command("127.0.0.1", self.port, threads))
        wait_until(lambda: self._answers(process), OPEN_SECONDS)
        return process

    def worker(self, name: str = "worker-1") -> subprocess.Popen[bytes]:
        """A worker, perhaps not yet at work."""
        return self._start([*WORKER, "--name", name])

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=HOME,
                env=os.environ | self._told(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers: to be heard is not enough, one that was killed may still listen."""
        if process.poll() is not None:
            raise RuntimeError((self.folder / "processes.log").read_text())
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(line), suppress(OSError, HTTPException):
            line.request("GET", "/static/build/nothing")
            with line.getresponse():
                return True
        return False

    def close(self) -> None:
        for process in self.started:
            kill(process)
        self.database.close()


@contextmanager
def processes(
    folder: Path,
    part_bytes: int = 1 << 20,
    database_url: str = "",
    told: Mapping[str, str] | None = None,
) -> Iterator[Processes]:
    """A house over the folder, with nothing running yet; its database lies there, or elsewhere.

    `told` are settings as environment variables say them.
    """
    database_url = database_url or f"sqlite:///{folder / 'house.db'}"
    house = Processes(folder, part_bytes, database_url, told or {})
    try:
        yield house
    finally:
        house.close()


def call_open_today(session: Session) -> Edition:
    """An edition whose call is open by the machine's own clock."""
    today = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    calendar = {
        name: (today + timedelta(days=days)).isoformat()
        for name, days in (("opens_at", -9), ("closes_at", 9), ("announces_at", 90))
    }
    return make_edition(session, rules=document(**calendar))


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, for the process and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Sender:
    """A person's browser without a browser: sends films in parts, several at a time."""

    def __init__(self, house: Processes, person: Person) -> None:
        self._port = house.port
        self.headers = {
            "Accept": "application/json",
            "Cookie": f"__Host-palmares={_cookie(person)}",
            "X-CSRFToken": str(URLSafeTimedSerializer(SECRET, "wtf-csrf-token").dumps(RAW_TOKEN)),
        }

    def ask(self, method: str, path: str, told: Any = None) -> Any:
        """What the house answers, with `status` among it."""
        body = None if told is None else json.dumps(told)
        return self._answer(method, path, body, {"Content-Type": "application/json"})

    def begin(self, entry_id: int, film: Path) -> Any:
        told = {"name": film.name, "size": film.stat().st_size}
        return self.ask("POST", f"/entries/{entry_id}/uploads", told)

    def announce(self, upload: Any, hashes: Mapping[int, str]) -> list[Any]:
        """Where the house wants parts of these hashes, in their order."""
        parts = [{"number": number, "sha256": sha256} for number, sha256 in hashes.items()]
        found = self.ask("POST", f"{upload['url']}/parts", {"parts": parts})
        assert found["status"] == 200, found
        return list(found["parts"])

    def put(self, upload: Any, number: int, film: Path) -> Any:
        """Send one part."""
        stretch = part_bytes(upload, number, film)
        (where,) = self.announce(upload, {number: sha256_of(stretch)})
        return self._answer("PUT", where["url"], stretch, PART_HEADERS)

    def put_half(self, upload: Any, number: int, film: Path) -> HTTPConnection:
        """Send the first half of a part and stop there; the line stays open."""
        stretch = part_bytes(upload, number, film)
        (where,) = self.announce(upload, {number: sha256_of(stretch)})
        line = HTTPConnection("127.0.0.1", self._port, timeout=30)
        line.putrequest("PUT", where["url"])
        headers = self.headers | PART_HEADERS | {"Content-Length": str(len(stretch))}
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        line.send(stretch[: len(stretch) // 2])
        return line

    def put_all(self, upload: Any, film: Path, at_once: int = 4) -> None:
        """Send every part that is not there yet."""
        there = {part["number"] for part in self.ask("GET", upload["url"])["parts"]}
        count = -(-upload["size"] // upload["part_bytes"])
        lacking = [number for number in range(1, count + 1) if number not in there]
        with ThreadPoolExecutor(at_once) as lanes:
            for answer in lanes.map(lambda number: self.put(upload, number, film), lacking):
                assert answer["status"] == 200, answer

    def post(self, path: str) -> int:
        """Press a button of a page; the status of the answer."""
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=120)) as line:
            line.request("POST", path, "", self.headers | {"Accept": "text/html"})
            with line.getresponse() as answer:
                return answer.status

    def complete(self, upload: Any) -> Any:
        """Say that every part is there."""
        return self.ask("POST", f"{upload['url']}/complete", {})

    def arrive(self, upload: Any) -> Any:
        """Say so, and wait until a worker has read the film; what the house says of it then.

        Asks as often as our script does.
        """
        assert self.complete(upload)["status"] == 202
        for pause in (0.25, 0.5, 1, 2, *[5] * 12):
            told = self.ask("GET", upload["url"])
            if not told["being_read"]:
                return told["film"]
            time.sleep(pause)
        raise AssertionError("nobody read the film in time")

    def _answer(
        self, method: str, path: str, body: str | bytes | None, headers: Mapping[str, str]
    ) -> Any:
        line = HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            line.request(method, path, body, self.headers | dict(headers))
            answer: HTTPResponse = line.getresponse()
            return json.loads(answer.read()) | {"status": answer.status}
        finally:
            line.close()


def part_bytes(upload: Any, number: int, film: Path) -> bytes:
    with film.open("rb") as source:
        source.seek((number - 1) * upload["part_bytes"])
        return source.read(upload["part_bytes"])


def sha256_of(stretch: bytes) -> str:
    return hashlib.sha256(stretch).hexdigest()


def digest_of(source: BinaryIO) -> str:
    """The SHA-256 of everything in it."""
    digest = hashlib.sha256()
    for chunk in chunks(source):
        digest.update(chunk)
    return digest.hexdigest()


def _cookie(person: Person) -> str:
    """What the browser of somebody signed in keeps."""
    interface = SecureCookieSessionInterface()
    signer = URLSafeTimedSerializer(
        SECRET,
        salt=interface.salt,
        serializer=interface.serializer,
        signer_kwargs={
            "key_derivation": interface.key_derivation,
            "digest_method": interface.digest_method,
        },
    )
    kept = {
        "_user_id": f"{person.id}:{person.session_key}",
        "_fresh": True,
        "csrf_token": RAW_TOKEN,
    }
    return str(signer.dumps(kept))
