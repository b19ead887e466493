"""Numbers and refusals in words, for findings about films."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from contest.rulebook.film_facts import Problem
from contest.rulebook.sentences import Sentence

REFUSALS: Mapping[Problem, Sentence] = MappingProxyType(
    {
        Problem.MISSING: Sentence("There is no file of this name that can be read here."),
        Problem.NOT_A_FILE: Sentence(
            "This is a folder, a pipe or a device. Name the film file itself."
        ),
        Problem.EMPTY: Sentence(
            "The file holds no bytes: it was not sent, or not saved. "
            "Export your film and send it again."
        ),
        Problem.NOT_A_FILM: Sentence(
            "This file is no film: what it holds is not one of MP4, MOV, MKV, WebM, AVI, MPEG-TS "
            "or Ogg, whatever its name says. Export your film as MP4 and send that."
        ),
        Problem.HOSTILE: Sentence(
            "This file points at other files or addresses instead of holding the film. Nothing it "
            "points at was opened. Send one file that holds picture and sound."
        ),
        Problem.TOO_COSTLY: Sentence(
            "Reading this file took more time or memory than a film needs, so it was put aside. "
            "Export your film again as MP4, at most 8K, and send that."
        ),
        Problem.UNREADABLE: Sentence(
            "The file can't be read: it is damaged, incomplete, encrypted, or no film. Play it to "
            "its end on your machine; then export it again and send that."
        ),
        Problem.NO_PICTURE: Sentence(
            "The file holds no moving picture. Check that you chose the film and not its sound or "
            "its poster."
        ),
        Problem.NOTHING_DECODES: Sentence(
            "The file announces a picture, but not one frame of it can be shown: it is damaged, "
            "encrypted, or its data is missing. Export your film again and send that."
        ),
        Problem.CUT_SHORT: Sentence(
            "The file breaks off before the end it announces: part of it was lost on the way or "
            "never written. Send the whole file again."
        ),
    }
)


def plain(text: str) -> Sentence:
    """Text that reads the same in every language."""
    return Sentence("%(text)s", text=text)


def exact(seconds: float) -> Fraction:
    """A measured number as the decimal it is written with: 59.96 is 5996/100."""
    return Fraction(repr(seconds))


def trimmed(number: Fraction, *, digits: int = 2, up: bool = False) -> str:
    """A decimal of at most `digits` places without trailing zeros, rounded down, or up when asked:
    never to the nearest, so that 69.999 does not read as the 70 it falls short of."""
    scaled = number * 10**digits
    whole = -(-scaled // 1) if up else scaled // 1
    sign, whole = ("-", -whole) if whole < 0 else ("", whole)
    before, after = divmod(whole, 10**digits)
    return f"{sign}{before}.{after:0{digits}d}".rstrip("0").rstrip(".")


def size_words(size_bytes: int) -> str:
    """Bytes in the unit a person would choose, rounded up: over a limit never reads as at it."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size_bytes >= unit:
            return f"{trimmed(Fraction(size_bytes, unit), up=True)} {name}"
    return f"{size_bytes} B"
