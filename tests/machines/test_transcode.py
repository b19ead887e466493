"""What people watch: copies and stills, whole or not there, and without the author's marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from contest.machines.probe import decode_picture, read_header
from contest.machines.transcode import (
    STRIP_STILL,
    STRIP_STILLS,
    TranscodeFailed,
    make_blind_copy,
    make_light_copy,
    make_screener,
    make_still,
    make_strip,
)
from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.playability import (
    LIGHT_BITS,
    SCREENER_BITS,
    Screener,
    is_too_heavy,
    screener_plan,
)
from tests.machines.films import ffmpeg, film

AUTHOR = "Ada Canary"


def measured(path: Path) -> MediaFacts:
    return decode_picture(str(path), read_header(str(path)))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that browsers don't play: HEVC in Matroska, full of its author's name."""
    folder = tmp_path_factory.mktemp("signed")
    note, target = folder / "note.txt", folder / "signed.mkv"
    note.write_text(f"by {AUTHOR}")
    marks = [f"title={AUTHOR}", f"artist={AUTHOR}", f"comment={AUTHOR}"]
    tags = [part for mark in marks for part in ("-metadata", mark, "-metadata:s:v", mark)]
    hevc = ("-c:v", "libx265", "-x265-params", "log-level=none")
    attached = ("-attach", note, "-metadata:s:t", "mimetype=text/plain")
    return film(target, 2, *hevc, *tags, *attached)


def test_a_screener_is_h264_and_aac_that_starts_at_once_and_lasts_as_long(
    signed: Path, tmp_path: Path
) -> None:
    facts, told = measured(signed), list[float]()
    assert screener_plan(facts) is Screener.TRANSCODE
    make_screener(str(signed), tmp_path / "screener.mp4", facts, told.append)
    made = measured(tmp_path / "screener.mp4")
    assert screener_plan(made) is Screener.COPY_MP4
    assert (made.video_codec, made.audio_codec, made.container) == ("h264", "aac", "mp4")
    assert (made.duration_s, made.faststart, made.other_streams) == (facts.duration_s, True, 0)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2.0, abs=0.1)


def test_no_copy_tells_whose_film_it_is(signed: Path, tmp_path: Path) -> None:
    playable = tmp_path / "playable.mkv"
    ffmpeg("-i", signed, "-map", "0", "-c", "copy", "-c:v", "libx264", playable)
    assert AUTHOR.encode() in playable.read_bytes()
    screener, light, blind = (tmp_path / f"{each}.mp4" for each in ("screener", "light", "blind"))
    make_screener(str(signed), screener, measured(signed))
    make_light_copy(str(signed), light, measured(signed))
    make_blind_copy(str(playable), blind, measured(playable))
    for copy in (screener, light, blind):
        assert AUTHOR.encode() not in copy.read_bytes()
        assert b"Lavf" not in copy.read_bytes()


def test_a_blind_copy_keeps_every_frame_of_a_playable_film(tmp_path: Path) -> None:
    late = film(tmp_path / "late.mp4", 2)
    facts = measured(late)
    make_blind_copy(str(late), tmp_path / "blind.mp4", facts)
    made = measured(tmp_path / "blind.mp4")
    assert (facts.faststart, made.faststart) == (False, True)
    assert (made.decoded_frames, made.duration_s) == (50, 2.0)
    assert made.bit_rate == pytest.approx(facts.bit_rate, rel=0.05)


def test_a_webm_stays_a_webm(tmp_path: Path) -> None:
    webm = film(tmp_path / "film.webm", 1, "-c:v", "libvpx", "-c:a", "libvorbis")
    make_blind_copy(str(webm), tmp_path / "blind.webm", measured(webm))
    made = measured(tmp_path / "blind.webm")
    assert (made.container, made.video_codec, made.audio_codec) == ("matroska", "vp8", "vorbis")


