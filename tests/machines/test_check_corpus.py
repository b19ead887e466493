"""Real, borderline and hostile films, each with what is known of it, through `contest check`.

Runs where the corpus stands beside the clone; what it teaches is also tested on films that other
tests make for themselves.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.machines.films import CORPUS, film, manifest

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
SECONDS_EACH = 15
VERDICTS = {
    "accept": {"pass", "flag"},
    "review": {"pass", "flag"},
    "reject_short": {"block"},
    "reject_long": {"block"},
    "reject_not_video": {"unreadable"},
    "reject_broken": {"unreadable"},
    "reject_hostile": {"unreadable"},
    "not a film": {"unreadable"},
}
PEOPLE_DECIDE = {
    "boundary/elst_shows90_of300.mp4": "hidden_frames",
    "boundary/ct_black_tail40.mp4": "black_picture",
    "boundary/ct_loop10s_x12.mp4": "picture_loops",
    "hostile/mkv_attachment_traversal.mkv": "header_disagrees",
    "hostile/mkv_duration_negative.mkv": "header_disagrees",
}
OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"[^)]*\) += [0-9]')

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this clone")


def check(paths: Sequence[Path | bytes], *before: str) -> list[dict[str, Any]]:
    """What `contest check --tolerance 0 --json` says of each path."""
    command = [sys.executable, "-m", "contest.cli", "check", "--tolerance", "0", "--json"]
    done = subprocess.run(
        [*before, *command, "--", *paths],
        cwd=ROOT,
        capture_output=True,
        timeout=SECONDS_EACH * len(paths) + 15,
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode in {0, 1, 2}
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def check_all(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each row of the manifest with what was found, two commands at a time."""
    shares = [rows[start::AT_ONCE] for start in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda share: check([CORPUS / row["file"] for row in share]), shares)
        for share, told in zip(shares, found, strict=True):
            yield from zip(share, told, strict=True)


def of_sets(names: str) -> list[dict[str, Any]]:
    return [row for row in manifest() if row["set"] in names]


def wrong_verdicts(pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    return [
        f"{row['file']}: {found['verdict']} where {row['expect']} was due"
        for row, found in pairs
        if found["verdict"] not in VERDICTS[row["expect"]]
    ]


def wrong_durations(pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    """Films whose picture is not measured to within one frame; a still has no duration."""
    wrong = []
    for row, found in pairs:
        truth = (row.get("truth") or {}).get("video")
        facts = found["facts"]
        if truth is None or found["verdict"] == "unreadable":
            continue
        frame = 1 / facts["fps"] + 0.001  # the manifest's truth is rounded to milliseconds
        if abs(facts["duration_s"] - truth) > frame:
            wrong.append(f"{row['file']}: {facts['duration_s']} s where {truth} s are shown")
    return wrong


def test_real_and_borderline_films_get_the_verdict_and_the_duration_they_have() -> None:
    pairs = list(check_all(of_sets("AB")))
    assert wrong_verdicts(pairs) == []
    assert wrong_durations(pairs) == []
    codes = {row["file"]: {each["code"] for each in found["findings"]} for row, found in pairs}
    missed = {file for file, code in PEOPLE_DECIDE.items() if code not in codes.get(file, {code})}
    assert missed == set()


def test_hostile_files_neither_crash_nor_hang_the_check_and_leak_no_other_film() -> None:
    pairs = list(check_all(of_sets("C")))
    assert wrong_verdicts(pairs) == []
    assert wrong_durations(pairs) == []


def test_hostile_names_are_names(tmp_path: Path) -> None:
    good = film(tmp_path / "good", 1, "-f", "mp4")
    listed = json.loads((CORPUS / "hostile" / "hostile_filenames.json").read_text())["names"]
    paths = []
    for number, each in enumerate(each for each in listed if each["can_be_on_disk"]):
        folder = os.fsencode(tmp_path) + b"/%d" % number
        os.mkdir(folder)  # noqa: PTH102  # some names are not text
        path = folder + b"/" + base64.b64decode(each["name_b64"])
        try:
            shutil.copy(good, os.fsdecode(path))
        except OSError:  # not on this disk after all: too long, or a folder in the name
            continue
        paths.append(path)
    assert len(paths) > 10
    told = check(paths)
    assert [each["facts"]["duration_s"] for each in told] == [1.0] * len(paths)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows what is opened")
def test_a_file_that_points_elsewhere_opens_nothing_and_calls_nobody(tmp_path: Path) -> None:
    kinds = {"hostile/playlist", "hostile/external-ref", "hostile/subtitle"}
    rows = [row for row in of_sets("C") if row["cls"] in kinds]
    paths = [CORPUS / row["file"] for row in rows]
    trace = tmp_path / "trace"
    watched = "trace=open,openat,socket,connect,bind,sendto"
    check(paths, "strace", "-f", "-o", str(trace), "-s", "4096", "-e", watched)
    log = trace.read_text(errors="replace")
    opened = set(OPENED.findall(log))
    in_corpus = {name for name in opened if str(CORPUS) in name}
    assert in_corpus == {str(path) for path in paths}
    assert opened & {"/etc/hostname", "/etc/passwd", "file:///etc/hostname"} == set()
    assert re.findall(r"(?:socket|connect|bind|sendto)\(.*AF_INET.*", log) == []
