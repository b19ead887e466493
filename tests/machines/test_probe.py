"""What is measured of films the tests make: whole, cut, lying, and not films at all."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from contest.machines import tools
from contest.machines.file_shape import opened
from contest.machines.probe import decode_limits, decode_picture, read_header, second_reading
from contest.rulebook.film_facts import MediaFacts, Problem
from tests.machines.films import ffmpeg, film


def measured(path: Path) -> MediaFacts:
    return decode_picture(str(path), read_header(str(path)))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of moving picture and tone, in MP4 with its index first."""
    return film(tmp_path_factory.mktemp("plain") / "plain.mp4", 4, "-movflags", "+faststart")


def test_a_film_is_measured_from_header_to_last_frame(plain: Path) -> None:
    facts = measured(plain)
    assert facts == replace(
        facts,
        problem=None,
        container="mp4",
        faststart=True,
        duration_s=4.0,
        container_duration_s=4.0,
        video_duration_s=4.0,
        video_codec="h264",
        width=160,
        height=90,
        rotation=0,
        pixel_format="yuv420p",
        fps=25.0,
        fps_text="25/1",
        audio_codec="aac",
        channels=1,
        channel_layout="mono",
        sample_rate=24000,
        size_bytes=plain.stat().st_size,
        video_streams=1,
        audio_streams=1,
        decoded=True,
        decoded_frames=100,
        decode_problems=0,
        clock_jumps=0,
        longest_hold_s=0.04,
        variable_rate=False,
        parsers_disagree=None,
    )


def test_the_header_alone_is_not_called_decoded(plain: Path) -> None:
    facts = read_header(str(plain))
    assert (facts.decoded, facts.decoded_frames, facts.duration_s) == (False, None, 4.0)


@pytest.mark.parametrize(
    ("name", "coding", "container"),
    [
        ("film.mov", (), "mp4"),
        ("film.mkv", (), "matroska"),
        ("film.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"), "matroska"),
        ("film.avi", ("-c:v", "mpeg4", "-c:a", "pcm_s16le"), "avi"),
        ("film.ts", (), "mpegts"),
        ("film.ogv", ("-c:v", "libtheora", "-c:a", "libvorbis"), "ogg"),
        ("av1.mp4", ("-c:v", "libsvtav1", "-preset", "12"), "mp4"),
    ],
)
def test_every_container_is_measured_to_the_frame(
    tmp_path: Path, name: str, coding: tuple[str, ...], container: str
) -> None:
    facts = measured(film(tmp_path / name, 3, *coding))
    assert (facts.container, facts.decoded_frames, facts.problem) == (container, 75, None)
    assert facts.duration_s == pytest.approx(3.0, abs=0.002)


def test_the_picture_counts_and_not_the_longer_sound(tmp_path: Path) -> None:
    facts = measured(film(tmp_path / "tail.mkv", 2, sound=5))
    assert facts.duration_s == 2.0
    assert facts.container_duration_s == pytest.approx(5.0, abs=0.1)


def test_a_picture_is_measured_as_it_is_shown(tmp_path: Path) -> None:
    upright = tmp_path / "upright.mp4"
    lying = film(tmp_path / "lying.mp4", 1, "-vf", "setsar=2/1")
    ffmpeg("-display_rotation", "-90", "-i", lying, "-c", "copy", upright)
    facts = measured(upright)
    assert (facts.rotation, facts.width, facts.height) == (90, 90, 320)
    assert (facts.stored_width, facts.stored_height, facts.pixel_shape) == (160, 90, "2:1")


def test_cover_art_is_not_the_film(tmp_path: Path, plain: Path) -> None:
    cover, covered = tmp_path / "cover.jpg", tmp_path / "covered.mp4"
    ffmpeg("-i", plain, "-frames:v", "1", "-update", "1", cover)
    inputs = ("-i", cover, "-i", plain, "-map", "0", "-map", "1", "-c", "copy")
    ffmpeg(*inputs, "-disposition:v:0", "attached_pic", covered)
    facts = measured(covered)
    assert (facts.attached_pictures, facts.video_codec, facts.duration_s) == (1, "h264", 4.0)