def test_a_film_browsers_do_not_play_is_not_merely_copied(signed: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make a screener of it"):
        make_blind_copy(str(signed), tmp_path / "blind.mp4", measured(signed))


def test_a_screener_stands_upright_with_square_pixels_inside_1080p(tmp_path: Path) -> None:
    lying = film(tmp_path / "lying.mp4", 0.2, "-vf", "setsar=2/1", "-s", "2400x1200", sound=0)
    upright = tmp_path / "upright.mp4"
    ffmpeg("-display_rotation", "-90", "-i", lying, "-c", "copy", upright)
    facts = measured(upright)
    make_screener(str(upright), tmp_path / "screener.mp4", facts)
    made = measured(tmp_path / "screener.mp4")
    assert (made.rotation, made.pixel_shape, made.audio_codec) == (0, "1:1", None)
    assert made.height == 1920
    assert made.width == pytest.approx(1920 * facts.width / facts.height, abs=2)  # type: ignore[operator]  # the film has a picture


def test_a_light_copy_stands_upright_inside_480p(tmp_path: Path) -> None:
    lying = film(tmp_path / "lying.mp4", 0.2, "-vf", "setsar=2/1", "-s", "960x540", sound=0)
    upright = tmp_path / "upright.mp4"
    ffmpeg("-display_rotation", "-90", "-i", lying, "-c", "copy", upright)
    make_light_copy(str(upright), tmp_path / "light.mp4", measured(upright))
    made = measured(tmp_path / "light.mp4")
    assert (made.rotation, made.pixel_shape, made.audio_codec) == (0, "1:1", None)
    assert (made.width, made.height) == (240, 854)


def test_a_light_copy_of_a_restless_film_stays_light(tmp_path: Path) -> None:
    noise = "nullsrc=s=1280x720:r={rate}:d={seconds},geq=lum=random(1)*255:cb=128:cr=128"
    heavy = film(tmp_path / "heavy.mp4", 4, picture=noise)
    facts = measured(heavy)
    assert is_too_heavy(facts)
    with pytest.raises(ValueError, match="make a screener of it"):
        make_blind_copy(str(heavy), tmp_path / "blind.mp4", facts)
    make_light_copy(str(heavy), tmp_path / "light.mp4", facts)
    make_screener(str(heavy), tmp_path / "screener.mp4", facts)
    light, screener = (measured(tmp_path / f"{each}.mp4") for each in ("light", "screener"))
    assert (light.width, light.height, light.faststart) == (854, 480, True)
    assert (light.video_codec, light.audio_codec, light.container) == ("h264", "aac", "mp4")
    assert (light.decoded_frames, light.duration_s) == (facts.decoded_frames, 4.0)
    assert light.size_bytes * 8 <= LIGHT_BITS * (4 + 1)
    assert (screener.width, screener.height) == (1280, 720)
    assert screener.size_bytes * 8 <= SCREENER_BITS * (4 + 1)


def test_high_dynamic_range_is_toned_down(tmp_path: Path) -> None:
    colours = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none"
    tagged = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    coding = ("-c:v", "libx265", "-x265-params", colours, "-pix_fmt", "yuv420p10le", *tagged)
    hdr = film(tmp_path / "hdr.mp4", 0.2, *coding)
    facts = measured(hdr)
    assert facts.colour_transfer == "smpte2084"
    for make in (make_screener, make_light_copy):
        make(str(hdr), tmp_path / "made.mp4", facts)
        assert measured(tmp_path / "made.mp4").colour_transfer == "bt709"


def test_a_still_is_a_jpeg_of_the_moment_asked_for(tmp_path: Path) -> None:
    lights = "color=c=black:s=320x180:r={rate}:d={seconds}"
    flash = ("-vf", "drawbox=color=white:t=fill:enable='between(t,1,1.5)'")
    flashing = film(tmp_path / "flash.mp4", 2, *flash, picture=lights)
    facts = measured(flashing)
    for at_s, light in ((0.5, 0), (1.2, 255)):
        still = tmp_path / f"{light}.jpg"
        make_still(str(flashing), still, facts, at_s, 160)
        assert still.read_bytes().startswith(b"\xff\xd8\xff")
        grey = tmp_path / "grey"
        ffmpeg("-i", still, "-pix_fmt", "gray", "-f", "rawvideo", grey)
        pixels = grey.read_bytes()
        assert len(pixels) == 160 * 90
        assert sum(pixels) / len(pixels) == pytest.approx(light, abs=3)


def test_what_can_not_be_made_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    whole = film(tmp_path / "film.mp4", 1)
    facts = measured(whole)
    target = tmp_path / "out" / "still.jpg"
    with pytest.raises(TranscodeFailed, match="no picture at that time"):
        make_still(str(whole), target, facts, 99, 160)
    assert list(target.parent.iterdir()) == []
    target.write_bytes(b"the one before")
    whole.write_bytes(b"no film any more")
    with pytest.raises(TranscodeFailed):
        make_screener(str(whole), target, facts)
    assert [each.read_bytes() for each in target.parent.iterdir()] == [b"the one before"]


def test_a_playlist_under_a_films_name_is_not_followed(tmp_path: Path) -> None:
    good = film(tmp_path / "good.mp4", 1)
    trap = tmp_path / "trap.mp4"
    trap.write_text(f"ffconcat version 1.0\nfile {good}\n")
    with pytest.raises(TranscodeFailed):
        make_screener(str(trap), tmp_path / "stolen.mp4", measured(good))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["good.mp4", "trap.mp4"]


@pytest.mark.parametrize("keyframes", [250, 5])
def test_a_strip_shows_each_part_of_the_film_in_its_order(tmp_path: Path, keyframes: int) -> None:
    brightening = "color=black:s=160x90:r={rate}:d={seconds},geq=lum='16+T*18':cb=128:cr=128"
    source = film(tmp_path / "film.mp4", 12, "-g", str(keyframes), picture=brightening)
    make_strip(str(source), tmp_path / "strip.jpg", measured(source))
    ffmpeg("-i", tmp_path / "strip.jpg", "-pix_fmt", "gray", "-f", "rawvideo", tmp_path / "grey")
    grey, (width, height) = (tmp_path / "grey").read_bytes(), STRIP_STILL
    assert len(grey) == STRIP_STILLS * width * height
    middles = [
        grey[height // 2 * STRIP_STILLS * width + at * width + width // 2] for at in range(12)
    ]
    assert middles == sorted(middles)
    if keyframes == 5:
        assert [round((each - 16) / 18) for each in middles] == pytest.approx(
            [at + 0.5 for at in range(12)], abs=1
        )


def test_there_is_no_strip_of_what_has_no_length(tmp_path: Path) -> None:
    with pytest.raises(TranscodeFailed):
        make_strip(str(tmp_path / "none.mp4"), tmp_path / "strip.jpg", MediaFacts(size_bytes=0))
    assert list(tmp_path.iterdir()) == []
