"""Marks on a score sheet, weighted totals, published numbers and the five screening states."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rulebook.findings import Finding
from contest.rulebook.scoring import (
    EFFECTS,
    Effect,
    ScoreSheet,
    check_marks,
    published,
    shown,
    weighted_total,
)
from contest.rulebook.stages import ScreeningStage

SHEET = ScoreSheet({"story": 30, "creativity": 30, "craft": 20, "ai": 20}, lowest=1, highest=10)


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.about) for finding in findings]


def test_a_full_sheet_within_the_scale_may_be_signed() -> None:
    marks = {"story": 1, "creativity": 10, "craft": 5, "ai": 7}
    assert check_marks(marks, SHEET, complete=True) == []


def test_a_sheet_in_the_making_may_lack_marks_and_a_signed_one_may_not() -> None:
    assert check_marks({"story": 8}, SHEET, complete=False) == []
    assert told(check_marks({"story": 8}, SHEET, complete=True)) == [
        ("marks.missing", "creativity"),
        ("marks.missing", "craft"),
        ("marks.missing", "ai"),
    ]


def test_a_mark_off_the_scale_is_named_with_the_scale() -> None:
    [high, low] = check_marks({"story": 11, "craft": 0}, SHEET, complete=False)
    assert told([high, low]) == [("marks.off_scale", "story"), ("marks.off_scale", "craft")]
    assert (str(high.measured), str(high.allowed)) == ("11", "1 to 10")
    assert str(high.advice) == "Choose a mark from 1 to 10."


def test_a_mark_on_a_criterion_the_round_does_not_have_is_named() -> None:
    [finding] = check_marks({"costume": 5}, SHEET, complete=False)
    assert told([finding]) == [("marks.unknown_criterion", "costume")]
    assert str(finding.advice) == "This round has no criterion called costume."


def test_the_weighted_total_is_exact() -> None:
    marks = {"story": 8, "creativity": 7, "craft": 9, "ai": 6}
    assert weighted_total(marks, SHEET.weights) == Fraction(75, 10)
    assert weighted_total({"a": 1, "b": 2}, {"a": 1, "b": 2}) == Fraction(5, 3)


def test_a_ballot_without_marks_has_no_total() -> None:
    with pytest.raises(ValueError, match="has no total"):
        weighted_total({"costume": 5}, SHEET.weights)


@given(
    st.dictionaries(st.sampled_from(list(SHEET.weights)), st.integers(1, 10), min_size=1),
    st.integers(1, 50),
)
def test_only_the_proportions_of_weights_matter(marks: dict[str, int], times: int) -> None:
    heavier = {key: weight * times for key, weight in SHEET.weights.items()}
    total = weighted_total(marks, SHEET.weights)
    assert weighted_total(marks, heavier) == total
    assert min(marks.values()) <= total <= max(marks.values())


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Fraction(785, 100), 2, "7.85"),
        (Fraction(7845, 1000), 2, "7.85"),
        (Fraction(78449999, 10**7), 2, "7.84"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(8), 2, "8.00"),
        (Fraction(-1, 4), 2, "-0.25"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(2, 3), None, "0.666667"),
        (Fraction(2), None, "2"),
        (Fraction(100), None, "100"),
    ],
)
def test_numbers_are_shown_as_the_rules_publish_them_halves_upwards(
    value: Fraction, decimals: int | None, text: str
) -> None:
    assert shown(value, decimals) == text


@given(st.fractions(), st.integers(0, 4))
def test_a_published_number_is_the_shown_one_and_at_most_half_a_unit_away(
    value: Fraction, decimals: int
) -> None:
    assert Fraction(shown(value, decimals)) == published(value, decimals)
    assert abs(published(value, decimals) - value) * 10**decimals <= Fraction(1, 2)


def test_each_screening_state_has_its_own_effect_on_mean_quorum_and_load() -> None:
    assert {
        state: (effect.mean, effect.quorum, effect.load, effect.owed)
        for state, effect in EFFECTS.items()
    } == {
        ScreeningStage.WAITING: (False, False, True, True),
        ScreeningStage.SKIPPED: (False, False, True, True),
        ScreeningStage.SCORED: (True, True, True, False),
        ScreeningStage.ABSTAINED: (False, False, True, False),
        ScreeningStage.RECUSED: (False, False, False, False),
    }
    assert EFFECTS.keys() == set(ScreeningStage)
    assert EFFECTS[ScreeningStage.RECUSED] == Effect(False, False, False, False)
