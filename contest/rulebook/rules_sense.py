"""Whether well-formed rules make sense together: dates, weights, limits, a slate that fills."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from contest.rulebook.rules import FilmRules, RoundRules, Rules
from contest.rulebook.sentences import Sentence

KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LARGEST_FILM = 1 << 40
LONGEST_LATE_UPLOAD = 24 * 60
TIE_RULES = ("countback", "more_ballots", "head_to_head")


@dataclass(frozen=True)
class Fault:
    """What is wrong, at the dotted path of its field, such as `rounds.0.criteria.1.weight`."""

    path: str
    message: Sentence


def senseless(rules: Rules) -> Iterator[Fault]:
    """Every fault of rules that could be read."""
    yield from _languages(rules)
    yield from _calendar(rules)
    yield from _film(rules)
    yield from _facts(rules)
    yield from _keys("categories", [each.key for each in rules.categories])
    yield from _keys("declaration.stages", [each.key for each in rules.declaration.stages])
    yield from _keys("rights", [each.key for each in rules.rights])
    yield from _keys("rounds", [each.key for each in rules.rounds])
    for at, each in enumerate(rules.rounds):
        yield from _round(f"rounds.{at}", each)
    yield from _funnel(rules)
    yield from _slate(rules)


def _languages(rules: Rules) -> Iterator[Fault]:
    if not rules.languages:
        yield Fault("languages", Sentence("Name at least one."))
    elif not rules.title.get(rules.languages[0]):
        yield Fault("texts.title", Sentence("The first language has no title."))


def _calendar(rules: Rules) -> Iterator[Fault]:
    calendar = rules.calendar
    if calendar.closes_at <= calendar.opens_at:
        yield Fault("calendar.closes_at", Sentence("The closing must come after the opening."))
    if calendar.announces_at <= calendar.closes_at:
        yield Fault(
            "calendar.announces_at", Sentence("The announcement must come after the closing.")
        )
    if not 0 <= calendar.late_upload_minutes <= LONGEST_LATE_UPLOAD:
        yield Fault(
            "calendar.late_upload_minutes", Sentence("Give a time between 0 and 1440 minutes.")
        )
    elif calendar.closes_at < calendar.announces_at <= calendar.late_entries_until:
        yield Fault(
            "calendar.announces_at", Sentence("The announcement must come after late uploads.")
        )


def _film(rules: Rules) -> Iterator[Fault]:
    film = rules.film
    if film.duration_min_s < 0:
        yield Fault("film.duration_min_s", Sentence("A duration can't be below 0 s."))
    if film.duration_max_s <= film.duration_min_s:
        yield Fault(
            "film.duration_max_s", Sentence("The longest film must be longer than the shortest.")
        )
    if film.duration_tolerance_s < 0 or film.duration_tolerance_s > 10:
        yield Fault("film.duration_tolerance_s", Sentence("Give a tolerance between 0 and 10 s."))
    if not 0 <= film.ai_share_min_percent <= 100:
        yield Fault("film.ai_share_min_percent", Sentence("Give a share between 0 and 100 %%."))
    if not 0 < film.size_max_bytes <= LARGEST_FILM:
        yield Fault("film.size_max_bytes", Sentence("Give a size between 1 byte and 1 TiB."))
    for field in ("containers", "video_codecs", "audio_codecs"):
        if not getattr(film, field):
            yield Fault(f"film.{field}", Sentence("Name at least one."))
    yield from _measured(film)


def _measured(film: FilmRules) -> Iterator[Fault]:
    """Shorter stretches than these are not measured, and louder sounds not made."""
    picture, sound = film.picture, film.sound
    for path, value, low, high in (
        ("picture.black_max_s", picture.black_max_s, Fraction(1, 2), 3600),
        ("picture.frozen_max_s", picture.frozen_max_s, 1, 3600),
        ("picture.bars_max_percent", picture.bars_max_percent, 0, 100),
        ("sound.silent_max_s", sound.silent_max_s, 1, 3600),
        ("sound.loudness_min_lufs", sound.loudness_min_lufs, -70, 0),
        ("sound.loudness_max_lufs", sound.loudness_max_lufs, -70, 0),
        ("sound.true_peak_max_dbtp", sound.true_peak_max_dbtp, -20, 20),
        ("subtitles.reading_speed_max_cps", film.subtitles.reading_speed_max_cps, 1, 100),
    ):
        if not low <= value <= high:
            yield Fault(
                f"film.{path}",
                Sentence(
                    "Give a number from %(low)s to %(high)s.", low=f"{float(low):g}", high=high
                ),
            )
    if sound.loudness_max_lufs <= sound.loudness_min_lufs:
        yield Fault(
            "film.sound.loudness_max_lufs",
            Sentence("The loudest film must be louder than the quietest."),
        )


def _facts(rules: Rules) -> Iterator[Fault]:
    facts = rules.facts
    if facts.synopsis_min_chars < 0:
        yield Fault("facts.synopsis_min_chars", Sentence("A length can't be below 0."))
    if not facts.synopsis_min_chars < facts.synopsis_max_chars <= 10_000:
        yield Fault(
            "facts.synopsis_max_chars",
            Sentence("The longest synopsis must be longer than the shortest, and at most 10000."),
        )
    if not 1900 <= facts.year_min <= 2200:
        yield Fault("facts.year_min", Sentence("Give a year between 1900 and 2200."))


def _keys(path: str, keys: list[str]) -> Iterator[Fault]:
    seen = Counter(keys)
    for at, key in enumerate(keys):
        if not KEY.fullmatch(key):
            yield Fault(f"{path}.{at}.key", Sentence("Use lower-case letters, digits and hyphens."))
        elif seen[key] > 1:
            yield Fault(f"{path}.{at}.key", Sentence("Two are called %(key)s.", key=key))


def _round(path: str, each: RoundRules) -> Iterator[Fault]:
    yield from _keys(f"{path}.criteria", [criterion.key for criterion in each.criteria])
    yield from _weights(path, each)
    yield from _tie_chain(path, each)
    if each.scale_max <= each.scale_min or each.scale_max - each.scale_min > 100:
        yield Fault(
            f"{path}.scale_max",
            Sentence("The highest mark must be above the lowest, by 100 at most."),
        )
    if each.jurors_per_film < 1:
        yield Fault(f"{path}.jurors_per_film", Sentence("At least one juror must see each film."))
    if not 1 <= each.quorum <= max(each.jurors_per_film, 1):
        yield Fault(
            f"{path}.quorum",
            Sentence("The quorum must lie between 1 and the jurors each film gets."),
        )
    if each.advances < 1:
        yield Fault(f"{path}.advances", Sentence("At least one film must go on."))
    if not 0 <= each.precision <= 4:
        yield Fault(f"{path}.precision", Sentence("Publish between 0 and 4 decimals."))


def _weights(path: str, each: RoundRules) -> Iterator[Fault]:
    for at, criterion in enumerate(each.criteria):
        if criterion.weight < 1:
            yield Fault(f"{path}.criteria.{at}.weight", Sentence("A weight is at least 1 %%."))
        for mark in criterion.marks:
            if not each.scale_min <= mark <= each.scale_max:
                yield Fault(
                    f"{path}.criteria.{at}.marks.{mark}",
                    Sentence("Mark %(mark)s is off the scale.", mark=mark),
                )
    total = sum(criterion.weight for criterion in each.criteria)
    if total != 100:
        yield Fault(
            f"{path}.criteria",
            Sentence("The weights add up to %(total)s %%; they must make 100 %%.", total=total),
        )


def _tie_chain(path: str, each: RoundRules) -> Iterator[Fault]:
    known = {f"criterion:{criterion.key}" for criterion in each.criteria} | set(TIE_RULES)
    for rule in each.tie_chain:
        if rule not in known:
            yield Fault(f"{path}.tie_chain", Sentence("No tie rule is called %(rule)s.", rule=rule))


def _funnel(rules: Rules) -> Iterator[Fault]:
    for at, (before, after) in enumerate(pairwise(rules.rounds), start=1):
        if after.advances > before.advances:
            yield Fault(
                f"rounds.{at}.advances",
                Sentence(
                    "Round %(round)s can't send on more films than the %(films)s it receives.",
                    round=at + 1,
                    films=before.advances,
                ),
            )


def _slate(rules: Rules) -> Iterator[Fault]:
    yield from _keys("awards", [each.key for each in rules.awards])
    final = rules.rounds[-1]
    bases = {"standing"} | {f"criterion:{criterion.key}" for criterion in final.criteria}
    for at, award in enumerate(rules.awards):
        if award.places < 1:
            yield Fault(f"awards.{at}.places", Sentence("A prize goes to at least one film."))
        if award.basis not in bases:
            yield Fault(
                f"awards.{at}.basis",
                Sentence(
                    "The last round has no %(basis)s to draw this prize from.", basis=award.basis
                ),
            )
    needed = rules.awarded_films if rules.one_prize_per_film else _largest(rules)
    if needed > final.advances:
        yield Fault(
            "awards",
            Sentence(
                "The slate needs %(needed)s films, but the last round names only %(named)s.",
                needed=needed,
                named=final.advances,
            ),
        )


def _largest(rules: Rules) -> int:
    return max(_by_basis(rules), default=0)


def _by_basis(rules: Rules) -> Iterable[int]:
    totals: Counter[str] = Counter()
    for award in rules.awards:
        totals[award.basis] += award.places
    return totals.values()
