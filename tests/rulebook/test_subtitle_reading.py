"""How subtitles can be read: coverage, speed, order, and what an edition makes of it."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.findings import Severity
from contest.rulebook.rules import SubtitleRules
from contest.rulebook.subtitle_reading import (
    FASTEST_KEPT,
    SubtitleFacts,
    subtitle_facts,
    subtitle_findings,
)
from contest.rulebook.subtitles import Cue

RULES = SubtitleRules()


def said(cues: list[Cue], length: float | None, rules: SubtitleRules = RULES) -> list[str]:
    found = subtitle_findings(subtitle_facts(cues), "en", length, rules)
    return [f"{each.code} {each.severity}" for each in found]


def test_a_second_under_two_cues_is_covered_once() -> None:
    facts = subtitle_facts([Cue(0, 2000, "One"), Cue(1000, 3000, "Two"), Cue(5000, 6000, "Three")])
    assert (facts.cues, facts.starts_s, facts.ends_s, facts.shown_s) == (3, 0.0, 6.0, 4.0)
    assert facts.overlapping == 1


@pytest.mark.parametrize(
    ("text", "speed"),
    [("Ten letter", 10.0), ("<i>Ten letter</i>", 10.0), ("烟火下的港湾", 12.0), ("a\nb", 3.0)],
)
def test_reading_speed_counts_what_is_read_and_wide_letters_twice(text: str, speed: float) -> None:
    assert subtitle_facts([Cue(0, 1000, text)]).fastest == ((0.0, 1.0, speed),)


def test_an_author_is_told_coverage_speed_and_where_it_is_too_fast() -> None:
    cues = [Cue(0, 1000, "x" * 21), Cue(2000, 4000, "x" * 40), Cue(5000, 6000, "x" * 30)]
    cover, fast = subtitle_findings(subtitle_facts(cues), "en", 60.0, RULES)
    assert str(cover.advice) == "Subtitles (en): 3, on the screen for 6 % of the film."
    assert (fast.code, fast.severity, fast.at) == (
        "subtitles_too_fast",
        Severity.OK,
        ((0.0, 1.0), (5.0, 6.0)),
    )
    assert str(fast.measured) == "30 a second"


def test_subtitles_of_another_version_outlast_the_film() -> None:
    cues = [Cue(58_000, 60_500, "The end")]
    assert said(cues, 60.0) == ["subtitles_cover ok"]
    assert said(cues, 59.9) == ["subtitles_cover ok", "subtitles_run_on flag"]
    assert said(cues, None) == []


def test_an_edition_may_weigh_speed_as_it_likes() -> None:
    rules = SubtitleRules(Fraction(5), Severity.BLOCK, Severity.OK)
    assert said([Cue(0, 1000, "x" * 6)], 60.0, rules) == [
        "subtitles_cover ok",
        "subtitles_too_fast block",
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 400_000), st.integers(1, 9000), st.text(max_size=90)),
        min_size=1,
        max_size=80,
    )
)
def test_whatever_is_sent_is_bounded_stored_and_read_again(
    given_cues: list[tuple[int, int, str]],
) -> None:
    cues = sorted(
        (Cue(start, start + long, text) for start, long, text in given_cues),
        key=lambda cue: (cue.start_ms, cue.end_ms),
    )
    facts = subtitle_facts(cues)
    assert SubtitleFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
    assert len(facts.fastest) == min(len(cues), FASTEST_KEPT)
    shown, starts, ends = (round(1000 * at) for at in (facts.shown_s, facts.starts_s, facts.ends_s))
    assert 0 < shown <= ends - starts
    assert [str(each.advice) for each in subtitle_findings(facts, "en", 60.0, RULES)]
