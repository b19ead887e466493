"""A child on a stranger's file: bounded, drained, and gone when it should be."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from contest.machines.guard.launch import landlock
from contest.machines.limits import LAUNCHER, Limits, Stop, run_limited

SHELL = "/bin/sh"
ROOT = Path(__file__).parents[2]
PATH = {"PATH": "/usr/bin:/bin"}
linux = pytest.mark.skipif(sys.platform != "linux", reason="a limit that Linux keeps")


def test_output_complaints_and_code_come_back() -> None:
    outcome = run_limited([SHELL, "-c", "echo seen; echo oh >&2; exit 3"], Limits())
    assert (outcome.code, outcome.output, outcome.complaints) == (3, b"seen\n", b"oh\n")
    assert (outcome.complaint_lines, outcome.output_cut, outcome.stop) == (1, False, None)


def test_a_flood_on_both_outputs_neither_blocks_nor_fills_memory() -> None:
    script = "yes ooooooooooooooo | head -c 9000000 >&2; yes | head -c 9000000; echo end >&2"
    bounds = Limits(output_bytes=1000, complaint_bytes=1000)
    outcome = run_limited([SHELL, "-c", script], bounds, environment=PATH)
    assert (len(outcome.output), len(outcome.complaints)) == (1000, 1000)
    assert outcome.output_cut
    assert (outcome.code, outcome.complaint_lines) == (0, 9_000_000 // 16 + 1)


def test_a_child_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    trace = tmp_path / "alive"
    trace.touch()
    script = f"(while :; do date >> {trace}; sleep 0.05; done) & sleep 60"
    began = time.monotonic()
    bounds = Limits(wall_s=0.5, file_bytes=1 << 20)
    outcome = run_limited([SHELL, "-c", script], bounds, environment=PATH, writes=[trace])
    assert outcome.stop is Stop.WALL_CLOCK
    assert time.monotonic() - began < 5
    seen = trace.read_text()
    time.sleep(0.3)
    assert trace.read_text() == seen


def test_a_child_that_closes_its_outputs_and_stays_is_ended_too() -> None:
    began = time.monotonic()
    outcome = run_limited(
        [SHELL, "-c", "exec >&- 2>&-; sleep 60"], Limits(wall_s=0.5), environment=PATH
    )
    assert outcome.stop is Stop.WALL_CLOCK
    assert time.monotonic() - began < 5


def test_a_child_that_only_computes_is_ended_by_its_cpu_time() -> None:
    outcome = run_limited([SHELL, "-c", "while :; do :; done"], Limits(cpu_s=1))
    assert outcome.stop is Stop.CPU_TIME


@linux
def test_memory_files_and_open_files_have_bounds(tmp_path: Path) -> None:
    greedy, big = "x = bytearray(1 << 30)", tmp_path / "big"
    big.touch()
    writer = f"with open({str(big)!r}, 'wb', 0) as f: f.write(b'x' * 4096); f.write(b'x')"
    opener = "files = [open('/dev/null') for _ in range(100)]"
    complaints = [
        run_limited([sys.executable, "-I", "-S", "-c", script], bounds, writes=[big]).complaints
        for script, bounds in (
            (greedy, Limits(memory_bytes=256 << 20)),
            (writer, Limits(file_bytes=4096)),
            (opener, Limits(open_files=32)),
        )
    ]
    assert [each.splitlines()[-1] for each in complaints] == [
        b"MemoryError",
        b"OSError: [Errno 27] File too large",
        b"OSError: [Errno 24] Too many open files: '/dev/null'",
    ]


def test_a_child_inherits_neither_environment_nor_input_nor_folder() -> None:
    os.environ["SECRET_OF_THE_HOUSE"] = "canary"
    try:
        outcome = run_limited([SHELL, "-c", "env; pwd; read line; echo $line"], Limits())
    finally:
        del os.environ["SECRET_OF_THE_HOUSE"]
    assert b"canary" not in outcome.output
    assert outcome.output.endswith(b"/\n\n")


@linux
def test_a_child_sees_no_network_where_linux_lets_it_be_cut_off() -> None:
    links, reads = [SHELL, "-c", "cat /proc/net/dev"], [Path("/proc")]
    outcome = run_limited(links, Limits(), environment=PATH, reads=reads)
    found = [line.partition(b":")[0].strip() for line in outcome.output.splitlines()[2:]]
    if b"eth0" in found:
        pytest.skip("this machine does not let a process give up its network")
    assert found == [b"lo"]


@pytest.mark.skipif(not landlock(), reason="a kernel without Landlock")
def test_a_child_opens_its_film_what_it_was_given_and_no_other_file(tmp_path: Path) -> None:
    made = {each: tmp_path / each for each in ("film", "neighbour", "read", "written")}
    for name, path in made.items():
        path.write_text(f"{name}\n")
    script = (
        f"cat /dev/fd/0 {made['neighbour']} {made['read']} /etc/passwd;"
        f"echo new > {made['written']}; echo new > {made['read']}; echo new > {tmp_path}/made;"
        f"ls {tmp_path}; rm {made['written']}"
    )
    with made["film"].open("rb") as film:
        outcome = run_limited(
            [SHELL, "-c", script],
            Limits(file_bytes=1 << 20),
            film=film,
            environment=PATH,
            reads=[made["read"]],
            writes=[made["written"]],
        )
    assert outcome.output == b"film\nread\n"
    assert outcome.complaints.count(b"ermission denied") == 6
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        each: "new\n" if each == "written" else f"{each}\n" for each in made
    }


@pytest.mark.parametrize("breaks", ["\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_folder_of_any_name_is_one_folder_to_a_child(tmp_path: Path, breaks: str) -> None:
    """A line break in what it may open neither takes that away nor gives it what follows."""
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    folder = tmp_path / f"odd{breaks}{secret}"
    folder.mkdir(parents=True)
    read, written = folder / "read", folder / "written"
    read.write_text("read\n")
    written.touch()
    outcome = run_limited(
        [SHELL, "-c", 'cat "$1" "$3"; echo new > "$2"', "sh", str(read), str(written), str(secret)],
        Limits(file_bytes=1 << 20),
        environment=PATH,
        reads=[folder],
        writes=[written],
    )
    assert outcome.output == (b"read\n" if landlock() else b"read\nsecret\n")
    assert written.read_text() == "new\n"


def test_a_program_of_ones_own_may_be_a_link_and_have_its_libraries_in_lib(tmp_path: Path) -> None:
    real, library = tmp_path / "made-7.1" / "bin" / "tool", tmp_path / "made-7.1" / "lib" / "part"
    link = tmp_path / "home" / "tool"
    for each in (real, library, link):
        each.parent.mkdir(parents=True)
    real.write_text(f"#!{SHELL}\ncat {library}\n")
    real.chmod(0o755)
    library.write_text("library\n")
    link.symlink_to(real)
    for program in (real, link):
        outcome = run_limited([str(program)], Limits(), environment=PATH)
        assert (outcome.output, outcome.complaints) == (b"library\n", b"")


@pytest.mark.skipif(landlock() < 4, reason="a kernel whose Landlock knows no lines")
def test_a_child_reaches_no_server_even_where_it_keeps_its_network() -> None:
    call = (
        "import socket, sys; sys.path[:0] = [sys.argv[1]]; import launch\n"
        "with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "    launch.open_only([sys.base_prefix, '/usr', '/lib'], [])\n"
        "    socket.socket().connect(server.getsockname())"
    )
    command = [sys.executable, "-c", call, str(LAUNCHER.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "PermissionError: [Errno 13] Permission denied"


def test_a_watcher_sees_the_output_as_it_comes_and_can_end_the_child() -> None:
    seen: list[bytes] = []

    def watch(chunk: bytes) -> bool:
        seen.append(chunk)
        return False

    outcome = run_limited(
        [SHELL, "-c", "echo one; sleep 60; echo two"], Limits(), watch=watch, environment=PATH
    )
    assert (seen, outcome.output, outcome.stop) == ([b"one\n"], b"", Stop.ASKED)


def test_more_pipes_are_read_beside_the_others() -> None:
    seen = bytearray()

    def aside(chunk: bytes) -> bool:
        seen.extend(chunk)
        return True

    script = "echo plain; echo one > /dev/fd/$1; echo other > /dev/fd/$2"
    asides = {"first": aside, "second": aside}
    outcome = run_limited([SHELL, "-c", script, "sh", "@first", "@second"], Limits(), asides=asides)
    assert outcome.output == b"plain\n"
    assert sorted(bytes(seen).split()) == [b"one", b"other"]


def open_pipes() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@linux
def test_many_threads_run_children_at_once_without_leaving_open_pipes() -> None:
    before = open_pipes()
    codes: list[int] = []

    def work() -> None:
        codes.extend(run_limited([SHELL, "-c", "exit 4"], Limits()).code for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [4] * 40
    after = open_pipes()
    assert after == before


@linux
def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    trace = tmp_path / "alive"
    trace.touch()
    script = f"while :; do date >> {trace}; sleep 0.05; done"
    code = (
        "from contest.machines.limits import Limits, run_limited\n"
        f"run_limited([{SHELL!r}, '-c', {script!r}], Limits(file_bytes=1 << 20), "
        f"environment={PATH!r}, writes=[{str(trace)!r}])"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    deadline = time.monotonic() + 20
    while not trace.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    time.sleep(0.3)
    seen = trace.read_text()
    time.sleep(0.3)
    assert trace.read_text() == seen