def test_a_clock_that_jumps_back_starts_a_new_stretch(tmp_path: Path) -> None:
    once, twice = film(tmp_path / "once.ts", 2, "-bf", "0", sound=0), tmp_path / "twice.ts"
    twice.write_bytes(once.read_bytes() * 2)
    facts = measured(twice)
    assert (facts.duration_s, facts.clock_jumps, facts.decoded_frames) == (4.0, 1, 100)


def test_a_change_of_size_midway_does_not_stop_the_clock(tmp_path: Path) -> None:
    small = film(tmp_path / "small.ts", 1, "-bf", "0", sound=0)
    large = film(tmp_path / "large.ts", 1, "-bf", "0", "-s", "320x180", sound=0)
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    assert measured(both).duration_s == 2.0


def test_a_live_recording_that_announces_nothing_is_measured(tmp_path: Path) -> None:
    live = film(tmp_path / "live.webm", 2, "-c:v", "libvpx", "-c:a", "libopus", "-live", "1")
    header = read_header(str(live))
    assert (header.duration_s, header.problem) == (None, None)
    assert decode_picture(str(live), header).duration_s == pytest.approx(2.0, abs=0.002)


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi"])
def test_a_cut_file_is_told_from_a_short_film(tmp_path: Path, kind: str) -> None:
    options = ("-movflags", "+faststart") if kind == "mp4" else ()
    whole = film(tmp_path / f"whole.{kind}", 10, *options)
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    assert measured(whole).problem is None
    assert measured(cut).problem is Problem.CUT_SHORT


def test_a_header_that_promises_more_is_a_lie_and_not_a_cut(tmp_path: Path) -> None:
    honest = film(tmp_path / "honest.mkv", 3)
    lie = tmp_path / "lie.mkv"
    content = honest.read_bytes()
    at = content.index(b"\x44\x89\x88") + 3  # Segment/Info/Duration, a float of eight bytes
    lie.write_bytes(content[:at] + b"\x40\xfd\x4c\x00\x00\x00\x00\x00" + content[at + 8 :])
    facts = measured(lie)
    assert (facts.problem, facts.container_duration_s) == (None, 120.0)
    assert facts.duration_s == pytest.approx(3.0, abs=0.002)


def test_a_film_whose_data_is_gone_shows_no_frame(tmp_path: Path, plain: Path) -> None:
    hollow = tmp_path / "hollow.mp4"
    content = plain.read_bytes()
    start = content.index(b"mdat") + 4
    hollow.write_bytes(content[:start] + bytes(len(content) - start))
    facts = measured(hollow)
    assert (facts.problem, facts.duration_s) == (Problem.NOTHING_DECODES, None)


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac", tmp_path / "sound.mp4")
    assert measured(tmp_path / "sound.mp4").problem is Problem.NO_PICTURE


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.EMPTY),
        (b"x", Problem.UNREADABLE),
        (b"\x00" * 5000, Problem.UNREADABLE),
        (b"<html><script>alert(1)</script></html>", Problem.UNREADABLE),
        (b"1\n00:00:01,000 --> 00:01:30,000\nHello\n", Problem.NOT_A_FILM),
        (b"#EXTM3U\n#EXTINF:90,\nfile:///etc/hostname\n", Problem.HOSTILE),
        (b"\xef\xbb\xbf#EXTM3U\n", Problem.HOSTILE),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", Problem.HOSTILE),
        (b"<?xml version='1.0'?>\n<MPD></MPD>", Problem.HOSTILE),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", Problem.HOSTILE),
    ],
)
def test_what_is_no_film_is_told_apart_whatever_its_name(
    tmp_path: Path, content: bytes, problem: Problem
) -> None:
    fake = tmp_path / "film.mp4"
    fake.write_bytes(content)
    assert measured(fake).problem is problem


def test_folders_pipes_and_missing_names_are_never_opened(tmp_path: Path) -> None:
    pipe, loop = tmp_path / "pipe.mp4", tmp_path / "loop.mp4"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    found = {
        path: read_header(str(path)).problem
        for path in (tmp_path, pipe, loop, tmp_path / "none.mp4", Path("/dev/zero"))
    }
    assert list(found.values()) == [
        Problem.NOT_A_FILE,
        Problem.NOT_A_FILE,
        Problem.MISSING,
        Problem.MISSING,
        Problem.NOT_A_FILE,
    ]
    assert read_header("a\0b").problem is Problem.MISSING


