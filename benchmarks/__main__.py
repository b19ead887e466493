"""Every benchmark, one after the other: `make bench`.

But for the soak, a night of a deadline that takes many minutes: `python -m benchmarks.soak`.
"""

from __future__ import annotations

import subprocess
import sys

ALL = ("check", "inspect", "pages", "intake", "rank", "jury", "assign")


def main() -> int:
    """Each in a process of its own, so that none warms another's caches; returns the worst code."""
    codes = []
    for name in ALL:
        print(f"\n== {name} ==", flush=True)
        codes.append(subprocess.call([sys.executable, "-m", f"benchmarks.{name}"]))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
