"""An edition's rules in plain words, each beside the number that decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext

from contest.rulebook.method_words import METHOD_WORDS, tie_words
from contest.rulebook.rules import AwardRules, Calendar, RoundRules, Rules
from contest.web.parts import percent_bp, say, seconds, size, texts


@dataclass(frozen=True)
class PlainRule:
    """One rule: the number in the margin, what it is about, and sentences that say it."""

    number: str
    about: str
    words: tuple[str, ...]
    listed: tuple[str, ...] = ()


def plain_rules(rules: Rules) -> list[PlainRule]:
    """Every rule an author, a juror or a reader of the palmarès is bound by."""
    return [
        _length(rules),
        _share(rules),
        _file(rules),
        _heard(rules),
        _words(rules),
        _declaration(rules),
        _rights(rules),
        *(_round(each) for each in rules.rounds),
        _prizes(rules),
    ]


def _length(rules: Rules) -> PlainRule:
    film = rules.film
    return PlainRule(
        _range(film.duration_min_s, film.duration_max_s),
        _("Length"),
        (
            _(
                "The picture runs from %(low)s to %(high)s, both ends included: from the first"
                " frame shown to the end of the last, as decoded and not as the file announces.",
                low=short(film.duration_min_s),
                high=short(film.duration_max_s),
            ),
            _("%(tolerance)s either way is let pass.", tolerance=short(film.duration_tolerance_s)),
            _("Opening titles and closing credits count.")
            if film.titles_count
            else _("Opening titles and closing credits do not count; you say how long they run."),
        ),
    )


def _share(rules: Rules) -> PlainRule:
    least = percent_bp(int(rules.film.ai_share_min_percent * 100))
    return PlainRule(
        _("at least %(share)s", share=least),
        _("AI share"),
        (
            _("At least %(share)s of the film is made with AI.", share=least),
            _("You declare the share; it is cut off after two decimals and never rounded up."),
        ),
    )


def _file(rules: Rules) -> PlainRule:
    film = rules.film
    return PlainRule(
        _("at most %(size)s", size=size(film.size_max_bytes)),
        _("File"),
        (
            _(
                "The file is at most %(size)s, in one of these containers: %(containers)s.",
                size=size(film.size_max_bytes),
                containers=", ".join(_CONTAINERS.get(each, each) for each in film.containers),
            ),
            _("You may send a new version until the call closes; the last one counts."),
            *_late(rules.calendar),
        ),
    )


def _late(calendar: Calendar) -> Iterator[str]:
    """What is let pass on the last night, and that nothing is where nothing is."""
    if not calendar.late_upload_minutes:
        yield _("A film that is still being sent when the call closes does not count.")
        return
    yield _(
        "A film whose size and SHA-256 your browser has told by the closing may arrive up to "
        "%(minutes)s min after it, and must be that very file; its entry, otherwise as it stood, "
        "may be submitted for as long again. Nothing else is taken after the closing, from "
        "anybody, unless the closing is moved here for all.",
        minutes=calendar.late_upload_minutes,
    )


def _heard(rules: Rules) -> PlainRule:
    sound = rules.film.sound
    low, high = (f"{float(each):g}" for each in (sound.loudness_min_lufs, sound.loudness_max_lufs))
    return PlainRule(
        _("%(low)s to %(high)s LUFS", low=low, high=high),
        _("Picture and sound"),
        (
            _(
                "The film is as loud as %(low)s to %(high)s LUFS (EBU R 128), with peaks up to"
                " %(peak)s dBTP.",
                low=low,
                high=high,
                peak=f"{float(sound.true_peak_max_dbtp):g}",
            ),
            _(
                "You are told of black, still, silent and flashing stretches, with their times and"
                " what to do."
            ),
        ),
    )


def _words(rules: Rules) -> PlainRule:
    facts = rules.facts
    return PlainRule(
        _("%(year)s or later", year=facts.year_min),
        _("Film"),
        (
            _("The film was finished in %(year)s or later.", year=facts.year_min),
            _(
                "Its synopsis has %(least)s to %(most)s characters.",
                least=facts.synopsis_min_chars,
                most=facts.synopsis_max_chars,
            ),
            _("It is entered in one of these categories:"),
        ),
        tuple(texts(each.label) for each in rules.categories),
    )


def _declaration(rules: Rules) -> PlainRule:
    stages = rules.declaration.stages
    return PlainRule(
        ngettext("%(num)s stage", "%(num)s stages", len(stages)),
        _("Declaration"),
        (_("For each stage you say which tools you used, what they made and what people did:"),),
        tuple(texts(each.label) for each in stages),
    )


def _rights(rules: Rules) -> PlainRule:
    return PlainRule(
        ngettext("%(num)s statement", "%(num)s statements", len(rules.rights)),
        _("Rights"),
        (_("You affirm, word by word:"),),
        tuple(texts(each.text) for each in rules.rights),
    )


def _round(judged: RoundRules) -> PlainRule:
    return PlainRule(
        ngettext("%(num)s juror a film", "%(num)s jurors a film", judged.jurors_per_film),
        texts(judged.title),
        tuple(_judging(judged)),
        tuple(f"{texts(each.label)}, {each.weight} %" for each in judged.criteria),
    )


def _judging(judged: RoundRules) -> Iterator[str]:
    if judged.blind:
        yield _("Jurors see no names.")
    yield _(
        "A film is ranked once %(quorum)s jurors have marked it from %(low)s to %(high)s;"
        " %(advances)s films go on.",
        quorum=judged.quorum,
        low=judged.scale_min,
        high=judged.scale_max,
        advances=judged.advances,
    )
    yield say(METHOD_WORDS[judged.method])
    yield equal_scores(judged)
    yield _("The marks weigh:")


def equal_scores(judged: RoundRules) -> str:
    """What happens to scores that are equal as they are published."""
    labels = {f"criterion:{each.key}": texts(each.label) for each in judged.criteria}
    chain = ", ".join(say(tie_words(rule, labels.get(rule, ""))) for rule in judged.tie_chain)
    if not chain:
        shared: str = _(
            "Scores that are equal at %(decimals)s decimals share the place.",
            decimals=judged.precision,
        )
        return shared
    parted: str = _(
        "Scores that are equal at %(decimals)s decimals are parted, in turn, by %(chain)s; what"
        " stays equal shares the place.",
        decimals=judged.precision,
        chain=chain,
    )
    return parted


def _prizes(rules: Rules) -> PlainRule:
    words = [_("The slate, in order of precedence:")]
    if rules.one_prize_per_film:
        words.insert(0, _("A film wins one prize at most."))
    return PlainRule(
        ngettext("%(num)s award", "%(num)s awards", rules.awarded_films),
        _("Prizes"),
        tuple(words),
        tuple(_prize(each) for each in rules.awards),
    )


def _prize(award: AwardRules) -> str:
    if award.places == 1:
        return texts(award.title)
    return str(
        _("%(prize)s, shared by %(films)s films", prize=texts(award.title), films=award.places)
    )


def short(length: Fraction) -> str:
    """A length in seconds as people say it: 60 reads as `1 min`, 0.5 as `0.5 s`."""
    if length and length % 60 == 0:
        return str(_("%(minutes)s min", minutes=int(length // 60)))
    return seconds(float(length))


def _range(low: Fraction, high: Fraction) -> str:
    if low % 60 == 0 and high % 60 == 0:
        return str(_("%(low)s–%(high)s min", low=int(low // 60), high=int(high // 60)))
    return f"{short(low)}–{short(high)}"


_CONTAINERS = {
    "mp4": "MP4/MOV",
    "matroska": "Matroska/WebM",
    "avi": "AVI",
    "mpegts": "MPEG-TS",
    "ogg": "Ogg",
}
