"""nginx as a yardstick: it takes the parts of a film as files of their own (WebDAV's PUT).

Debian's own build has what is needed. It checks nothing and waits for no disk.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.parts import Target
from tests.waiting import free_port, wait_until

CONFIGURATION = """\
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_max_body_size 64m;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/unused;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/parts;
        location / {{ dav_methods PUT; }}
    }}
}}
"""
OPEN_SECONDS = 10


@dataclass(frozen=True)
class Nginx:
    """A running nginx: the group of its processes, and where it listens."""

    group: int
    target: Target


def program() -> str | None:
    """Where nginx is, in the folders of administrators too; None where it is not installed."""
    places = [*os.get_exec_path(), "/usr/local/sbin", "/usr/sbin"]
    return shutil.which("nginx", path=os.pathsep.join(places))


@contextmanager
def serving(nginx: str, folder: Path) -> Iterator[Nginx]:
    """nginx over a folder on the disk that is measured; it ends with the block."""
    for name in ("parts", "temporary", "unused"):
        (folder / name).mkdir(parents=True)
    port = free_port()
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    told = folder / "nginx.conf"
    told.write_text(CONFIGURATION.format(folder=folder, port=port, user=user))
    command = [nginx, "-p", str(folder), "-c", str(told), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        wait_until(lambda: _listens(port), OPEN_SECONDS)
        yield Nginx(process.pid, Target(f"127.0.0.1:{port}", {}))
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=1)
    with suppress(OSError):
        line.connect()
        line.close()
        return True
    return False
