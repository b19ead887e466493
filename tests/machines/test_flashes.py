"""Flashes that endanger, told from everything else that changes quickly in a film."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.machines.flashes import ACROSS, DOWN, FRAMES_AT_MOST, Flashes

RATE = 25
Grey = Callable[[int], npt.NDArray[np.uint8]]


def watched(grey: Grey, seconds: float = 4, rate: int = RATE) -> Flashes:
    """A film whose every frame is `grey(number)`, one point a cell."""
    flashes = Flashes(ACROSS, DOWN)
    for number in range(round(seconds * rate)):
        flashes.look(flashes.cells(grey(number)[None])[0], number / rate)
    return flashes


def plain(value: int) -> npt.NDArray[np.uint8]:
    return np.full((DOWN, ACROSS), value, np.uint8)


def blinking(number: int, per_second: float, low: int = 60, high: int = 235) -> int:
    return high if number * per_second / RATE % 1 < 0.5 else low


@pytest.mark.parametrize(("per_second", "flashes"), [(3, False), (5, True), (12, True)])
def test_more_than_three_in_a_second_endanger(per_second: float, flashes: bool) -> None:
    found = watched(lambda number: plain(blinking(number, per_second)))
    assert bool(found.stretches.until(4.0)) is flashes


@pytest.mark.parametrize(("columns", "flashes"), [(3, False), (4, True), (16, True)])
def test_a_quarter_of_the_picture_endangers(columns: int, flashes: bool) -> None:
    def part(number: int) -> npt.NDArray[np.uint8]:
        picture = plain(60)
        picture[:, :columns] = blinking(number, 6)
        return picture

    assert bool(watched(part).stretches.until(4.0)) is flashes


@pytest.mark.parametrize(
    ("low", "high", "flashes"),
    [(60, 80, False), (60, 110, True), (0, 89, False), (0, 90, True), (233, 255, False)],
)
def test_a_tenth_of_the_light_endangers_where_the_darker_is_not_bright(
    low: int, high: int, flashes: bool
) -> None:
    found = watched(lambda number: plain(blinking(number, 6, low, high)))
    assert bool(found.stretches.until(4.0)) is flashes


def test_two_halves_that_flash_by_turns_endanger() -> None:
    def lamps(number: int) -> npt.NDArray[np.uint8]:
        picture = plain(blinking(number, 5))
        picture[:, ACROSS // 2 :] = blinking(number, 5, high=60, low=235)
        return picture

    assert watched(lamps).stretches.until(4.0)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000))
def test_a_run_through_a_wood_where_each_part_changes_by_itself_does_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    film = rng.integers(0, 255, (4 * RATE, DOWN, ACROSS), dtype=np.uint8)
    found = watched(lambda number: film[number])
    assert (found.stretches.until(4.0), found.most) == ((), 0)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 8), st.integers(0, 1000))
def test_cuts_between_any_pictures_up_to_three_a_second_do_not(frames: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shots = rng.integers(0, 255, (50, DOWN, ACROSS), dtype=np.uint8)
    found = watched(lambda number: shots[number // (frames + RATE // 3)])
    assert found.stretches.until(4.0) == ()


def test_a_film_that_stands_in_one_instant_for_ever_does_not_fill_the_memory() -> None:
    flashes = Flashes(ACROSS, DOWN)
    for number in range(3 * FRAMES_AT_MOST):
        flashes.look(flashes.cells(plain(255 * (number % 2))[None])[0], 1.0)
    held = (flashes._recent, flashes._second)  # what would grow
    assert [len(each) for each in held] == [FRAMES_AT_MOST] * 2
    flashes.look(flashes.cells(plain(0)[None])[0], 3.0)
    assert int(flashes._counts.max()) <= 1


def test_a_stretch_lasts_from_the_first_change_to_the_last() -> None:
    found = watched(lambda number: plain(blinking(number, 5) if 25 <= number < 75 else 60), 5)
    (span,) = found.stretches.until(5.0)
    assert span == pytest.approx((1.0, 3.0), abs=0.1)
    assert found.most == 5
