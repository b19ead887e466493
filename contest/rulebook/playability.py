"""What browsers play, and so what is made of a film for its jurors."""

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


IN_MP4 = ({"h264", "av1", "vp9"}, {"aac", "mp3", "opus", "flac"})
IN_WEBM = ({"vp8", "vp9", "av1"}, {"opus", "vorbis"})
PLAIN_PIXELS = {"yuv420p", "yuvj420p"}


def screener_plan(facts: MediaFacts) -> Screener:
    """Which viewing copy a readable film needs.

    Copied as it is when every current browser plays its codecs; eight bits and 4:2:0 are what all
    of them decode. Turned films are coded anew: some players ignore the turn.
    """
    if facts.pixel_format not in PLAIN_PIXELS or facts.rotation:
        return Screener.TRANSCODE
    for plan, (pictures, sounds) in (
        (Screener.COPY_MP4, IN_MP4),
        (Screener.COPY_WEBM, IN_WEBM),
    ):
        silent = facts.audio_codec is None
        if facts.video_codec in pictures and (silent or facts.audio_codec in sounds):
            return plan
    return Screener.TRANSCODE


def needs_screener(facts: MediaFacts) -> bool:
    """Whether browsers can't play the film's codecs, so that its picture must be coded anew."""
    return screener_plan(facts) is Screener.TRANSCODE
