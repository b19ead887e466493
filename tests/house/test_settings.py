"""What is set from outside: in which order it counts, and what stops the start."""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from stat import S_IMODE
from threading import Barrier

import pytest

from contest.settings import DEFAULTS, HOME, SettingsRefused, load_settings

GIVEN = {"secret_key": "only for tests"}


def test_what_nobody_sets_is_as_the_file_of_defaults_says() -> None:
    told = tomllib.loads(DEFAULTS.read_text()) | GIVEN
    told["database_url"] = f"sqlite:///{HOME}/var/palmares.db"
    assert asdict(load_settings({}, **GIVEN)) == told


def test_the_environment_counts_before_the_named_file_and_that_before_the_defaults(
    tmp_path: Path,
) -> None:
    named = tmp_path / "house.toml"
    named.write_text('s3_bucket = "films"\nworker_name = "from-file"\ntrusted_proxies = 2\n')
    environment = {
        "PALMARES_CONFIG": str(named),
        "PALMARES_WORKER_NAME": "from-environment",
        "PALMARES_SECURE_COOKIES": "False",
    }
    found = load_settings(environment, **GIVEN)
    assert (found.s3_bucket, found.worker_name) == ("films", "from-environment")
    assert (found.trusted_proxies, found.secure_cookies) == (2, False)


def test_the_usual_name_of_the_database_is_taken_where_ours_is_not_set() -> None:
    usual, ours = "postgresql+psycopg://usual/house", "postgresql+psycopg://ours/house"
    environment = {"DATABASE_URL": usual}
    assert load_settings(environment, **GIVEN).database_url == usual
    environment["PALMARES_DATABASE_URL"] = ours
    assert load_settings(environment, **GIVEN).database_url == ours


def test_the_secret_is_made_once_for_all_who_start_at_the_same_time(tmp_path: Path) -> None:
    hands = 8
    for each in range(20):
        file, together = tmp_path / f"{each}", Barrier(hands)

        def start(file: Path = file, together: Barrier = together) -> str:
            together.wait()
            return load_settings({}, secret_key_file=str(file)).secret_key

        with ThreadPoolExecutor(hands) as started:
            secrets = {told.result() for told in [started.submit(start) for _ in range(hands)]}
        assert secrets == {file.read_text()}
        assert len(file.read_text()) == 64
        assert S_IMODE(file.stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 20, "nothing else is left in the folder"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PALMARES_MAIL_ULR": ""}, "the environment sets mail_ulr, which is no setting."),
        (
            {"PALMARES_PART_BYTES": "16 MiB"},
            "PALMARES_PART_BYTES must be a whole number, not '16 MiB'.",
        ),
        (
            {"PALMARES_SECURE_COOKIES": "no"},
            "PALMARES_SECURE_COOKIES must be true or false, not 'no'.",
        ),
        ({"PALMARES_QUEUE": "celery"}, "queue must be dbos or inline, not 'celery'."),
        ({"PALMARES_CONFIG": "gone.toml"}, "There is no file gone.toml, named by PALMARES_CONFIG."),
    ],
)
def test_what_nobody_can_use_stops_the_start(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings(environment, **GIVEN)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('mail_ulr = ""', "{file} sets mail_ulr, which is no setting."),
        ('part_bytes = "16 MiB"', "part_bytes must be of kind int."),
        ("part_bytes = 16 MiB", "{file} is no TOML: "),
    ],
)
def test_what_a_named_file_says_wrongly_stops_the_start(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "house.toml"
    file.write_text(text)
    with pytest.raises(SettingsRefused) as refused:
        load_settings({"PALMARES_CONFIG": str(file)}, **GIVEN)
    assert str(refused.value).startswith(said.format(file=file))
