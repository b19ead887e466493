"""What one pass over a film saw and heard, set against what an edition asks of picture and sound.

An edition weighs each of these as it likes; `ok` tells the author and weighs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from contest.rulebook.film_facts import MediaFacts, PictureFacts, SoundFacts, Span
from contest.rulebook.film_words import exact, plain, trimmed
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.rules import FilmRules, PictureRules, SoundRules
from contest.rulebook.sentences import Sentence

HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
"""Transfer curves of high dynamic range, by ffprobe's name and the one people know."""

COMBED = 0.5
"""Of the frames looked at; less is what single moving edges do to the measurement."""
HELD_S = 5.0
"""Of the longest frame, in facts from before whole stretches were measured."""


def content(facts: MediaFacts, rules: FilmRules) -> list[Finding]:
    """What is to be said of a readable film's picture and sound."""
    picture, sound = facts.picture, facts.sound
    return [
        *_black(facts, rules.picture),
        *_frozen(facts, rules.picture),
        *(_shape(picture, rules.picture) if picture else ()),
        *_coding(facts, rules.picture),
        *_sounds(facts, rules.sound),
        *(_silence(sound, rules.sound) if sound else ()),
        *(_loudness(sound, rules.sound) if sound else ()),
    ]


def _black(facts: MediaFacts, rules: PictureRules) -> Iterator[Finding]:
    spans = facts.black_spans
    if facts.picture is not None:
        spans = _longer(facts.picture.black, rules.black_max_s)
    if spans:
        advice = Sentence(
            "The picture is black for %(black)s s in all. If it is not meant, cut it out: a person "
            "will look at it before the film counts with its full length.",
            black=_total(spans),
        )
        yield Finding(
            "black_picture",
            "picture",
            rules.black_severity,
            advice,
            measured=Sentence("%(seconds)s s", seconds=_total(spans)),
            allowed=_at_most(rules.black_max_s),
            at=spans,
        )


def _frozen(facts: MediaFacts, rules: PictureRules) -> Iterator[Finding]:
    held, start = facts.longest_hold_s, facts.longest_hold_at_s
    if facts.picture is not None:
        spans = _longer(facts.picture.frozen, rules.frozen_max_s)
        if spans:
            advice = Sentence(
                "The picture stands still for %(still)s s in all. If that is not meant, look for a "
                "clip that is missing or ends too early in your edit, and export the film again.",
                still=_total(spans),
            )
            measured = Sentence("%(seconds)s s", seconds=_total(spans))
            yield Finding(
                "picture_frozen",
                "picture",
                rules.frozen_severity,
                advice,
                measured,
                _at_most(rules.frozen_max_s),
                spans,
            )
    elif held is not None and start is not None and held >= HELD_S:
        advice = Sentence(
            "One frame stands still for %(held)s s, from %(start)s s on. If that is not meant, "
            "look for it in your export.",
            held=trimmed(exact(held)),
            start=trimmed(exact(start)),
        )
        measured = Sentence("%(seconds)s s", seconds=trimmed(exact(held)))
        yield Finding(
            "picture_held",
            "picture",
            rules.frozen_severity,
            advice,
            measured,
            at=((start, start + held),),
        )


def _shape(picture: PictureFacts, rules: PictureRules) -> Iterator[Finding]:
    if picture.flashing:
        advice = Sentence(
            "Light flashes up to %(most)s times a second over a quarter of the picture or more. "
            "More than three can bring on a seizure in people with photosensitive epilepsy: slow "
            "the flashes down, dim them, or let them fill less of the picture.",
            most=picture.flashes_per_second,
        )
        yield Finding(
            "flashing",
            "picture",
            rules.flashing_severity,
            advice,
            measured=Sentence("%(most)s a second", most=picture.flashes_per_second),
            allowed=Sentence("up to 3 a second"),
            at=picture.flashing,
        )
    top, bottom, left, right = map(exact, picture.bars)
    bars = 100 * (1 - (1 - top - bottom) * (1 - left - right))
    if bars > rules.bars_max_percent:
        advice = Sentence(
            "Black bars take %(share)s %% of the picture from the first frame to the last. Export "
            "the film in its own shape, without them: players add bars where a screen needs them.",
            share=trimmed(bars, digits=0),
        )
        yield Finding(
            "black_bars",
            "picture",
            rules.bars_severity,
            advice,
            measured=Sentence("%(share)s %%", share=trimmed(bars, digits=0)),
            allowed=Sentence("up to %(share)s %%", share=trimmed(rules.bars_max_percent)),
        )


def _coding(facts: MediaFacts, rules: PictureRules) -> Iterator[Finding]:
    picture = facts.picture
    if picture is not None and picture.combed is not None and picture.combed > COMBED:
        advice = Sentence(
            "The frames are interlaced: each holds two half pictures of different instants, and "
            "moving edges look like combs. Deinterlace the film and export it as progressive."
        )
        yield Finding("interlaced", "picture", rules.interlaced_severity, advice)
    if facts.variable_rate:
        advice = Sentence("The frames come at an uneven pace; that is fine for watching.")
        if rules.variable_rate_severity is not Severity.OK:
            advice = Sentence(
                "The frames come at an uneven pace, as recordings of screens and phones do. Export "
                "the film at a constant frame rate."
            )
        yield Finding("variable_frame_rate", "picture", rules.variable_rate_severity, advice)
    if facts.colour_transfer in HDR:
        curve = HDR[facts.colour_transfer]
        advice = Sentence(
            "The picture is made for HDR screens (%(curve)s). The jury's copy is brought to the "
            "range every screen shows: look at it, and send an SDR version if it does not do.",
            curve=curve,
        )
        yield Finding("hdr", "picture", rules.hdr_severity, advice, plain(curve))


