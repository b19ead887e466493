"""What was measured of a film file: its header, then its picture and sound once decoded."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
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


Span = tuple[float, float]
"""(start, end) in seconds of film time."""


@dataclass(frozen=True)
class PictureFacts:
    """What a pass over every frame saw. Stretches are seconds of film, at most `SPANS_KEPT` of a
    kind; `curtailed` says that a film had more.

    `black`: nothing to see. `frozen`: something, and it does not move. `flashing`: parts of a
    quarter of the picture flash more than three times in a second; `flashes_per_second` is the most
    of any second. `bars` are the shares of the picture (top, bottom, left, right) that stay black
    from the first frame to the last. `combed` is the share of looked-at frames that hold two
    fields of different instants, as interlaced video does; None where too few could be told.
    """

    black: tuple[Span, ...] = ()
    frozen: tuple[Span, ...] = ()
    flashing: tuple[Span, ...] = ()
    flashes_per_second: int = 0
    cuts: tuple[float, ...] = ()
    bars: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    combed: float | None = None
    curtailed: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> PictureFacts:
        """The facts that `dataclasses.asdict` stored."""
        values = _known(cls, stored)
        for name in ("black", "frozen", "flashing"):
            values[name] = _spans(values.get(name, ()))
        for name in {"cuts", "bars"} & set(values):
            values[name] = tuple(values[name])
        return cls(**values)


@dataclass(frozen=True)
class SoundFacts:
    """What a pass over the first sound heard, in seconds of film time and by EBU R 128.

    `loudness_lufs` is integrated over the film, None where all of it is too quiet to count;
    `true_peak_dbtp` the highest peak between samples, None where there is none. `curve` is the
    momentary loudness in LUFS, the loudest of each `curve_step_s` seconds from `starts_s` on.
    """

    starts_s: float
    ends_s: float
    silent: tuple[Span, ...] = ()
    loudness_lufs: float | None = None
    loudness_range_lu: float | None = None
    true_peak_dbtp: float | None = None
    curve: tuple[int, ...] = ()
    curve_step_s: float = 0.0
    curtailed: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SoundFacts:
        """The facts that `dataclasses.asdict` stored."""
        values = _known(cls, stored)
        values["silent"] = _spans(values.get("silent", ()))
        values["curve"] = tuple(values.get("curve", ()))
        return cls(**values)


SPANS_KEPT = 200
CUTS_KEPT = 1000


@dataclass(frozen=True)
class MediaFacts:
    """Measured facts of one file. Seconds, bytes, pixels; None where the file does not say.

    `duration_s` is the length of the picture: announced by the header until `decoded`, then from
    the first frame shown to the end of the last. Width and height are as shown: turned by
    `rotation` (degrees clockwise) and stretched by the shape of the pixels. `credentials_bytes` is
    the length of the C2PA manifest store in the file, None where it holds none that can be kept.
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
    credentials_bytes: int | None = None
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
    field_order: str | None = None
    picture: PictureFacts | None = None
    sound: SoundFacts | None = None

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
        stored: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self), allow_nan=False))
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> MediaFacts:
        """The facts that `to_json` stored; fields added since then keep their defaults."""
        values = _known(cls, stored)
        if values.get("problem") is not None:
            values["problem"] = Problem(values["problem"])
        values["black_spans"] = _spans(values.get("black_spans", ()))
        if values.get("picture") is not None:
            values["picture"] = PictureFacts.from_json(values["picture"])
        if values.get("sound") is not None:
            values["sound"] = SoundFacts.from_json(values["sound"])
        return cls(**values)


def _known(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored under names that `kind` still has."""
    names = {each.name for each in dataclasses.fields(kind)}
    return {name: value for name, value in stored.items() if name in names}


def _spans(stored: Iterable[Sequence[float]]) -> tuple[Span, ...]:
    return tuple((span[0], span[1]) for span in stored)
