"""How a film comes in: a large upload to the disk of a real house, beside `cp` of the same file.

    python -m benchmarks.intake [--gib 2] [--lanes 4] [--folder DIR]

The sender is this process, on the same machine and the same cores: it sends the file's pages as
they lie in memory (sendfile) and its hashes are made beforehand, so that the house is measured.
Then the same film goes straight to a bucket of a real S3 server on this machine, where what counts
is how little the web server has to do with it. Then a small real film is sent, and the time is
taken from its last byte to the verdict on its header and on its picture. CPU and memory are read
from /proc: Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from contest.entries.models import Entry
from contest.media.models import Inspection
from contest.settings import load_settings
from tests.factories import make_entry
from tests.machines import s3_server
from tests.machines.films import film
from tests.processes import Processes, Sender, call_open_today, processes
from tests.waiting import wait_until

PART = 16 << 20
GIB = 1 << 30
HANDFUL = 8
"""Parts announced by one request, as our script does it."""
SETTLE_SECONDS = 5
"""Time for a process that has just opened to load what it loads beside its work."""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        source = folder / "film.mov"
        _write(source, int(arguments.gib * GIB))
        print(f"A film of {arguments.gib:g} GiB, {arguments.lanes} parts of 16 MiB at a time")
        _copy(source, folder / "copy.mov")
        with _house(folder / "disk", {}) as house:
            _upload(house, source, arguments.lanes)
        with _bucket(folder / "s3") as told, _house(folder / "bucket", told) as house:
            print("The same film, straight to a bucket on this machine")
            _upload(house, source, arguments.lanes)
        with _house(folder / "small", {}) as house:
            _verdict(house, folder)


@contextmanager
def _house(folder: Path, told: Mapping[str, str]) -> Iterator[Processes]:
    folder.mkdir()
    with processes(folder, PART, told=told) as house:
        yield house


@contextmanager
def _bucket(folder: Path) -> Iterator[dict[str, str]]:
    """A real S3 server with an empty bucket; gives the settings of a house that uses it."""
    program = s3_server.weed()
    if program is None:
        raise SystemExit("No S3 server here: install the development tools (make test).")
    folder.mkdir()
    os.environ["AWS_ACCESS_KEY_ID"] = s3_server.ACCESS_KEY
    os.environ["AWS_SECRET_ACCESS_KEY"] = s3_server.SECRET_KEY
    with s3_server.serving(program, folder) as address:
        told = {"PALMARES_S3_BUCKET": "films", "PALMARES_S3_ENDPOINT": address}
        s3_server.make_bucket(load_settings(told))
        yield told


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How a film comes in.")
    parser.add_argument("--gib", type=float, default=2.0)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    return parser.parse_args()


def _write(target: Path, size: int) -> None:
    """Bytes that no file system can make smaller; in memory afterwards, as after an export."""
    with target.open("wb") as film_file:
        for start in range(0, size, PART):
            film_file.write(os.urandom(min(PART, size - start)))
        os.fsync(film_file.fileno())


def _copy(source: Path, target: Path) -> None:
    size, begun, before = source.stat().st_size, time.perf_counter(), _children_cpu_s()
    subprocess.run(["cp", "--reflink=never", source, target], check=True)
    subprocess.run(["sync", target], check=True)
    seconds, cpu_s = time.perf_counter() - begun, _children_cpu_s() - before
    _say("cp and sync", size / seconds / 1e6, "MB/s", seconds)
    print(f"  {'CPU of cp':34}{cpu_s / size * 1e9:8.2f} s/GB")
    target.unlink()


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Use:
    """What a group of processes has used: CPU seconds, and its peak of resident memory in MB."""

    cpu_s: float
    peak_mb: float


def _use(group: int) -> Use:
    ticks, peak_kb = 0, 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
                peak_kb += _peak_kb(stat.parent)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return Use(ticks / os.sysconf("SC_CLK_TCK"), peak_kb / 1024)


def _peak_kb(process: Path) -> int:
    lines = (process / "status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _upload(house: Processes, source: Path, lanes: int) -> None:
    """Send the film as our script does, and say what it cost the web server and the worker."""
    web, worker = house.web(), house.worker()
    time.sleep(SETTLE_SECONDS)
    size, hashes, whole = source.stat().st_size, _hashes(source), _sha256(source)
    entry = _entry(house)
    sender = Sender(house, entry.person)
    _announce_one(sender, entry, source, hashes[0])
    before, begun = _use(web.pid), time.perf_counter()
    upload = sender.begin(entry.id, source)
    sender.ask("PUT", f"{upload['url']}/sha256", {"sha256": whole})
    with ThreadPoolExecutor(lanes) as lines:
        for first in range(0, len(hashes), HANDFUL):
            handful = dict(enumerate(hashes[first : first + HANDFUL], start=first + 1))
            addresses = sender.announce(upload, handful)
            list(lines.map(partial(_put, house, sender, upload["size"], source), addresses))
    arrived, reading = time.perf_counter(), _use(worker.pid)
    answer = sender.arrive(upload)
    done, after, read = time.perf_counter(), _use(web.pid), _use(worker.pid)
    assert answer["sha256"] == whole, answer
    web_s, worker_s = (after.cpu_s - before.cpu_s), (read.cpu_s - reading.cpu_s)
    _say("the house, all parts in", size / (arrived - begun) / 1e6, "MB/s", arrived - begun)
    _say("the house, read again and kept", size / (done - begun) / 1e6, "MB/s", done - begun)
    print(f"  {'CPU of the web server':34}{web_s / size * 1e9:8.2f} s/GB", end="")
    print(f", {web_s / size * 1e10:.1f} % of a core per 100 MB/s")
    print(f"  {'CPU of the worker that reads':34}{worker_s / size * 1e9:8.2f} s/GB")
    print(f"  {'memory of the web server':34}{before.peak_mb:8.0f} MB, {after.peak_mb:.0f} MB")


def _announce_one(sender: Sender, entry: Entry, source: Path, sha256: str) -> None:
    """An upload that is given up at once: the first one makes a server load what signs for S3."""
    upload = sender.begin(entry.id, source)
    sender.announce(upload, {1: sha256})
    sender.ask("DELETE", upload["url"])


def _hashes(source: Path) -> list[str]:
    with source.open("rb") as parts:
        return [hashlib.sha256(part).hexdigest() for part in iter(lambda: parts.read(PART), b"")]


def _sha256(source: Path) -> str:
    with source.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()


def _put(house: Processes, sender: Sender, size: int, source: Path, where: Any) -> None:
    """Send a part to the address the house gave for it, its own or the bucket's."""
    start = (where["number"] - 1) * PART
    length = min(PART, size - start)
    place = urlsplit(where["url"])
    told = {} if place.netloc else sender.headers
    told = told | where["headers"] | {"Content-Length": str(length)}
    with (
        closing(HTTPConnection(place.netloc or f"127.0.0.1:{house.port}", timeout=120)) as line,
        source.open("rb") as film_file,
    ):
        line.putrequest("PUT", f"{place.path}?{place.query}")
        for name, value in told.items():
            line.putheader(name, value)
        line.endheaders()
        line.sock.sendfile(film_file, start, length)
        answer = line.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()


