"""The film itself as a strip: stills, cuts, what was found in picture and sound, and loudness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from markupsafe import Markup

from contest.machines.transcode import STRIP_STILL, STRIP_STILLS
from contest.rulebook.film_facts import MediaFacts, SoundFacts, Span
from contest.web.drawings.words import spoken
from contest.web.parts import seconds

STILLS_HIGH = 56
PICTURE_LANE, SOUND_LANE = (STILLS_HIGH + 4, 10), (STILLS_HIGH + 18, 40)
"""Where each lane begins, from the top, and how high it is, in pixels."""
HEIGHT = SOUND_LANE[0] + SOUND_LANE[1]
QUIETEST_LUFS, LOUDEST_LUFS = -60, 0


def film_strip(facts: MediaFacts, stills: str | None, name: str = "film-strip") -> Markup:
    """From the first frame to the last, as wide as the page; `stills` is the address of the
    strip's picture, None until it is made. Empty for a film nobody has decoded."""
    length, picture, sound = facts.duration_s, facts.picture, facts.sound
    if not length or picture is None:
        return Markup()
    parts = [
        *(_stills(stills) if stills else ()),
        _lane(PICTURE_LANE),
        *_marks("black", picture.black, PICTURE_LANE, length),
        *_marks("frozen", picture.frozen, PICTURE_LANE, length),
        *_marks("flashing", picture.flashing, PICTURE_LANE, length),
        *_cuts(picture.cuts, length),
        _lane(SOUND_LANE),
        *((_loudness(sound, length),) if sound and sound.curve else ()),
        *(_marks("silent", sound.silent, SOUND_LANE, length) if sound else ()),
    ]
    told = _(
        "The film from its first frame to its last, %(length)s: %(cuts)s cuts, %(black)s black,"
        " %(frozen)s still, %(flashing)s flashing and %(silent)s silent stretches. The list below"
        " names them.",
        length=seconds(length),
        cuts=len(picture.cuts),
        black=len(picture.black),
        frozen=len(picture.frozen),
        flashing=len(picture.flashing),
        silent=len(sound.silent) if sound else 0,
    )
    return Markup('<svg class="drawing film-strip" width="100%" height="{}" {}{}</svg>').format(
        HEIGHT, spoken(name, _("The film on a strip"), told), Markup("").join(parts)
    )


def _stills(address: str) -> Iterator[Markup]:
    """Each still of the one picture in its part of the strip, cut at its sides where that is
    narrower: never squeezed."""
    width, height = STRIP_STILL
    for at in range(STRIP_STILLS):
        yield Markup(
            '<svg x="{:.3f}%" y="0" width="{:.3f}%" height="{}" viewBox="{} 0 {} {}"'
            ' preserveAspectRatio="xMidYMid slice">'
            '<image href="{}" width="{}" height="{}"/></svg>'
        ).format(
            100 * at / STRIP_STILLS,
            100 / STRIP_STILLS,
            STILLS_HIGH,
            at * width,
            width,
            height,
            address,
            width * STRIP_STILLS,
            height,
        )


def _lane(lane: tuple[int, int]) -> Markup:
    return Markup('<rect class="draw-trough" x="0" y="{}" width="100%" height="{}"/>').format(*lane)


def _marks(
    kind: str, spans: Sequence[Span], lane: tuple[int, int], length: float
) -> Iterator[Markup]:
    """A block for each stretch, wide enough to be seen however short it is."""
    top, high = lane
    for start, end in spans:
        x, width = (
            _percent(start, length),
            max(0.4, _percent(end, length) - _percent(start, length)),
        )
        yield Markup(
            '<rect class="reel-{}" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}"/>'
        ).format(kind, min(x, 100 - width), top, width, high)


def _cuts(cuts: Sequence[float], length: float) -> Iterator[Markup]:
    for cut in cuts:
        x = _percent(cut, length)
        yield Markup(
            '<line class="reel-cut" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"/>'
        ).format(x, STILLS_HIGH, PICTURE_LANE[0])


def _loudness(sound: SoundFacts, length: float) -> Markup:
    """Momentary loudness, from -60 LUFS at the lane's floor to 0 at its top."""
    top, high = SOUND_LANE
    points = " ".join(
        f"{sound.starts_s + (at + 0.5) * sound.curve_step_s:.1f},{_height(value):.1f}"
        for at, value in enumerate(sound.curve)
    )
    ends = sound.starts_s + len(sound.curve) * sound.curve_step_s
    return Markup(
        '<svg x="0" y="{}" width="100%" height="{}" viewBox="0 0 {:.3f} 100"'
        ' preserveAspectRatio="none"><polygon class="reel-loudness"'
        ' points="{:.1f},100 {} {:.1f},100"/></svg>'
    ).format(top, high, length, sound.starts_s, points, ends)


def _height(lufs: int) -> float:
    """Of the lane, in percent from its top."""
    inside = min(LOUDEST_LUFS, max(QUIETEST_LUFS, lufs))
    return 100.0 * (LOUDEST_LUFS - inside) / (LOUDEST_LUFS - QUIETEST_LUFS)


def _percent(at_s: float, length: float) -> float:
    return min(100.0, max(0.0, 100 * at_s / length))
