"""What ffprobe-python makes of the film on stdin, as a JSON list of its streams on stdout.

    PATH=<this folder> python -I -S second_reading.py FOLDER_OF_THE_LIBRARY < FILM

Runs in a child of its own because the library takes `ffprobe` from PATH, and because it may crash.
Without `site`, which would look up the user in /etc/passwd: a film's check opens no other file.
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
        stub.quote = shlex.quote  # type: ignore[attr-defined]  # the stub is an empty module
        sys.modules["pipes"] = stub


def main(library: str) -> None:
    restore_pipes()
    sys.path.append(library)
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
        for stream in FFProbe("/dev/fd/0").streams
    ]
    sys.stdout.write(json.dumps(streams))


if __name__ == "__main__":
    main(sys.argv[1])
