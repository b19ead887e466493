"""What docs/operations.md tells to type does what it says, and the files it names work."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select

from contest.cli.run import THREADS, web_command
from contest.db import Database
from contest.letters.actions import write_letter
from contest.machines.carrier import open_queue
from contest.people.models import Person
from contest.settings import HOME, Settings, load_settings
from tests.postgres import Server
from tests.processes import kill
from tests.waiting import free_port, wait_until

PAGE = HOME / "docs" / "operations.md"
DEPLOY = HOME / "config" / "deploy"
NEEDS_A_MACHINE = {"adduser", "alias", "chown", "createuser", "git", "make", "nginx", "systemctl"}
"""What makes users, starts services or fetches: here it is left out."""
RUN_HERE = {"cd", "contest", "cp", "createdb", "echo", "install", "pg_restore", "psql"}
BY_HAND = "sudoedit"
"""Where somebody fills in the settings; here it is `Machine.fill_in`."""
OWNERS = re.compile(r"\bsudo (-u postgres )?| -[og] palmares| --owner=palmares")


def typed(text: str) -> list[str]:
    """The commands in the text, a line each."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def told(heading: str) -> list[str]:
    """The commands below a heading of the page, down to the next."""
    below = PAGE.read_text().split(f"# {heading}\n", 1)[1]
    return typed(re.split(r"^##", below, maxsplit=1, flags=re.MULTILINE)[0])


def program(command: str) -> str:
    return OWNERS.sub("", command).split()[0]


class Machine:
    """The folders of a machine, below one of ours; `words` stand for others of the page."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.root, self.given = root, settings
        self.words: dict[str, str] = {}
        self.environment = {"PALMARES_CONFIG": str(root / "etc/palmares/production.toml")}
        for folder in ("etc/caddy", "etc/systemd/system", "etc/nginx/conf.d"):
            (root / folder).mkdir(parents=True)

    def here(self, text: str) -> str:
        """The text with folders of ours for the machine's."""
        moved = re.sub(r"/(etc|var)/(?=[a-z])", rf"{self.root}/\1/", text)
        moved = moved.replace("/srv/palmares/.venv", sys.prefix).replace("/srv/palmares", str(HOME))
        for word, ours in self.words.items():
            moved = moved.replace(word, ours)
        return moved

    def fill_in(self) -> None:
        """What somebody would write into the settings of this machine."""
        file = Path(self.environment["PALMARES_CONFIG"])
        text = self.here(file.read_text())
        for name, value in ({"mail_url": ""} | self.given).items():
            text = re.sub(rf"^{name} = .*$", f'{name} = "{value}"', text, flags=re.MULTILINE)
        file.write_text(text)

    def type(self, heading: str) -> None:
        """Type the commands below that heading."""
        self.type_lines(told(heading))

    def type_lines(self, commands: list[str]) -> None:
        """Type the commands, all but those that need a machine."""
        for command in commands:
            if program(command) == BY_HAND:
                self.fill_in()
            elif program(command) in RUN_HERE:
                self.run(self.here(OWNERS.sub("", command)))

    def run(self, command: str) -> None:
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euc", command],
            cwd=HOME,
            env=os.environ | {"PATH": programs} | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    @property
    def kept(self) -> Path:
        return self.root / "var/lib/palmares"

    def administrators(self) -> list[str]:
        database = Database(self.settings.database_url)
        with database.reading() as session:
            found = session.scalars(select(Person.email).where(Person.is_administrator)).all()
        database.close()
        return list(found)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which everything was installed as the page says."""
    made = Machine(tmp_path)
    made.type("Install")
    return made


def test_each_command_of_the_page_is_run_here_or_needs_a_machine() -> None:
    every = typed(PAGE.read_text())
    assert {program(line) for line in every} == RUN_HERE | NEEDS_A_MACHINE | {BY_HAND}
    headings = ("Install", "Back up", "Restore", "Upgrade", "Several machines")
    assert [line for heading in headings for line in told(heading)] == every


def test_a_house_is_installed_backed_up_lost_put_back_and_upgraded(machine: Machine) -> None:
    first = ["you@example.org"]
    key = machine.settings.secret_key
    assert machine.administrators() == first
    machine.type("Back up")
    shutil.rmtree(machine.kept)
    machine.type("Restore")
    assert (machine.administrators(), machine.settings.secret_key) == (first, key)
    machine.type("Upgrade")
    assert machine.administrators() == first


def test_a_house_of_several_machines_is_put_back_into_an_empty_database(
    postgres_server: Server, tmp_path: Path
) -> None:
    server = make_url(postgres_server.url)
    address = f"postgresql://{server.username}@{server.host}:{server.port}"
    machine = Machine(tmp_path, database_url=f"{address}/palmares", s3_bucket="")
    machine.words = {"postgresql://palmares@10.0.0.20": address}
    machine.environment |= {
        "PATH": f"{postgres_server.programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PGHOST": str(server.host),
        "PGPORT": str(server.port),
        "PGUSER": str(server.username),
    }
    several = told("Several machines")
    at = [index for index, line in enumerate(several) if program(line) == "createdb"]
    assert len(at) == 2
    for folder in ("etc/palmares", "var/backups/palmares"):
        (tmp_path / folder).mkdir(parents=True)
    try:
        machine.type_lines(several[: at[1]])
        machine.type_lines(['contest administrator you@example.org --name "You"', *told("Back up")])
        postgres_server.drop(f"{address}/palmares")
        machine.type_lines(several[at[1] :])
        assert machine.administrators() == ["you@example.org"]
    finally:
        postgres_server.drop(f"{address}/palmares")


def service(unit: str) -> dict[str, str]:
    """What a unit says of its service; of settings given twice the last."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parser.read(DEPLOY / "systemd" / unit)
    return dict(parser["Service"])


