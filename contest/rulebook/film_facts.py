"""What was measured of a film file: its header, and its picture once every frame was decoded."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Problem(StrEnum):
    """Why a file can't be seen as a film; each has a sentence of its own for its author."""

    MISSING = "missing"
    NOT_A_FILE = "not_a_file"
    EMPTY = "empty"
    NOT_A_FILM = "not_a_film"
    HOSTILE = "hostile"
    TOO_COSTLY = "too_costly"
    UNREADABLE = "unreadable"
    NO_PICTURE = "no_picture"
    NOTHING_DECODES = "nothing_decodes"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True)
class MediaFacts:
    """Measured facts of one file. Seconds, bytes, pixels; None where the file does not say.

    `duration_s` is the length of the picture: announced by the header until `decoded`, then from
    the first frame shown to the end of the last. Width and height are as shown: turned by
    `rotation` (degrees clockwise) and stretched by the shape of the pixels.
    """

    size_bytes: int
    problem: Problem | None = None
    problem_detail: str | None = None
    container: str | None = None
    container_duration_s: float | None = None
    bit_rate: int | None = None
    faststart: bool | None = None
    duration_s: float | None = None
    video_stream: int | None = None
    video_codec: str | None = None
    video_duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    stored_width: int | None = None
    stored_height: int | None = None
    rotation: int = 0
    pixel_shape: str = "1:1"
    pixel_format: str | None = None
    colour_transfer: str | None = None
    fps: float | None = None
    fps_text: str | None = None
    announced_frames: int | None = None
    audio_stream: int | None = None
    audio_codec: str | None = None
    audio_duration_s: float | None = None
    channels: int | None = None
    channel_layout: str | None = None
    sample_rate: int | None = None
    video_streams: int = 0
    audio_streams: int = 0
    subtitle_streams: int = 0
    other_streams: int = 0
    attached_pictures: int = 0
    parsers_disagree: str | None = None
    decoded: bool = False
    decoded_frames: int | None = None
    decode_problems: int = 0
    decode_complaint: str | None = None
    clock_jumps: int = 0
    longest_hold_s: float | None = None
    longest_hold_at_s: float | None = None
    variable_rate: bool | None = None
    black_spans: tuple[tuple[float, float], ...] = ()
    loop_s: float | None = None

    @property
    def readable(self) -> bool:
        """Whether there is a film to speak of."""
        return self.problem is None

    @property
    def header_duration_s(self) -> float | None:
        """How long the file says its picture is: the video stream's word before the container's."""
        return self.video_duration_s or self.container_duration_s

    def to_json(self) -> dict[str, Any]:
        """A storable form, from which `from_json` makes equal facts."""
        return dataclasses.asdict(self) | {"black_spans": [list(span) for span in self.black_spans]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> MediaFacts:
        """The facts that `to_json` stored; fields added since then keep their defaults."""
        known = {each.name for each in dataclasses.fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        if values.get("problem") is not None:
            values["problem"] = Problem(values["problem"])
        values["black_spans"] = tuple((span[0], span[1]) for span in values.get("black_spans", ()))
        return cls(**values)