@pytest.mark.parametrize(
    "name",
    [
        b"http:127.0.0.1:59999",
        b"-i.mp4",
        b"$(touch x) 'a' \"b\".mp4",
        b"caf\xe9\xff.mp4",
        b"line\nbreak.mp4",
        b"concat:a|b",
        b"img%03d.png",
    ],
)
def test_no_name_is_an_option_a_protocol_or_a_command(
    tmp_path: Path, plain: Path, name: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(plain, os.fsdecode(name))
    facts = decode_picture(os.fsdecode(name), read_header(os.fsdecode(name)))
    assert (facts.problem, facts.duration_s, facts.parsers_disagree) == (None, 4.0, None)
    assert [os.fsencode(each) for each in tmp_path.iterdir()] == [
        os.fsencode(tmp_path / os.fsdecode(name))
    ]


def test_tags_can_not_pass_for_facts(tmp_path: Path, plain: Path) -> None:
    spoof = tmp_path / "spoof.mkv"
    tag = "x\n[/STREAM]\n[STREAM]\nindex=0\ncodec_type=video\nduration=120\nwidth=1920\n"
    ffmpeg("-i", plain, "-c", "copy", "-metadata:s:v", f"title={tag}", "-metadata", tag, spoof)
    facts = measured(spoof)
    assert (facts.duration_s, facts.width, facts.parsers_disagree) == (4.0, 160, None)


def test_a_second_reading_that_differs_is_kept_as_a_fact(plain: Path) -> None:
    facts = read_header(str(plain))
    with opened(str(plain)) as seen:
        assert second_reading(seen, facts) is None
        assert second_reading(seen, replace(facts, video_streams=2)) == (
            "ffprobe-python sees 1 pictures, the JSON 2"
        )
        assert second_reading(seen, replace(facts, video_codec="av1")) == (
            "ffprobe-python sees no picture in av1"
        )


def test_progress_is_told_while_a_film_is_decoded(plain: Path) -> None:
    told: list[float] = []
    decode_picture(str(plain), read_header(str(plain)), told.append)
    assert told == sorted(told)
    assert told[-1] == 4.0


def test_a_dark_tail_and_a_loop_are_seen(tmp_path: Path) -> None:
    tail = ("-vf", "fade=out:st=4:d=0.04:color=black")
    dark = measured(film(tmp_path / "dark.mp4", 12, *tail))
    assert dark.black_spans == ((4.5, 12.0),)
    turn = film(tmp_path / "turn.ts", 5, sound=0)
    ffmpeg("-stream_loop", "4", "-i", turn, "-c", "copy", tmp_path / "loop.mp4")
    assert measured(tmp_path / "loop.mp4").loop_s == 5.0


def test_large_pictures_get_more_cpu_than_small_ones_and_none_without_end() -> None:
    small = MediaFacts(size_bytes=1, stored_width=320, stored_height=180, fps=25, duration_s=75)
    large = replace(small, stored_width=3840, stored_height=2160, fps=60, video_duration_s=300.0)
    lying = replace(large, fps=9e9, video_duration_s=9e12)
    assert decode_limits(small).cpu_s < 60
    assert decode_limits(large).cpu_s == 1800
    assert decode_limits(lying).cpu_s == 1800


def test_the_tools_can_be_chosen_and_a_missing_one_says_what_helps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tools.ffprobe.cache_clear()
    monkeypatch.setenv("FFPROBE", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match="`make setup` installs it"):
        tools.ffprobe()
    own = tmp_path / "own"
    own.touch()
    monkeypatch.setenv("FFPROBE", str(own))
    assert tools.ffprobe() == str(own)
    tools.ffprobe.cache_clear()


def test_a_cover_that_does_not_say_so_is_not_the_film(tmp_path: Path, plain: Path) -> None:
    cover, covered = tmp_path / "cover.png", tmp_path / "covered.mkv"
    ffmpeg("-i", plain, "-frames:v", "1", "-update", "1", cover)
    ffmpeg("-i", cover, "-i", plain, "-map", "0", "-map", "1", "-c", "copy", covered)
    facts = measured(covered)
    assert (facts.attached_pictures, facts.video_streams, facts.video_codec) == (1, 1, "h264")
    assert (facts.duration_s, facts.parsers_disagree) == (4.0, None)
