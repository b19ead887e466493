"""What each section of the rules says, in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from contest.rulebook.rules import Rules, Texts
from contest.web.parts import language_name, percent_bp, texts, there
from contest.web.plain_rules import short


def gist(key: str, rules: Rules) -> str:
    """The line of the section called `key`."""
    return _GISTS[key](rules)


def _texts(rules: Rules) -> str:
    tongues = ", ".join(language_name(code) for code in rules.languages)
    return f"{texts(rules.title)} · {tongues}"


def _calendar(rules: Rules) -> str:
    dates = rules.calendar
    said: str = _(
        "from %(opens)s to %(closes)s; announced %(announces)s",
        opens=there(dates.opens_at, dates.time_zone),
        closes=there(dates.closes_at, dates.time_zone),
        announces=there(dates.announces_at, dates.time_zone),
    )
    return said


def _film(rules: Rules) -> str:
    film = rules.film
    said: str = _(
        "%(shortest)s to %(longest)s, at least %(share)s made with AI",
        shortest=short(film.duration_min_s),
        longest=short(film.duration_max_s),
        share=percent_bp(int(film.ai_share_min_percent * 100)),
    )
    return said


def _measured(rules: Rules) -> str:
    film = rules.film
    said: str = _(
        "black up to %(black)s, still up to %(still)s, silent up to %(silent)s; %(low)s to"
        " %(high)s LUFS",
        black=short(film.picture.black_max_s),
        still=short(film.picture.frozen_max_s),
        silent=short(film.sound.silent_max_s),
        low=f"{float(film.sound.loudness_min_lufs):g}",
        high=f"{float(film.sound.loudness_max_lufs):g}",
    )
    return said


def _facts(rules: Rules) -> str:
    said: str = _(
        "a synopsis of %(least)s to %(most)s characters; %(year)s or later",
        least=rules.facts.synopsis_min_chars,
        most=rules.facts.synopsis_max_chars,
        year=rules.facts.year_min,
    )
    return said


def _rights(rules: Rules) -> str:
    said: str = ngettext("%(num)s statement", "%(num)s statements", len(rules.rights))
    return said


def _rounds(rules: Rules) -> str:
    return " → ".join(
        ngettext(
            "%(title)s: %(num)s film goes on",
            "%(title)s: %(num)s films go on",
            each.advances,
            title=texts(each.title),
        )
        for each in rules.rounds
    )


def _awards(rules: Rules) -> str:
    count = ngettext("%(num)s prize", "%(num)s prizes", rules.awarded_films)
    return f"{count}: {_listed(each.title for each in rules.awards)}"


def _listed(names: Iterable[Texts]) -> str:
    return ", ".join(texts(each) for each in names)


_GISTS: Mapping[str, Callable[[Rules], str]] = {
    "texts": _texts,
    "calendar": _calendar,
    "film": _film,
    "measured": _measured,
    "facts": _facts,
    "categories": lambda rules: _listed(each.label for each in rules.categories),
    "declaration": lambda rules: _listed(each.label for each in rules.declaration.stages),
    "rights": _rights,
    "rounds": _rounds,
    "awards": _awards,
}
