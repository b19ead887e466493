"""Flags in words: what was seen and on how many films, what may be behind it, what to ask."""

from __future__ import annotations

from contest.rulebook.sentences import Sentence
from contest.rulebook.statistics.common import figure


def chance(p: float) -> str:
    """A small chance as the number of juries in which it happens once: `1,250`."""
    if p <= 1e-6:
        return "1,000,000"
    number = 1 / p
    digits = 1 if number < 100 else len(str(int(number))) - 2
    return f"{int(number / 10**digits) * 10**digits if number >= 100 else round(number):,}"


def noise(films: int, times: float, p: float) -> Sentence:
    """`times` as far from what the film and their severity let expect as the others' marks."""
    return Sentence(
        "On %(films)s films, marks lie %(times)s times as far from what the other jurors' let"
        " expect as is usual (by chance in 1 of %(chance)s juries): a taste of their own or tired"
        " evenings may be behind it; ask what they looked for in the films they saw differently.",
        films=films,
        times=figure(times, 1),
        chance=chance(p),
    )


def flat(films: int, mark: float, times: int, p: float) -> Sentence:
    """The mark they give most often."""
    return Sentence(
        "Of %(films)s films, %(times)s got %(mark)s or all but that (by chance in 1 of %(chance)s"
        " juries): the films may have seemed alike, or the scale unclear; ask what would have"
        " earned a film more, and less.",
        films=films,
        times=times,
        mark=figure(mark, None),
        chance=chance(p),
    )


def halo(films: int, own: float, others: float, p: float) -> Sentence:
    """Correlations between criteria, theirs and the others'."""
    return Sentence(
        "On %(films)s films, the criteria agree by %(own)s where the other jurors' agree by"
        " %(others)s (1 is entirely; by chance in 1 of %(chance)s juries): one strong impression,"
        " or criteria that were not explained, may be behind it; ask how they tell them apart.",
        films=films,
        own=figure(own, 2),
        others=figure(others, 2),
        chance=chance(p),
    )


def copies(films: int, equal: int, marks: int, usual: float, p: float) -> Sentence:
    """Of two jurors; `usual` is the share of equal marks between any two."""
    return Sentence(
        "On the %(films)s films both judged, %(equal)s of %(marks)s marks are the same, where any"
        " two jurors share %(usual)s %% (by chance in 1 of %(chance)s juries): they may have"
        " watched together or one may have filled in both sheets by mistake; ask each how they"
        " came to their marks.",
        films=films,
        equal=equal,
        marks=marks,
        usual=round(100 * usual),
        chance=chance(p),
    )


def repeats(films: int, length: int, share: float, p: float) -> Sentence:
    """A string of `length` scores that comes again and again."""
    return Sentence(
        "In the order of their %(films)s films, %(share)s %% of scores equal the one %(length)s"
        " before (by chance in 1 of %(chance)s juries): films sorted by kind may be behind it; ask"
        " whether they had time to watch, and look at the seconds watched.",
        films=films,
        share=round(100 * share),
        length=length,
        chance=chance(p),
    )


def drift(films: int, rise: float, p: float) -> Sentence:
    """What the last film got beyond what the first would have."""
    words: dict[str, str | int] = {
        "films": films,
        "points": figure(abs(rise), None),
        "chance": chance(p),
    }
    if rise > 0:
        return Sentence(
            "From the first to the last of %(films)s films, marks rose by %(points)s points beyond"
            " the films' own worth (by chance in 1 of %(chance)s juries): who has seen nothing yet"
            " tends to be careful; ask whether they would mark their first films again.",
            **words,
        )
    return Sentence(
        "From the first to the last of %(films)s films, marks fell by %(points)s points beyond the"
        " films' own worth (by chance in 1 of %(chance)s juries): long evenings make tired; ask"
        " whether they would mark their last films again.",
        **words,
    )


def own(films: int, bonus: float, p: float) -> Sentence:
    """Points beyond what the same juror gives others."""
    return Sentence(
        "Their own %(films)s films got %(points)s points more than their other films, compared with"
        " the other jurors' marks (by chance in 1 of %(chance)s juries): one often hears more in"
        " one's own language; ask whether they would rather leave those films to others.",
        films=films,
        points=figure(bonus, None),
        chance=chance(p),
    )


def severity(films: int, off: float, p: float) -> Sentence:
    """Distance from the mean of the others."""
    words: dict[str, str | int] = {
        "films": films,
        "points": figure(abs(off), None),
        "chance": chance(p),
    }
    if off > 0:
        return Sentence(
            "On %(films)s films, %(points)s points milder than the other jurors (as far in 1 of"
            " %(chance)s juries): that is no fault, and the ranking takes it out; ask whether the"
            " ends of the scale mean the same to all.",
            **words,
        )
    return Sentence(
        "On %(films)s films, %(points)s points stricter than the other jurors (as far in 1 of"
        " %(chance)s juries): that is no fault, and the ranking takes it out; ask whether the ends"
        " of the scale mean the same to all.",
        **words,
    )
