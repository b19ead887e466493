"""The night of a deadline: many authors at once, and in the end nothing lost.

    python -m benchmarks.soak [--entries 500] [--clients 40] [--folder DIR]

A real house, web server and worker as `contest run` starts them, on this machine and these cores,
which the authors share. Each of them is a browser without a screen: signs in by password, begins an
entry, saves it field by field, sends a film of 61 seconds in parts, waits until it is read and
checked, submits and reads the receipt. Nobody pauses to think: the next author begins when one is
done. Then the house's books are read. Takes many minutes, so `make bench` leaves it out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

from benchmarks.author import PASSWORD, Author, Sent
from benchmarks.books import amiss, open_jobs
from benchmarks.post_office import PostOffice, post_office
from benchmarks.tally import Tally
from benchmarks.usage import Peak, load_average, use
from contest.machines.storage import open_storage
from contest.people.passwords import hashed
from tests.factories import make_person
from tests.machines.films import film
from tests.processes import Processes, call_open_today, processes

PART = 1 << 18
"""Small, so that small films come in several parts."""
FILM_SECONDS = 61
PICTURE = "testsrc2=s=320x180:r={rate}:d={seconds}"
TELL_EVERY_S = 10
QUIET_SECONDS = 3600
"""So long what the worker has left may take once the last author is done."""


def main() -> int:
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(dir=arguments.folder) as name,
        post_office() as office,
        processes(Path(name), PART, told=_told(office)) as house,
    ):
        print(f"{arguments.entries} entries, {arguments.clients} authors at a time", flush=True)
        print(f"  before it: {load_average()}")
        return _night(house, office, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The night of a deadline.")
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    return parser.parse_args()


def _told(office: PostOffice) -> dict[str, str]:
    """All authors come from one address here, which a real house would slow down at its door."""
    return {"PALMARES_MAIL_URL": office.address, "PALMARES_SIGN_IN_LIMIT": "100000 per minute"}


def _night(house: Processes, office: PostOffice, arguments: argparse.Namespace) -> int:
    tally = Tally()
    authors = _authors(house, arguments.entries, tally)
    source = film(house.folder / "film.mp4", FILM_SECONDS, "-b:v", "100k", picture=PICTURE, rate=12)
    picture = source.read_bytes()
    print(f"  each film: {FILM_SECONDS} s, {len(picture) / 1e6:.2f} MB")
    web, worker = house.web(), house.worker()
    begun = time.perf_counter()
    with Peak(web.pid) as peak, _progress(tally, arguments.entries):
        with ThreadPoolExecutor(arguments.clients) as seats:
            sent = list(seats.map(partial(_enter, tally, picture), authors))
        submitted = time.perf_counter() - begun
        _wait_for_worker(house)
    print(f"  all submitted after {submitted:.0f} s, all made after", end=" ")
    print(f"{time.perf_counter() - begun:.0f} s; {load_average()}")
    tally.report()
    print(f"  web server: {use(web.pid).cpu_s:.0f} s of CPU, {peak.pss_mb:.0f} MB (PSS) at most")
    print(f"  worker, without what it starts: {use(worker.pid).cpu_s:.0f} s of CPU")
    return _say_what_is_amiss(house, office, [each for each in sent if each], arguments.entries)


def _authors(house: Processes, count: int, tally: Tally) -> list[Author]:
    """Registered before the night, with one password: its hash is costly to make."""
    kept = hashed(PASSWORD)
    with house.database.transaction() as session:
        edition = call_open_today(session)
        edition.rules  # noqa: B018  # read while there is a session
        people = [make_person(session, f"Author {n}", password_hash=kept) for n in range(count)]
        session.expunge(edition)
        return [
            Author(at, person.email, edition, house.port, tally)
            for at, person in enumerate(people, start=1)
        ]


def _enter(tally: Tally, picture: bytes, author: Author) -> Sent | None:
    try:
        with tally.timed("whole entry"):
            return author.enter(picture)
    except Exception as problem:  # noqa: BLE001  # each is a finding; the other authors go on
        tally.fault(f"author {author.at}: {type(problem).__name__}: {problem}")
        return None


@contextmanager
def _progress(tally: Tally, entries: int) -> Iterator[None]:
    over = Event()

    def tell() -> None:
        begun = time.monotonic()
        while not over.wait(TELL_EVERY_S):
            steps = [f"{tally.count(each)} {each}" for each in ("begin", "read again", "checked")]
            done = f"{tally.count('receipt')} of {entries} submitted"
            said = f"{', '.join(steps)}, {done}, {tally.requests} requests"
            busy = f"{tally.put_off.total()} put off, {len(tally.faults)} faults"
            print(f"  {time.monotonic() - begun:5.0f} s: {said}, {busy}", flush=True)

    teller = Thread(target=tell, name="progress")
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _wait_for_worker(house: Processes) -> None:
    """Until everything that is due is done: viewing copies come last."""
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline:
        with house.database.reading() as session:
            if not open_jobs(session):
                return
        time.sleep(1)


def _say_what_is_amiss(house: Processes, office: PostOffice, sent: list[Sent], entries: int) -> int:
    with house.database.reading() as session:
        found = amiss(session, open_storage(house.settings), sent, office.letters)
    if len(sent) != entries:
        found.append(f"{entries - len(sent)} authors went without a receipt")
    logged = (house.folder / "processes.log").read_text()
    if "Traceback" in logged:
        found.append(f"the processes told of exceptions:\n{logged[-4000:]}")
    for words in found:
        print(f"  amiss: {words}")
    if not found:
        print(f"  nothing lost: {entries} entries, numbers, receipts, films, checks and letters")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
