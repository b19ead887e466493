"""What one pass sees and hears of films the tests make: each fault where it was put."""

from __future__ import annotations

from pathlib import Path

import pytest

from contest.machines.probe import decode_picture, read_header
from contest.rulebook.film_facts import MediaFacts, PictureFacts, SoundFacts, Span
from tests.machines.films import ffmpeg, film

CODING = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
MOVING = "testsrc2=s=320x180:r=25:d={seconds}"
GREY = "color=white:s=320x180:r=30:d=6,geq=lum='{lum}':cb=128:cr=128"


def seen(path: Path) -> PictureFacts:
    found = measured(path).picture
    assert found is not None
    return found


def heard(path: Path) -> SoundFacts:
    found = measured(path).sound
    assert found is not None
    return found


def only(spans: tuple[Span, ...]) -> Span:
    (span,) = spans
    return span


def measured(path: Path) -> MediaFacts:
    return decode_picture(str(path), read_header(str(path)))


def made(target: Path, *inputs: str, graph: str, seconds: float = 30) -> Path:
    """A film of lavfi inputs put together by a filter graph with outputs [v] and [a]."""
    given = [word for each in inputs for word in ("-f", "lavfi", "-i", each)]
    mapped = [word for name in ("[v]", "[a]") if name in graph for word in ("-map", name)]
    ffmpeg(*given, "-filter_complex", graph, *mapped, *CODING, "-t", str(seconds), target)
    return target


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds moving with a tone, three black and silent, three that stand still, loud."""
    return made(
        tmp_path_factory.mktemp("uneven") / "uneven.mp4",
        MOVING.format(seconds=4),
        "color=black:s=320x180:r=25:d=3",
        f"{MOVING.format(seconds=1)},trim=end_frame=1,loop=74:1,setpts=N/25/TB",
        "sine=d=4",
        "aevalsrc=0:d=3",
        "sine=f=1000:d=3,volume=8",
        graph="[0][1][2]concat=n=3[v];[3][4][5]concat=n=3:v=0:a=1[a]",
    )


def test_black_frozen_and_silent_stretches_are_found_where_they_are(uneven: Path) -> None:
    picture, sound = seen(uneven), heard(uneven)
    assert picture.black == ((4.0, 7.0),)
    assert only(picture.frozen) == pytest.approx((7.0, 10.0), abs=0.3)  # coding settles first
    assert (picture.cuts, picture.flashing) == ((4.0, 7.0), ())
    assert only(sound.silent) == pytest.approx((4.0, 7.0), abs=0.05)


def test_loudness_and_peak_are_those_of_the_broadcasting_union(tmp_path: Path) -> None:
    tone = made(
        tmp_path / "tone.mkv",
        MOVING.format(seconds=8),
        "sine=f=997:d=8:r=48000,volume=18dB,pan=stereo|c0=c0|c1=c0,volume=-23dB",
        graph="[0]null[v];[1]anull[a]",
    )  # `sine` is at -18 dBFS; EBU Tech 3341: such a stereo tone at -23 dBFS is -23 LUFS
    sound = heard(tone)
    assert sound.loudness_lufs == pytest.approx(-23.0, abs=0.2)
    assert sound.true_peak_dbtp == pytest.approx(-23.0, abs=0.4)
    assert sound.loudness_range_lu == pytest.approx(0.0, abs=0.2)
    assert set(sound.curve) <= {-24, -23, -22}
    assert (sound.starts_s, sound.ends_s) == pytest.approx((0.0, 8.0), abs=0.1)


def test_a_tone_as_loud_as_can_be_reads_so(uneven: Path) -> None:
    sound = heard(uneven)
    assert sound.true_peak_dbtp == pytest.approx(0.0, abs=1.0)
    assert len(sound.curve) * sound.curve_step_s == pytest.approx(10.0, abs=0.2)
    assert {max(sound.curve[:30]), max(sound.curve[50:65])} == {-22, -70}


def test_silence_from_end_to_end_has_no_loudness(tmp_path: Path) -> None:
    mute = made(
        tmp_path / "mute.mp4",
        MOVING.format(seconds=3),
        "aevalsrc=0:d=3",
        graph="[0]null[v];[1]anull[a]",
    )
    sound = heard(mute)
    assert (sound.loudness_lufs, sound.true_peak_dbtp) == (None, None)
    assert only(sound.silent) == pytest.approx((0.0, 3.0), abs=0.1)


def test_a_flicker_of_ten_a_second_is_found_where_it_is(tmp_path: Path) -> None:
    lum = "if(between(T,2,4)*lt(mod(N,3),1.5),235,60)"
    picture = seen(made(tmp_path / "flicker.mp4", GREY.format(lum=lum), graph="[0]null[v]"))
    assert only(picture.flashing) == pytest.approx((2.0, 4.0), abs=0.1)
    assert picture.flashes_per_second == 10


@pytest.mark.parametrize(
    "lum",
    [
        pytest.param("if(lt(mod(N,10),5),235,60)", id="three a second"),
        pytest.param("if(lt(X,W/10)*lt(mod(N,3),1.5),235,60)", id="a tenth of the picture"),
        pytest.param("if(lt(mod(N,3),1.5),128,122)", id="light of a twentieth"),
        pytest.param("120+100*sin(T*6)", id="a slow swell"),
    ],
)
def test_what_does_not_endanger_is_not_called_flashing(tmp_path: Path, lum: str) -> None:
    calm = made(tmp_path / "calm.mp4", GREY.format(lum=lum), graph="[0]null[v]")
    assert seen(calm).flashing == ()


def test_three_cuts_a_second_are_cuts_and_no_flashing(tmp_path: Path) -> None:
    shot = "40+170*mod(floor(T*3)*0.37+X/W*0.6+mod(floor(T*3),2)*Y/H,1)"
    picture = seen(made(tmp_path / "cuts.mp4", GREY.format(lum=shot), graph="[0]null[v]"))
    assert picture.flashing == ()
    assert picture.cuts == pytest.approx([at / 3 for at in range(1, 18)], abs=0.04)


def test_bars_that_stay_are_measured_from_each_edge(tmp_path: Path) -> None:
    shown = f"{MOVING.format(seconds=2)},crop=320:136,pad=320:180:0:22"
    picture = seen(made(tmp_path / "bars.mp4", shown, graph="[0]null[v]"))
    assert picture.bars == pytest.approx((22 / 180, 22 / 180, 0, 0), abs=1 / 54)


def test_words_on_black_are_no_black_picture(tmp_path: Path) -> None:
    title = "color=black:s=320x180:r=25:d=3,drawbox=120:84:80:12:white:fill"
    picture = seen(made(tmp_path / "title.mp4", title, graph="[0]null[v]"))
    assert (picture.black, picture.frozen) == ((), ((0.0, 3.0),))


def test_a_slow_drift_is_not_frozen_and_a_film_that_begins_late_keeps_its_times(
    tmp_path: Path,
) -> None:
    drift = "color=gray:s=320x180:r=25:d=4,geq=lum='60+100*X/W+T*12':cb=128:cr=128"
    assert seen(made(tmp_path / "drift.mp4", drift, graph="[0]null[v]")).frozen == ()
    late = tmp_path / "late.ts"
    still = film(tmp_path / "still.mp4", 3, picture="color=blue:s=160x90:r={rate}:d={seconds}")
    ffmpeg("-i", still, "-c", "copy", "-output_ts_offset", "100", late)
    facts = measured(late)
    assert facts.picture is not None
    assert facts.picture.frozen == ((0.0, 3.0),)
    assert facts.sound is not None
    assert facts.sound.starts_s == pytest.approx(0.0, abs=0.1)


def test_fields_of_different_instants_are_told_from_whole_frames(tmp_path: Path) -> None:
    fields = "testsrc2=s=320x180:r=50:d=4,interlace=lowpass=0"
    interlaced = seen(made(tmp_path / "fields.mp4", fields, graph="[0]null[v]"))
    whole = seen(made(tmp_path / "whole.mp4", MOVING.format(seconds=4), graph="[0]null[v]"))
    assert interlaced.combed is not None
    assert whole.combed is not None
    assert interlaced.combed > 0.9
    assert whole.combed < 0.5


def test_a_sound_that_cannot_be_decoded_does_not_hide_the_picture(tmp_path: Path) -> None:
    good, odd = film(tmp_path / "good.mov", 2, "-c:a", "pcm_s16le"), tmp_path / "odd.mov"
    odd.write_bytes(good.read_bytes().replace(b"sowt", b"zzzz"))
    facts = measured(odd)
    assert (facts.duration_s, facts.problem, facts.sound) == (2.0, None, None)
    assert facts.picture is not None


def test_tags_of_a_strangers_frames_are_no_measurements(tmp_path: Path) -> None:
    plain = film(tmp_path / "plain.mkv", 2, "-metadata:s:a:0", "lavfi.r128.I=-1.0")
    sound = heard(plain)
    assert sound.loudness_lufs is not None
    assert sound.loudness_lufs < -15


def test_what_measuring_leaves_behind_is_no_fault_of_the_film(tmp_path: Path) -> None:
    short = film(tmp_path / "short.mp4", 0.2, sound=0.05)
    assert (measured(short).decode_problems, measured(short).duration_s) == (0, 0.2)
    jumping = tmp_path / "jumping.ts"
    jumping.write_bytes(film(tmp_path / "once.ts", 2, "-bf", "0").read_bytes() * 2)
    assert measured(jumping).decode_problems == 0
