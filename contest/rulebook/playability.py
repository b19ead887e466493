"""What browsers play and lines carry, and so what is made of a film for those who watch it."""

from __future__ import annotations

from enum import StrEnum

from contest.rulebook.film_facts import MediaFacts


class Screener(StrEnum):
    """How a viewing copy comes about; each loses the author's tags, so that a blind round is blind.

    `COPY_MP4` and `COPY_WEBM` keep picture and sound as they are, in a container of that kind.
    """

    COPY_MP4 = "copy_mp4"
    COPY_WEBM = "copy_webm"
    TRANSCODE = "transcode"


Frame = tuple[int, int]
"""The longer and the shorter edge of a picture, in pixels; it may lie or stand."""

IN_MP4 = ({"h264", "av1", "vp9"}, {"aac", "mp3", "opus", "flac"})
IN_WEBM = ({"vp8", "vp9", "av1"}, {"opus", "vorbis"})
PLAIN_PIXELS = {"yuv420p", "yuvj420p"}

SCREENER_FRAME: Frame = (1920, 1080)
SCREENER_BITS = 20_000_000
"""Bits a second a viewing copy may have. A line of 25 Mbit/s, the least that is sold as fit for
films of high resolution, plays it without waiting and has a fifth to spare; 1080 lines in H.264
look no better with more."""

LIGHT_FRAME: Frame = (854, 480)
LIGHT_BITS = 1_000_000
"""Bits a second a light copy may have: a telephone at the edge of its network still plays it."""


def screener_plan(facts: MediaFacts) -> Screener:
    """Which viewing copy a readable film needs.

    Copied as it is when every current browser plays it and a common line carries it.
    """
    kept = _as_coded(facts)
    return Screener.TRANSCODE if kept is None or is_too_heavy(facts) else kept


def needs_screener(facts: MediaFacts) -> bool:
    """Whether some browsers can't play the film as it is coded, whatever its size."""
    return _as_coded(facts) is None


def is_too_heavy(facts: MediaFacts) -> bool:
    """Whether a film has more pixels or more bits a second than a viewing copy may have.

    What nobody knows of a film is taken for too much.
    """
    return not _is_within(facts, SCREENER_FRAME, SCREENER_BITS)


def needs_light_copy(facts: MediaFacts) -> bool:
    """Whether a light copy of a readable film would be lighter: in pixels, in bits, or in both."""
    return not _is_within(facts, LIGHT_FRAME, LIGHT_BITS)


def _as_coded(facts: MediaFacts) -> Screener | None:
    """The kind of copy that keeps picture and sound as they are coded; None where none plays.

    Eight bits and 4:2:0 are what all browsers decode; some players ignore that a film is turned.
    """
    if facts.pixel_format not in PLAIN_PIXELS or facts.rotation:
        return None
    for plan, (pictures, sounds) in (
        (Screener.COPY_MP4, IN_MP4),
        (Screener.COPY_WEBM, IN_WEBM),
    ):
        silent = facts.audio_codec is None
        if facts.video_codec in pictures and (silent or facts.audio_codec in sounds):
            return plan
    return None


def _is_within(facts: MediaFacts, frame: Frame, bits: int) -> bool:
    """Whether picture and mean bit rate of the whole file are known and no more than this."""
    if not facts.width or not facts.height or not facts.duration_s:
        return False
    longer, shorter = max(facts.width, facts.height), min(facts.width, facts.height)
    fits = longer <= frame[0] and shorter <= frame[1]
    return fits and facts.size_bytes * 8 <= bits * facts.duration_s
