"""Measures a film: its header with ffprobe, then picture and sound by decoding them once.

A film is a stranger's file. ffmpeg gets it as its standard input and never learns its name; only
the containers of `header.FAMILIES` are opened, nothing else is read, and each call is limited.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any

from contest.machines import tools
from contest.machines.credentials import credentials_bytes
from contest.machines.file_shape import NoFilmFile, opened, points_elsewhere, shape_of, size_of
from contest.machines.header import ENTRIES, FAMILIES, facts_of
from contest.machines.limits import FILM, Limits, Outcome, Stop, places_of, run_limited
from contest.machines.one_pass import Pass, outputs
from contest.machines.picture_clock import PictureClock
from contest.rulebook.film_facts import MediaFacts, Problem

GUARD = Path(__file__).parent / "guard"
SAFE_INPUT = (
    *("-protocol_whitelist", "file"),
    *("-format_whitelist", ",".join(FAMILIES)),
    *("-max_pixels", "40000000"),
    *("-max_streams", "64"),
)
HEADER_LIMITS = Limits()
DECODE_AT_MOST_S = 3600.0
DECODE_THREADS = 4
PIXELS_PER_CPU_SECOND = 60e6
SLACK_S = 1.0

EMBEDDED_POINTER = (b"m3u8", b"whitelist", b"ffconcat")
TOO_COSTLY = (b"max pixel count", b"max_streams", b"Out of memory", b"Cannot allocate memory")
NOT_LISTED = b"not on whitelist"
WHO_SPEAKS = re.compile(r"(\[[^\]]* @ 0x[0-9a-f]+\] ?)+")
CUT = (b"partial file", b"ended prematurely")


def read_header(path: str) -> MediaFacts:
    """What the file says of itself. Whatever the file is, facts come back; `problem` says why it
    can't be a film. Raises FileNotFoundError when ffprobe is not installed."""
    try:
        with opened(path) as film:
            return _header_of(film)
    except NoFilmFile as refusal:
        return MediaFacts(size_bytes=0, problem=refusal.problem)


def decode_picture(
    path: str, facts: MediaFacts, progress: Callable[[float], None] | None = None
) -> MediaFacts:
    """Decode picture and first sound once and return `facts` with what was really there.

    `progress` is told the seconds of film decoded so far. Facts that already hold a problem come
    back as they are.
    """
    if not facts.readable:
        return facts
    try:
        with opened(path) as film:
            return _picture_of(film, facts, progress)
    except NoFilmFile as refusal:
        return replace(facts, problem=refusal.problem)


def decode_limits(facts: MediaFacts) -> Limits:
    """CPU by the pixels announced, at an eighth of the speed a slow core has with common codecs."""
    pixels = (facts.stored_width or 1920) * (facts.stored_height or 1080)
    rate = pixels * min(facts.fps or 60.0, 120.0)
    announced = (facts.video_duration_s, facts.container_duration_s, 60.0)
    length = min(max(each for each in announced if each is not None), DECODE_AT_MOST_S)
    cpu_s = round(min(30 + length * rate / PIXELS_PER_CPU_SECOND, 1800))
    return Limits(memory_bytes=3 << 30, cpu_s=cpu_s, wall_s=30.0 + 2 * cpu_s)


def second_reading(film: FileIO, facts: MediaFacts) -> str | None:
    """Where ffprobe-python, fed clean text, reads another film than the JSON does; else None."""
    environment = {
        "PATH": str(GUARD),
        "PALMARES_PYTHON": sys.executable,
        "PALMARES_COMMAND": json.dumps(_header_command()),
    }
    script = str(GUARD / "second_reading.py")
    command = [sys.executable, "-I", "-S", script, tools.folder_of("ffprobe")]
    outcome = run_limited(
        command,
        HEADER_LIMITS,
        film=film,
        environment=environment,
        reads=[*places_of(tools.ffprobe()), Path(command[-1])],
    )
    if outcome.stop is not None:  # a busy machine is no disagreement
        return None
    try:
        streams: list[dict[str, Any]] = json.loads(outcome.output)
    except ValueError:
        return "ffprobe-python could not read it"
    pictures = [stream for stream in streams if stream["type"] == "video"]
    counted = facts.video_streams + facts.attached_pictures
    if len(pictures) != counted:
        return f"ffprobe-python sees {len(pictures)} pictures, the JSON {counted}"
    if facts.video_codec not in {stream["codec"] for stream in pictures}:
        return f"ffprobe-python sees no picture in {facts.video_codec}"
    return None


def _header_of(film: FileIO) -> MediaFacts:
    if points_elsewhere(film):
        return MediaFacts(size_bytes=size_of(film), problem=Problem.HOSTILE)
    facts = _judge_header(run_limited(_header_command(), HEADER_LIMITS, film=film), size_of(film))
    held = credentials_bytes(film)
    facts = replace(facts, faststart=shape_of(film).faststart, credentials_bytes=held)
    return replace(facts, parsers_disagree=second_reading(film, facts)) if facts.readable else facts