def _entry(house: Processes) -> Entry:
    """A draft whose call is open today."""
    with house.database.transaction() as session:
        return make_entry(session, call_open_today(session))


def _verdict(house: Processes, folder: Path) -> None:
    """From the last byte of a real film to what is known of it; the worker waits for work."""
    house.web()
    house.worker()
    time.sleep(SETTLE_SECONDS)
    picture = "testsrc2=s=1920x1080:r={rate}:d={seconds}"
    source = film(folder / "real.mp4", 90, picture=picture)
    entry = _entry(house)
    sender = Sender(house, entry.person)
    upload = sender.begin(entry.id, source)
    sender.put_all(upload, source)
    last_byte = time.perf_counter()
    assert sender.complete(upload)["status"] == 202
    minutes, mb = 90 / 60, source.stat().st_size / 1e6
    print(f"A film of {minutes:g} min, 1080p, {mb:.0f} MB, while the worker has nothing else to do")
    for name, column in (
        ("last byte to verdict by header", Inspection.header_at),
        ("last byte to verdict by picture", Inspection.finished_at),
    ):
        wait_until(partial(_is_known, house, upload["name"], column), 120)
        print(f"  {name:34}{time.perf_counter() - last_byte:8.2f} s")


def _is_known(house: Processes, name: str, column: Any) -> bool:
    with house.database.reading() as session:
        found = select(column).join(Inspection.master).where(Inspection.master.has(file_name=name))
        return session.scalar(found) is not None


def _say(what: str, rate: float, unit: str, seconds: float) -> None:
    print(f"  {what:34}{rate:8.0f} {unit} ({seconds:.2f} s)")


if __name__ == "__main__":
    main()
