"""Makes what people watch from what authors sent: viewing copies and stills.

The same guards as in `probe`. A result appears under its name only when it is whole; on any failure
there is none. Tags, chapters, attachments and data streams of the author's file never pass: the
jury's copy must not tell whose film it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import FileIO
from pathlib import Path

from contest.machines import tools
from contest.machines.coding import FULL, LIGHT, SQUARE, Coding
from contest.machines.file_shape import NoFilmFile, opened
from contest.machines.limits import FILM, Limits, Outcome, Stop, run_limited
from contest.machines.probe import SAFE_INPUT, WHO_SPEAKS, decode_limits
from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.film_words import REFUSALS
from contest.rulebook.playability import Screener, screener_plan

COPY_BYTES_AT_MOST = 16 << 30
STILL_BYTES_AT_MOST = 32 << 20
MEMORY_BYTES = 3 << 30
STRIP_STILLS, STRIP_STILL = 12, (160, 90)
"""How many stills a strip holds, and the width and height of each in pixels."""
CODING_EFFORT = 12
"""How much more CPU coding H.264 at this setting takes than decoding, at most."""

NO_TAGS = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
    *("-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)


class TranscodeFailed(Exception):
    """ffmpeg could not make it; the message is for the organizer, without paths."""


def make_screener(
    source: str,
    target: Path,
    facts: MediaFacts,
    progress: Callable[[float], None] | None = None,
) -> None:
    """A viewing copy of a readable film: H.264 and AAC in MP4, at most 1080p, turned upright.

    `progress` is told seconds of film done. Raises TranscodeFailed, or OSError when the disk can't
    be written.
    """
    _code_anew(source, target, facts, FULL, progress)


def make_light_copy(source: str, target: Path, facts: MediaFacts) -> None:
    """The same as a screener for poor lines: at most 480p and about 1 Mbit/s."""
    _code_anew(source, target, facts, LIGHT)


def _code_anew(
    source: str,
    target: Path,
    facts: MediaFacts,
    coding: Coding,
    progress: Callable[[float], None] | None = None,
) -> None:
    budget = decode_limits(facts)
    limits = Limits(
        memory_bytes=MEMORY_BYTES,
        cpu_s=budget.cpu_s * CODING_EFFORT,
        wall_s=budget.wall_s * CODING_EFFORT,
        file_bytes=COPY_BYTES_AT_MOST,
    )
    arguments = (*_streams(facts), *coding.arguments(facts), *_mp4())
    _make(source, target, arguments, limits, progress)


def make_blind_copy(source: str, target: Path, facts: MediaFacts) -> None:
    """A playable, light enough film without its author's tags, picture and sound bit for bit as
    they were.

    MP4 with its index first, or WebM, as `screener_plan` says. Raises ValueError for a film that
    must be coded anew, TranscodeFailed, or OSError.
    """
    plan = screener_plan(facts)
    if plan is Screener.TRANSCODE:
        raise ValueError("This film must be coded anew: make a screener of it.")
    kind = _mp4() if plan is Screener.COPY_MP4 else ("-f", "webm")
    limits = Limits(memory_bytes=1 << 30, cpu_s=120, wall_s=600, file_bytes=COPY_BYTES_AT_MOST)
    _make(source, target, (*_streams(facts), "-c", "copy", *kind), limits)


def make_still(source: str, target: Path, facts: MediaFacts, at_s: float, width: int) -> None:
    """The frame shown at `at_s` seconds as a JPEG of at most `width` pixels across.

    Raises TranscodeFailed when there is no frame then, or OSError.
    """
    if facts.video_stream is None:
        raise TranscodeFailed("The film holds no picture.")
    fit = f"{SQUARE},scale=w='min({width},iw)':h=-2,format=yuvj420p"
    arguments = (
        *("-map", f"0:{facts.video_stream}", "-frames:v", "1", "-vf", fit),
        *("-c:v", "mjpeg", "-q:v", "3", "-f", "image2", "-update", "1"),
    )
    limits = replace(decode_limits(facts), file_bytes=STILL_BYTES_AT_MOST)
    _make(source, target, arguments, limits, reading=("-ss", f"{max(0.0, at_s):.6f}"))


def make_strip(source: str, target: Path, facts: MediaFacts) -> None:
    """`STRIP_STILLS` small stills side by side in one JPEG, each of its equal part of the film.

    Of frames that are coded by themselves, so that the rest need not be decoded; a still shows the
    last of these before the middle of its part. Raises TranscodeFailed or OSError.
    """
    if facts.video_stream is None or not facts.duration_s:
        raise TranscodeFailed("The film holds no picture.")
    width, height = STRIP_STILL
    each = (
        f"{SQUARE},fps={STRIP_STILLS / facts.duration_s:.9f}:start_time=0:eof_action=pass,"
        f"tpad=stop_mode=clone:stop={STRIP_STILLS},format=yuvj420p,"
        f"scale={width}:{height}:force_original_aspect_ratio=decrease:flags=area,"
        f"pad={width}:{height}:-1:-1,setsar=1,tile={STRIP_STILLS}x1"
    )
    arguments = (
        *("-map", f"0:{facts.video_stream}", "-frames:v", "1", "-vf", each),
        *("-c:v", "mjpeg", "-q:v", "5", "-f", "image2", "-update", "1"),
    )
    limits = replace(decode_limits(facts), file_bytes=STILL_BYTES_AT_MOST)
    _make(source, target, arguments, limits, reading=("-skip_frame", "nokey"))


def _streams(facts: MediaFacts) -> tuple[str, ...]:
    """The film's picture and its first sound, nothing else of what the file holds."""
    if facts.video_stream is None:
        raise TranscodeFailed("The film holds no picture.")
    sound = () if facts.audio_stream is None else ("-map", f"0:{facts.audio_stream}")
    return ("-map", f"0:{facts.video_stream}", *sound)


