"""Remarks on a readable film that no rule of an edition speaks of, worth a person's knowing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contest.rulebook.film_facts import MediaFacts
from contest.rulebook.film_words import exact, trimmed
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.playability import needs_screener
from contest.rulebook.sentences import Sentence

GAP_S = 1.0
HELD_S = 5.0
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


def _content(facts: MediaFacts) -> Iterator[Finding]:
    if facts.black_spans:
        black = sum(end - start for start, end in facts.black_spans)
        advice = Sentence(
            "The picture is black for %(black)s s in all. If it is not meant, cut it out: a person "
            "will look at it before the film counts with its full length.",
            black=_seconds(black),
        )
        yield _flag("black_picture", "picture", advice, f"{_seconds(black)} s", facts.black_spans)
    if facts.loop_s is not None:
        advice = Sentence(
            "The picture repeats itself every %(period)s s. If it is not meant, look at your edit: "
            "a person will look at it before the film counts with its full length.",
            period=_seconds(facts.loop_s),
        )
        yield _flag("picture_loops", "picture", advice, f"{_seconds(facts.loop_s)} s")


def _pace(facts: MediaFacts) -> Iterator[Finding]:
    held, start = facts.longest_hold_s, facts.longest_hold_at_s
    if held is not None and start is not None and held >= HELD_S:
        advice = Sentence(
            "One frame stands still for %(held)s s, from %(start)s s on. If that is not meant, "
            "look for it in your export.",
            held=_seconds(held),
            start=_seconds(start),
        )
        yield _flag(
            "picture_held", "picture", advice, f"{_seconds(held)} s", ((start, start + held),)
        )
    if facts.fps is not None and facts.fps < SLOW_FPS:
        advice = Sentence(
            "The film shows %(fps)s pictures a second; below 10 it does not look like motion.",
            fps=_seconds(facts.fps),
        )
        yield _flag("low_frame_rate", "picture", advice, f"{_seconds(facts.fps)} fps")
    if facts.variable_rate:
        advice = Sentence("The frames come at an uneven pace; that is fine for watching.")
        yield Finding("variable_frame_rate", "picture", Severity.OK, advice)


def _sound(facts: MediaFacts) -> Iterator[Finding]:
    if facts.audio_codec is None:
        advice = Sentence(
            "The film has no sound. If it is meant to be silent, leave it so; else add the sound "
            "and send it again."
        )
        yield _flag("no_audio", "sound", advice, "0")
        return
    sounds, runs = facts.audio_duration_s, facts.duration_s
    if sounds is None or runs is None or abs(sounds - runs) <= GAP_S or _header_lies(facts):
        return  # a header that lies of the picture is not believed about the sound
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
        yield Finding("rotated", "picture", Severity.OK, advice, _said(size))
    if height > width:
        advice = Sentence("The film stands upright: it is shown with bars at its sides.")
        yield Finding("portrait", "picture", Severity.OK, advice, _said(size))
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
    _content,
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
    return Finding(code, about, Severity.FLAG, advice, _said(measured), at=at)


def _said(text: str) -> Sentence:
    """Text that reads the same in every language."""
    return Sentence("%(text)s", text=text)


def _seconds(value: float) -> str:
    return trimmed(exact(value))
