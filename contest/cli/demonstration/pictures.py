"""Paints the pictures that the demonstration's films travel across: no film is kept in git.

A picture is an array of height x width x 3, floats from 0 to 1, wider than the screen, so that a
film can pan over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]
Colour = tuple[int, int, int]
Dice = np.random.Generator

HEIGHT, WIDTH = 540, 1440


def harbour(dice: Dice, palette: tuple[Colour, ...]) -> Picture:
    """Hills and lights over still water."""
    picture = sky(palette[0], palette[1])
    horizon = int(HEIGHT * 0.58)
    for depth in range(3):
        ridge(
            picture, dice, horizon - 70 + depth * 25, 40, mixed(palette[1], palette[2], depth / 3)
        )
    picture[horizon:] = picture[horizon : 2 * horizon - HEIGHT : -1] * 0.62
    ripples(picture, dice, horizon)
    for _ in range(46):
        x, y = int(dice.integers(WIDTH)), horizon + int(dice.integers(-8, 6))
        glow(picture, x, y, 5, palette[3], 0.9)
    for _ in range(7):
        x, y = int(dice.integers(WIDTH)), int(dice.integers(40, 200))
        glow(picture, x, y, 26, palette[3], 0.75)
    return picture


def dunes(dice: Dice, palette: tuple[Colour, ...]) -> Picture:
    """Sand and a low sun."""
    picture = sky(palette[0], palette[1])
    disc(picture, int(WIDTH * dice.uniform(0.35, 0.65)), 170, 54, palette[3])
    for depth in range(5):
        top = 265 + depth * 55
        ridge(
            picture,
            dice,
            top,
            55 - depth * 4,
            mixed(palette[1], palette[2], (depth + 1) / 5),
            waves=2,
        )
    return picture


def forest(dice: Dice, palette: tuple[Colour, ...]) -> Picture:
    """Trunks in mist, the nearest the darkest."""
    picture = sky(palette[1], palette[0])
    for depth in range(4):
        colour = mixed(palette[0], palette[2], (depth + 1) / 4)
        for _ in range(34 - depth * 6):
            left, wide = int(dice.integers(WIDTH)), int(dice.integers(5, 9 + depth * 10))
            picture[:, left : left + wide] = picture[:, left : left + wide] * 0.15 + colour * 0.85
        ridge(picture, dice, HEIGHT - 90 + depth * 24, 16, colour)
    glow(picture, int(WIDTH * 0.55), 150, 160, palette[3], 0.5)
    return picture


def mountains(dice: Dice, palette: tuple[Colour, ...]) -> Picture:
    """Ranges that fold behind one another under a pale disc."""
    picture = sky(palette[0], palette[1])
    disc(picture, int(WIDTH * 0.6), 130, 44, palette[3])
    for depth in range(6):
        top = 190 + depth * 55
        ridge(
            picture,
            dice,
            top,
            90 - depth * 6,
            mixed(palette[1], palette[2], (depth + 1) / 6),
            waves=9,
        )
    return picture


def rain(dice: Dice, palette: tuple[Colour, ...]) -> Picture:
    """City lights out of focus, and rain."""
    picture = sky(palette[0], palette[2])
    for _ in range(90):
        colour = palette[1] if dice.random() < 0.5 else palette[3]
        x, y = int(dice.integers(WIDTH)), int(dice.integers(80, 470))
        radius = int(dice.integers(10, 46))
        disc(picture, x, y, radius, colour, float(dice.uniform(0.18, 0.6)))
    for _ in range(900):
        x, y, long = (
            int(dice.integers(WIDTH)),
            int(dice.integers(HEIGHT)),
            int(dice.integers(10, 34)),
        )
        picture[y : y + long, x] = picture[y : y + long, x] * 0.7 + 0.22
    ridge(picture, dice, HEIGHT - 40, 6, rgb(palette[2]) * 0.4)
    return picture


def deep(dice: Dice, palette: tuple[Colour, ...]) -> Picture:
    """Under water: light from above, slow shapes, drifting specks."""
    picture = sky(palette[1], palette[0])
    for _ in range(12):
        glow(picture, int(dice.integers(WIDTH)), 0, int(dice.integers(60, 190)), palette[3], 0.35)
    for _ in range(3):
        swimmer(picture, dice, palette[2])
    for _ in range(380):
        x, y = int(dice.integers(WIDTH)), int(dice.integers(HEIGHT))
        picture[y : y + 2, x : x + 2] = picture[y : y + 2, x : x + 2] * 0.4 + 0.5
    ridge(picture, dice, HEIGHT - 60, 26, rgb(palette[2]))
    return picture


SCENES: Mapping[str, Callable[[Dice, tuple[Colour, ...]], Picture]] = {
    "harbour": harbour,
    "dunes": dunes,
    "forest": forest,
    "mountains": mountains,
    "rain": rain,
    "deep": deep,
}


def paint(scene: str, palette: tuple[Colour, ...], seed: int) -> Picture:
    """A picture of that scene: four colours (above, below, near, light) and a seed decide it."""
    dice = np.random.default_rng(seed)
    picture = SCENES[scene](dice, palette)
    grain = dice.normal(0, 0.008, picture.shape[:2]).astype(np.float32)
    return np.clip(picture + grain[:, :, None], 0, 1)


def as_ppm(picture: Picture) -> bytes:
    """The picture as a PPM file."""
    height, width, _ = picture.shape
    pixels: NDArray[Any] = (picture * 255).astype(np.uint8)
    return b"P6 %d %d 255\n" % (width, height) + pixels.tobytes()


def rgb(colour: Colour) -> Picture:
    return np.array(colour, dtype=np.float32) / 255


def mixed(one: Colour, other: Colour, share: float) -> Picture:
    return rgb(one) * (1 - share) + rgb(other) * share


def sky(above: Colour, below: Colour) -> Picture:
    """A plain of colour that turns from one to another downwards."""
    turn = (np.linspace(0, 1, HEIGHT, dtype=np.float32) ** 1.4)[:, None, None]
    plain = rgb(above) * (1 - turn) + rgb(below) * turn
    return np.repeat(plain, WIDTH, axis=1).astype(np.float32)


def ridge(
    picture: Picture, dice: Dice, top: int, rough: int, colour: Picture, waves: int = 5
) -> None:
    """Everything under a wandering line, in one colour."""
    across = np.linspace(0, 2 * np.pi, WIDTH)
    line = np.zeros(WIDTH)
    for step in range(1, 8):
        line += np.sin(across * waves * step / 3 + dice.uniform(0, 6.3)) / step**1.15
    line = top - line / np.abs(line).max() * rough
    under = np.arange(HEIGHT)[:, None] > line[None, :]
    picture[under] = colour


def ripples(picture: Picture, dice: Dice, horizon: int) -> None:
    """Shifts each row of the water a little."""
    for row in range(horizon, HEIGHT):
        swing = (row - horizon) / 9 + 1
        picture[row] = np.roll(picture[row], int(dice.normal(0, swing)), axis=0)


def disc(
    picture: Picture, x: int, y: int, radius: int, colour: Colour, strength: float = 1
) -> None:
    """A round light with a soft rim."""
    light(
        picture, x, y, radius + 2, colour, lambda far: np.clip((radius - far) / 3, 0, 1) * strength
    )


def glow(picture: Picture, x: int, y: int, radius: int, colour: Colour, strength: float) -> None:
    """A light that fades outwards."""
    light(
        picture, x, y, radius * 2, colour, lambda far: np.exp(-((far / radius) ** 2) * 2) * strength
    )


def light(
    picture: Picture, x: int, y: int, reach: int, colour: Colour, share: Callable[[Any], Any]
) -> None:
    """Mixes a colour into the surroundings of a point, by a share of the distance from it."""
    top, left = max(y - reach, 0), max(x - reach, 0)
    part = picture[top : y + reach, left : x + reach]
    rows = np.arange(top, top + part.shape[0])[:, None]
    columns = np.arange(left, left + part.shape[1])[None, :]
    mix = share(np.hypot(rows - y, columns - x))[:, :, None].astype(np.float32)
    part[:] = part * (1 - mix) + rgb(colour) * mix


def swimmer(picture: Picture, dice: Dice, colour: Colour) -> None:
    """A large shape with a tail."""
    x, y = int(dice.integers(200, WIDTH - 200)), int(dice.integers(150, 380))
    long, high = int(dice.integers(90, 190)), int(dice.integers(28, 60))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    body = ((columns - x) / long) ** 2 + ((rows - y) / high) ** 2 < 1
    tail = (np.abs(rows - y) < (columns - x - long * 0.8) * 0.5) & (columns < x + long * 1.35)
    picture[body | (tail & (columns > x + long * 0.8))] = rgb(colour)
