"""Subtitle files: SubRip (.srt) and WebVTT (.vtt) in, cues out, WebVTT for players.

What can't be read is refused with its line, so that the author can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contest.rulebook.refusal import Refused
from contest.rulebook.sentences import Sentence

LARGEST = 1 << 20
"""Bytes; a film of five minutes needs some thousand."""

TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[,.](\d{1,3})"
TIMING = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?")
MARKUP = re.compile(r"\{\\[^}]*\}|</?(?![biu]>)[a-zA-Z][^>]*>")
BARE_AMPERSAND = re.compile(r"&(?![a-zA-Z]+;|#\d+;)")
NO_CUES = ("WEBVTT", "NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Cue:
    """Words on the screen from `start_ms` to `end_ms`, in milliseconds of film time."""

    start_ms: int
    end_ms: int
    text: str


def read_subtitles(data: bytes) -> tuple[Cue, ...]:
    """The cues of an .srt or .vtt file, by time. Raises `Refused` where it is none."""
    if len(data) > LARGEST:
        raise Refused(Sentence("This subtitle file is larger than 1 MB. Send the text alone."))
    cues = sorted(_cues(_text(data).splitlines()), key=lambda cue: (cue.start_ms, cue.end_ms))
    if not cues:
        raise Refused(
            Sentence(
                "No subtitles were found in this file. Send SubRip (.srt) or WebVTT (.vtt) text."
            )
        )
    return tuple(cues)


def as_webvtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file, which every browser shows."""
    shown = "".join(
        f"\n{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{cue.text}\n" for cue in cues
    )
    return f"WEBVTT\n{shown}"


def _text(data: bytes) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so; anything else would be guessing."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            Sentence("This subtitle file is not UTF-8 text. Save it as UTF-8, then send it again.")
        ) from None


def _cues(lines: Sequence[str]) -> Iterator[Cue]:
    for start, block in _blocks(lines):
        at = next((at for at, line in enumerate(block) if "-->" in line), None)
        if block[0].startswith(NO_CUES) or at is None:
            continue
        found = TIMING.fullmatch(block[at])
        if found is None:
            raise Refused(
                Sentence(
                    "Line %(line)s of this subtitle file has a time that can't be read: %(words)s",
                    line=start + at,
                    words=block[at].strip()[:80],
                )
            )
        begins, ends = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
        if ends <= begins:
            raise Refused(
                Sentence(
                    "Line %(line)s of this subtitle file ends before it begins: %(words)s",
                    line=start + at,
                    words=block[at].strip()[:80],
                )
            )
        if text := _tidy(block[at + 1 :]):
            yield Cue(begins, ends, text)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Stretches of lines between empty ones, each with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _milliseconds(groups: Sequence[str | None]) -> int:
    hours, minutes, seconds, rest = (each or "0" for each in groups)
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(rest.ljust(3, "0"))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _tidy(lines: Sequence[str]) -> str:
    """Words with bold, italic and underline only, and nothing that would end a cue early."""
    text = MARKUP.sub("", "\n".join(line.strip() for line in lines))
    return BARE_AMPERSAND.sub("&amp;", text).replace("-->", "→").strip()
