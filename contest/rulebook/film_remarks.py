"""Remarks on a readable film that no rule of an edition speaks of, worth a person's knowing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.film_words import exact, plain, trimmed
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.playability import SCREENER_BITS, SCREENER_FRAME, is_too_heavy, needs_screener
from contest.rulebook.sentences import Sentence

GAP_S = 1.0
SLOW_FPS = 10.0


def remarks(facts: MediaFacts) -> list[Finding]:
    """What is odd or worth knowing about a readable film; none of it refuses the film."""
    return [finding for remark in REMARKS for finding in remark(facts)]


def _header(facts: MediaFacts) -> Iterator[Finding]:
    announced, runs = facts.header_duration_s, facts.duration_s
    if not facts.decoded:
        advice = Sentence(
            "This is what the file's header says. Every frame is looked at next, and the picture "
            "has the last word on the duration."
        )
        yield Finding("picture_not_decoded", "film", Severity.OK, advice)
    elif announced is not None and runs is not None and _header_lies(facts):
        advice = Sentence(
            "The file's header announces %(announced)s s, the picture runs %(runs)s s; the picture "
            "counts. Exporting the film again puts the header right.",
            announced=_seconds(announced),
            runs=_seconds(runs),
        )
        yield _flag("header_disagrees", "duration", advice, f"{_seconds(announced)} s")
    elif _container_differs(facts):
        advice = Sentence(
            "The file as a whole announces %(whole)s s, its picture %(picture)s s and its sound "
            "%(sound)s s: players may show another length than the film has. Exporting the film "
            "again puts it right.",
            whole=_seconds(facts.container_duration_s or 0.0),
            picture=_seconds(runs or 0.0),
            sound=_seconds(_sound_ends_s(facts) or 0.0),
        )
        measured = f"{_seconds(facts.container_duration_s or 0.0)} s"
        yield _flag("container_disagrees", "film", advice, measured)


def _container_differs(facts: MediaFacts) -> bool:
    """Whether the container's length is that of neither picture nor sound."""
    whole, ends = facts.container_duration_s, (facts.duration_s, _sound_ends_s(facts))
    known = [each for each in ends if each is not None]
    return whole is not None and bool(known) and min(abs(whole - each) for each in known) > GAP_S


def _sound_ends_s(facts: MediaFacts) -> float | None:
    """Where the sound was heard to end; before it is heard, where its header says it does."""
    return facts.sound.ends_s if facts.sound else facts.audio_duration_s


def _header_lies(facts: MediaFacts) -> bool:
    announced, runs = facts.header_duration_s, facts.duration_s
    return announced is not None and runs is not None and abs(announced - runs) > GAP_S


def _frames(facts: MediaFacts) -> Iterator[Finding]:
    if facts.clock_jumps:
        advice = Sentence(
            "The film's clock jumps back %(count)s times; each stretch was counted. Some players "
            "stop there: export the film again in one piece.",
            count=facts.clock_jumps,
        )
        yield _flag("clock_jumps", "picture", advice, str(facts.clock_jumps))
    announced, shown = facts.announced_frames or 0, facts.decoded_frames or 0
    hides = facts.container == "mp4" and announced > shown * 1.1 + 25
    if facts.decoded and hides and not facts.decode_problems:
        advice = Sentence(
            "The file holds %(announced)s frames and shows %(shown)s: its edit list leaves the "
            "rest out, and other players may show it. Export the film without the hidden part.",
            announced=announced,
            shown=shown,
        )
        yield _flag("hidden_frames", "picture", advice, f"{shown} / {announced}")
    if facts.decode_problems:
        advice = Sentence(
            "%(count)s places in the file could not be read cleanly; picture or sound may break "
            "there. Watch it to its end, and export it again if it does.",
            count=facts.decode_problems,
        )
        yield _flag("picture_damaged", "picture", advice, str(facts.decode_problems))


def _repetition(facts: MediaFacts) -> Iterator[Finding]:
    if facts.loop_s is not None:
        advice = Sentence(
            "The picture repeats itself every %(period)s s. If it is not meant, look at your edit: "
            "a person will look at it before the film counts with its full length.",
            period=_seconds(facts.loop_s),
        )
        yield _flag("picture_loops", "picture", advice, f"{_seconds(facts.loop_s)} s")


