"""What can be set from outside: read once at start from config and environment, then frozen."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

HOME = Path(__file__).resolve().parent.parent
DEFAULTS = HOME / "config" / "defaults.toml"
PREFIX = "PALMARES_"
CONFIG = f"{PREFIX}CONFIG"
QUEUES = ("dbos", "inline")


class SettingsRefused(ValueError):
    """A setting is unknown, missing or of the wrong kind; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Each field is explained in `config/defaults.toml`."""

    public_url: str
    database_url: str
    storage_root: str
    s3_bucket: str
    s3_endpoint: str
    s3_region: str
    secret_key: str
    secret_key_file: str
    mail_url: str
    letters_dir: str
    mail_from: str
    queue: str
    worker_name: str
    worker_silence_seconds: int
    secure_cookies: bool
    trusted_proxies: int
    sign_in_limit: str
    letter_limit: str
    limit_storage: str
    part_bytes: int
    upload_link_seconds: int
    media_link_seconds: int

    @property
    def storage_path(self) -> Path:
        return HOME / self.storage_root

    @property
    def letters_path(self) -> Path:
        return HOME / self.letters_dir


def load_settings(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from the defaults, the file named by PALMARES_CONFIG, the environment, and `given`.

    Raises `SettingsRefused` for a name nobody knows or a value of the wrong kind.
    """
    values = tomllib.loads(DEFAULTS.read_text())
    if named := environ.get(CONFIG):
        values |= _known(_read(Path(named)), named)
    values |= _from_environment(environ, values)
    values |= _known(given, "the caller")
    values["database_url"] = _anchored(values["database_url"])
    values["secret_key"] = values["secret_key"] or _kept_secret(HOME / values["secret_key_file"])
    return Settings(**_typed(values))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except FileNotFoundError:
        raise SettingsRefused(f"There is no file {file}, named by {CONFIG}.") from None
    except tomllib.TOMLDecodeError as problem:
        raise SettingsRefused(f"{file} is no TOML: {problem}.") from None


def _known(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    names = {field.name for field in fields(Settings)}
    if strange := sorted(set(values) - names):
        raise SettingsRefused(f"{where} sets {', '.join(strange)}, which is no setting.")
    return dict(values)


def _from_environment(environ: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    texts = {
        name.removeprefix(PREFIX).lower(): text
        for name, text in environ.items()
        if name.startswith(PREFIX) and name != CONFIG
    }
    taken = {
        name: _of_the_kind_of(values[name], text, name)
        for name, text in _known(texts, "the environment").items()
    }
    if url := environ.get("DATABASE_URL"):
        taken.setdefault("database_url", url)
    return taken


def _of_the_kind_of(default: Any, text: str, name: str) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise SettingsRefused(f"{PREFIX}{name.upper()} must be true or false, not {text!r}.")
        return text.lower() == "true"
    if isinstance(default, int):
        if not text.isdecimal():
            raise SettingsRefused(f"{PREFIX}{name.upper()} must be a whole number, not {text!r}.")
        return int(text)
    return text


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    kinds = {"str": str, "int": int, "bool": bool}
    for field in fields(Settings):
        if not isinstance(values[field.name], kinds[str(field.type)]):
            raise SettingsRefused(f"{field.name} must be of kind {field.type}.")
    if values["queue"] not in QUEUES:
        raise SettingsRefused(f"queue must be {' or '.join(QUEUES)}, not {values['queue']!r}.")
    return values


def _anchored(url: str) -> str:
    """A relative SQLite path counts from the project, wherever the command was typed."""
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if url.startswith(prefix) and path != ":memory:" and not path.startswith("/"):
        return f"{prefix}{HOME / path}"
    return url


def _kept_secret(file: Path) -> str:
    """The secret of this house, made by whoever starts first; nobody ever reads half of one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=file.parent) as fresh:  # for its owner's eyes only
            fresh.write(secrets.token_urlsafe(48))
            fresh.flush()
            os.fsync(fresh.fileno())  # a machine that loses power must not keep an empty one
            with suppress(FileExistsError):  # somebody else was first: theirs counts
                os.link(fresh.name, file)
    return file.read_text()
