"""The ffprobe that ffprobe-python is given: clean `[STREAM]` blocks and nothing else.

ffprobe-python 1.0.3 reads ffprobe's line output: a tag with a line break injects fields, a rotated
film crashes it, much on stderr hangs it. So this runs the real ffprobe as JSON, with the command
the house built (in PALMARES_COMMAND; what was asked for on the command line is not looked at), and
prints a few fields whose values can hold no line break and no equals sign. Limits are inherited.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

FIELDS = (
    "index",
    "codec_type",
    "codec_name",
    "codec_long_name",
    "width",
    "height",
    "pix_fmt",
    "avg_frame_rate",
    "nb_frames",
    "channels",
    "channel_layout",
    "sample_rate",
)


def blocks(report: dict[str, Any]) -> Iterator[str]:
    """A `[STREAM]` block for each stream; one without a duration gets the container's."""
    whole = report.get("format", {}).get("duration", "N/A")
    for stream in report.get("streams", []):
        yield "[STREAM]"
        for field in FIELDS:
            yield f"{field}={clean(stream.get(field, 'N/A'))}"
        yield f"duration={clean(stream.get('duration', whole))}"
        yield "[/STREAM]"


def clean(value: object) -> str:
    """ASCII without line breaks, equals signs or brackets."""
    shown = "".join(c if c.isascii() and c.isprintable() else "?" for c in str(value))
    return shown.translate({ord(c): "?" for c in "=[]"})[:200]


def main() -> int:
    done = subprocess.run(
        json.loads(os.environ["PALMARES_COMMAND"]),  # reads the film on our own stdin
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        check=False,
    )
    sys.stdout.write("".join(line + "\n" for line in blocks(json.loads(done.stdout or b"{}"))))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
