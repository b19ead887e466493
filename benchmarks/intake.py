"""How a film comes in: a large upload to the disk of a real house, beside `cp` and beside nginx.

    python -m benchmarks.intake [--gib 2] [--lanes 4] [--rounds 3] [--folder DIR]

The sender is this process, on the same machine and the same cores; hashes are made beforehand, so
that the server is measured. nginx is sent the very same parts, as many at a time. Then the film
goes straight to a bucket of a real S3 server on this machine, where what counts is how little the
web server has to do with it. Then a small real film is sent, and the time is taken from its last
byte to the verdict on its header and on its picture. Linux only.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks import nginx, parts
from benchmarks.parts import PART, Target
from benchmarks.usage import Peak, Use, load_average, use
from contest.entries.models import Entry
from contest.media.models import Inspection
from contest.settings import load_settings
from tests.factories import make_entry
from tests.machines import s3_server
from tests.machines.films import film
from tests.processes import Processes, Sender, call_open_today, processes
from tests.waiting import wait_until

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
        print(f"  before it: {load_average()}")
        _copy(source, folder / "copy.mov")
        _to_disk(folder, source, arguments)
        with _bucket(folder / "s3") as told, _house(folder / "bucket", told) as house:
            print("The same film, straight to a bucket on this machine")
            _upload(house, source, arguments.lanes)
        with _house(folder / "small", {}) as house:
            _verdict(house, folder)
        print(f"  after it: {load_average()}")


def _to_disk(folder: Path, source: Path, arguments: argparse.Namespace) -> None:
    """nginx and the house in turn; the quickest of each counts, as other work comes and goes."""
    bare, rates = [], []
    for turn in range(arguments.rounds):
        bare.append(_nginx(folder / "nginx", source, arguments.lanes))
        with _house(folder / "disk", {}) as house:
            rates.append(_upload(house, source, arguments.lanes))
        shutil.rmtree(folder / "disk")
        print(f"  turn {turn + 1} of {arguments.rounds}: {load_average()}", flush=True)
    known = [rate for rate in bare if rate is not None]
    if known:
        print(f"  {'the house against nginx':34}{max(rates) / max(known):8.2f}")


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
    parser.add_argument("--rounds", type=int, default=3, help="nginx and the house in turn")
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


def _nginx(folder: Path, source: Path, lanes: int) -> float | None:
    """Send nginx the same parts; its MB/s until they are in. None where there is no nginx."""
    program = nginx.program()
    if program is None:
        print("  nginx is not installed here: nothing to compare with")
        return None
    with nginx.serving(program, folder) as server:
        addresses = [
            {"number": number, "url": f"/part-{number}", "headers": {}}
            for number in range(1, -(-source.stat().st_size // PART) + 1)
        ]
        before, begun = use(server.group), time.perf_counter()
        parts.send(server.target, source, addresses, lanes)
        seconds, after = time.perf_counter() - begun, use(server.group)
        subprocess.run(["sync", *(folder / "parts").iterdir()], check=True)
        durable = time.perf_counter() - begun
    size = source.stat().st_size
    _say("nginx, all parts in", size / seconds / 1e6, "MB/s", seconds)
    _say("nginx, all parts on the disk", size / durable / 1e6, "MB/s", durable)
    print(f"  {'CPU of nginx':34}{(after.cpu_s - before.cpu_s) / size * 1e9:8.2f} s/GB")
    shutil.rmtree(folder)
    return size / seconds / 1e6


def _upload(house: Processes, source: Path, lanes: int) -> float:
    """Send the film as our script does, and say what it cost; returns MB/s until all parts are in.

    What is said is of the web server with all its processes, and of the worker.
    """
    web, worker = house.web(), house.worker()
    time.sleep(SETTLE_SECONDS)
    size, hashes, whole = source.stat().st_size, parts.hashes(source), parts.sha256(source)
    entry = _entry(house)
    sender = Sender(house, entry.person)
    _announce_one(sender, entry, source, hashes[0])
    target = Target(f"127.0.0.1:{house.port}", sender.headers)
    before, begun = use(web.pid), time.perf_counter()
    with Peak(web.pid) as peak:
        upload = sender.begin(entry.id, source)
        sender.ask("PUT", f"{upload['url']}/sha256", {"sha256": whole})
        parts.send(target, source, _addresses(sender, upload, hashes), lanes)
        arrived, reading = time.perf_counter(), use(worker.pid)
        answer = sender.arrive(upload)
    done, after, read = time.perf_counter(), use(web.pid), use(worker.pid)
    assert answer["sha256"] == whole, answer
    rate = size / (arrived - begun) / 1e6
    _say("the house, all parts in", rate, "MB/s", arrived - begun)
    _say("the house, read again and kept", size / (done - begun) / 1e6, "MB/s", done - begun)
    _say_cpu(after.cpu_s - before.cpu_s, read.cpu_s - reading.cpu_s, size)
    _say_memory(before, peak, after)
    return rate


def _addresses(sender: Sender, upload: Any, hashes: list[str]) -> Iterator[Any]:
    """Where the house wants the parts; asked for a handful at a time, when one is used up."""
    for first in range(0, len(hashes), HANDFUL):
        handful = dict(enumerate(hashes[first : first + HANDFUL], start=first + 1))
        yield from sender.announce(upload, handful)


def _say_cpu(web_s: float, worker_s: float, size: int) -> None:
    print(f"  {'CPU of the web server':34}{web_s / size * 1e9:8.2f} s/GB", end="")
    print(f", {web_s / size * 1e10:.1f} % of a core per 100 MB/s")
    print(f"  {'CPU of the worker that reads':34}{worker_s / size * 1e9:8.2f} s/GB")


def _say_memory(before: Use, peak: Peak, after: Use) -> None:
    print(f"  {'web server, PSS before, at peak':34}{before.pss_mb:8.0f} MB, {peak.pss_mb:.0f} MB")
    highest = f"{before.peak_rss_mb:8.0f} MB, {after.peak_rss_mb:.0f} MB"
    print(f"  {'  highest RSS of each, added up':34}{highest}")


def _announce_one(sender: Sender, entry: Entry, source: Path, sha256: str) -> None:
    """An upload that is given up at once: the first one makes a server load what signs for S3."""
    upload = sender.begin(entry.id, source)
    sender.announce(upload, {1: sha256})
    sender.ask("DELETE", upload["url"])


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