def _mp4() -> tuple[str, ...]:
    return ("-movflags", "+faststart", "-f", "mp4")


def _make(
    source: str,
    target: Path,
    arguments: Sequence[str],
    limits: Limits,
    progress: Callable[[float], None] | None = None,
    *,
    reading: Sequence[str] = (),
) -> None:
    """Run ffmpeg into a file beside the target, then give it its name."""
    with _beside(target) as part, _source(source) as film:
        command = [
            tools.ffmpeg(),
            *("-hide_banner", "-nostdin", "-y", "-v", "error", "-progress", "pipe:1"),
            *SAFE_INPUT,
            *reading,
            *("-i", FILM),
            *arguments,
            *NO_TAGS,
            f"file:{part}",
        ]
        outcome = run_limited(command, limits, film=film, watch=_watch(progress), writes=[part])
        if outcome.code != 0 or part.stat().st_size == 0:
            raise TranscodeFailed(_why(outcome))
        part.replace(target)


@contextmanager
def _source(path: str) -> Iterator[FileIO]:
    try:
        with opened(path) as film:
            yield film
    except NoFilmFile as refusal:
        raise TranscodeFailed(str(REFUSALS[refusal.problem])) from refusal


def _watch(progress: Callable[[float], None] | None) -> Callable[[bytes], bool]:
    """Passes on the seconds done that ffmpeg's `-progress` tells."""
    rest = b""

    def watch(chunk: bytes) -> bool:
        nonlocal rest
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if progress is not None and name == b"out_time_us" and value.isdigit():
                progress(int(value) / 1e6)
        return True

    return watch


def _why(outcome: Outcome) -> str:
    if outcome.stop in {Stop.CPU_TIME, Stop.WALL_CLOCK}:
        return "Making it took longer than any film should need; it was given up."
    said = outcome.complaints.decode("utf-8", "replace").partition("\n")[0]
    plain = "".join(c for c in WHO_SPEAKS.sub("", said) if c.isprintable())
    if not plain or "file:" in plain:
        return "ffmpeg made nothing of it: there may be no picture at that time."
    return f"ffmpeg could not make it: {plain[:200]}"


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file of a name of its own in the target's folder; gone afterwards if not renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{target.stem}.", suffix=".part", dir=target.parent.absolute()
    )
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
