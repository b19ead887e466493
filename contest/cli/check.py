"""`contest check`: whether films meet an edition's rules, told before they are sent.

The same measuring and the same rules as on the platform. Exit code 0 when every film meets the
rules, 1 when one breaks a rule, 2 when one is unreadable or hostile.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tomllib
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from contest.cli.film_sheet import sheet
from contest.machines.file_shape import NoFilmFile, opened
from contest.machines.probe import decode_picture, read_header
from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.findings import Finding
from contest.rulebook.inspection import Verdict, inspect, verdict
from contest.rulebook.rules import FilmRules
from contest.rulebook.rules_reading import RulesRefused, read_rules

PRESET = Path(__file__).parents[2] / "config" / "editions" / "ai-short-film.toml"
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
OPTIONS = ("-h", "--help", "--rules", "--ai-share", "--titles", "--tolerance", "--json")
EXIT_CODES = {Verdict.PASS: 0, Verdict.FLAG: 0, Verdict.BLOCK: 1, Verdict.UNREADABLE: 2}
NOT_CHECKED = 2


@dataclass(frozen=True)
class Checked:
    """One film's check. `sha256` is None when there was no file to read, or one too large."""

    name: str
    sha256: str | None
    facts: MediaFacts
    findings: list[Finding]

    @property
    def verdict(self) -> Verdict:
        return verdict(self.findings, self.facts)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints of a film; sentences in English."""
        return {
            "file": self.name,
            "sha256": self.sha256,
            "verdict": self.verdict.value,
            "facts": self.facts.to_json(),
            "findings": [_finding_json(finding) for finding in self.findings],
        }


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest check`."""
    add = parser.add_argument
    add("films", nargs="+", metavar="FILM")
    add("--rules", type=Path, metavar="FILE.toml", help="an edition (default: the preset's rules)")
    add("--ai-share", type=_percent, metavar="N", help="declared AI share in percent")
    add("--titles", type=_whole_seconds, metavar="S", help="seconds of titles and credits")
    add("--tolerance", type=_seconds, metavar="S", help="seconds of grace at both ends")
    add("--json", action="store_true", help="write a JSON array, one object per film")


def arrange(arguments: Sequence[str]) -> list[str]:
    """A film whose name begins with a dash is a film: `-i.mp4` becomes `./-i.mp4`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [
        f"./{each}" if at < end and _is_dashed_film(each) else each
        for at, each in enumerate(arguments)
    ]


def run(arguments: Namespace) -> int:
    """Check each film and print what was found."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal's letters
    checked = []
    try:
        rules = film_rules(arguments.rules, arguments.tolerance)
        for path in arguments.films:
            told = _progress(path)
            film = check(path, rules, arguments.ai_share, told, titles_s=arguments.titles)
            _clear()
            checked.append(film)
            if not arguments.json:
                _say("\n".join(sheet(film.name, film.facts, film.findings, rules)))
    except (RulesRefused, tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as refusal:
        print(f"contest check: {refusal}", file=sys.stderr)
        return NOT_CHECKED
    if arguments.json:
        _say(json.dumps([each.to_json() for each in checked], indent=1, allow_nan=False))
    return max(EXIT_CODES[each.verdict] for each in checked)


def _say(text: str) -> None:
    """Print; a reader that went away, as `head` does, changes no verdict."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check(
    path: str,
    rules: FilmRules,
    ai_share: Fraction | None = None,
    progress: Callable[[float], None] | None = None,
    *,
    titles_s: int | None = None,
) -> Checked:
    """Measure one film and judge it. Raises OSError only when ffmpeg itself can't be run."""
    facts = decode_picture(path, read_header(path), progress)
    return Checked(
        name=shown_name(path),
        sha256=_sha256(path, facts, rules),
        facts=facts,
        findings=inspect(facts, rules, ai_share, titles_s=titles_s),
    )


def film_rules(file: Path | None, tolerance: Fraction | None) -> FilmRules:
    """What an edition asks of a film. A file with nothing but `[film]` changes the preset's.

    Raises RulesRefused, tomllib.TOMLDecodeError, UnicodeDecodeError or OSError.
    """
    document = tomllib.loads(PRESET.read_text("utf-8"))
    if file is not None:
        own = tomllib.loads(file.read_text("utf-8"))
        if set(own) == {"film"} and isinstance(own["film"], dict):
            document["film"] |= own["film"]
        else:
            document = own
    rules = read_rules(document).film
    return rules if tolerance is None else replace(rules, duration_tolerance_s=tolerance)


def shown_name(path: str) -> str:
    """A file's name as text: what is no UTF-8 is replaced, so that it can be printed anywhere."""
    return os.fsencode(path).decode("utf-8", "replace")


def _sha256(path: str, facts: MediaFacts, rules: FilmRules) -> str | None:
    """Files over the limit are not read to their end: a sparse one would take for ever."""
    if facts.size_bytes > rules.size_max_bytes:
        return None
    try:
        with opened(path) as film:
            return hashlib.file_digest(film, "sha256").hexdigest()
    except (NoFilmFile, OSError):
        return None


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "about": finding.about,
        "severity": finding.severity.value,
        "measured": str(finding.measured) if finding.measured else None,
        "allowed": str(finding.allowed) if finding.allowed else None,
        "advice": str(finding.advice),
        "at": [list(span) for span in finding.at],
    }


def _is_dashed_film(argument: str) -> bool:
    option = argument.partition("=")[0] in OPTIONS
    return argument.startswith("-") and not option and os.path.lexists(argument)


def _progress(path: str) -> Callable[[float], None] | None:
    """Tells a person at a terminal how far the picture is decoded, once per ten seconds of film."""
    if not sys.stderr.isatty():
        return None
    told = 0.0

    def tell(seconds: float) -> None:
        nonlocal told
        if seconds >= told + 10:
            told = seconds
            sys.stderr.write(f"\r\x1b[KLooking at {path!a}: {seconds:.0f} s\r")
            sys.stderr.flush()

    return tell


def _clear() -> None:
    """Take the progress off the terminal again."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _percent(text: str) -> Fraction:
    share = _number(text.removesuffix("%").strip())
    if share > 100:
        raise ArgumentTypeError("give a share from 0 to 100 percent")
    return share


def _seconds(text: str) -> Fraction:
    return _number(text)


def _whole_seconds(text: str) -> int:
    return int(_number(text))


def _number(text: str) -> Fraction:
    if not NUMBER.fullmatch(text):
        raise ArgumentTypeError(f"{text[:40]!r} is not a number. Write numbers like 70 or 69.5.")
    return Fraction(text)