@contextmanager
def running(machine: Machine, unit: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The service as systemd would start it."""
    command = service(unit)["ExecStart"].replace("%H-%i", "here-1")
    process = subprocess.Popen(
        shlex.split(machine.here(command)),
        cwd=HOME,
        env=os.environ | machine.environment | environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)


def answers(port: int) -> bool:
    with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", port)) as line:
        line.request("GET", "/", headers={"X-Forwarded-Proto": "https"})
        return line.getresponse().status == 200
    return False


def test_the_web_server_answers_where_its_service_is_told_to_listen(machine: Machine) -> None:
    port = free_port()
    with running(machine, "palmares-web.service", GRANIAN_PORT=str(port)) as process:
        wait_until(lambda: answers(port))
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(15) == 0


def test_the_web_server_is_told_the_same_as_by_contest_run() -> None:
    by_service = service("palmares-web.service")["ExecStart"].split()
    by_run = web_command("127.0.0.1", 8000, THREADS)
    assert by_run[0] == sys.executable
    where = ["--host", "127.0.0.1", "--port", "8000"]
    assert sorted([*by_service[1:], *where]) == sorted(by_run[1:])


def test_the_worker_of_its_service_posts_a_letter_and_ends_when_asked(machine: Machine) -> None:
    settings = machine.settings
    database = Database(settings.database_url)
    open_queue(database, settings)
    with database.transaction() as session:
        write_letter(
            session,
            "sign_in",
            address="you@example.org",
            language="en",
            about="person:1",
            now=datetime.now(UTC),
            name="You",
            link="https://localhost/",
            minutes=20,
        )
    with running(machine, "palmares-worker@.service") as process:
        wait_until(lambda: list(settings.letters_path.glob("*.eml")))
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(15) == 0
    database.close()


def test_the_backup_of_its_service_is_the_one_of_the_page() -> None:
    by_service = service("palmares-backup.service")["ExecStart"]
    assert [f"/srv/palmares/.venv/bin/{line}" for line in told("Back up")] == [by_service]


@pytest.mark.parametrize("place", ["one-machine", "several-machines"])
def test_the_example_of_settings_loads_and_trusts_the_proxy_in_front(place: str) -> None:
    settings = load_settings(
        {"PALMARES_CONFIG": str(DEPLOY / place / "production.toml")}, secret_key="only for tests"
    )
    assert (settings.trusted_proxies, settings.secure_cookies) == (1, True)
    assert settings.public_url == "https://festival.example.org"
    engine = create_engine(settings.database_url)
    assert engine.dialect.name == ("sqlite" if place == "one-machine" else "postgresql")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units() -> None:
    """But that the house is not in /srv here."""
    units = sorted((DEPLOY / "systemd").iterdir())
    verified = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False
    )
    words = [line for line in verified.stderr.splitlines() if "palmares" in line]
    missing = re.compile(r".*Command /srv/palmares/\.venv/bin/\w+ is not executable.*")
    assert [line for line in words if not missing.fullmatch(line)] == []
