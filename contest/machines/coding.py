"""How a film is coded anew: what its copies have in common, and what sets a light one apart."""

from __future__ import annotations

from dataclasses import dataclass

from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.playability import (
    LIGHT_BITS,
    LIGHT_FRAME,
    SCREENER_BITS,
    SCREENER_FRAME,
    Frame,
)

SQUARE = "scale=w='trunc(iw*sar/2)*2':h='trunc(ih/2)*2',setsar=1"
"""Square pixels, an even number of them either way."""

HDR = {"smpte2084", "arib-std-b67"}
TONE_MAP = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv"
)
"""High dynamic range to what every screen shows; without it such films look washed out."""

CONTAINER_BITS = 24_000
"""Bits a second kept free for what an MP4 says of each frame."""


@dataclass(frozen=True)
class Coding:
    """One way of coding anew, in H.264 and AAC.

    `frame` is never exceeded and no picture enlarged to it; `bits` a second are a cap over picture,
    sound and container together, with one second's worth that may come ahead; quiet films stay far
    below. `quality` is x264's, lower is better; `preset` is how long it looks for fewer bits.
    """

    frame: Frame
    bits: int
    sound_bits: int
    quality: int
    preset: str

    def arguments(self, facts: MediaFacts) -> tuple[str, ...]:
        """For ffmpeg: a readable film upright, in square pixels and plain colours."""
        tones = f",{TONE_MAP}" if facts.colour_transfer in HDR else ""
        most = str(self.bits - self.sound_bits - CONTAINER_BITS)
        return (
            *("-vf", f"{_into(self.frame)}{tones},format=yuv420p"),
            *("-c:v", "libx264", "-preset", self.preset, "-crf", str(self.quality), "-g", "48"),
            *("-maxrate", most, "-bufsize", most),
            *("-c:a", "aac", "-b:a", str(self.sound_bits), "-ac", "2", "-ar", "48000"),
        )


FULL = Coding(SCREENER_FRAME, SCREENER_BITS, sound_bits=192_000, quality=20, preset="veryfast")
LIGHT = Coding(LIGHT_FRAME, LIGHT_BITS, sound_bits=96_000, quality=25, preset="medium")


def _into(frame: Frame) -> str:
    """Into the frame, standing or lying, never enlarged."""
    longer, shorter = frame
    return (
        f"{SQUARE},scale=w='if(gte(iw,ih),min(iw,{longer}),min(iw,{shorter}))'"
        f":h='if(gte(iw,ih),min(ih,{shorter}),min(ih,{longer}))'"
        ":force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1"
    )
