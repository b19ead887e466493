"""The clock of a decoded picture, from the lines ffmpeg prints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.machines.picture_clock import PictureClock
from contest.machines.picture_samples import SAMPLE_BYTES, PictureSamples, black_spans, loop_s


def clock_of(*frames: tuple[int, int], tick: str = "1/100") -> PictureClock:
    """Frames as (shown at, held for) in quarter ticks, fed as ffmpeg would print them."""
    clock = PictureClock()
    clock.feed(f"#software: Lavf\n#tb 0: {tick}\n#dimensions 0: 4x4\n".encode())
    for at, hold in frames:
        clock.feed(f"0, {at:10}, {at:10}, {hold:8}, 424, 0xe31b1a66\n".encode())
    return clock


def test_a_film_runs_from_its_first_frame_to_the_end_of_its_last() -> None:
    clock = clock_of((8, 4), (12, 4), (16, 4))
    assert (clock.seconds, clock.frames, clock.jumps) == (0.12, 3, 0)


def test_the_last_frame_counts_for_as_long_as_it_stands() -> None:
    assert clock_of((0, 100), (100, 100), (200, 100)).seconds == 3.0


def test_a_jump_back_starts_a_new_stretch_and_stretches_are_added() -> None:
    clock = clock_of((0, 4), (4, 4), (5, 4), (9, 4))
    assert (clock.seconds, clock.jumps) == (0.16, 1)


def test_frames_shown_at_the_same_instant_add_nothing() -> None:
    assert clock_of(*[(0, 100)] * 50).seconds == 1.0


def test_a_last_frame_of_no_time_at_all_stands_for_the_usual_one() -> None:
    assert clock_of((0, 400), (400, 400), (800, 0), tick="1/10000").seconds == 0.12


def test_the_longest_hold_is_found_in_the_middle_and_at_the_end() -> None:
    assert clock_of((0, 4), (4, 4), (504, 4)).longest_hold == (0.04, 5.0)
    assert clock_of((0, 4), (4, 700)).longest_hold == (0.04, 7.0)


@pytest.mark.parametrize(
    ("gaps", "variable"),
    [
        ([4] * 100, False),
        ([3, 4] * 50, True),
        ([4] * 99 + [40], False),
        ([4] * 50 + [12] * 50, True),
    ],
)
def test_an_uneven_pace_is_told_from_one_odd_frame(gaps: list[int], variable: bool) -> None:
    times = [0]
    for gap in gaps:
        times.append(times[-1] + gap)
    assert clock_of(*[(at, 4) for at in times]).variable is variable


def test_milliseconds_that_round_a_steady_pace_are_not_uneven() -> None:
    times = [round(at * 1000 / 30) * 4 for at in range(300)]
    assert clock_of(*[(at, 132) for at in times], tick="1/4000").variable is False


@given(st.lists(st.integers(1, 200), min_size=1, max_size=40), st.integers(1, 30))
def test_where_the_output_is_cut_does_not_matter(gaps: list[int], piece: int) -> None:
    lines = b"#tb 0: 1/100\n"
    at = 0
    for gap in gaps:
        lines += f"0, {at}, {at}, 4, 424, 0x0\n".encode()
        at += 4 * gap
    whole, pieces = PictureClock(), PictureClock()
    whole.feed(lines)
    for start in range(0, len(lines), piece):
        pieces.feed(lines[start : start + piece])
    assert (whole.seconds, whole.frames) == (pieces.seconds, pieces.frames)
    assert whole.frames == len(gaps)


def looks_of(*pictures: bytes) -> list[bytes]:
    samples = PictureSamples()
    samples.feed(b"".join(pictures))
    return samples.looks([at / 2 for at in range(len(pictures))], len(pictures) / 2)


def moving(number: int) -> bytes:
    """A picture unlike that of any other number below 512."""
    return bytes((number * 37 + at * at * (number % 7 + 1)) % 256 for at in range(SAMPLE_BYTES))


BLACK = bytes(SAMPLE_BYTES)


def test_a_black_tail_is_found_and_a_blink_is_not() -> None:
    film = [moving(at) for at in range(20)] + [BLACK] * 2 + [moving(5)] + [BLACK] * 20
    assert black_spans(looks_of(*film)) == ((11.5, 21.5),)


def test_a_loop_is_found_with_its_period_and_a_still_or_a_story_is_none() -> None:
    turn = [moving(at) for at in range(20)]
    assert loop_s(looks_of(*turn * 6)) == 10.0
    assert loop_s(looks_of(*[moving(3)] * 120)) is None
    assert loop_s(looks_of(*[moving(at) for at in range(120)])) is None


def test_samples_that_have_no_time_each_are_not_guessed_at() -> None:
    samples = PictureSamples()
    samples.feed(BLACK * 30)
    assert samples.looks([0.0, 0.5], 15.0) == []


def test_a_picture_that_stands_fills_the_time_it_stands_for() -> None:
    samples = PictureSamples()
    samples.feed(moving(1) + moving(2))
    assert samples.looks([0.0, 2.0], 3.0) == [moving(1)] * 4 + [moving(2)] * 2
