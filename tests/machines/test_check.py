"""`contest check` as authors and scripts call it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contest.cli import main
from tests.machines.films import film

ROOT = Path(__file__).parents[2]
SHORT_RULES = """[film]
duration_min_s = 2
duration_max_s = 4
duration_tolerance_s = 0
containers = ["mp4"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films of 1, 3 and 5 seconds, a playlist, and rules that take 2 to 4."""
    made = tmp_path_factory.mktemp("films")
    for seconds in (1, 3, 5):
        film(made / f"{seconds}.mp4", seconds)
    (made / "trap.mp4").write_text("#EXTM3U\n#EXTINF:90,\n3.mp4\n")
    (made / "rules.toml").write_text(SHORT_RULES)
    return made


def contest(*arguments: str | bytes, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "contest.cli", "check", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def checked(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, list[dict[str, Any]]]:
    code = main(["check", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_the_worst_film_decides_the_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code, films = checked(
        capsys, "3.mp4", "1.mp4", "5.mp4", "trap.mp4", "none.mp4", "--rules", "rules.toml"
    )
    assert code == 2
    assert [(each["file"], each["verdict"]) for each in films] == [
        ("3.mp4", "pass"),
        ("1.mp4", "block"),
        ("5.mp4", "block"),
        ("trap.mp4", "unreadable"),
        ("none.mp4", "unreadable"),
    ]
    assert checked(capsys, "3.mp4", "1.mp4", "--rules", "rules.toml")[0] == 1
    assert checked(capsys, "3.mp4", "--rules", "rules.toml")[0] == 0


def test_a_film_is_told_by_facts_and_findings_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "1.mp4"
    _, (told,) = checked(capsys, str(path), "--rules", str(folder / "rules.toml"))
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    facts = told["facts"]
    assert {
        name: facts[name]
        for name in (
            *("duration_s", "width", "height", "fps"),
            *("video_codec", "audio_codec", "container"),
        )
    } == {
        "duration_s": 1.0,
        "width": 160,
        "height": 90,
        "fps": 25.0,
        "video_codec": "h264",
        "audio_codec": "aac",
        "container": "mp4",
    }
    assert told["findings"][0] == {
        "code": "duration_too_short",
        "about": "duration",
        "severity": "block",
        "measured": "1 s",
        "allowed": "2 to 4 s",
        "advice": "Your film runs 1 s; this edition takes 2 to 4 s. "
        "Send a version at least 1 s longer.",
        "at": [],
    }


def test_tolerance_and_share_are_taken_from_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ("--rules", str(folder / "rules.toml"))
    film_of_5 = str(folder / "5.mp4")
    assert checked(capsys, film_of_5, *rules, "--tolerance", "1")[0] == 0
    assert checked(capsys, film_of_5, *rules, "--tolerance", "0.99")[0] == 1
    film_of_3 = str(folder / "3.mp4")
    code, (told,) = checked(capsys, film_of_3, *rules, "--ai-share", "69.999")
    assert (code, told["findings"][1]["code"]) == (1, "ai_share_too_low")
    assert checked(capsys, film_of_3, *rules, "--ai-share", "70%")[0] == 0


def test_the_presets_rules_hold_when_none_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (told,) = checked(capsys, str(folder / "5.mp4"))
    assert code == 1
    assert told["findings"][0]["allowed"] == "60 to 300 s, 0.5 s of tolerance"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("[film]\nduration_min_s = 9\nduration_max_s = 4\n", "longest film must be longer"),
        ("[film\n", "Expected"),
        ("title = 3\n", "film"),
    ],
)
def test_rules_that_can_not_be_used_are_refused_with_the_reason(
    folder: Path, tmp_path: Path, rules: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.toml").write_text(rules)
    code = main(["check", str(folder / "3.mp4"), "--rules", str(tmp_path / "rules.toml")])
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert words in told.err


def test_without_json_each_film_is_a_sheet_with_its_length_on_the_band(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ("--rules", str(folder / "rules.toml"))
    assert main(["check", str(folder / "3.mp4"), *rules]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{folder / '3.mp4'}: meets the rules"
    assert lines[1].startswith("  160 x 90, 25 fps, h264 and aac in mp4, ")
    assert lines[2] == "  0 s " + "-" * 25 + "=" * 13 + "|" + "=" * 12 + "-" * 10 + " 4.8 s"
    assert lines[3] == " " * (6 + 38 - 1) + "3 s"
    assert lines[4] == "  ok     Your film runs 3 s; this edition takes 2 to 4 s."


def test_a_name_a_terminal_would_obey_is_shown_and_not_obeyed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = tmp_path / "\x1b[31mred\u202e4pm.mp4"
    shutil.copy(folder / "1.mp4", name)
    main(["check", str(name)])
    shown = capsys.readouterr().out
    assert ("\x1b" in shown, "\u202e" in shown) == (False, False)


@pytest.mark.parametrize(
    "name",
    [
        b"-i.mp4",
        b"--help.mp4",
        b"-show_streams -f lavfi.mp4",
        b"$(touch x).mp4",
        b"line\nbreak.mp4",
        b"caf\xe9.mp4",
        b"\xff\xfe",
        "片🎬.mp4".encode(),
        b"a" * 250,
    ],
)
def test_a_film_of_any_name_is_checked(folder: Path, tmp_path: Path, name: bytes) -> None:
    shutil.copy(folder / "3.mp4", tmp_path / os.fsdecode(name))
    (tmp_path / "rules.toml").write_text(SHORT_RULES)
    done = contest(name, "--rules", "rules.toml", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)[0]
    shown = name.decode("utf-8", "replace")
    assert told["file"] in {shown, f"./{shown}"}
    assert (told["verdict"], told["facts"]["duration_s"]) == ("pass", 3.0)
    assert len(list(tmp_path.iterdir())) == 2


def test_folders_pipes_devices_and_loops_are_told_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    done = contest("pipe", "loop", ".", "/dev/zero", "", "x" * 5000, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    told = json.loads(done.stdout)
    assert [each["findings"][0]["code"] for each in told] == [
        *("not_a_file", "missing", "not_a_file"),
        *("not_a_file", "missing", "missing"),
    ]
    assert [each["sha256"] for each in told] == [None] * 6


def test_a_reader_that_goes_away_changes_no_verdict(folder: Path) -> None:
    command = [sys.executable, "-m", "contest.cli", "check", *["trap.mp4"] * 3]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 2


def test_a_terminal_of_few_letters_gets_few_letters(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "1.mp4", tmp_path / "片.mp4")
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    for option in ("--json", "--tolerance=0"):
        done = subprocess.run(
            [sys.executable, "-m", "contest.cli", "check", "片.mp4", option],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr, done.stdout.isascii()) == (1, b"", True)


def test_a_check_starts_without_database_or_web(folder: Path) -> None:
    code = (
        "import sys; from contest.cli import main; main(['check', '--json', sys.argv[1]]); "
        "heavy = {'flask', 'sqlalchemy', 'boto3', 'dbos'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "trap.mp4")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_option_that_is_no_number_is_refused_with_an_example(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["check", str(folder / "3.mp4"), "--ai-share", "most"])
    assert refused.value.code == 2
    assert "Write numbers like 70 or 69.5." in capsys.readouterr().err
