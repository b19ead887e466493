"""What a fresh clone lacks: the virtual environment, the front end, the translations.

`make setup` runs this file by itself (`python3 -I contest/cli/setup.py`), before there is any
environment: it imports nothing but the standard library. Each step leaves a digest of what it read
in `.venv/palmares.json`, and runs again only when that has changed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = Path("contest/web/static")
CATALOGUES = Path("contest/web/translations")
PYTHON_NEEDED = (3, 11)


class SetupStopped(Exception):
    """A step can't be done; the message says why and what helps."""


@dataclass(frozen=True)
class House:
    """The clone being set up, and the environment inside it."""

    root: Path

    @property
    def environment(self) -> Path:
        return self.root / ".venv"

    def tool(self, name: str) -> Path:
        """A program of the environment."""
        return self.environment / "bin" / name


@dataclass(frozen=True)
class Step:
    """One thing to have: when what it reads changed, or what it makes is gone, `work` makes it."""

    name: str
    announcement: str
    reads: Sequence[Path]
    makes: Sequence[Path]
    work: Callable[[House], None]

    def digest(self, house: House) -> str:
        """Changes with the content of what is read, the interpreter, and the place of the clone."""
        told = hashlib.sha256(f"{sys.version_info[:2]} {house.root}".encode())
        for file in self.reads:
            told.update(str(file.relative_to(house.root)).encode() + b"\0")
            told.update(hashlib.sha256(file.read_bytes()).digest())
        return told.hexdigest()


class Notes:
    """What was set up before, kept inside the environment so that both go together."""

    def __init__(self, house: House) -> None:
        self._file = house.environment / "palmares.json"

    def read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {str(name): str(digest) for name, digest in kept.items()}

    def add(self, digests: dict[str, str]) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self.read() | digests, indent=1))
        fresh.replace(self._file)


def steps(house: House, *, with_tests: bool) -> Iterator[Step]:
    """What a clone needs, in order; reads of later steps may be made by earlier ones."""
    at = house.root
    lock = at / ("requirements-dev.lock" if with_tests else "requirements.lock")
    yield Step(
        "tests" if with_tests else "packages",
        "Installing packages, each checked against its hash",
        [lock],
        [house.tool("python"), house.tool("node")],
        lambda house: install(house, lock),
    )
    yield Step(
        "command",
        "Adding the command .venv/bin/contest",
        [at / "pyproject.toml"],
        [house.tool("contest")],
        install_command,
    )
    yield Step(
        "modules",
        "Installing the front end's modules",
        [at / "package.json", at / "package-lock.json"],
        [at / "node_modules/esbuild"],
        install_modules,
    )
    sources = files_under(at / STATIC / "src")
    yield Step(
        "front end",
        "Building the front end",
        [at / STATIC / "build.mjs", at / "package-lock.json", *sources],
        [at / STATIC / "build/manifest.json"],
        build_front_end,
    )
    catalogues = [file for file in files_under(at / CATALOGUES) if file.suffix == ".po"]
    yield Step(
        "translations",
        "Compiling translations",
        catalogues,
        [file.with_suffix(".mo") for file in catalogues],
        compile_translations,
    )


def files_under(folder: Path) -> list[Path]:
    """Every file below the folder, in a stable order; none when there is no such folder."""
    return sorted(file for file in folder.rglob("*") if file.is_file())


def install(house: House, lock: Path) -> None:
    """Fill the environment with what the lock names, each file checked against its hash."""
    ensure_environment(house)
    pip(house, "--require-hashes", "--only-binary", ":all:", "-r", lock)


def install_command(house: House) -> None:
    """Add this project as it stands, so that `contest` runs what is in the folder."""
    pip(house, "--quiet", "--no-deps", "--no-build-isolation", "-e", house.root)


def pip(house: House, *arguments: str | Path) -> None:
    call(
        house,
        house.tool("python"),
        *("-m", "pip", "install", "--disable-pip-version-check"),
        *arguments,
    )


def ensure_environment(house: House) -> None:
    """A virtual environment that runs, of this version of Python, for a clone at this place."""
    if is_sound(house):
        return
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        raise SetupStopped(
            f"This Python has no venv module, which virtual environments need. On Debian or Ubuntu "
            f"`sudo apt install python{version}-venv` brings it; or name another interpreter: "
            f"make PYTHON=/path/to/python3"
        )
    call(house, sys.executable, "-m", "venv", "--clear", house.environment)


def is_sound(house: House) -> bool:
    """Whether the environment runs; a moved one does, but its programs name the old place."""
    question = "import sys; print(sys.version_info[:2])"
    try:
        asked = [str(house.tool("python")), "-c", question]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        opening = house.tool("pip").read_text()[:1000]
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.strip() == str(sys.version_info[:2]) and str(house.environment) in opening


def install_modules(house: House) -> None:
    """The modules of package-lock.json, by hash; no script of theirs runs."""
    call(house, house.tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def build_front_end(house: House) -> None:
    call(house, house.tool("node"), house.root / STATIC / "build.mjs")


def compile_translations(house: House) -> None:
    if (house.root / CATALOGUES).is_dir():
        call(house, house.tool("pybabel"), "-q", "compile", "-d", house.root / CATALOGUES)


def call(house: House, *command: str | Path) -> None:
    """Run a program in the clone, its progress shown; raises `SetupStopped` when it fails."""
    path = f"{house.environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}
    environment.pop("PYTHONPATH", None)
    try:
        code = subprocess.run(command, cwd=house.root, env=environment, check=False).returncode
    except OSError as gone:
        raise SetupStopped(f"{command[0]} can't be started: {gone.strerror}.") from gone
    if code != 0:
        raise SetupStopped(
            f"{Path(command[0]).name} stopped with code {code}; its own words are above. What was "
            f"finished before stays: put right what it names, then run the same command again."
        )


def set_up(house: House, *, with_tests: bool) -> None:
    """Do every step that is not done yet."""
    if sys.version_info < PYTHON_NEEDED:
        raise SetupStopped("Palmarès needs CPython 3.11 or newer: make PYTHON=/path/to/python3")
    carry_out(house, steps(house, with_tests=with_tests))
    if with_tests:  # what tests need holds what running needs
        runtime = next(steps(house, with_tests=False))
        Notes(house).add({runtime.name: runtime.digest(house)})


def carry_out(house: House, wanted: Iterable[Step]) -> None:
    """Do those steps whose reads changed since they were done, or whose makes are gone."""
    notes = Notes(house)
    for step in wanted:
        digest = step.digest(house)
        if notes.read().get(step.name) == digest and all(path.exists() for path in step.makes):
            continue
        print(f"{step.announcement} …", flush=True)
        step.work(house)
        notes.add({step.name: digest})


@contextmanager
def alone(house: House) -> Iterator[None]:
    """Two set-ups of one clone take turns: the folder itself is the lock."""
    folder = os.open(house.root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make setup", description=__doc__)
    parser.add_argument("--with-tests", action="store_true", help="also what `make test` needs")
    asked = parser.parse_args(arguments)
    house = House(ROOT)
    try:
        with alone(house):
            set_up(house, with_tests=asked.with_tests)
    except SetupStopped as stopped:
        print(f"\n{stopped}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
