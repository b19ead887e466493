"""Subtitle files are read whole or refused with their line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.refusal import Refused
from contest.rulebook.subtitles import Cue, as_webvtt, read_subtitles

SRT = """1
00:00:01,000 --> 00:00:02,500
海港记得
<i>The harbour</i> & <font color="red">the house</font>

2
00:01:00,040 --> 00:01:01,000
{\\an8}Once more
"""


def test_subrip_becomes_cues_with_plain_words() -> None:
    assert read_subtitles(SRT.encode()) == (
        Cue(1000, 2500, "海港记得\n<i>The harbour</i> &amp; the house"),
        Cue(60_040, 61_000, "Once more"),
    )


def test_webvtt_keeps_its_cues_and_loses_its_dress() -> None:
    text = "WEBVTT - made by hand\n\nNOTE a --> b\n\nSTYLE\n::cue { color: red }\n\n"
    text += "intro\n00:01.000 --> 00:02.000 align:start\nHello\n"
    assert read_subtitles(text.encode()) == (Cue(1000, 2000, "Hello"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_the_encoding_do_no_harm(encoding: str) -> None:
    assert read_subtitles(SRT.encode(encoding))[0].start_ms == 1000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "No subtitles were found"),
        (b"just prose, no times", "No subtitles were found"),
        ("字幕".encode("gb18030") + b"\n", "is not UTF-8"),
        (b"1\n00:00:01 --> 00:00:02\nHi\n", "Line 2 of this subtitle file has a time"),
        (b"\n1\n00:00:02,000 --> 00:00:01,000\nHi\n", "Line 3 of this subtitle file ends before"),
        (b"x" * ((1 << 20) + 1), "larger than 1 MB"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_place(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_subtitles(data)
    assert words in str(refusal.value.sentence)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cues = read_subtitles(data)
    except Refused:
        return
    assert read_subtitles(as_webvtt(cues).encode()) == cues


WORDS = st.text(alphabet="ab 海é<>&", min_size=1, max_size=20).filter(str.strip)
ROWS = st.lists(st.tuples(st.integers(0, 300_000), st.integers(1, 9_000), WORDS))


@given(ROWS)
def test_what_was_read_once_reads_the_same_again(rows: list[tuple[int, int, str]]) -> None:
    sent = as_webvtt([Cue(start, start + length, f"{words} c") for start, length, words in rows])
    if rows:
        once = read_subtitles(sent.encode())
        assert read_subtitles(as_webvtt(once).encode()) == once
