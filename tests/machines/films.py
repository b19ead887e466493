"""Films that tests make for themselves, and the corpus where it stands beside the clone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from contest.machines import tools

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "media"
PICTURE = "testsrc2=s=160x90:r={rate}:d={seconds}"
SOUND = "sine=f=440:r=24000:d={seconds}"

MakeFilm = Callable[..., Path]


def ffmpeg(*arguments: str | Path) -> None:
    """Run the house's ffmpeg on films the test itself made."""
    subprocess.run(
        [tools.ffmpeg(), "-nostdin", "-v", "error", "-y", *map(str, arguments)],
        check=True,
        timeout=120,
    )


def film(
    target: Path,
    seconds: float = 4,
    *options: str | Path,
    rate: int = 25,
    sound: float | None = None,
    picture: str = PICTURE,
) -> Path:
    """A small moving film with a tone; `sound` is its length when it differs, 0 for none."""
    heard = seconds if sound is None else sound
    tone = ("-f", "lavfi", "-i", SOUND.format(seconds=heard)) if heard else ()
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    shown = picture.format(rate=rate, seconds=seconds)
    ffmpeg("-f", "lavfi", "-i", shown, *tone, *coding, *options, target)
    return target


@cache
def manifest() -> list[dict[str, Any]]:
    """The corpus's own word on each of its files."""
    rows: list[dict[str, Any]] = json.loads((CORPUS / "MANIFEST.json").read_text())["files"]
    return rows
