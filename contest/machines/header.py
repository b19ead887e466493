"""ffprobe's JSON read into facts. Everything in it was written by a stranger."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from contest.rulebook.film_facts import MediaFacts, Problem

FAMILIES = {
    "mov": "mp4",
    "matroska": "matroska",
    "avi": "avi",
    "mpegts": "mpegts",
    "mpeg": "mpeg",
    "ogg": "ogg",
    "flv": "flv",
}
"""ffprobe's first name of a container, and the name the house uses. Nothing else is opened."""

ENTRIES = (
    "format=format_name,duration,bit_rate",
    "stream=index,codec_type,codec_name,codec_long_name,nb_frames,duration",
    "stream=width,height,sample_aspect_ratio,pix_fmt,color_transfer,avg_frame_rate,r_frame_rate",
    "stream=field_order",
    "stream=channels,channel_layout,sample_rate",
    "stream_disposition=attached_pic,timed_thumbnails",
    "stream_side_data=rotation",
)
"""What is asked for: no tags, so a million of them can't be printed."""

STILLS = {"png", "bmp", "gif", "webp", "tiff"}

Stream = Mapping[str, Any]


def facts_of(report: Mapping[str, Any], size_bytes: int) -> MediaFacts:
    """Facts of a file of `size_bytes` from ffprobe's report with `ENTRIES`."""
    form: Mapping[str, Any] = report.get("format", {})
    streams: Sequence[Stream] = report.get("streams", [])
    pictures = _pictures(streams)
    covers = len(_of_type("video", streams)) - len(pictures)
    sounds = _of_type("audio", streams)
    subtitles = len(_of_type("subtitle", streams))
    counted = len(pictures) + len(sounds) + covers + subtitles
    whole = seconds(form.get("duration"))
    values: dict[str, Any] = {
        "container": FAMILIES.get(str(form.get("format_name", "")).partition(",")[0]),
        "container_duration_s": whole,
        "bit_rate": whole_number(form.get("bit_rate")),
        "video_streams": len(pictures),
        "audio_streams": len(sounds),
        "subtitle_streams": subtitles,
        "attached_pictures": covers,
        "other_streams": len(streams) - counted,
    }
    if pictures:
        values |= _picture(pictures[0])
        values["duration_s"] = values["video_duration_s"] or whole
    else:
        values["problem"] = Problem.NO_PICTURE
    if sounds:
        values |= _sound(sounds[0])
    return MediaFacts(size_bytes=size_bytes, **values)


def _of_type(kind: str, streams: Sequence[Stream]) -> list[Stream]:
    return [each for each in streams if each.get("codec_type") == kind]


def _pictures(streams: Sequence[Stream]) -> list[Stream]:
    """The streams that may be the film: without covers, also those that don't say they are one."""
    shown = [each for each in _of_type("video", streams) if not _is_cover(each)]
    return [each for each in shown if not _is_still(each)] or shown


def _is_still(stream: Stream) -> bool:
    """Whether a stream holds one picture of a kind that films are seldom made of."""
    one = whole_number(stream.get("nb_frames")) == 1
    return stream.get("codec_name") in STILLS or (one and stream.get("codec_name") == "mjpeg")


def _is_cover(stream: Stream) -> bool:
    """Whether a video stream is a still beside the film: cover art, chapter thumbnails."""
    disposition = stream.get("disposition", {})
    return bool(disposition.get("attached_pic") or disposition.get("timed_thumbnails"))


def _picture(stream: Stream) -> dict[str, Any]:
    width, height = whole_number(stream.get("width")), whole_number(stream.get("height"))
    shape = ratio(str(stream.get("sample_aspect_ratio", "")).replace(":", "/")) or Fraction(1)
    turned = rotation(stream)
    rate = ratio(stream.get("avg_frame_rate")) or ratio(stream.get("r_frame_rate"))
    shown = (round(width * shape), height) if width and height else (width, height)
    return {
        "video_stream": whole_number(stream.get("index")),
        "video_codec": word(stream.get("codec_name")),
        "video_duration_s": seconds(stream.get("duration")),
        "width": shown[turned in {90, 270}],
        "height": shown[turned not in {90, 270}],
        "stored_width": width,
        "stored_height": height,
        "rotation": turned,
        "pixel_shape": f"{shape.numerator}:{shape.denominator}",
        "pixel_format": word(stream.get("pix_fmt")),
        "colour_transfer": word(stream.get("color_transfer")),
        "fps": round(float(rate), 3) if rate else None,
        "fps_text": f"{rate.numerator}/{rate.denominator}" if rate else None,
        "field_order": word(stream.get("field_order")),
        "announced_frames": whole_number(stream.get("nb_frames")),
    }


def _sound(stream: Stream) -> dict[str, Any]:
    return {
        "audio_stream": whole_number(stream.get("index")),
        "audio_codec": word(stream.get("codec_name")),
        "audio_duration_s": seconds(stream.get("duration")),
        "channels": whole_number(stream.get("channels")),
        "channel_layout": word(stream.get("channel_layout")),
        "sample_rate": whole_number(stream.get("sample_rate")),
    }


def rotation(stream: Stream) -> int:
    """Degrees clockwise, 0 to 359, that a player turns the picture by."""
    for extra in stream.get("side_data_list", []):
        turned = extra.get("rotation")
        if isinstance(turned, int | float) and math.isfinite(turned):
            return round(-turned) % 360
    return 0


def seconds(value: object) -> float | None:
    """A finite number of seconds; a negative one is kept, as the lie it is."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def whole_number(value: object) -> int | None:
    """A whole number, or None."""
    try:
        return int(str(value))
    except ValueError:
        return None


def ratio(value: object) -> Fraction | None:
    """A positive ratio such as `30000/1001`; None for `0/0` and the like."""
    try:
        found = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None
    return found if found > 0 else None


def word(value: object) -> str | None:
    """A name that ffprobe gives itself, such as a codec's; never text from the file."""
    return str(value)[:60] if value else None
