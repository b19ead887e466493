"""Makes the demonstration's films: a slow journey across a painted picture, with a chord."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from contest.cli.demonstration.pictures import HEIGHT, WIDTH, Colour, as_ppm, paint
from contest.machines.tools import ffmpeg

SCREEN = 960
FRAMES = 12
"""Per second: enough for a slow pan, and half the work of 24."""
LINES = 480
"""As many as a light copy has: the jury's copy is light already, and no other need be made."""
CHORDS = ((220, 277, 330), (196, 247, 294), (174, 220, 262), (147, 185, 220))
"""Frequencies in Hz."""

DUSK: tuple[Colour, ...] = ((28, 26, 74), (214, 138, 96), (38, 32, 72), (255, 206, 140))
NIGHT: tuple[Colour, ...] = ((10, 16, 34), (60, 84, 120), (14, 20, 34), (255, 226, 160))
SAND: tuple[Colour, ...] = ((247, 196, 138), (233, 160, 96), (122, 44, 30), (255, 248, 226))
ROSE: tuple[Colour, ...] = ((236, 206, 214), (204, 140, 150), (84, 34, 56), (255, 240, 226))
MIST: tuple[Colour, ...] = ((196, 208, 190), (232, 236, 222), (20, 34, 26), (255, 250, 220))
FROST: tuple[Colour, ...] = ((190, 202, 214), (230, 236, 240), (52, 66, 84), (255, 255, 255))
PAPER: tuple[Colour, ...] = ((246, 222, 170), (226, 170, 110), (84, 38, 30), (190, 90, 60))
NEON: tuple[Colour, ...] = ((12, 26, 48), (230, 120, 60), (8, 12, 22), (90, 170, 200))
VIOLET: tuple[Colour, ...] = ((30, 16, 52), (210, 90, 160), (14, 8, 26), (120, 140, 240))
SEA: tuple[Colour, ...] = ((8, 30, 60), (150, 224, 224), (22, 40, 64), (220, 255, 250))


@dataclass(frozen=True)
class FilmPlan:
    """What to make: a scene in four colours, a running time in seconds, a container."""

    name: str
    scene: str
    palette: tuple[Colour, ...]
    seconds: float
    container: str = "mp4"


def make_films(
    plans: list[FilmPlan], folder: Path, told: Callable[[int, int], None]
) -> dict[str, Path]:
    """Every film of the plans, by name; made where the folder lacks it, two at a time.

    `told` hears of each: how many are there, of how many.
    """
    folder.mkdir(parents=True, exist_ok=True)
    films: dict[str, Path] = {}
    with ThreadPoolExecutor(2) as hands:
        for film in hands.map(lambda plan: _film(plan, folder), plans):
            films[film.stem] = film
            told(len(films), len(plans))
    return films


def _film(plan: FilmPlan, folder: Path) -> Path:
    target = folder / f"{plan.name}.{plan.container}"
    if not target.exists():
        half = target.with_name(f"half-{target.name}")
        picture = folder / f"{plan.name}.ppm"
        picture.write_bytes(as_ppm(paint(plan.scene, plan.palette, _seed(plan))))
        subprocess.run(_command(plan, picture, half), check=True, capture_output=True)
        picture.unlink()
        half.rename(target)
    return target


def _seed(plan: FilmPlan) -> int:
    return sum(ord(letter) * at for at, letter in enumerate(plan.name, start=1))


def _command(plan: FilmPlan, picture: Path, target: Path) -> list[str]:
    pan = f"crop={SCREEN}:{HEIGHT}:'({WIDTH}-{SCREEN})*t/{plan.seconds}':0"
    fade = f"fade=t=in:d=1.5,fade=t=out:st={plan.seconds - 1.5}:d=1.5"
    chord = "+".join(f"sin({tone}*2*PI*t)" for tone in CHORDS[_seed(plan) % len(CHORDS)])
    swell = f"aevalsrc='0.05*({chord})*(0.6+0.4*sin(0.4*t))':s=44100:d={plan.seconds}"
    return [
        *(ffmpeg(), "-v", "error", "-y"),
        *("-loop", "1", "-framerate", str(FRAMES), "-i", str(picture)),
        *("-f", "lavfi", "-i", swell),
        *("-vf", f"{pan},scale=-2:{LINES},{fade},format=yuv420p", "-t", str(plan.seconds)),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-g", "48"),
        *("-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart"),
        str(target),
    ]
