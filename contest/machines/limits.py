"""Runs a program on a stranger's file: bounded in memory, time, output and files, never hanging.

Every ffprobe and ffmpeg call of the house goes through `run_limited`. It may be called from any
thread. Linux keeps all limits; on other systems those that the kernel knows.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import IO, BinaryIO

LAUNCHER = Path(__file__).parent / "guard" / "launch.py"
CHUNK_BYTES = 1 << 16
FILM = "file:/dev/fd/0"
PROGRAMS = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store", "/etc/ld.so.cache"),
    *(str(LAUNCHER.parent), sys.prefix, sys.base_prefix),
)
"""What every child may read where files can be kept from it: programs, ours and the system's."""
NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})
NOTHING_ASIDE: Mapping[str, Callable[[bytes], bool]] = MappingProxyType({})


@dataclass(frozen=True)
class Limits:
    """Bounds of one child: bytes and seconds. Output beyond its bound is read and thrown away."""

    memory_bytes: int = 1 << 30
    cpu_s: int = 8
    wall_s: float = 30.0
    file_bytes: int = 0
    open_files: int = 64
    output_bytes: int = 4 << 20
    complaint_bytes: int = 64 << 10


class Stop(StrEnum):
    """Why a child was ended before it was done."""

    WALL_CLOCK = "wall_clock"
    CPU_TIME = "cpu_time"
    ASKED = "asked"


@dataclass(frozen=True)
class Outcome:
    """What came of a child. `code` is negative for a signal, as in `subprocess`."""

    code: int
    output: bytes
    output_cut: bool
    complaints: bytes
    complaint_lines: int
    stop: Stop | None


@dataclass
class _Drain:
    """One output: keeps its beginning, counts its lines, throws the rest away."""

    keep: int
    kept: bytearray = field(default_factory=bytearray)
    lines: int = 0
    cut: bool = False

    def take(self, chunk: bytes) -> bool:
        room = self.keep - len(self.kept)
        self.kept += chunk[:room]
        self.cut = self.cut or len(chunk) > room
        self.lines += chunk.count(b"\n")
        return True


def run_limited(
    command: Sequence[str],
    limits: Limits,
    *,
    film: BinaryIO | None = None,
    watch: Callable[[bytes], bool] | None = None,
    asides: Mapping[str, Callable[[bytes], bool]] = NOTHING_ASIDE,
    environment: Mapping[str, str] = NO_ENVIRONMENT,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
) -> Outcome:
    """Run `command` (its program an absolute path) within `limits`.

    Where Linux offers Landlock the child opens no file but the film, `PROGRAMS`, what lies in the
    `places_of` its own program or in `reads`, and the files that are there already of `writes`.

    `film` becomes the child's standard input, which a command names as `FILM`: a stranger's file
    name never reaches a program that might take it for an option, a protocol or a pattern.
    `watch` is given the output piece by piece instead of it being kept; when it answers False the
    child is ended. Each of `asides` likewise is given what the child writes to a pipe of its own,
    whose number takes the place of its name in the command: `pipe:@looks` becomes `pipe:7`. Raises
    OSError when the interpreter itself can't be started.
    """
    deadline = time.monotonic() + limits.wall_s
    if film is not None:
        film.seek(0)  # where /dev/fd shares the position with us
    output, complaints = _Drain(limits.output_bytes), _Drain(limits.complaint_bytes)
    with _pipes(asides) as (beside, into):
        try:
            child = subprocess.Popen(
                _launch([_numbered(each, into) for each in command], limits, reads, writes),
                stdin=film or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=tuple(into.values()),
                env=dict(environment),
                cwd="/",
                start_new_session=True,
            )
        finally:
            for each in into.values():
                os.close(each)
        readers = {_number(child.stdout): watch or output.take}
        readers[_number(child.stderr)] = complaints.take
        readers |= {beside[name]: read for name, read in asides.items()}
        try:
            stop = _drain(readers, deadline) or _await(child, deadline)
        finally:
            _end(child)
    if child.returncode == -signal.SIGXCPU:
        stop = Stop.CPU_TIME
    return Outcome(
        code=child.returncode,
        output=bytes(output.kept),
        output_cut=output.cut,
        complaints=bytes(complaints.kept),
        complaint_lines=complaints.lines,
        stop=stop,
    )


@contextlib.contextmanager
def _pipes(names: Iterable[str]) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """By name, the ends to read and those to write; the latter are closed by their user."""
    pipes = {name: os.pipe() for name in names}
    try:
        yield (
            {name: reading for name, (reading, _) in pipes.items()},
            {name: writing for name, (_, writing) in pipes.items()},
        )
    finally:
        for reading, _ in pipes.values():
            os.close(reading)


def _numbered(argument: str, pipes: Mapping[str, int]) -> str:
    """An argument with each `@NAME` as the number the child knows that pipe by."""
    for name, number in pipes.items():
        argument = argument.replace(f"@{name}", str(number))
    return argument


def _number(pipe: IO[bytes] | None) -> int:
    assert pipe is not None  # noqa: S101  # it was asked for
    return pipe.fileno()


def places_of(program: str) -> list[Path]:
    """Where a program may have its parts: beside it, where it really is if it is a link, and in
    the `lib` beside its `bin`."""
    beside = [Path(program).parent, Path(program).resolve().parent]
    return beside + [each.parent / name for each in beside for name in ("lib", "lib64")]


def _launch(
    command: Sequence[str], limits: Limits, reads: Sequence[Path], writes: Sequence[Path]
) -> list[str]:
    bounds = (limits.memory_bytes, limits.cpu_s, limits.file_bytes, limits.open_files, os.getpid())
    opens = (*PROGRAMS, *map(str, places_of(command[0])), *map(str, reads))
    changes = ("/dev/null", *map(str, writes))
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER), *map(str, bounds)),
        *(str(len(opens)), str(len(changes)), *opens, *changes),
        *command,
    ]


def _drain(readers: Mapping[int, Callable[[bytes], bool]], deadline: float) -> Stop | None:
    """Read all pipes together until all end: a child that fills one can't block us."""
    with selectors.DefaultSelector() as selector:
        for pipe, read in readers.items():
            selector.register(pipe, selectors.EVENT_READ, read)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                return Stop.WALL_CLOCK
            for key, _ in ready:
                chunk = os.read(key.fd, CHUNK_BYTES)
                if not chunk:
                    selector.unregister(key.fd)
                elif not key.data(chunk):
                    return Stop.ASKED
    return None


def _await(child: subprocess.Popen[bytes], deadline: float) -> Stop | None:
    """A child may close its outputs and stay: it has until the deadline, like every other."""
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Stop.WALL_CLOCK
    return None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the whole group, so that nothing a child started outlives it, and reap the child."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
