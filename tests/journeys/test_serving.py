"""The real web server gives films away in ranges and never holds one in memory."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from contest import create_app
from contest.machines.storage import open_storage
from contest.web.media_links import link_to
from tests.processes import Processes, processes
from tests.waiting import wait_until

MEGABYTE = 1 << 20
SIZE = 200 * MEGABYTE


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Processes]:
    with processes(tmp_path, database_url=database_url) as opened:
        yield opened


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """200 MiB, each filled with a byte of its own."""
    made = tmp_path / "film.mp4"
    with made.open("wb") as file:
        for number in range(200):
            file.write(bytes([number]) * MEGABYTE)
    return made


@pytest.fixture
def address(house: Processes, film: Path) -> str:
    with film.open("rb") as source:
        key = open_storage(house.settings).keep(source)
    app = create_app(house.settings)
    with app.test_request_context(base_url="https://localhost"):
        link = link_to(key, "video/mp4")
    app.extensions["house"].database.close()
    return link


def resident_mb(group: int) -> float:
    """Memory of a group of processes, the greatest there was."""
    told = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True, check=True)
    peaks = 0
    for number in told.stdout.split():
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
        peaks += next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return peaks / 1024


def open_films(group: int) -> int:
    """How many files of the storage a group of processes has open."""
    told = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True, check=True)
    descriptors = [
        each for number in told.stdout.split() for each in Path(f"/proc/{number}/fd").iterdir()
    ]
    return sum(_size(each) == SIZE for each in descriptors)


def _size(descriptor: Path) -> int:
    try:
        return descriptor.stat().st_size
    except FileNotFoundError:  # closed meanwhile
        return 0


from_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="what a process holds is read from /proc"
)


@from_proc
def test_a_film_is_given_whole_without_being_in_memory(
    house: Processes, film: Path, address: str
) -> None:
    web = house.web()
    before = resident_mb(web.pid)
    digest = hashlib.sha256()
    with closing(HTTPConnection("127.0.0.1", house.port, timeout=60)) as line:
        line.request("GET", address)
        with line.getresponse() as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, str(SIZE))
            while chunk := answer.read(MEGABYTE):
                digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(film.read_bytes()).hexdigest()
    assert resident_mb(web.pid) - before < 60


def test_a_player_gets_the_stretch_it_asks_for(house: Processes, address: str) -> None:
    house.web()
    with closing(HTTPConnection("127.0.0.1", house.port, timeout=60)) as line:
        start = 150 * MEGABYTE - 2
        line.request("GET", address, headers={"Range": f"bytes={start}-{start + 3}"})
        with line.getresponse() as answer:
            assert (answer.status, answer.read()) == (206, bytes([149, 149, 150, 150]))
            assert answer.headers["Content-Range"] == f"bytes {start}-{start + 3}/{SIZE}"
        line.request("HEAD", address)
        with line.getresponse() as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, str(SIZE))


@from_proc
def test_a_film_whose_reader_left_is_closed(house: Processes, address: str) -> None:
    web = house.web()
    for _ in range(5):
        with closing(HTTPConnection("127.0.0.1", house.port, timeout=60)) as line:
            line.request("GET", address)
            line.getresponse().read(MEGABYTE)
            assert open_films(web.pid) > 0
    wait_until(lambda: open_films(web.pid) == 0)
