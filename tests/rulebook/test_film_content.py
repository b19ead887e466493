"""What is said of a film's picture and sound, and how gravely, as the edition weighs it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from contest.rulebook.film_content import content
from contest.rulebook.film_facts import MediaFacts, PictureFacts, SoundFacts
from contest.rulebook.findings import Finding, Severity
from contest.rulebook.inspection import inspect
from contest.rulebook.rules import PictureRules, SoundRules
from tests.rulebook.test_inspection import FILM, RULES

SOUND = SoundFacts(0.0, 75.0, loudness_lufs=-18.0, loudness_range_lu=6.0, true_peak_dbtp=-1.2)
CLEAN = replace(FILM, picture=PictureFacts(cuts=(4.0, 9.5), combed=0.0), sound=SOUND)


def told(facts: MediaFacts) -> list[tuple[str, Severity]]:
    return [(each.code, each.severity) for each in content(facts, RULES)]


def seen(**changes: object) -> MediaFacts:
    return replace(CLEAN, picture=PictureFacts(**changes))  # type: ignore[arg-type]  # each test names the fields it changes


def heard(**changes: object) -> MediaFacts:
    return replace(CLEAN, sound=replace(SOUND, **changes))  # type: ignore[arg-type]  # each test names the fields it changes


def only(facts: MediaFacts, code: str) -> Finding:
    (finding,) = (each for each in content(facts, RULES) if each.code == code)
    return finding


def test_a_clean_film_is_told_its_loudness_and_nothing_else() -> None:
    assert told(CLEAN) == [("loudness_in_range", Severity.OK)]
    assert str(only(CLEAN, "loudness_in_range").measured) == "-18 LUFS"


@pytest.mark.parametrize(
    ("facts", "code", "severity"),
    [
        (seen(black=((10.0, 15.1),)), "black_picture", Severity.FLAG),
        (seen(frozen=((10.0, 15.1),)), "picture_frozen", Severity.FLAG),
        (seen(flashing=((3.0, 4.0),), flashes_per_second=10), "flashing", Severity.FLAG),
        (seen(bars=(0.12, 0.12, 0.0, 0.0)), "black_bars", Severity.OK),
        (seen(combed=0.9), "interlaced", Severity.FLAG),
        (replace(CLEAN, variable_rate=True), "variable_frame_rate", Severity.OK),
        (replace(CLEAN, colour_transfer="smpte2084"), "hdr", Severity.OK),
        (replace(CLEAN, audio_streams=2), "several_sounds", Severity.OK),
        (heard(silent=((10.0, 20.1),)), "silent_sound", Severity.FLAG),
        (heard(loudness_lufs=None, silent=((0.0, 4.0),)), "silent_sound", Severity.FLAG),
        (heard(loudness_lufs=-27.1), "too_quiet", Severity.FLAG),
        (heard(loudness_lufs=-13.9), "too_loud", Severity.FLAG),
        (heard(true_peak_dbtp=0.1), "peak_too_high", Severity.FLAG),
    ],
)
def test_each_fault_is_told_with_the_weight_the_edition_gives_it(
    facts: MediaFacts, code: str, severity: Severity
) -> None:
    assert only(facts, code).severity is severity


@pytest.mark.parametrize(
    "facts",
    [
        seen(black=((10.0, 15.0), (20.0, 24.0))),
        seen(frozen=((10.0, 15.0),)),
        seen(bars=(0.01, 0.01, 0.0, 0.0)),
        seen(combed=0.5),
        seen(flashes_per_second=3),
        heard(silent=((10.0, 20.0),)),
        heard(loudness_lufs=-27.0),
        heard(loudness_lufs=-14.0),
        heard(true_peak_dbtp=0.0),
    ],
)
def test_what_an_edition_allows_belongs_to_it_with_its_limit(facts: MediaFacts) -> None:
    assert told(facts) == [("loudness_in_range", Severity.OK)]


def test_stretches_are_told_with_their_timecodes_and_what_they_come_to() -> None:
    facts = seen(black=((0.0, 0.7), (10.0, 16.0), (30.0, 37.25)))
    black = only(facts, "black_picture")
    assert black.at == ((10.0, 16.0), (30.0, 37.25))
    assert str(black.measured) == "13.25 s"
    assert str(black.allowed) == "stretches of up to 5 s"


def test_advice_names_what_to_change_and_by_how_much() -> None:
    assert str(only(heard(loudness_lufs=-9.3), "too_loud").advice) == (
        "Your film is as loud as -9.3 LUFS (EBU R 128); this edition takes -27 to -14. "
        "Lower the whole mix by at least 4.7 dB."
    )
    assert str(only(seen(bars=(0.1, 0.1, 0.0, 0.0)), "black_bars").measured) == "20 %"


def test_facts_from_before_have_their_old_findings() -> None:
    old = replace(FILM, black_spans=((35.0, 75.0),), longest_hold_s=12.0, longest_hold_at_s=63.0)
    assert told(old) == [("black_picture", Severity.FLAG), ("picture_held", Severity.FLAG)]


def test_an_edition_may_refuse_what_another_only_tells() -> None:
    strict = replace(
        RULES,
        picture=PictureRules(flashing_severity=Severity.BLOCK, hdr_severity=Severity.BLOCK),
        sound=SoundRules(loudness_min_lufs=Fraction(-20), loudness_severity=Severity.OK),
    )
    facts = replace(
        CLEAN,
        colour_transfer="arib-std-b67",
        picture=PictureFacts(flashing=((3.0, 4.0),), flashes_per_second=10),
        sound=replace(SOUND, loudness_lufs=-21.0),
    )
    assert [(each.code, each.severity) for each in content(facts, strict)] == [
        ("flashing", Severity.BLOCK),
        ("hdr", Severity.BLOCK),
        ("too_quiet", Severity.OK),
    ]


@pytest.mark.parametrize(
    ("ends", "code"), [(50.0, "sound_ends_early"), (95.0, "sound_runs_on"), (75.9, None)]
)
def test_the_sound_that_was_heard_counts_and_not_what_its_header_says(
    ends: float, code: str | None
) -> None:
    facts = replace(heard(ends_s=ends), audio_duration_s=75.0, video_duration_s=120.0)
    codes = {each.code for each in inspect(facts, RULES)}
    assert codes & {"sound_ends_early", "sound_runs_on"} == ({code} if code else set())


def test_picture_and_sound_are_stored_and_read_again() -> None:
    facts = replace(
        CLEAN,
        picture=PictureFacts(
            black=((1.0, 2.5),), cuts=(3.0,), bars=(0.1, 0.1, 0.0, 0.0), combed=0.25
        ),
        sound=replace(SOUND, silent=((4.0, 6.0),), curve=(-20, -70), curve_step_s=0.2),
    )
    stored = facts.to_json()
    assert MediaFacts.from_json(stored) == facts
    assert MediaFacts.from_json({**stored, "picture": {"later": 1}, "sound": None}) == replace(
        facts, picture=PictureFacts(), sound=None
    )
