"""A fresh clone is set up by what is locked, and only when something changed."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from contest.cli import COMMANDS, main, run
from contest.settings import HOME
from tests.waiting import wait_until

PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def load_setup() -> Any:
    """The set-up script, which is no module of the house: it runs before there is one."""
    spec = spec_from_file_location("contest_setup", HOME / "contest" / "cli" / "setup.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


setup = load_setup()


@pytest.fixture
def house(tmp_path: Path) -> Any:
    made = setup.House(tmp_path)
    made.environment.mkdir()
    return made


def pins(lock: str) -> set[tuple[str, str]]:
    return set(PINNED.findall((HOME / lock).read_text()))


def copying(house: Any, name: str = "copy") -> Any:
    """A step that copies a file and counts how often it did."""
    read, made, count = (house.root / each for each in ("read", "made", "count"))

    def work(_house: Any) -> None:
        shutil.copy(read, made)
        count.write_text(count.read_text() + "x" if count.exists() else "x")

    return setup.Step(name, "Copying", [read], [made], work)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_its_hashes_and_no_lock_names_a_host(lock: str) -> None:
    text = (HOME / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r".*(?:://|index-url|find-links).*", text) == []


def test_what_runs_is_what_was_tested() -> None:
    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()


def test_every_front_end_module_is_locked_by_hash_and_without_an_address() -> None:
    packages = json.loads((HOME / "package-lock.json").read_text())["packages"]
    locked = {name: entry for name, entry in packages.items() if name}
    assert [name for name, entry in locked.items() if "integrity" not in entry] == []
    assert [name for name, entry in locked.items() if "resolved" in entry] == []


def test_every_declared_dependency_says_why_it_is_there() -> None:
    text = (HOME / "pyproject.toml").read_text()
    declared = tomllib.loads(text)["project"]["dependencies"]
    silent = [each for each in declared if not re.search(rf'"{re.escape(each)}", +# \w+', text)]
    assert silent == []


def test_a_step_is_done_once_while_nothing_changes(house: Any) -> None:
    (house.root / "read").write_text("one")
    setup.carry_out(house, [copying(house)])
    setup.carry_out(house, [copying(house)])
    assert (house.root / "count").read_text() == "x"


def test_a_step_is_done_again_when_what_it_reads_changed(house: Any) -> None:
    (house.root / "read").write_text("one")
    setup.carry_out(house, [copying(house)])
    (house.root / "read").write_text("two")
    setup.carry_out(house, [copying(house)])
    assert (house.root / "made").read_text() == "two"


def test_a_step_is_done_again_when_what_it_made_is_gone(house: Any) -> None:
    (house.root / "read").write_text("one")
    setup.carry_out(house, [copying(house)])
    (house.root / "made").unlink()
    setup.carry_out(house, [copying(house)])
    assert (house.root / "made").read_text() == "one"


def test_a_step_that_stopped_is_tried_again_and_those_before_it_are_not(house: Any) -> None:
    (house.root / "read").write_text("one")
    fails = setup.Step(
        "fails", "Failing", [], [], lambda each: setup.call(each, sys.executable, "-c", "exit(3)")
    )
    for _ in range(2):
        with pytest.raises(setup.SetupStopped, match=r"stopped with code 3; its own words"):
            setup.carry_out(house, [copying(house), fails])
    assert (house.root / "count").read_text() == "x"
    assert setup.Notes(house).read().keys() == {"copy"}


def test_a_program_that_is_not_there_gets_a_sentence(house: Any) -> None:
    with pytest.raises(setup.SetupStopped, match="nowhere can't be started: No such file"):
        setup.call(house, house.root / "nowhere")


def test_an_environment_is_made_once_and_again_after_the_clone_moved(tmp_path: Path) -> None:
    house = setup.House(tmp_path / "here")
    house.root.mkdir()
    setup.ensure_environment(house)
    mark = house.environment / "mark"
    mark.touch()
    setup.ensure_environment(house)
    assert mark.exists()
    moved = setup.House(house.root.rename(tmp_path / "there"))
    setup.ensure_environment(moved)
    assert not (moved.environment / "mark").exists()


def test_every_command_can_be_imported_and_explains_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, (_module, purpose) in COMMANDS.items():
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        usage, told = capsys.readouterr().out.split("\n\n")[:2]
        assert usage.startswith(f"usage: contest {name}")
        assert " ".join(told.split()) == f"{purpose[0].upper()}{purpose[1:]}."


def test_a_command_nobody_knows_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chekc"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "contest has no command chekc. Did you mean check?"


def test_a_port_in_use_is_told_before_anything_starts_with_one_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = run.what_holds_the_port("127.0.0.1", port)
    assert told is not None
    assert told.startswith(f"Nothing was started: port {port} on 127.0.0.1 can't be opened")
    free = re.search(r"make run PORT=(\d+)$", told)
    assert free
    assert run.what_holds_the_port("127.0.0.1", int(free[1])) is None


def test_a_port_that_can_not_be_is_told() -> None:
    assert run.what_holds_the_port("127.0.0.1", 70000) == (
        "There is no port 70000: choose one between 1024 and 65535."
    )


def start_part(script: str) -> run.Part:
    process = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    return run.Part("part", process)


def test_stopping_ends_every_part_and_what_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    parent = start_part(
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(child)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    wait_until(lambda: child.exists() and child.read_text())
    run.stop([parent])
    assert parent.process.poll() is not None
    wait_until(lambda: not _runs(int(child.read_text())), 5)


def test_a_part_that_ends_by_itself_closes_the_house(capfd: pytest.CaptureFixture[str]) -> None:
    lasting, ending = start_part("import time; time.sleep(60)"), start_part("raise SystemExit(7)")
    try:
        assert run.keep_open([lasting, ending], Event()) == 1
    finally:
        run.stop([lasting, ending])
    assert capfd.readouterr().err == "The part ended with code 7; closing the rest.\n"


def _runs(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()[:1] not in {"", "Z"}


def test_every_command_is_explained_to_those_who_run_a_house() -> None:
    page = (HOME / "docs" / "operations.md").read_text()
    assert [name for name in COMMANDS if f"`contest {name}" not in page] == []


def test_the_papers_name_no_command_that_is_not_there() -> None:
    papers = [HOME / "README.md", *(HOME / "docs").rglob("*.md")]
    named = {
        name
        for paper in papers
        for name in re.findall(r"contest ([a-z]+(?:-[a-z]+)*)", paper.read_text())
    }
    assert named - set(COMMANDS) == set()
