"""Rules as data: what the preset says, and every kind of nonsense at its field."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.findings import Severity
from contest.rulebook.rules import canonical, rules_hash, storable
from contest.rulebook.rules_reading import RulesRefused, read_rules, with_measures
from contest.rulebook.rules_sense import Fault
from contest.settings import HOME

PRESET = HOME / "config" / "editions" / "ai-short-film.toml"


def preset() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(PRESET.read_text())
    return found


def paths(document: Any) -> list[str]:
    with pytest.raises(RulesRefused) as refused:
        read_rules(document)
    return [fault.path for fault in refused.value.faults]


def test_the_preset_says_what_its_call_promises() -> None:
    rules = read_rules(preset())
    film = rules.film
    assert (float(film.duration_min_s), float(film.duration_max_s)) == (60.0, 300.0)
    assert film.duration_tolerance_s == Fraction(1, 2)
    assert film.ai_share_min_percent == 70
    assert film.size_max_bytes == 4 * 1024**3
    assert rules.awarded_films == 11
    assert rules.awards[0].places == 1
    assert [award.places for award in rules.awards] == [1, 3, 5, 1, 1]
    assert rules.calendar.closes_at == datetime(2027, 5, 15, 15, 59, 59, tzinfo=UTC)
    assert rules.languages == ("en", "fr", "zh")


def test_rules_survive_the_way_through_json_and_their_hash_is_stable() -> None:
    text = canonical(storable(preset()))
    assert read_rules(json.loads(text)) == read_rules(preset())
    assert rules_hash(canonical(json.loads(text))) == rules_hash(text)


def test_a_document_older_than_late_uploads_has_none() -> None:
    older = preset()
    del older["calendar"]["late_upload_minutes"]
    calendar = read_rules(older).calendar
    assert calendar.films_until == calendar.late_entries_until == calendar.closes_at


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["calendar"].update(closes_at=d["calendar"]["opens_at"]), "calendar.closes_at"),
        (
            lambda d: d["calendar"].update(announces_at=d["calendar"]["closes_at"]),
            "calendar.announces_at",
        ),
        (lambda d: d["calendar"].update(late_upload_minutes=-1), "calendar.late_upload_minutes"),
        (lambda d: d["calendar"].update(late_upload_minutes=1441), "calendar.late_upload_minutes"),
        (lambda d: d["calendar"].update(late_upload_minutes=""), "calendar.late_upload_minutes"),
        (
            lambda d: d["calendar"].update(announces_at="2027-05-16T01:59:59"),
            "calendar.announces_at",
        ),
        (lambda d: d["calendar"].update(time_zone="Mars/Olympus"), "calendar.time_zone"),
        (lambda d: d["calendar"].update(opens_at="soon"), "calendar.opens_at"),
        (lambda d: d["calendar"].update(opens_at="0001-01-01T00:00"), "calendar.opens_at"),
        (lambda d: d["film"].update(duration_max_s=60), "film.duration_max_s"),
        (lambda d: d["film"].update(duration_min_s=-1), "film.duration_min_s"),
        (lambda d: d["film"].update(duration_min_s="long"), "film.duration_min_s"),
        (lambda d: d["film"].update(duration_tolerance_s=11), "film.duration_tolerance_s"),
        (lambda d: d["film"].update(ai_share_min_percent=101), "film.ai_share_min_percent"),
        (lambda d: d["film"].update(size_max_bytes=0), "film.size_max_bytes"),
        (lambda d: d["film"].update(containers=[]), "film.containers"),
        (lambda d: d["film"].update(duration_severity="ok"), "film.duration_severity"),
        (lambda d: d["facts"].update(synopsis_max_chars=3), "facts.synopsis_max_chars"),
        (lambda d: d["texts"].update(title={"fr": "Sans anglais"}), "texts.title"),
        (lambda d: d["categories"][1].update(key="fiction"), "categories.0.key"),
        (lambda d: d["categories"][0].update(key="No Key"), "categories.0.key"),
        (lambda d: d["rounds"][0]["criteria"][0].update(weight=20), "rounds.0.criteria"),
        (lambda d: d["rounds"][0]["criteria"][0].update(weight=0), "rounds.0.criteria.0.weight"),
        (lambda d: d["rounds"][0].update(quorum=4), "rounds.0.quorum"),
        (lambda d: d["rounds"][0].update(scale_max=1), "rounds.0.scale_max"),
        (lambda d: d["rounds"][0].update(tie_chain=["coin"]), "rounds.0.tie_chain"),
        (lambda d: d["rounds"][1].update(advances=60), "rounds.1.advances"),
        (lambda d: d["rounds"][0]["criteria"][0]["marks"].update({"12": {"en": "Off"}}), None),
        (lambda d: d["awards"][2].update(places=50), "awards"),
        (lambda d: d["awards"][3].update(basis="criterion:none"), "awards.3.basis"),
        (lambda d: d["awards"][0].update(places=0), "awards.0.places"),
        (lambda d: d.pop("film"), "film"),
        (lambda d: d.update(rounds=[]), "rounds"),
        (lambda d: d.update(accent="pink"), "accent"),
    ],
)
def test_each_nonsense_is_refused_at_its_field(change: Change, path: str | None) -> None:
    document = preset()
    change(document)
    assert (path or "rounds.0.criteria.0.marks.12") in paths(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES = [
    *(("calendar", key) for key in ("time_zone", "opens_at")),
    *(("film", key) for key in ("duration_min_s", "size_max_bytes", "containers")),
    *((key,) for key in ("languages", "texts", "rounds", "awards", "rights", "slate", "facts")),
    ("rounds", 0, "criteria"),
    ("rounds", 0, "tie_chain"),
    ("awards", 0, "basis"),
]


@given(place=st.sampled_from(PLACES), value=JSON)
def test_whatever_stands_in_a_field_rules_are_read_or_refused_with_a_sentence(
    place: tuple[Any, ...], value: Any
) -> None:
    document = preset()
    at: Any = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    faults: tuple[Fault, ...] = ()
    try:
        read_rules(document)
    except RulesRefused as refused:
        faults = refused.faults
    assert all(str(fault.message) and fault.path for fault in faults)


def keys_of(document: Any) -> set[str]:
    """Every key an edition's file may have; languages and marks are values, not keys."""
    if isinstance(document, list):
        return {key for each in document for key in keys_of(each)}
    if not isinstance(document, dict):
        return set()
    inside = {
        key for name, value in document.items() if name not in WORDS for key in keys_of(value)
    }
    return {*document, *inside}


