"""Puts limits on itself, then becomes the command it was given.

    python -I -S launch.py MEMORY_BYTES CPU_S FILE_BYTES OPEN_FILES PARENT_PID COMMAND...

A program of its own because limits must be set between fork and exec: `preexec_fn` would run
Python in the forked copy of a threaded worker, where a lock that another thread holds is held for
ever, and `prlimit` on a child that already runs comes too late. Only the standard library is
imported, so a start costs about 15 ms.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def limit(memory_bytes: int, cpu_s: int, file_bytes: int, open_files: int) -> None:
    """Limits that the kernel keeps. The second of CPU between soft and hard tells them apart."""
    wanted = [
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 1),
        (resource.RLIMIT_FSIZE, file_bytes, file_bytes),
        (resource.RLIMIT_NOFILE, open_files, open_files),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    for what, soft, hard in wanted:
        try:
            resource.setrlimit(what, (soft, hard))
        except (OSError, ValueError):
            if sys.platform == "linux":  # elsewhere the kernel may not know this limit
                raise


def confine(parent: int) -> None:
    """Linux: die with the parent, gain no rights, see no network. Refusals are passed over:
    the limits and the whitelists of ffmpeg stand without it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def main(arguments: list[str]) -> None:
    memory_bytes, cpu_s, file_bytes, open_files, parent = map(int, arguments[:5])
    command = arguments[5:]
    if sys.platform == "linux":
        confine(parent)
    limit(memory_bytes, cpu_s, file_bytes, open_files)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and exec would hand that on
        signal.signal(ignored, signal.SIG_DFL)
    os.execve(command[0], command, dict(os.environ))  # noqa: S606  # the point of this file


if __name__ == "__main__":
    main(sys.argv[1:])
