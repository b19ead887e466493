"""A real S3 server on this machine's loopback, for the contract of storages."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from contest.settings import Settings, load_settings

ACCESS_KEY, SECRET_KEY = "contract", "only-for-tests"
START_SECONDS = 60


def weed() -> str | None:
    """The server's program, where the development tools are installed."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.is_file() else shutil.which("weed")


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a house that keeps its films in S3."""
    program = weed()
    if program is None:
        pytest.skip("no S3 server here: install the development tools")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        folder = tmp_path_factory.mktemp("s3")
        with serving(program, folder) as address:
            settings = load_settings(
                {}, s3_bucket="films", s3_endpoint=address, secret_key="only for tests"
            )
            make_bucket(settings)
            yield settings


@contextmanager
def serving(program: str, folder: Path) -> Iterator[str]:
    """Run the server over the folder; gives its address."""
    ports = dict(zip(("master", "volume", "filer", "s3"), _free_ports(4), strict=True))
    identity = {
        "name": "contract",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    command = [program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += ["-s3", f"-s3.config={config}", "-master.volumeSizeLimitMB=256", "-volume.max=32"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
        try:
            address = f"127.0.0.1:{ports['s3']}"
            _wait(address, process, folder / "server.log")
            yield f"http://{address}"
        finally:
            process.kill()
            process.wait()


def make_bucket(settings: Settings) -> None:
    """The bucket the settings name."""
    import boto3  # takes its time to load

    client = boto3.client("s3", endpoint_url=settings.s3_endpoint, region_name=settings.s3_region)
    client.create_bucket(Bucket=settings.s3_bucket)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The S3 server ended at once: {log.read_text()[-2000:]}")
        door = HTTPConnection(address, timeout=1)
        try:
            door.request("GET", "/status")
            door.getresponse()
        except (HTTPException, OSError):
            time.sleep(0.2)
        else:
            return
        finally:
            door.close()
    raise TimeoutError("The S3 server did not open.")


def _free_ports(count: int) -> list[int]:
    """Ports whose twins 10000 above are free too, since the server opens those as well.

    Tests run by two workers at a time look in stretches of their own: what one has found is not
    taken yet while the other looks.
    """
    found: list[int] = []
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 2
    first = 20000 + 5000 * worker
    for port in range(first + os.getpid() % 4000, first + 5000, 7):
        try:
            for each in (port, port + 10000):
                with socket.socket() as door:
                    door.bind(("127.0.0.1", each))
        except OSError:
            continue
        found.append(port)
        if len(found) == count:
            return found
    raise OSError("No ports are free.")
