"""`contest messages`: gathers every sentence people read into the catalogues of translations.

English is the language the sentences are written in; it has no catalogue.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from contest.settings import HOME
from contest.web.tongues import LANGUAGES

CATALOGUES = HOME / "contest" / "web" / "translations"
KEYWORDS = ("_", "_l", "gettext", "lazy_gettext", "ngettext:1,2", "Sentence:1")

STYLE = (
    *("--add-location", "file", "--sort-output"),  # a change elsewhere changes no catalogue
    *("--project", "Palmarès", "--version", "1", "--copyright-holder", "the Palmarès contributors"),
)


def add_parser(parser: ArgumentParser) -> None:
    """Arguments of `contest messages`."""
    parser.add_argument("--into", type=Path, default=CATALOGUES, help="the folder of catalogues")


def run(arguments: Namespace) -> int:
    """Translations stay, sentences nobody says any more go, new ones wait to be translated."""
    into: Path = arguments.into
    into.mkdir(parents=True, exist_ok=True)
    keywords = [part for keyword in KEYWORDS for part in ("-k", keyword)]
    with TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        _babel("extract", "-F", "babel.cfg", *keywords, *STYLE, "-o", template, ".")
        for language in sorted(LANGUAGES.keys() - {"en"}):
            known = (into / language / "LC_MESSAGES" / "messages.po").exists()
            keep = ["--no-fuzzy-matching", "--ignore-obsolete"] if known else []
            _babel("update" if known else "init", "-i", template, "-d", into, "-l", language, *keep)
    return 0


def _babel(*arguments: str | Path) -> None:
    tool = Path(sys.executable).with_name("pybabel")
    subprocess.run([tool, "--quiet", *arguments], cwd=HOME, check=True)
