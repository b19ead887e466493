"""What an edition asks of a film, and what is said of one that is measured."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.film_facts import MediaFacts, Problem
from contest.rulebook.film_words import REFUSALS, size_words, trimmed
from contest.rulebook.findings import Finding, Severity, from_json, to_json
from contest.rulebook.inspection import counted_s, inspect, needs_screener, screener_plan, verdict
from contest.rulebook.playability import Screener, is_too_heavy, needs_light_copy
from contest.rulebook.rules import FilmRules

RULES = FilmRules(
    duration_min_s=Fraction(60),
    duration_max_s=Fraction(300),
    duration_tolerance_s=Fraction(0),
    duration_severity=Severity.BLOCK,
    ai_share_min_percent=Fraction(70),
    ai_share_severity=Severity.BLOCK,
    size_max_bytes=1 << 32,
    containers=("mp4", "matroska"),
    containers_severity=Severity.BLOCK,
    video_codecs=("h264", "vp9"),
    audio_codecs=("aac", "opus"),
    codecs_severity=Severity.FLAG,
)
FILM = MediaFacts(
    size_bytes=1 << 20,
    container="mp4",
    container_duration_s=75.0,
    duration_s=75.0,
    video_stream=0,
    video_codec="h264",
    video_duration_s=75.0,
    width=1920,
    height=1080,
    stored_width=1920,
    stored_height=1080,
    pixel_format="yuv420p",
    fps=25.0,
    fps_text="25/1",
    announced_frames=1875,
    audio_stream=1,
    audio_codec="aac",
    audio_duration_s=75.0,
    channels=2,
    video_streams=1,
    audio_streams=1,
    decoded=True,
    decoded_frames=1875,
    longest_hold_s=0.04,
    longest_hold_at_s=0.0,
    variable_rate=False,
)


def lasting(seconds: float) -> MediaFacts:
    return replace(
        FILM,
        duration_s=seconds,
        container_duration_s=seconds,
        video_duration_s=seconds,
        audio_duration_s=seconds,
    )


def about(part: str, findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.about == part]


def weighty(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings if finding.severity is not Severity.OK]


def codes(facts: MediaFacts) -> list[str]:
    return [finding.code for finding in inspect(facts, RULES)]


def said(facts: MediaFacts, code: str) -> str:
    return next(str(each.advice) for each in inspect(facts, RULES) if each.code == code)


def test_a_film_that_meets_every_rule_gets_one_finding_for_each_and_no_remark() -> None:
    findings = inspect(FILM, RULES, 80)
    assert [(finding.code, finding.severity) for finding in findings] == [
        ("duration_in_range", Severity.OK),
        ("ai_share_enough", Severity.OK),
        ("container_accepted", Severity.OK),
        ("video_codec_accepted", Severity.OK),
        ("audio_codec_accepted", Severity.OK),
        ("size_accepted", Severity.OK),
    ]
    assert verdict(findings, FILM) == "pass"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59.96, "duration_too_short"),
        (59.999999, "duration_too_short"),
        (60.0, "duration_in_range"),
        (300.0, "duration_in_range"),
        (300.000001, "duration_too_long"),
        (301.0, "duration_too_long"),
    ],
)
def test_both_ends_of_the_duration_are_allowed_and_nothing_beyond(
    seconds: float, code: str
) -> None:
    found = about("duration", inspect(lasting(seconds), RULES))
    assert [finding.code for finding in found] == [code]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59.4, "duration_too_short"),
        (59.5, "duration_in_range"),
        (300.5, "duration_in_range"),
        (300.6, "duration_too_long"),
    ],
)
def test_tolerance_widens_both_ends_alike(seconds: float, code: str) -> None:
    tolerant = replace(RULES, duration_tolerance_s=Fraction(1, 2))
    found = about("duration", inspect(lasting(seconds), tolerant))
    assert [finding.code for finding in found] == [code]


def test_a_refusal_is_worded_as_advice_with_the_seconds_that_lack() -> None:
    assert said(lasting(58.4), "duration_too_short") == (
        "Your film runs 58.4 s; this edition takes 60 to 300 s. "
        "Send a version at least 1.6 s longer."
    )
    assert said(lasting(302.0), "duration_too_long") == (
        "Your film runs 302 s; this edition takes 60 to 300 s. Send a version at least 2 s shorter."
    )


UNTITLED = replace(RULES, titles_count=False)


@pytest.mark.parametrize(
    ("runs", "titles", "codes"),
    [
        (75.0, 20, ["duration_too_short", "titles_left_out"]),
        (75.0, 15, ["duration_in_range", "titles_left_out"]),
        (310.0, 10, ["duration_in_range", "titles_left_out"]),
        (75.0, None, ["duration_in_range", "titles_not_named"]),
        (75.0, 900, ["duration_too_short", "titles_left_out"]),
    ],
)
def test_titles_are_left_out_where_an_edition_does_not_count_them(
    runs: float, titles: int | None, codes: list[str]
) -> None:
    found = about("duration", inspect(lasting(runs), UNTITLED, titles_s=titles))
    assert [each.code for each in found] == codes


def test_titles_are_nothing_to_an_edition_that_counts_them() -> None:
    assert inspect(lasting(75.0), RULES, titles_s=20) == inspect(lasting(75.0), RULES)
    assert counted_s(lasting(75.0), RULES, 20) == 75.0
    assert counted_s(lasting(75.04), UNTITLED, 20) == 55.04


def test_what_an_author_takes_off_a_film_is_looked_at_by_a_person() -> None:
    _, titles = about("duration", inspect(lasting(75.0), UNTITLED, titles_s=15))
    assert (titles.severity, str(titles.measured)) == (Severity.FLAG, "15 s of 75 s")


def test_a_tolerance_is_said_to_the_author() -> None:
    tolerant = replace(RULES, duration_tolerance_s=Fraction(1, 2))
    short = about("duration", inspect(lasting(58.4), tolerant))[0]
    assert str(short.allowed) == "60 to 300 s, 0.5 s of tolerance"
    assert str(short.advice) == (
        "Your film runs 58.4 s; this edition takes 60 to 300 s, with 0.5 s of tolerance at both "
        "ends. Send a version at least 1.6 s longer."
    )


def test_a_measure_is_never_rounded_to_the_limit_it_misses() -> None:
    short = about("duration", inspect(lasting(59.999), RULES))[0]
    long = about("duration", inspect(lasting(300.001), RULES))[0]
    assert (str(short.measured), str(long.measured)) == ("59.99 s", "300.01 s")


def test_the_edition_decides_how_much_a_wrong_duration_weighs() -> None:
    lenient = replace(RULES, duration_severity=Severity.PENALISE)
    findings = inspect(lasting(20.0), lenient)
    assert about("duration", findings)[0].severity is Severity.PENALISE
    assert verdict(findings, lasting(20.0)) == "flag"


@pytest.mark.parametrize(
    ("share", "code", "measured"),
    [
        (Decimal("69.99999"), "ai_share_too_low", "69.99 %"),
        (Fraction(209, 3), "ai_share_too_low", "69.66 %"),
        (65, "ai_share_too_low", "65 %"),
        (70, "ai_share_enough", "70 %"),
        (Decimal("70.0"), "ai_share_enough", "70 %"),
        (100, "ai_share_enough", "100 %"),
    ],
)
def test_the_ai_share_is_never_rounded_up(
    share: Decimal | Fraction | int, code: str, measured: str
) -> None:
    found = about("ai_share", inspect(FILM, RULES, share))
    assert [(finding.code, str(finding.measured)) for finding in found] == [(code, measured)]


def test_no_share_no_finding_about_it() -> None:
    assert about("ai_share", inspect(FILM, RULES)) == []


def test_containers_codecs_and_size_are_judged_with_the_severity_of_the_edition() -> None:
    facts = replace(
        FILM, container="avi", video_codec="cinepak", audio_codec="mp2", size_bytes=(1 << 32) + 1
    )
    findings = inspect(facts, RULES)
    weights = {finding.code: finding.severity for finding in findings}
    assert weights["container_not_accepted"] is Severity.BLOCK
    assert weights["video_codec_not_accepted"] is Severity.FLAG
    assert weights["audio_codec_not_accepted"] is Severity.FLAG
    assert weights["size_too_large"] is Severity.BLOCK
    assert verdict(findings, facts) == "block"


def test_a_file_one_byte_over_the_limit_does_not_read_as_the_limit() -> None:
    over = inspect(replace(FILM, size_bytes=(1 << 32) + 1), RULES)
    size = about("size", over)[0]
    assert (str(size.measured), str(size.allowed)) == ("4.01 GiB", "up to 4 GiB")


@pytest.mark.parametrize("problem", list(Problem))
def test_each_problem_has_a_sentence_of_its_own_and_makes_the_film_unreadable(
    problem: Problem,
) -> None:
    facts = MediaFacts(size_bytes=5, problem=problem)
    findings = inspect(facts, RULES)
    assert [(each.code, each.severity) for each in findings] == [(problem.value, Severity.BLOCK)]
    assert findings[0].advice == REFUSALS[problem]
    assert verdict(findings, facts) == "unreadable"


def test_until_the_picture_is_decoded_the_header_is_judged_and_that_is_said() -> None:
    facts = replace(FILM, decoded=False, decoded_frames=None)
    assert "picture_not_decoded" in {each.code for each in inspect(facts, RULES)}


def test_a_film_without_any_announced_duration_waits_for_its_picture() -> None:
    facts = replace(
        FILM, decoded=False, duration_s=None, video_duration_s=None, container_duration_s=None
    )
    assert about("duration", inspect(facts, RULES)) == []


def test_a_header_that_lies_by_more_than_a_second_is_pointed_out_and_not_believed_elsewhere() -> (
    None
):
    facts = replace(FILM, duration_s=75.0, video_duration_s=120.0, audio_duration_s=120.0)
    assert weighty(inspect(facts, RULES)) == ["header_disagrees"]
    assert said(facts, "header_disagrees") == (
        "The file's header announces 120 s, the picture runs 75 s; the picture counts. "
        "Exporting the film again puts the header right."
    )


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"audio_codec": None, "audio_duration_s": None}, ["no_audio"]),
        ({"audio_duration_s": 50.0}, ["sound_ends_early"]),
        ({"audio_duration_s": 95.0}, ["sound_runs_on"]),
        ({"audio_duration_s": 75.9}, []),
        ({"container_duration_s": 90.0}, ["container_disagrees"]),
        ({"container_duration_s": 90.0, "audio_duration_s": 90.0}, ["sound_runs_on"]),
        ({"clock_jumps": 2}, ["clock_jumps"]),
        ({"announced_frames": 7500}, ["hidden_frames"]),
        ({"announced_frames": 7500, "container": "matroska"}, []),
        ({"decode_problems": 3}, ["picture_damaged"]),
        ({"longest_hold_s": 12.0, "longest_hold_at_s": 63.0}, ["picture_held"]),
        ({"fps": 1.0}, ["low_frame_rate"]),
        ({"fps": 10.0}, []),
        ({"video_streams": 2}, ["several_pictures"]),
        ({"parsers_disagree": "ffprobe-python sees 2 pictures, the JSON 1"}, ["readings_differ"]),
        ({"black_spans": ((35.0, 75.0),)}, ["black_picture"]),
        ({"loop_s": 10.0}, ["picture_loops"]),
        ({"rotation": 90, "width": 1080, "height": 1920}, []),
        ({"variable_rate": True}, []),
    ],
)
def test_oddities_are_flags_for_a_person_and_refuse_nothing(
    changes: dict[str, object], codes: list[str]
) -> None:
    facts = MediaFacts.from_json(FILM.to_json() | changes)
    findings = inspect(facts, RULES)
    assert weighty(findings) == codes
    assert verdict(findings, facts) == ("flag" if codes else "pass")


def test_a_held_picture_is_shown_where_it_stands() -> None:
    facts = replace(FILM, longest_hold_s=12.0, longest_hold_at_s=63.0)
    held = next(each for each in inspect(facts, RULES) if each.code == "picture_held")
    assert held.at == ((63.0, 75.0),)


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        ({}, Screener.COPY_MP4),
        ({"audio_codec": None}, Screener.COPY_MP4),
        ({"container": "matroska"}, Screener.COPY_MP4),
        ({"video_codec": "vp8", "audio_codec": "vorbis"}, Screener.COPY_WEBM),
        ({"video_codec": "vp9", "audio_codec": "vorbis"}, Screener.COPY_WEBM),
        ({"video_codec": "hevc"}, Screener.TRANSCODE),
        ({"audio_codec": "ac3"}, Screener.TRANSCODE),
        ({"pixel_format": "yuv422p10le"}, Screener.TRANSCODE),
        ({"rotation": 90}, Screener.TRANSCODE),
    ],
)
def test_the_jury_gets_a_copy_every_browser_plays(
    changes: dict[str, object], plan: Screener
) -> None:
    facts = MediaFacts.from_json(FILM.to_json() | changes)
    assert screener_plan(facts) is plan
    assert needs_screener(facts) is (plan is Screener.TRANSCODE)
    assert ("screener_needed" in codes(facts)) is (plan is Screener.TRANSCODE)
    assert "screener_lighter" not in codes(facts)


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        ({"width": 1080, "height": 1920}, Screener.COPY_MP4),
        ({"width": 1080, "height": 1080}, Screener.COPY_MP4),
        ({"width": 3840, "height": 2160}, Screener.TRANSCODE),
        ({"width": 2048, "height": 1080}, Screener.TRANSCODE),
        ({"width": 1082, "height": 1920}, Screener.TRANSCODE),
        ({"width": 1920, "height": 1082, "video_codec": "vp9"}, Screener.TRANSCODE),
        ({"size_bytes": 2_500_000 * 75}, Screener.COPY_MP4),
        ({"size_bytes": 2_500_000 * 75 + 1}, Screener.TRANSCODE),
        ({"size_bytes": 2_500_000 * 75, "duration_s": 74.9}, Screener.TRANSCODE),
    ],
)
def test_the_jury_gets_a_copy_that_common_lines_carry(
    changes: dict[str, object], plan: Screener
) -> None:
    facts = MediaFacts.from_json(FILM.to_json() | changes)
    assert screener_plan(facts) is plan
    assert is_too_heavy(facts) is (plan is Screener.TRANSCODE)
    assert ("screener_lighter" in codes(facts)) is (plan is Screener.TRANSCODE)
    assert "screener_needed" not in codes(facts)


def test_a_film_of_unknown_length_is_coded_anew_and_not_called_heavy() -> None:
    facts = replace(FILM, duration_s=None, container_duration_s=None, video_duration_s=None)
    assert screener_plan(facts) is Screener.TRANSCODE
    assert [each for each in codes(facts) if each.startswith("screener_")] == []


def test_a_heavy_film_that_browsers_do_not_play_is_told_of_the_browsers() -> None:
    told = codes(replace(FILM, video_codec="prores", width=4096, height=2160))
    assert [each for each in told if each.startswith("screener_")] == ["screener_needed"]


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, True),
        ({"width": 854, "height": 480}, False),
        ({"width": 480, "height": 854}, False),
        ({"width": 640, "height": 480}, False),
        ({"width": 856, "height": 480}, True),
        ({"width": 854, "height": 482}, True),
        ({"width": 854, "height": 480, "size_bytes": 125_000 * 75}, False),
        ({"width": 854, "height": 480, "size_bytes": 125_000 * 75 + 1}, True),
        ({"width": 854, "height": 480, "duration_s": None}, True),
        ({"width": 854, "height": 480, "video_codec": "hevc"}, False),
    ],
)
def test_a_light_copy_is_made_where_it_would_be_lighter(
    changes: dict[str, object], needed: bool
) -> None:
    assert needs_light_copy(MediaFacts.from_json(FILM.to_json() | changes)) is needed


seconds = st.floats(0, 40_000, allow_nan=False).map(lambda value: round(value, 6))
limits = st.fractions(0, 600, max_denominator=1000)


@given(seconds, limits, limits, st.fractions(0, 10, max_denominator=100))
def test_a_duration_is_in_range_exactly_when_it_lies_between_the_widened_bounds(
    runs: float, one: Fraction, other: Fraction, tolerance: Fraction
) -> None:
    low, high = sorted((one, other))
    rules = replace(RULES, duration_min_s=low, duration_max_s=high, duration_tolerance_s=tolerance)
    found = about("duration", inspect(lasting(runs), rules))[0]
    inside = low - tolerance <= Fraction(repr(runs)) <= high + tolerance
    assert (found.code == "duration_in_range") is inside


@given(st.fractions(0, 100, max_denominator=10_000), st.fractions(0, 100, max_denominator=100))
def test_a_share_below_the_least_never_reads_as_at_least_it(
    share: Fraction, least: Fraction
) -> None:
    rules = replace(RULES, ai_share_min_percent=least)
    found = about("ai_share", inspect(FILM, rules, share))[0]
    assert (found.code == "ai_share_enough") is (share >= least)
    assert Fraction(str(found.measured).removesuffix(" %")) <= share


@given(st.fractions(-1000, 1000), st.integers(0, 6))
def test_trimmed_numbers_bound_what_they_stand_for(number: Fraction, digits: int) -> None:
    below = Fraction(trimmed(number, digits=digits))
    above = Fraction(trimmed(number, digits=digits, up=True))
    assert below <= number <= above
    assert above - below <= Fraction(1, 10**digits)


@given(
    st.builds(
        MediaFacts,
        size_bytes=st.integers(0, 1 << 40),
        problem=st.none() | st.sampled_from(Problem),
        duration_s=st.none() | seconds,
        video_duration_s=st.none() | st.floats(-1e6, 1e6),
        container_duration_s=st.none() | st.floats(-1e6, 1e6),
        audio_duration_s=st.none() | st.floats(-1e6, 1e6),
        fps=st.none() | st.floats(0.001, 1000),
        width=st.none() | st.integers(0, 20_000),
        height=st.none() | st.integers(0, 20_000),
        container=st.none() | st.sampled_from(["mp4", "avi", "100 %"]),
        video_codec=st.none() | st.just("100 %(x)s"),
        decoded=st.booleans(),
        decoded_frames=st.none() | st.integers(0, 10_000),
        announced_frames=st.none() | st.integers(-1, 1 << 40),
        black_spans=st.lists(st.tuples(seconds, seconds)).map(tuple),
    )
)
def test_whatever_a_file_says_it_can_be_judged_stored_and_shown_again(facts: MediaFacts) -> None:
    findings = inspect(facts, RULES, 70)
    stored = json.loads(json.dumps(facts.to_json(), allow_nan=False))
    assert MediaFacts.from_json(stored) == facts
    kept = [from_json(json.loads(json.dumps(to_json(finding)))) for finding in findings]
    assert kept == findings
    assert all(str(finding.advice) for finding in findings)
    assert verdict(findings, facts) in {"pass", "flag", "block", "unreadable"}


def test_sizes_read_in_the_unit_a_person_would_choose() -> None:
    assert [size_words(size) for size in (0, 1023, 1024, 300_000, 5 << 20, 1 << 32)] == [
        "0 B",
        "1023 B",
        "1 KiB",
        "292.97 KiB",
        "5 MiB",
        "4 GiB",
    ]
