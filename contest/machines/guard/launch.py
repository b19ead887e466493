"""Puts limits on itself, then becomes the command it was given.

    python -I -S launch.py MEMORY_BYTES CPU_S FILE_BYTES OPEN_FILES PARENT READS WRITES \\
        READ... WRITTEN... COMMAND...

PARENT is a process's number; READS and WRITES say how many files and folders follow of each kind.

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
import stat
import struct
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Landlock's system calls, by the same numbers on every kind of processor."""
ASK_VERSION = 1
BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From which version of Landlock on how many rights over files it knows."""
TCP_BIND_AND_CONNECT = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


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


def landlock() -> int:
    """The version of Landlock this kernel offers; 0 where it offers none."""
    if sys.platform != "linux":
        return 0
    version: int = ctypes.CDLL(None, use_errno=True).syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    return max(0, version)


def open_only(reads: list[str], writes: list[str]) -> None:
    """Linux with Landlock: open the film on standard input and these, no other file, and no line.
    Where a kernel offers none, ffmpeg's whitelists and the empty network stand without it."""
    version = landlock()
    if not version:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    rights = max((1 << known) - 1 for since, known in FILE_RIGHTS if version >= since)
    handled = [rights]
    handled += [TCP_BIND_AND_CONNECT] if version >= 4 else []
    handled += [ABSTRACT_SOCKETS_AND_SIGNALS] if version >= 6 else []
    ruleset = struct.pack(f"={len(handled)}Q", *handled)
    rules = libc.syscall(CREATE_RULESET, ruleset, len(ruleset), 0)
    _allow(libc, rules, 0, READ_FILE)
    for paths, allowed in (
        (reads, EXECUTE | READ_FILE | READ_DIR),
        (writes, (READ_FILE | WRITE_FILE | TRUNCATE) & rights),
    ):
        for path in filter(os.path.exists, paths):
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            _allow(libc, rules, handle, allowed)
            os.close(handle)
    libc.syscall(RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, handle: int, allowed: int) -> None:
    """What is open as `handle`, and if it is a folder what lies in it."""
    if not stat.S_ISDIR(os.fstat(handle).st_mode):
        allowed &= ~READ_DIR
    libc.syscall(ADD_RULE, rules, BENEATH, struct.pack("=Qi", allowed, handle), 0)


def main(arguments: list[str]) -> None:
    memory_bytes, cpu_s, file_bytes, open_files, parent, reads, writes = map(int, arguments[:7])
    paths, command = arguments[7 : 7 + reads + writes], arguments[7 + reads + writes :]
    if sys.platform == "linux":
        confine(parent)
    open_only(paths[:reads], paths[reads:])
    limit(memory_bytes, cpu_s, file_bytes, open_files)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and exec would hand that on
        signal.signal(ignored, signal.SIG_DFL)
    os.execve(command[0], command, dict(os.environ))  # noqa: S606  # the point of this file


if __name__ == "__main__":
    main(sys.argv[1:])
