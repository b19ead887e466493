"""What watches a pass, fed by hand: cut anywhere, out of step, without end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.machines.fields import FieldWatch
from contest.machines.picture_watch import FRAME_BYTES, WAITING_AT_MOST, PictureWatch
from contest.machines.sound_watch import SoundWatch
from contest.machines.stretches import Stretches
from contest.rulebook.film_facts import SPANS_KEPT, PictureFacts

LINES = b"""frame:0    pts:4800    pts_time:0.1
lavfi.r128.M=-23.4
lavfi.r128.I=-70.000
lavfi.r128.LRA=0.000
lavfi.r128.true_peak=0.5
frame:1    pts:9600    pts_time:0.2
lavfi.silence_start=0.15
lavfi.r128.M=-nan
lavfi.r128.I=-23.04
lavfi.r128.true_peak=0.25
"""


def frames(*greys: int) -> bytes:
    return b"".join(bytes([grey]) * FRAME_BYTES for grey in greys)


@settings(deadline=None)
@given(st.integers(97, 3 * FRAME_BYTES), st.booleans())
def test_where_pictures_are_cut_and_which_pipe_is_first_does_not_matter(
    piece: int, times_first: bool
) -> None:
    watch, shown = PictureWatch(), frames(*[0] * 30, *[90] * 30)
    if times_first:
        for at in range(60):
            watch.shown(at / 25)
    for start in range(0, len(shown), piece):
        watch.feed(shown[start : start + piece])
    if not times_first:
        for at in range(60):
            watch.shown(at / 25)
    assert watch.facts(2.4, None) == PictureFacts(
        black=((0.0, 1.2),), frozen=((1.2, 2.4),), cuts=(1.2,)
    )


def test_pictures_without_a_time_each_are_not_guessed_at() -> None:
    watch = PictureWatch()
    watch.feed(frames(1, 2, 3))
    watch.shown(0.0)
    assert watch.facts(1.0, None) is None


def test_a_pipe_that_runs_ahead_for_ever_does_not_fill_the_memory() -> None:
    watch = PictureWatch()
    for at in range(WAITING_AT_MOST + 10):
        watch.shown(at / 25)
    watch.feed(frames(1))
    assert watch.facts(1.0, None) is None


@given(st.integers(1, len(LINES)))
def test_where_lines_are_cut_does_not_matter(piece: int) -> None:
    watch = SoundWatch()
    for start in range(0, len(LINES), piece):
        watch.feed(LINES[start : start + piece])
    facts = watch.facts(0.1)
    assert facts is not None
    assert (facts.loudness_lufs, facts.true_peak_dbtp) == (-23.0, -6.0)
    assert (facts.starts_s, facts.ends_s, facts.curve) == (0.0, 0.2, (-23, -70))


def test_lines_that_make_no_sense_are_passed_over() -> None:
    watch = SoundWatch()
    assert watch.feed(b"x" * 9_000_000)
    assert watch.feed(b"\n\xff\xfe=\nframe:9 pts:9 pts_time:nan\nlavfi.r128.I=1e999\n=\n")
    assert watch.facts(0.0) is None


def test_both_orders_of_fields_cancel_out() -> None:
    watch = FieldWatch()
    counts = b"lavfi.idet.multiple.%s=%d.00\n"
    watch.feed(b"frame:0 pts:0 pts_time:0\n" + counts % (b"tff", 12) + counts % (b"bff", 4))
    assert watch.combed == 0.5
    watch.feed(b"frame:1 pts:9 pts_time:1\n" + counts % (b"progressive", 16))
    assert watch.combed == 0.25


def test_too_few_frames_tell_nothing_of_fields() -> None:
    watch = FieldWatch()
    watch.feed(b"frame:0 pts:0 pts_time:0\nlavfi.idet.multiple.tff=7.00\n")
    assert watch.combed is None


def test_the_first_stretches_are_kept_and_that_there_were_more_is_said() -> None:
    stretches = Stretches(0.5)
    for at in range(SPANS_KEPT + 1):
        stretches.note(2.0 * at, holds=True)
        stretches.note(2.0 * at + 1, holds=False)
    kept = stretches.until(1e6)
    assert (len(kept), kept[-1], stretches.curtailed) == (SPANS_KEPT, (398.0, 399.0), True)


def test_stretches_that_meet_are_one() -> None:
    stretches = Stretches(0.0)
    for start, end in ((1.0, 3.0), (2.5, 4.0), (4.0, 5.0), (6.0, 7.0)):
        stretches.note(start, holds=True)
        stretches.note(end, holds=False)
    assert stretches.until(9.0) == ((1.0, 5.0), (6.0, 7.0))


@pytest.mark.parametrize(("length", "spans"), [(0.4, ()), (0.5, ((1.0, 1.5),))])
def test_a_stretch_lasts_until_the_film_ends(
    length: float, spans: tuple[tuple[float, float], ...]
) -> None:
    stretches = Stretches(0.5)
    stretches.note(1.0, holds=True)
    assert stretches.until(1.0 + length) == spans


def test_a_point_or_two_that_waver_leave_black_black() -> None:
    watch, rng = PictureWatch(), np.random.default_rng(7)
    for at in range(50):
        picture = np.zeros(FRAME_BYTES, np.uint8)
        picture[rng.integers(0, FRAME_BYTES, 3)] = 255
        watch.feed(picture.tobytes())
        watch.shown(at / 25)
    facts = watch.facts(2.0, None)
    assert facts is not None
    assert facts.black == ((0.0, 2.0),)
