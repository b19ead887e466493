"""The technical check: what was measured of a film, set against what an edition asks for.

Every rule gives a finding, also when it is met, so that a page can draw them all. Judging needs
the facts alone: after a change of rules nothing is measured again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from contest.rulebook.film_content import content
from contest.rulebook.film_facts import MediaFacts, Problem
from contest.rulebook.film_remarks import remarks
from contest.rulebook.film_words import REFUSALS, exact, size_words, trimmed
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.playability import Screener, needs_screener, screener_plan
from contest.rulebook.rules import FilmRules
from contest.rulebook.sentences import Sentence

__all__ = [
    "MediaFacts",
    "Problem",
    "Screener",
    "Verdict",
    "ai_share_finding",
    "counted_s",
    "inspect",
    "needs_screener",
    "screener_plan",
    "verdict",
]


class Verdict(StrEnum):
    """What a film's check comes to."""

    PASS = "pass"  # noqa: S105  # a word of the command line, no secret
    FLAG = "flag"
    BLOCK = "block"
    UNREADABLE = "unreadable"


def inspect(
    facts: MediaFacts,
    requirements: FilmRules,
    ai_share: Fraction | Decimal | int | None = None,
    *,
    titles_s: int | None = None,
) -> list[Finding]:
    """Each requirement as a finding, then remarks on the file.

    `ai_share` is a percentage, compared as it is, never rounded up; None when none was declared.
    `titles_s` are the seconds of titles and credits that the author declared.
    """
    findings = [] if ai_share is None else [ai_share_finding(Fraction(ai_share), requirements)]
    if facts.problem is not None:
        return [_refusal(facts, facts.problem), *findings]
    return [
        *_duration(facts, requirements, titles_s),
        *_titles(facts, requirements, titles_s),
        *findings,
        *_container(facts, requirements),
        *_codecs(facts, requirements),
        _size(facts, requirements),
        *content(facts, requirements),
        *remarks(facts),
    ]


def verdict(findings: Iterable[Finding], facts: MediaFacts) -> Verdict:
    """`unreadable` before `block` before `flag`; a penalty is something to look at: a flag."""
    if facts.problem is not None:
        return Verdict.UNREADABLE
    weights = {finding.severity for finding in findings}
    if Severity.BLOCK in weights:
        return Verdict.BLOCK
    return Verdict.FLAG if weights - {Severity.OK} else Verdict.PASS


def _refusal(facts: MediaFacts, problem: Problem) -> Finding:
    return Finding(
        code=problem.value,
        about="film",
        severity=Severity.BLOCK,
        measured=Sentence("%(detail)s", detail=facts.problem_detail)
        if facts.problem_detail
        else None,
        advice=REFUSALS[problem],
    )


DURATION_WORDS: Mapping[tuple[str, bool], Sentence] = {
    ("duration_too_short", False): Sentence(
        "Your film runs %(runs)s s; this edition takes %(low)s to %(high)s s. "
        "Send a version at least %(change)s s longer."
    ),
    ("duration_too_short", True): Sentence(
        "Your film runs %(runs)s s; this edition takes %(low)s to %(high)s s, with %(tolerance)s s "
        "of tolerance at both ends. Send a version at least %(change)s s longer."
    ),
    ("duration_too_long", False): Sentence(
        "Your film runs %(runs)s s; this edition takes %(low)s to %(high)s s. "
        "Send a version at least %(change)s s shorter."
    ),
    ("duration_too_long", True): Sentence(
        "Your film runs %(runs)s s; this edition takes %(low)s to %(high)s s, with %(tolerance)s s "
        "of tolerance at both ends. Send a version at least %(change)s s shorter."
    ),
    ("duration_in_range", False): Sentence(
        "Your film runs %(runs)s s; this edition takes %(low)s to %(high)s s."
    ),
    ("duration_in_range", True): Sentence(
        "Your film runs %(runs)s s; this edition takes %(low)s to %(high)s s, with %(tolerance)s s "
        "of tolerance at both ends."
    ),
}
"""By code, and whether the edition is tolerant."""


def counted_s(facts: MediaFacts, rules: FilmRules, titles_s: int | None) -> float | None:
    """The seconds of picture that count toward the duration; None where no length is known."""
    if facts.duration_s is None or rules.titles_count:
        return facts.duration_s
    return float(max(Fraction(0), exact(facts.duration_s) - (titles_s or 0)))


def _titles(facts: MediaFacts, rules: FilmRules, titles_s: int | None) -> Iterator[Finding]:
    """Where titles don't count, how long they run is the author's word: a person looks at it."""
    if rules.titles_count or facts.duration_s is None:
        return
    if not titles_s:
        advice = Sentence(
            "This edition does not count titles and credits toward the running time, and you named "
            "none. If your film has any, say how many seconds they run."
        )
        yield Finding("titles_not_named", "duration", Severity.OK, advice)
        return
    runs = trimmed(exact(facts.duration_s))
    advice = Sentence(
        "The picture runs %(runs)s s; %(titles)s s of them are titles and credits by your word, "
        "which this edition does not count. A person will look whether it is so.",
        runs=runs,
        titles=titles_s,
    )
    measured = Sentence("%(titles)s s of %(runs)s s", titles=titles_s, runs=runs)
    yield Finding("titles_left_out", "duration", Severity.FLAG, advice, measured)


