"""What is set from outside: in which order it counts, and what stops the start."""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from stat import S_IMODE
from threading import Barrier

from contest.settings import DEFAULTS, HOME, load_settings

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
