"""Translations say the same thing with the same values, and can be compiled."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.checkers import num_plurals, python_format
from babel.messages.pofile import read_po

from contest.cli.messages import CATALOGUES
from contest.web.tongues import LANGUAGES

TRANSLATED = sorted(LANGUAGES.keys() - {"en"})


def catalogue(language: str, folder: Path = CATALOGUES) -> Catalog:
    with (folder / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_takes_the_values_of_its_sentence(language: str) -> None:
    found = catalogue(language)
    for message in found:
        if message.id and message.string:
            num_plurals(found, message)
            python_format(found, message)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_a_guess_of_the_tool(language: str) -> None:
    assert [message.id for message in catalogue(language) if message.fuzzy and message.id] == []