def _picture_of(
    film: FileIO, facts: MediaFacts, progress: Callable[[float], None] | None
) -> MediaFacts:
    seen, outcome = _pass(film, facts, progress, sound=facts.audio_stream is not None)
    if seen.clock.frames == 0 and outcome.stop is None and facts.audio_stream is not None:
        seen, outcome = _pass(film, facts, progress, sound=False)  # a sound nobody can decode
    facts = replace(facts, **seen.facts())
    return _judge_picture(facts, seen.clock, outcome, shape_of(film).missing_bytes)


def _pass(
    film: FileIO, facts: MediaFacts, progress: Callable[[float], None] | None, *, sound: bool
) -> tuple[Pass, Outcome]:
    """The film decoded once, with all that watch and listen."""
    seen = Pass()
    asides = dict(seen.asides(sound=sound))

    def watch(chunk: bytes) -> bool:
        seen.clock.feed(chunk)
        return seen.clock.seconds < DECODE_AT_MOST_S

    def frames(chunk: bytes) -> bool:
        if progress is not None:
            progress(max(seen.clock.seconds, seen.picture.arrived / (facts.fps or 1000.0)))
        return seen.picture.feed(chunk)

    asides["frames"] = frames
    heard = facts.audio_stream if sound else None
    command = [
        tools.ffmpeg(),
        *("-hide_banner", "-nostdin", "-v", "error", "-copyts", "-noautorotate"),
        *("-reinit_filter", "0", "-threads", str(DECODE_THREADS), *SAFE_INPUT, "-i", FILM),
        *outputs(facts.video_stream, heard),
    ]
    outcome = run_limited(command, decode_limits(facts), film=film, watch=watch, asides=asides)
    return seen, outcome


def _header_command() -> list[str]:
    return [
        tools.ffprobe(),
        *("-hide_banner", "-v", "error", *SAFE_INPUT),
        *("-show_entries", ":".join(ENTRIES), "-of", "json=compact=1", FILM),
    ]


def _judge_header(outcome: Outcome, size: int) -> MediaFacts:
    said = outcome.complaints
    problem = None
    if outcome.stop is not None or outcome.output_cut or _any(TOO_COSTLY, said):
        problem = Problem.TOO_COSTLY
    elif outcome.code != 0:
        problem = Problem.NOT_A_FILM if NOT_LISTED in said else Problem.UNREADABLE
    elif _any(EMBEDDED_POINTER, said):
        problem = Problem.HOSTILE
    if problem is not None:
        return MediaFacts(size_bytes=size, problem=problem, problem_detail=_readable(said))
    try:
        return facts_of(json.loads(outcome.output), size)
    except ValueError:
        return MediaFacts(size_bytes=size, problem=Problem.UNREADABLE)


def _judge_picture(
    facts: MediaFacts, clock: PictureClock, outcome: Outcome, missing_bytes: int
) -> MediaFacts:
    done = outcome.stop is None
    facts = replace(
        facts,
        decoded=done,
        decoded_frames=clock.frames,
        decode_problems=outcome.complaint_lines,
        decode_complaint=_readable(outcome.complaints),
        clock_jumps=clock.jumps,
    )
    if clock.frames == 0:
        problem = Problem.NOTHING_DECODES if done else Problem.TOO_COSTLY
        return replace(facts, duration_s=None, problem=problem)
    start, hold = clock.longest_hold
    announced = facts.header_duration_s or 0.0
    facts = replace(
        facts,
        duration_s=clock.seconds if done else max(clock.seconds, announced),
        longest_hold_at_s=start,
        longest_hold_s=hold,
        variable_rate=clock.variable,
        fps=_rate(facts.fps, clock),
    )
    starved = _any(TOO_COSTLY, outcome.complaints) or (done and outcome.code < 0)
    if starved or outcome.stop in {Stop.CPU_TIME, Stop.WALL_CLOCK}:
        return replace(facts, problem=Problem.TOO_COSTLY)
    if _was_cut(facts, announced - clock.seconds, outcome, missing_bytes):
        return replace(facts, problem=Problem.CUT_SHORT)
    return facts


def _rate(announced: float | None, clock: PictureClock) -> float:
    """The announced rate, unless the frames that came deny it: some files say 1000/1."""
    counted = round(clock.frames / max(clock.seconds, 0.001), 3)
    return announced if announced and announced < 1.5 * counted else counted


def _was_cut(facts: MediaFacts, lacking_s: float, outcome: Outcome, missing_bytes: int) -> bool:
    """Whether the end of the film is not in the file, rather than never made: a header alone may
    lie, so the file's own lengths or ffmpeg's complaint must say so too. Of a cut AVI, ffprobe
    reckons the duration anew from what is left; there the lengths alone must do."""
    if facts.container == "avi":
        return missing_bytes * 100 > facts.size_bytes
    return lacking_s > SLACK_S and (missing_bytes > 0 or _any(CUT, outcome.complaints))


def _any(words: tuple[bytes, ...], said: bytes) -> bool:
    return any(word in said for word in words)


def _readable(said: bytes) -> str | None:
    """The first thing ffmpeg complained of, without paths and addresses, at most 200 characters."""
    text = said.decode("utf-8", "replace").replace(FILM, "the file")
    line = WHO_SPEAKS.sub("", text.lstrip().partition("\n")[0])
    return "".join(c for c in line if c.isprintable())[:200] or None