WORDS = {"title", "tagline", "about", "label", "question", "text", "marks"}
"""Keys whose values are words in several languages."""


def test_every_key_of_the_preset_is_explained() -> None:
    told = (HOME / "docs" / "edition.md").read_text()
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", told))))
    assert keys_of(preset()) - explained == set()


@given(
    weights=st.lists(st.integers(min_value=1, max_value=100), min_size=5, max_size=5),
    places=st.lists(st.integers(min_value=1, max_value=12), min_size=5, max_size=5),
)
def test_rules_hold_exactly_when_weights_make_a_hundred_and_the_slate_can_be_filled(
    weights: list[int], places: list[int]
) -> None:
    document = preset()
    for criterion, weight in zip(document["rounds"][1]["criteria"], weights, strict=True):
        criterion["weight"] = weight
    for award, count in zip(document["awards"], places, strict=True):
        award["places"] = count
    expected = {
        *({"rounds.1.criteria"} if sum(weights) != 100 else ()),
        *({"awards"} if sum(places) > 11 else ()),
    }
    try:
        read_rules(document)
        found = set()
    except RulesRefused as refused:
        found = {fault.path for fault in refused.faults}
    assert found == expected


@given(opens=st.integers(0, 100), closes=st.integers(0, 100), announces=st.integers(0, 100))
def test_dates_hold_exactly_when_they_follow_one_another(
    opens: int, closes: int, announces: int
) -> None:
    document = preset()
    late = 2 * document["calendar"]["late_upload_minutes"] // 60
    first = datetime(2027, 1, 1, tzinfo=UTC)
    for key, hours in (("opens_at", opens), ("closes_at", closes), ("announces_at", announces)):
        document["calendar"][key] = first + timedelta(hours=hours)
    expected = {
        *({"calendar.closes_at"} if closes <= opens else ()),
        *({"calendar.announces_at"} if announces <= closes + late else ()),
    }
    try:
        rules = read_rules(document)
        found = set()
        assert rules.calendar.closes_at - rules.calendar.opens_at == timedelta(hours=closes - opens)
    except RulesRefused as refused:
        found = {fault.path for fault in refused.faults}
    assert found == expected


@given(st.permutations(list(preset())))
def test_the_order_of_keys_is_nothing_to_the_hash(keys: list[str]) -> None:
    document = storable(preset())
    shuffled = {key: document[key] for key in keys}
    assert rules_hash(canonical(shuffled)) == rules_hash(canonical(document))


def test_rules_from_before_picture_and_sound_were_measured_have_their_usual_values() -> None:
    document = preset()
    before = preset()
    del before["film"]["picture"], before["film"]["sound"], before["film"]["subtitles"]
    assert read_rules(before).film == read_rules(document).film
    shown = with_measures(before)["film"]
    assert {name: shown[name] for name in ("picture", "sound", "subtitles")} == {
        name: document["film"][name] for name in ("picture", "sound", "subtitles")
    }


def test_one_threshold_can_be_named_alone_and_weigh_nothing() -> None:
    document = preset()
    document["film"]["picture"] = {"black_max_s": 2.5, "black_severity": "ok"}
    picture = read_rules(document).film.picture
    assert (picture.black_max_s, picture.black_severity) == (Fraction(5, 2), Severity.OK)
    assert picture.frozen_severity is Severity.FLAG


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("picture", "black_max_s", 0.4),
        ("picture", "frozen_max_s", 0),
        ("picture", "bars_max_percent", 101),
        ("picture", "flashing_severity", "loud"),
        ("sound", "silent_max_s", "long"),
        ("sound", "loudness_min_lufs", -71),
        ("sound", "loudness_max_lufs", -27),
        ("sound", "true_peak_max_dbtp", 21),
        ("subtitles", "reading_speed_max_cps", 0),
    ],
)
def test_a_threshold_that_makes_no_sense_is_named(part: str, key: str, value: object) -> None:
    document = preset()
    document["film"][part][key] = value
    assert paths(document) == [f"film.{part}.{key}"]


def test_titles_count_unless_an_edition_says_they_do_not() -> None:
    document = preset()
    del document["film"]["titles_count"]
    assert read_rules(document).film.titles_count is True
    document["film"]["titles_count"] = False
    assert read_rules(document).film.titles_count is False
    document["film"]["titles_count"] = "some"
    assert paths(document) == ["film.titles_count"]