def _sounds(facts: MediaFacts, rules: SoundRules) -> Iterator[Finding]:
    if facts.audio_codec is None:
        advice = Sentence(
            "The film has no sound. If it is meant to be silent, leave it so; else add the sound "
            "and send it again."
        )
        yield Finding("no_audio", "sound", rules.missing_severity, advice, plain("0"))
    elif facts.audio_streams > 1:
        advice = Sentence(
            "The file holds %(count)s sounds, perhaps languages or stems; the first one was "
            "checked and is heard. Put the one the jury should hear first, or send it alone.",
            count=facts.audio_streams,
        )
        count = plain(str(facts.audio_streams))
        yield Finding("several_sounds", "sound", rules.several_severity, advice, count)


def _silence(sound: SoundFacts, rules: SoundRules) -> Iterator[Finding]:
    spans = _longer(sound.silent, rules.silent_max_s)
    if sound.loudness_lufs is None and sound.silent:
        spans = sound.silent
        advice = Sentence(
            "The film has a sound track, and nothing can be heard on it. If it is meant to be "
            "silent, leave it so; else look for a muted track in your edit and export it again."
        )
    else:
        advice = Sentence(
            "The sound is silent for %(silent)s s in all. If that is not meant, look for a muted "
            "or missing track in your edit and export the film again.",
            silent=_total(spans),
        )
    if spans:
        yield Finding(
            "silent_sound",
            "sound",
            rules.silent_severity,
            advice,
            measured=Sentence("%(seconds)s s", seconds=_total(spans)),
            allowed=_at_most(rules.silent_max_s),
            at=spans,
        )


def _loudness(sound: SoundFacts, rules: SoundRules) -> Iterator[Finding]:
    if sound.loudness_lufs is not None:
        yield _how_loud(exact(sound.loudness_lufs), rules)
    if sound.true_peak_dbtp is not None and exact(sound.true_peak_dbtp) > rules.true_peak_max_dbtp:
        over = exact(sound.true_peak_dbtp) - rules.true_peak_max_dbtp
        advice = Sentence(
            "The sound peaks at %(peak)s dBTP, %(over)s dB over what this edition takes: it may "
            "crackle in players. Lower the mix, or set your limiter to -1 dBTP true peak.",
            peak=trimmed(exact(sound.true_peak_dbtp)),
            over=trimmed(over, digits=1),
        )
        yield Finding(
            "peak_too_high",
            "sound",
            rules.true_peak_severity,
            advice,
            measured=Sentence("%(peak)s dBTP", peak=trimmed(exact(sound.true_peak_dbtp))),
            allowed=Sentence("up to %(peak)s dBTP", peak=trimmed(rules.true_peak_max_dbtp)),
        )


def _how_loud(loudness: Fraction, rules: SoundRules) -> Finding:
    low, high = rules.loudness_min_lufs, rules.loudness_max_lufs
    change = max(low - loudness, loudness - high, Fraction(0))
    values = {
        "loudness": trimmed(loudness, digits=1),
        "low": trimmed(low),
        "high": trimmed(high),
        "change": trimmed(change, digits=1, up=True),
    }
    measured = Sentence("%(loudness)s LUFS", loudness=values["loudness"])
    allowed = Sentence("%(low)s to %(high)s LUFS", low=values["low"], high=values["high"])
    code, severity = "loudness_in_range", Severity.OK
    advice = Sentence(
        "Your film is as loud as %(loudness)s LUFS (EBU R 128); this edition takes %(low)s to "
        "%(high)s.",
        **values,
    )
    if loudness < low:
        code, severity = "too_quiet", rules.loudness_severity
        advice = Sentence(
            "Your film is as loud as %(loudness)s LUFS (EBU R 128); this edition takes %(low)s to "
            "%(high)s. Raise the whole mix by at least %(change)s dB, with a limiter at -1 dBTP.",
            **values,
        )
    elif loudness > high:
        code, severity = "too_loud", rules.loudness_severity
        advice = Sentence(
            "Your film is as loud as %(loudness)s LUFS (EBU R 128); this edition takes %(low)s to "
            "%(high)s. Lower the whole mix by at least %(change)s dB.",
            **values,
        )
    return Finding(code, "sound", severity, advice, measured, allowed)


def _longer(spans: Sequence[Span], limit: Fraction) -> tuple[Span, ...]:
    return tuple(span for span in spans if exact(span[1]) - exact(span[0]) > limit)


def _total(spans: Sequence[Span]) -> str:
    return trimmed(sum((exact(end) - exact(start) for start, end in spans), Fraction(0)))


def _at_most(limit: Fraction) -> Sentence:
    return Sentence("stretches of up to %(limit)s s", limit=trimmed(limit))
