"""The one pass over a film: what ffmpeg is asked to write while it decodes, and who reads it.

Frames go through as they are, without conversion or copy, and their times are printed; small copies
of them and measurements of the sound go to pipes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contest.machines.fields import FIELDS, FieldWatch
from contest.machines.picture_clock import UNROLL, PictureClock
from contest.machines.picture_samples import SELECT, PictureSamples, black_spans, loop_s
from contest.machines.picture_watch import SMALL, PictureWatch
from contest.machines.sound_watch import LISTEN, SoundWatch

AS_IS = ("-fps_mode", "passthrough", "-enc_time_base", "filter", "-flush_packets", "0")
RAW = ("-c:v", "rawvideo", *AS_IS, "-f", "rawvideo")


def outputs(picture: int | None, sound: int | None) -> tuple[str, ...]:
    """Arguments after the input, for the streams of these numbers; `sound` is None for silence."""
    chains = [
        f"[0:{picture}]{UNROLL},split=4[times][every][some][rows]",
        f"[every]{SMALL}[frames]",
        f"[some]{SELECT}[looks]",
        f"[rows]{FIELDS},metadata=print:file='pipe\\:@fields',nullsink",
    ]
    writing = [
        *("-map", "[times]", "-c:v", "wrapped_avframe", *AS_IS),
        *("-f", "framecrc", "pipe:1"),
        *("-map", "[frames]", *RAW, "pipe:@frames"),
        *("-map", "[looks]", *RAW, "pipe:@looks"),
    ]
    if sound is not None:
        chains.append(f"[0:{sound}]{LISTEN},ametadata=print:file='pipe\\:@sound',anullsink")
    return ("-filter_complex_threads", "1", "-filter_complex", ";".join(chains), *writing)


class Pass:
    """Those who read what one pass writes, and what they saw and heard in the end."""

    def __init__(self) -> None:
        self.picture = PictureWatch()
        self.clock = PictureClock(self.picture.shown)
        self.samples = PictureSamples()
        self.fields = FieldWatch()
        self.sound = SoundWatch()

    def asides(self, *, sound: bool) -> Mapping[str, Callable[[bytes], bool]]:
        """Who reads which pipe."""
        readers = {
            "frames": self.picture.feed,
            "looks": self.samples.feed,
            "fields": self.fields.feed,
        }
        return readers | {"sound": self.sound.feed} if sound else readers

    def facts(self) -> dict[str, Any]:
        """Fields of `MediaFacts`, once the pass is over."""
        length = self.clock.seconds
        looks = self.samples.looks(self.clock.sample_times, length)
        return {
            "black_spans": black_spans(looks),
            "loop_s": loop_s(looks),
            "picture": self.picture.facts(length, self.fields.combed),
            "sound": self.sound.facts(self.clock.starts_s),
        }
