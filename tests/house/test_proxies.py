"""The proxies of config/deploy, where they are installed: what they pass on and what not."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from contest.settings import HOME
from tests.processes import kill
from tests.waiting import free_port, wait_until

DEPLOY = HOME / "config" / "deploy"
PLACES = ("one-machine", "several-machines")
HALF = b"x" * (1 << 20)
"""Half a film part of 2 MiB."""


@dataclass
class Web:
    """Stands for the web server: notes the one request that comes, and when half of it is here."""

    door: socket.socket
    headers: dict[str, str] = field(default_factory=dict)
    half_came: Event = field(default_factory=Event)

    @property
    def port(self) -> int:
        return int(self.door.getsockname()[1])

    def serve(self) -> None:
        line, _ = self.door.accept()
        with line, line.makefile("rb") as request:
            request.readline()
            while (header := request.readline().decode().strip()) != "":
                name, _, value = header.partition(": ")
                self.headers[name.lower()] = value
            request.read(len(HALF))
            self.half_came.set()
            request.read(len(HALF))
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")


@pytest.fixture
def web() -> Iterator[Web]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        made = Web(door)
        thread = Thread(target=made.serve, daemon=True)
        thread.start()
        yield made
        thread.join(10)


@contextmanager
def caddy(folder: Path, web: Web) -> Iterator[int]:
    """Caddy with our file, but for the addresses and without TLS; gives its port."""
    port, file = free_port(), folder / "Caddyfile"
    words = {
        "127.0.0.1:8000": f"127.0.0.1:{web.port}",
        "festival.example.org": f"http://:{port}",
        "\tservers {": "\tadmin off\n\tservers {",
    }
    ours = (DEPLOY / "one-machine" / "Caddyfile").read_text()
    for word, here in words.items():
        ours = ours.replace(word, here)
    file.write_text(ours)
    process = subprocess.Popen(
        ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)],
        env=os.environ | {"HOME": str(folder)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: listens(port))
        yield port
    finally:
        kill(process)


def listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no Caddy here")
def test_caddy_passes_parts_on_as_they_come_and_says_itself_who_is_calling(
    web: Web, tmp_path: Path
) -> None:
    request = (
        "PUT /uploads/token/parts/1 HTTP/1.1\r\nHost: festival.example.org\r\n"
        "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: elsewhere.example\r\n"
        f"X-Forwarded-Proto: https\r\nContent-Length: {2 * len(HALF)}\r\n\r\n"
    )
    with (
        caddy(tmp_path, web) as port,
        closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as line,
    ):
        line.sendall(request.encode() + HALF)
        assert web.half_came.wait(10)
        line.sendall(HALF)
        assert line.recv(15) == b"HTTP/1.1 200 OK"
    told = {name: value for name, value in web.headers.items() if name.startswith("x-forwarded")}
    assert told == {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "festival.example.org",
        "x-forwarded-proto": "http",
    }


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no Caddy here")
@pytest.mark.parametrize("place", PLACES)
def test_caddy_takes_its_file(place: str, tmp_path: Path) -> None:
    file = str(DEPLOY / place / "Caddyfile")
    subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", file],
        env=os.environ | {"HOME": str(tmp_path)},
        check=True,
    )


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here")
@pytest.mark.parametrize("place", PLACES)
def test_nginx_takes_its_file(place: str, tmp_path: Path) -> None:
    ours = (DEPLOY / place / "nginx.conf").read_text()
    letsencrypt = "/etc/letsencrypt/live/festival.example.org"
    (tmp_path / "palmares.conf").write_text(ours.replace(letsencrypt, str(tmp_path)))
    make_certificate(tmp_path)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/palmares.conf; }}\n"
    )
    subprocess.run(["nginx", "-t", "-p", str(tmp_path), "-c", str(whole)], check=True)


def make_certificate(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=festival"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*command, *files], check=True, stderr=subprocess.DEVNULL)
