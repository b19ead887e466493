"""How long a film's check takes beside the bare tools it is made of, in one run on one machine.

    .venv/bin/python -m benchmarks.check [FILM]

Without a film, three minutes of moving 1080p picture with sound are made first. Each thing is done
several times in turn; the quickest counts, in seconds of clock and of CPU.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contest.machines import tools
from contest.machines.probe import decode_picture, read_header

ROOT = Path(__file__).parents[1]
ROUNDS = 3


@dataclass(frozen=True)
class Taken:
    """Seconds of clock, and seconds of CPU of this process and its children."""

    clock: float
    cpu: float


def take(work: Callable[[], object]) -> Taken:
    """The quickest of some rounds, by the clock."""
    return min((once(work) for _ in range(ROUNDS)), key=lambda taken: taken.clock)


def once(work: Callable[[], object]) -> Taken:
    began, used = time.perf_counter(), cpu()
    work()
    return Taken(time.perf_counter() - began, cpu() - used)


def cpu() -> float:
    """CPU seconds used up to now by this process and the children it has waited for."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, whose))


def call(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=False, capture_output=True)


def make_film(target: Path) -> None:
    """Three minutes of 1080p at 25 frames a second with grain, at about the bit rate of the web."""
    picture = "testsrc2=s=1920x1080:r=25:d=180,noise=alls=8:allf=t"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=d=180")
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-b:v", "10M", "-pix_fmt", "yuv420p")
    call(tools.ffmpeg(), "-nostdin", "-y", *inputs, *coding, "-c:a", "aac", str(target))


def report(film: str) -> None:
    """Print each thing beside its bare tool."""
    print(f"{film}: {Path(film).stat().st_size / 1e6:.0f} MB")
    facts = read_header(film)
    probing = ("-v", "error", "-show_format", "-show_streams", "-of", "json", film)
    bare_probe = take(lambda: call(tools.ffprobe(), *probing))
    bare_decode = take(
        lambda: call(tools.ffmpeg(), "-v", "error", "-i", film, "-map", "0:v:0", "-f", "null", "-")
    )
    line("bare ffprobe", bare_probe, bare_probe)
    line("header: two readings, guarded", take(lambda: read_header(film)), bare_probe)
    line("bare ffmpeg -f null", bare_decode, bare_decode)
    line("picture: decoded, guarded", take(lambda: decode_picture(film, facts)), bare_decode)
    check = (sys.executable, "-m", "contest.cli", "check", "--json", film)
    line("contest check, with SHA-256", take(lambda: call(*check)), bare_decode)


def line(what: str, taken: Taken, bare: Taken) -> None:
    ratios = f"{taken.clock / bare.clock:5.2f} x clock  {taken.cpu / bare.cpu:5.2f} x CPU"
    print(f"{what:32}{taken.clock:8.3f} s  {taken.cpu:8.3f} s CPU   {ratios}")


def main() -> None:
    if len(sys.argv) > 1:
        report(str(Path(sys.argv[1]).absolute()))
        return
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        make_film(film)
        report(str(film))


if __name__ == "__main__":
    main()
