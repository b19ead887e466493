"""What an inspection costs beside the bare decode of the same film, in one run on one machine.

    .venv/bin/python -m benchmarks.inspect [FILM ...]

Without films, a fixed set is made first: some seconds each of moving shapes and grain, with sound,
in the codecs and sizes authors send. Bare decode and inspection take turns; of each, the round with
the least CPU counts. The last lines are about memory: the same film, and the same four times over.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.check import ROOT, Taken, call, once
from contest.machines import tools
from contest.machines.probe import decode_picture, read_header

ROUNDS = 3
FILM_S = 180
"""The film in "films an hour": three minutes, the middle of what an edition takes."""
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1")
PRORES = ("-c:v", "prores_ks", "-profile:v", "1", "-pix_fmt", "yuv422p10le")
MEASURE = """
import json, resource, sys
from contest.machines.probe import decode_picture, read_header
facts = decode_picture(sys.argv[1], read_header(sys.argv[1]))
whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
print(json.dumps([resource.getrusage(each).ru_maxrss for each in whose]))
"""


@dataclass(frozen=True)
class Kind:
    """One film of the set."""

    name: str
    size: str
    rate: int
    seconds: int
    coding: tuple[str, ...]


SET = (
    Kind("h264-1080p25.mp4", "1920x1080", 25, 15, (*X264, "-b:v", "8M")),
    Kind("h264-1080p60.mp4", "1920x1080", 60, 6, (*X264, "-b:v", "12M")),
    Kind("hevc-2160p24.mp4", "3840x2160", 24, 6, (*X265, "-b:v", "20M", "-pix_fmt", "yuv420p")),
    Kind("vp9-720p30.webm", "1280x720", 30, 20, (*VP9, "-b:v", "3M", "-c:a", "libopus")),
    Kind("prores-1080p24.mov", "1920x1080", 24, 8, (*PRORES, "-c:a", "pcm_s16le")),
)


def make(kind: Kind, folder: Path) -> Path:
    """A film of the set: shapes that move, fine grain, a tone that swells."""
    picture = f"testsrc2=s={kind.size}:r={kind.rate}:d={kind.seconds},noise=alls=8:allf=t"
    sound = f"aevalsrc=0.3*sin(440*t)*sin(t)|0.3*sin(330*t):s=48000:d={kind.seconds}"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)
    target = folder / kind.name
    call(tools.ffmpeg(), "-nostdin", "-y", *inputs, *kind.coding, str(target))
    return target


def report(film: Path) -> float:
    """Print the film's line; returns the ratio of CPU."""
    facts = read_header(str(film))
    bare_command = (tools.ffmpeg(), "-nostdin", "-v", "error", "-i", str(film), "-f", "null", "-")
    bare, inspected = [], []
    for _ in range(ROUNDS):
        bare.append(once(lambda: call(*bare_command)))
        inspected.append(once(lambda: decode_picture(str(film), facts)))
    least, ours = _least(bare), _least(inspected)
    per_film = ours.cpu * FILM_S / (facts.duration_s or FILM_S)
    print(
        f"{film.name[:28]:28}{least.cpu:8.2f} s bare {ours.cpu:8.2f} s inspected "
        f"{ours.cpu / least.cpu:6.2f} x CPU {ours.clock / least.clock:6.2f} x clock "
        f"{3600 / per_film:7.0f} films an hour and core",
        flush=True,
    )
    return ours.cpu / least.cpu


def _least(taken: list[Taken]) -> Taken:
    return min(taken, key=lambda each: each.cpu)


def memory(film: Path, folder: Path) -> None:
    """Peak memory for the film, and for the same film four times over."""
    longer = folder / f"longer{film.suffix}"
    again = ("-stream_loop", "3", "-i", str(film), "-c", "copy")
    call(tools.ffmpeg(), "-nostdin", "-v", "error", "-y", *again, str(longer))
    for each in (film, longer):
        command = [sys.executable, "-c", MEASURE, str(each)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        own, child = (kib / 1024 for kib in json.loads(done.stdout))
        length = read_header(str(each)).duration_s or 0.0
        print(f"{length:6.0f} s of film: {own:5.0f} MiB in the house, {child:5.0f} MiB in ffmpeg")


def main() -> None:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        named = [Path(each).absolute() for each in sys.argv[1:]]
        films = named or [make(kind, Path(folder)) for kind in SET]
        ratios = [report(film) for film in films]
        print(f"in the middle: {sorted(ratios)[len(ratios) // 2]:.2f} x CPU of the bare decode")
        memory(films[0], Path(folder))
    print(f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
