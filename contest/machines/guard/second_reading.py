"""What ffprobe-python makes of a film, as a JSON list of its streams on stdout.

    PATH=<this folder> python -I second_reading.py /absolute/path

Runs in a child of its own because the library takes `ffprobe` from PATH, and because it may crash.
"""

from __future__ import annotations

import json
import shlex
import sys
from types import ModuleType


def restore_pipes() -> None:
    """The library imports `pipes`, which Python 3.13 no longer has, for one function of it."""
    if sys.version_info >= (3, 13):
        stub = ModuleType("pipes")
        stub.quote = shlex.quote  # type: ignore[attr-defined]
        sys.modules["pipes"] = stub


def main(path: str) -> None:
    restore_pipes()
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)  # `pipes` warns on 3.11 and 3.12
    from ffprobe import FFProbe

    streams = [
        {
            "type": stream.codec_type,
            "codec": stream.codec(),
            "size": stream.frame_size() if stream.is_video() else None,
            "seconds": getattr(stream, "duration", None),
        }
        for stream in FFProbe(path).streams
    ]
    sys.stdout.write(json.dumps(streams))


if __name__ == "__main__":
    main(sys.argv[1])