def _duration(facts: MediaFacts, rules: FilmRules, titles_s: int | None) -> Iterator[Finding]:
    """Both ends belong to the range; the advice leads to the range itself, not into tolerance."""
    counted = counted_s(facts, rules, titles_s)
    if counted is None:  # no header says it, and the picture is not decoded yet
        return
    runs, tolerance = exact(counted), rules.duration_tolerance_s
    low, high = rules.duration_min_s, rules.duration_max_s
    code, severity, change = "duration_in_range", Severity.OK, Fraction(0)
    if runs < low - tolerance:
        code, severity, change = "duration_too_short", rules.duration_severity, low - runs
    elif runs > high + tolerance:
        code, severity, change = "duration_too_long", rules.duration_severity, runs - high
    values = {
        "runs": trimmed(runs, up=runs > high),
        "low": trimmed(low, digits=6),
        "high": trimmed(high, digits=6),
        "tolerance": trimmed(tolerance, digits=6),
        "change": trimmed(change, up=True),
    }
    tolerant = tolerance > 0
    allowed = Sentence("%(low)s to %(high)s s", low=values["low"], high=values["high"])
    if tolerant:
        allowed = Sentence("%(low)s to %(high)s s, %(tolerance)s s of tolerance", **values)
    advice = Sentence(DURATION_WORDS[code, tolerant].msgid, **values)
    measured = Sentence("%(runs)s s", runs=values["runs"])
    yield Finding(code, "duration", severity, advice, measured, allowed)


def ai_share_finding(share: Fraction, rules: FilmRules) -> Finding:
    """The declared AI share, in percent of the film's seconds, against the least that is asked."""
    least = trimmed(rules.ai_share_min_percent, digits=6)
    measured = Sentence("%(share)s %%", share=trimmed(share))
    allowed = Sentence("at least %(least)s %%", least=least)
    if share >= rules.ai_share_min_percent:
        advice = Sentence(
            "%(share)s %% of your film is made with AI; this edition asks for at least "
            "%(least)s %%.",
            share=trimmed(share),
            least=least,
        )
        return Finding("ai_share_enough", "ai_share", Severity.OK, advice, measured, allowed)
    advice = Sentence(
        "%(share)s %% of your film is made with AI; this edition asks for at least %(least)s %%. "
        "Check the number you typed; if it is right, this edition is not the place for this film.",
        share=trimmed(share),
        least=least,
    )
    return Finding(
        "ai_share_too_low", "ai_share", rules.ai_share_severity, advice, measured, allowed
    )


def _container(facts: MediaFacts, rules: FilmRules) -> Iterator[Finding]:
    name = facts.container or "unknown"
    yield _one_of(
        "container",
        name,
        rules.containers,
        rules.containers_severity,
        Sentence(
            "Your film comes as %(name)s, which this edition takes.",
            name=name,
        ),
        Sentence(
            "Your film comes as %(name)s; this edition takes %(accepted)s. "
            "Export it again in one of these, MP4 if you can choose.",
            name=name,
            accepted=", ".join(rules.containers),
        ),
    )


def _codecs(facts: MediaFacts, rules: FilmRules) -> Iterator[Finding]:
    picture = facts.video_codec or "unknown"
    yield _one_of(
        "video_codec",
        picture,
        rules.video_codecs,
        rules.codecs_severity,
        Sentence("Your picture is coded as %(name)s, which this edition takes.", name=picture),
        Sentence(
            "Your picture is coded as %(name)s; this edition asks for one of %(accepted)s. "
            "H.264 is understood everywhere.",
            name=picture,
            accepted=", ".join(rules.video_codecs),
        ),
    )
    if facts.audio_codec is not None:
        yield _one_of(
            "audio_codec",
            facts.audio_codec,
            rules.audio_codecs,
            rules.codecs_severity,
            Sentence(
                "Your sound is coded as %(name)s, which this edition takes.",
                name=facts.audio_codec,
            ),
            Sentence(
                "Your sound is coded as %(name)s; this edition asks for one of %(accepted)s. "
                "AAC is understood everywhere.",
                name=facts.audio_codec,
                accepted=", ".join(rules.audio_codecs),
            ),
        )


def _one_of(
    about: str,
    name: str,
    accepted: tuple[str, ...],
    severity: Severity,
    yes: Sentence,
    no: Sentence,
) -> Finding:
    measured = Sentence("%(name)s", name=name)
    allowed = Sentence("%(accepted)s", accepted=", ".join(accepted))
    if name in accepted:
        return Finding(f"{about}_accepted", about, Severity.OK, yes, measured, allowed)
    return Finding(f"{about}_not_accepted", about, severity, no, measured, allowed)


def _size(facts: MediaFacts, rules: FilmRules) -> Finding:
    values = {"size": size_words(facts.size_bytes), "limit": size_words(rules.size_max_bytes)}
    measured, allowed = Sentence("%(size)s", **values), Sentence("up to %(limit)s", **values)
    if facts.size_bytes <= rules.size_max_bytes:
        advice = Sentence("Your file holds %(size)s; up to %(limit)s are taken.", **values)
        return Finding("size_accepted", "size", Severity.OK, advice, measured, allowed)
    advice = Sentence(
        "Your file holds %(size)s; up to %(limit)s are taken. Export it at a lower bit rate.",
        **values,
    )
    return Finding("size_too_large", "size", Severity.BLOCK, advice, measured, allowed)