def _pace(facts: MediaFacts) -> Iterator[Finding]:
    if facts.fps is not None and facts.fps < SLOW_FPS:
        advice = Sentence(
            "The film shows %(fps)s pictures a second; below 10 it does not look like motion.",
            fps=_seconds(facts.fps),
        )
        yield _flag("low_frame_rate", "picture", advice, f"{_seconds(facts.fps)} fps")


def _sound(facts: MediaFacts) -> Iterator[Finding]:
    """Where picture and sound part: by what was heard, else by the header, unless that lies."""
    runs = facts.duration_s
    sounds = _sound_ends_s(facts)
    believed = facts.sound is not None or not _header_lies(facts)
    if sounds is None or runs is None or abs(sounds - runs) <= GAP_S or not believed:
        return
    values = {"sounds": _seconds(sounds), "runs": _seconds(runs)}
    if sounds < runs:
        advice = Sentence(
            "The sound ends after %(sounds)s s, the picture after %(runs)s s. "
            "If the end is meant to be silent, leave it so.",
            **values,
        )
        yield _flag("sound_ends_early", "sound", advice, f"{values['sounds']} s")
    else:
        advice = Sentence(
            "The sound runs %(sounds)s s, the picture %(runs)s s; the picture counts as the film. "
            "Cut the sound where the picture ends.",
            **values,
        )
        yield _flag("sound_runs_on", "sound", advice, f"{values['sounds']} s")


def _frame(facts: MediaFacts) -> Iterator[Finding]:
    width, height = facts.width or 0, facts.height or 0
    size = f"{width} x {height}"
    if facts.rotation:
        advice = Sentence(
            "The picture is stored lying down and shown turned by %(degrees)s degrees; the jury's "
            "copy is turned.",
            degrees=facts.rotation,
        )
        yield Finding("rotated", "picture", Severity.OK, advice, plain(size))
    if height > width:
        advice = Sentence("The film stands upright: it is shown with bars at its sides.")
        yield Finding("portrait", "picture", Severity.OK, advice, plain(size))
    if facts.attached_pictures:
        advice = Sentence(
            "The file carries a still beside the film, such as a cover; the film itself was "
            "checked and is shown, and the jury's copy leaves the still out."
        )
        yield Finding("cover_beside", "picture", Severity.OK, advice)
    if facts.subtitle_streams:
        advice = Sentence(
            "The file carries subtitles of its own (%(count)s); the jury's copy leaves them out. "
            "Send them as SubRip or WebVTT text beside the film, and the jury can switch them on.",
            count=facts.subtitle_streams,
        )
        yield Finding("subtitles_inside", "subtitles", Severity.OK, advice)
    if facts.video_streams > 1:
        advice = Sentence(
            "The file holds %(count)s pictures; the first one was checked and is shown. "
            "Send the film with one.",
            count=facts.video_streams,
        )
        yield _flag("several_pictures", "picture", advice, str(facts.video_streams))


def _copies(facts: MediaFacts) -> Iterator[Finding]:
    if needs_screener(facts):
        advice = Sentence(
            "Not every browser plays this file, so the jury sees a copy in H.264 made from it. "
            "Your file itself is kept as it is."
        )
        yield Finding("screener_needed", "picture", Severity.OK, advice)
    elif facts.duration_s is not None and is_too_heavy(facts):
        advice = Sentence(
            "So that it plays without waiting, the jury sees a copy of at most %(lines)s lines and "
            "%(megabits)s Mbit/s made from this file. Your file itself is kept as it is.",
            lines=SCREENER_FRAME[1],
            megabits=SCREENER_BITS // 1_000_000,
        )
        yield Finding("screener_lighter", "picture", Severity.OK, advice)
    if facts.parsers_disagree:
        advice = Sentence(
            "Two readings of the file's header differ (%(detail)s); other programs may see another "
            "film in it. Exporting it again makes it plain.",
            detail=facts.parsers_disagree,
        )
        yield _flag("readings_differ", "film", advice, facts.parsers_disagree)


REMARKS: tuple[Callable[[MediaFacts], Iterator[Finding]], ...] = (
    _header,
    _frames,
    _repetition,
    _pace,
    _sound,
    _frame,
    _copies,
)


def _flag(
    code: str,
    about: str,
    advice: Sentence,
    measured: str,
    at: tuple[tuple[float, float], ...] = (),
) -> Finding:
    return Finding(code, about, Severity.FLAG, advice, plain(measured), at=at)


def _seconds(value: float) -> str:
    return trimmed(exact(value))
