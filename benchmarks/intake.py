"""How a film comes in: a large upload through the real web server, beside `cp` of the same file.

    python -m benchmarks.intake [--gib 2] [--lanes 4] [--folder DIR]

The sender is this process, on the same machine and the same cores: it sends the file's pages as
they lie in memory (sendfile) and its hashes are made beforehand, so that the house is measured.
Then a small real film is sent, and the time is taken from its last byte to the verdict on its
header and on its picture. CPU and memory are read from /proc: Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from sqlalchemy import select

from contest.entries.models import Entry
from contest.media.models import Inspection
from tests.factories import make_entry
from tests.machines.films import film
from tests.processes import Processes, Sender, call_open_today, processes
from tests.waiting import wait_until

PART = 16 << 20
GIB = 1 << 30
SETTLE_SECONDS = 5
"""Time for a process that has just opened to load what it loads beside its work."""


def main() -> None:
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(dir=arguments.folder) as folder,
        processes(Path(folder), PART) as house,
    ):
        source = Path(folder) / "film.mov"
        _write(source, int(arguments.gib * GIB))
        print(f"A film of {arguments.gib:g} GiB, {arguments.lanes} parts of 16 MiB at a time")
        _copy(source, Path(folder) / "copy.mov")
        _upload(house, source, arguments.lanes)
        _verdict(house, Path(folder))


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
    web = house.web()
    time.sleep(SETTLE_SECONDS)
    size, hashes = source.stat().st_size, _hashes(source)
    entry = _entry(house)
    sender = Sender(house, entry.person)
    upload = sender.begin(entry.id, source)
    before = _use(web.pid)
    begun = time.perf_counter()
    with ThreadPoolExecutor(lanes) as lines:
        numbers = range(1, len(hashes) + 1)
        list(lines.map(lambda n: _put(house, sender, upload, n, source, hashes[n - 1]), numbers))
    arrived = time.perf_counter()
    answer = sender.complete(upload)
    done = time.perf_counter()
    after = _use(web.pid)
    assert answer["sha256"] == _sha256(source), answer
    _say("the house, all parts in", size / (arrived - begun) / 1e6, "MB/s", arrived - begun)
    _say("the house, read again and kept", size / (done - begun) / 1e6, "MB/s", done - begun)
    print(f"  {'CPU of the web server':34}{(after.cpu_s - before.cpu_s) / size * 1e9:8.2f} s/GB")
    print(
        f"  {'its memory before, at its peak':34}{before.peak_mb:8.0f} MB, {after.peak_mb:.0f} MB"
    )


def _hashes(source: Path) -> list[str]:
    with source.open("rb") as parts:
        return [hashlib.sha256(part).hexdigest() for part in iter(lambda: parts.read(PART), b"")]


def _sha256(source: Path) -> str:
    with source.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()


def _put(
    house: Processes, sender: Sender, upload: Any, number: int, source: Path, sha256: str
) -> None:
    start = (number - 1) * PART
    length = min(PART, upload["size"] - start)
    with (
        closing(HTTPConnection("127.0.0.1", house.port, timeout=120)) as line,
        source.open("rb") as film_file,
    ):
        line.putrequest("PUT", f"{upload['url']}/parts/{number}")
        told = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(length),
            "X-Part-SHA256": sha256,
        }
        for name, value in (sender.headers | told).items():
            line.putheader(name, value)
        line.endheaders()
        line.sock.sendfile(film_file, start, length)
        answer = line.getresponse()
        assert answer.status == 200, answer.read()
        json.loads(answer.read())


def _entry(house: Processes) -> Entry:
    """A draft whose call is open today."""
    with house.database.transaction() as session:
        return make_entry(session, call_open_today(session))


def _verdict(house: Processes, folder: Path) -> None:
    """From the last byte of a real film to what is known of it; the worker waits for work."""
    house.worker()
    time.sleep(SETTLE_SECONDS)
    picture = "testsrc2=s=1920x1080:r={rate}:d={seconds}"
    source = film(folder / "real.mp4", 90, picture=picture)
    entry = _entry(house)
    sender = Sender(house, entry.person)
    upload = sender.begin(entry.id, source)
    sender.put_all(upload, source)
    last_byte = time.perf_counter()
    sender.complete(upload)
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
