"""Countries and languages to choose from, by name in the reader's language."""

from __future__ import annotations

from babel import Locale

from contest.web.tongues import language

NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
SCRIPTS = ("zh-Hans", "zh-Hant", "sr-Cyrl", "sr-Latn", "uz-Cyrl", "uz-Latn", "pa-Arab", "pa-Guru")
"""Languages that are written in more than one script."""

BEYOND = ("yue", "wuu", "nan", "fil", "haw", "gsw", "ckb", "kab")
"""Languages without a two-letter code that films are made in."""

Named = list[tuple[str, str]]


def countries() -> Named:
    """Every country by ISO 3166 code."""
    territories = Locale.parse(language()).territories
    return _sorted(
        {
            code: name
            for code, name in territories.items()
            if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
        }
    )


def spoken_languages() -> Named:
    """Every language by ISO 639 code."""
    names: dict[str, str] = dict(Locale.parse(language()).languages)
    return _sorted({code: names[code] for code in names if len(code) == 2 or code in BEYOND})


def written_languages() -> Named:
    """Every language by BCP 47 code, with its script where there are several."""
    locale = Locale.parse(language())
    several = {code.partition("-")[0] for code in SCRIPTS}
    plain = {code: name for code, name in spoken_languages() if code not in several}
    return _sorted(plain | {code: _with_script(locale, code) for code in SCRIPTS})


def _with_script(locale: Locale, code: str) -> str:
    main, _hyphen, script = code.partition("-")
    whole = locale.languages.get(f"{main}_{script}")
    return whole or f"{locale.languages[main]} ({locale.scripts[script]})"


def _sorted(names: dict[str, str]) -> Named:
    return sorted(names.items(), key=lambda pair: pair[1])
