"""An audit: whoever is odd is found, nobody else is named, and names play no part."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from math import isnan

import numpy as np
import pytest
from scipy.special import comb

from contest.cli.jury_audit_told import as_json
from contest.rulebook.statistics import mixed
from contest.rulebook.statistics.audit import copies, without
from contest.rulebook.statistics.audit.chance import named
from contest.rulebook.statistics.audit.model import leverage
from contest.rulebook.statistics.audit.report import audit
from contest.rulebook.statistics.audit.results import Audit
from contest.rulebook.statistics.audit.sheets import Facts, Sheets
from contest.rulebook.statistics.marks import Marks
from contest.rulebook.statistics.scores import Scores
from tests.odd_juries import Jury, fair_jury, planted, rounded, shuffled

SIZES = {"25 jurors, 100 films, 5 a film": (25, 100, 5), "5 jurors, 20 films": (5, 20, 5)}
ALIKE = {"story": 1.0, "craft": 1.0, "idea": 1.0}
JURIES = 10
SHUFFLES = 40


def audited(jury: Jury, facts: Facts | None = None, seed: int = 1) -> Audit:
    return audit(jury.as_marks(), ALIKE, facts or jury.facts(), top=10, seed=seed)


def raised(found: Audit) -> set[tuple[str, str]]:
    return {(judge.judge, flag.question) for judge in found.judges for flag in judge.flags}


def told_as_json(found: Audit, names: dict[str, str] | None = None) -> str:
    """The whole audit in a text; names changed back, and everybody in the order of names."""
    text = json.dumps(as_json(found, "country", "when", 1))
    for new, old in (names or {}).items():
        text = text.replace(json.dumps(new), json.dumps(old))
    told = json.loads(text)
    for judge in told["judges"]:
        judge["winner_without"].sort()
    told["judges"].sort(key=lambda judge: str(judge["judge"]))
    told["pairs"].sort(key=lambda pair: str(pair["judges"]))
    told["winner"].sort()
    told["top"].sort()
    return json.dumps(told)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(
    "how", ["noise", "flat", "halo", "copies", "repeats", "drift", "severity", "own"]
)
def test_an_odd_juror_is_found_in_nearly_every_jury(how: str, size: tuple[int, int, int]) -> None:
    noise = 0.35 if how == "own" else 0.6
    found = [
        raised(audited(planted(fair_jury(seed, *size, noise, how == "copies"), how)))
        for seed in range(JURIES)
    ]
    assert sum(("juror 0", how) in each for each in found) >= JURIES - 2


@pytest.mark.parametrize(
    ("within_films", "size"), list(zip([True, False], SIZES.values(), strict=True)), ids=SIZES
)
def test_shuffled_juries_are_left_in_peace(within_films: bool, size: tuple[int, int, int]) -> None:
    claims = [
        raised(audited(shuffled(fair_jury(seed, *size), within_films))) for seed in range(SHUFFLES)
    ]
    assert sum(bool(each) for each in claims) <= 0.15 * SHUFFLES  # 10 %, and what chance adds


def test_juries_with_the_usual_differences_are_left_in_peace() -> None:
    claims = [raised(audited(rounded(fair_jury(seed, 25, 100, 5)))) for seed in range(SHUFFLES)]
    assert sum(bool(each) for each in claims) <= 0.15 * SHUFFLES


def test_labels_dealt_anew_favour_nobody() -> None:
    claims = 0
    for seed in range(SHUFFLES):
        jury = planted(fair_jury(seed, 25, 100, 5, 0.35), "own")
        seats = list(jury.marks)
        jury.own = {seats[at] for at in jury.chance.choice(len(seats), len(jury.own), False)}
        claims += any(question == "own" for _, question in raised(audited(jury)))
    assert claims <= 0.07 * SHUFFLES


def test_who_is_flat_is_told_so_and_of_nothing_that_follows_from_it() -> None:
    [flags] = [
        judge.flags
        for judge in audited(planted(fair_jury(1, 25, 100, 5), "flat")).judges
        if judge.judge == "juror 0"
    ]
    assert [flag.question for flag in flags] == ["flat"]


def test_a_copy_names_both_and_the_marks_they_share() -> None:
    found = audited(planted(fair_jury(3, 5, 20, 5), "copies"))
    [pair] = found.pairs
    assert pair.judges == ("juror 0", "juror 1")
    assert (pair.films, pair.marks) == (20, 60)
    assert pair.equal > 50 > 60 * pair.usual
    assert {name for name, question in raised(found) if question == "copies"} == set(pair.judges)


def test_an_audit_is_the_same_whatever_the_order_of_rows_and_the_names() -> None:
    jury = planted(fair_jury(5, 9, 30, 4), "halo")
    marks, facts = jury.as_marks(), jury.facts()
    first = audit(marks, ALIKE, facts, top=3)
    rows = np.random.default_rng(8).permutation(len(marks.value))
    films = {name: f"{99 - at} {name}" for at, name in enumerate(marks.items)}
    jurors = {name: f"{70 - at} {name}" for at, name in enumerate(marks.judges)}
    assert facts.own is not None
    assert facts.order is not None
    other = audit(
        Marks(
            items=tuple(films[name] for name in marks.items),
            judges=tuple(jurors[name] for name in marks.judges),
            criteria=marks.criteria,
            item=marks.item[rows],
            judge=marks.judge[rows],
            criterion=marks.criterion[rows],
            value=marks.value[rows],
        ),
        ALIKE,
        Facts(
            {(jurors[juror], films[film]) for juror, film in facts.own},
            {(jurors[juror], films[film]): when for (juror, film), when in facts.order.items()},
        ),
        top=3,
    )
    told = told_as_json(other, {new: old for old, new in (films | jurors).items()})
    assert told == told_as_json(first)


def test_the_seed_starts_chance_and_nothing_else() -> None:
    jury = rounded(fair_jury(2, 5, 20, 5))
    assert told_as_json(audited(jury, seed=3)) == told_as_json(audited(jury, seed=3))
    one, other = audited(jury, seed=3), audited(jury, seed=4)
    assert [judge.drift for judge in one.judges] == [judge.drift for judge in other.judges]
    assert [judge.drift_p for judge in one.judges] != [judge.drift_p for judge in other.judges]


def test_jurors_whom_the_scores_cannot_tell_apart_get_the_same_numbers() -> None:
    jury = rounded(fair_jury(6, 6, 15, 6))
    for film in range(15):
        jury.marks[1, film] = jury.marks[0, film]
    one, other = as_json(audited(jury, Facts()), None, None, 1)["judges"][:2]
    assert {**one, "judge": "juror 1"} == other


def test_benjamini_and_hochbergs_own_example_names_four() -> None:
    p = np.array(
        [
            *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
            *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
        ]
    )
    assert named(p, 15, 0.05).tolist() == [True] * 4 + [False] * 11
    assert named(p[::-1], 15, 0.05).tolist() == [False] * 11 + [True] * 4
    assert named(p[:4], 100, 0.05).tolist() == [True, True, False, False]


def table(*rows: tuple[str, str, float]) -> Marks:
    judges = sorted({judge for judge, _, _ in rows})
    items = sorted({item for _, item, _ in rows})
    return Marks(
        items=tuple(items),
        judges=tuple(judges),
        criteria=("overall",),
        item=np.array([items.index(item) for _, item, _ in rows]),
        judge=np.array([judges.index(judge) for judge, _, _ in rows]),
        criterion=np.zeros(len(rows), np.int64),
        value=np.array([score for _, _, score in rows], np.float64),
    )


def test_the_chance_of_equal_marks_is_that_of_all_ways_to_choose_two_of_each_panel() -> None:
    given = ["1123", "1223", "1112", "1234", "1122", "2224"]
    rows = [
        (f"juror {at}", f"film {film}", float(mark))
        for film, marks in enumerate(given)
        for at, mark in enumerate(marks)
    ]
    sheets = Sheets.of(table(*rows), {"overall": 1.0}, Facts())
    one, other = (sheets.scores.judges.index(f"juror {at}") for at in (0, 1))
    pair = copies._compared(sheets, copies._Films(sheets), one, other)
    equal = [sum(marks[a] == marks[b] for a, b in product(range(4), repeat=2)) for marks in given]
    chances = [(each - 4) / 12 for each in equal]
    least = sum(
        np.prod([chance if hit else 1 - chance for chance, hit in zip(chances, hits, strict=True)])
        for hits in product((True, False), repeat=6)
        if sum(hits) >= 4
    )
    assert (pair.films, pair.equal) == (6, 4)
    assert pair.p == pytest.approx(least, abs=1e-12)
    assert comb(4, 2) * 2 == 12


def small_scores(seed: int, items: int, judges: int, each: int) -> Scores:
    chance = np.random.default_rng(seed)
    film, juror = chance.normal(size=items), chance.normal(size=judges) / 2
    return Scores.of(
        (f"i{item}", f"j{judge}", film[item] + juror[judge] + 0.7 * chance.normal())
        for item in range(items)
        for judge in chance.choice(judges, each, replace=False).tolist()
    )


def equations(fit: mixed.MixedFit, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of films, jurors and mu, and Henderson's matrix, all dense."""
    scores, size = fit.scores, len(fit.scores.items)
    rows = np.zeros((int(kept.sum()), size + len(scores.judges) + 1))
    at = np.arange(len(rows))
    rows[at, scores.item[kept]] = 1
    rows[at, size + scores.judge[kept]] = 1
    rows[:, -1] = 1
    ridge = np.zeros(rows.shape[1])
    ridge[:size] = fit.variance.residual / fit.variance.item
    ridge[size:-1] = fit.variance.residual / max(fit.variance.judge, 1e-15)
    return rows, rows.T @ rows + np.diag(ridge)


@pytest.mark.parametrize("shape", [(30, 8, 3), (40, 12, 4), (6, 20, 7)])
def test_leverage_is_the_diagonal_of_the_hat_matrix(shape: tuple[int, int, int]) -> None:
    fit = mixed.fit(small_scores(1, *shape))
    rows, matrix = equations(fit, np.ones(len(fit.scores.value), bool))
    hat = rows @ np.linalg.inv(matrix) @ rows.T
    np.testing.assert_allclose(leverage(fit), hat.diagonal(), atol=1e-10)


@pytest.mark.parametrize("shape", [(30, 8, 3), (40, 12, 4), (6, 20, 7)])
def test_films_without_a_juror_are_those_of_the_equations_without_their_rows(
    shape: tuple[int, int, int],
) -> None:
    fit = mixed.fit(small_scores(2, *shape))
    scores = fit.scores
    found, _ = without._Equations(fit).without(np.arange(len(scores.judges)), fit.item_effect)
    for judge in range(len(scores.judges)):
        kept = scores.judge != judge
        rows, matrix = equations(fit, kept)
        truth = np.linalg.solve(matrix, rows.T @ (scores.value[kept] - fit.mu))
        films = truth[: len(scores.items)] + truth[-1]
        np.testing.assert_allclose(found[:, judge], films, atol=1e-6)


def test_the_winner_that_one_juror_made_falls_without_them() -> None:
    chance = np.random.default_rng(4)
    rows = [
        (f"juror {juror}", f"film {film}", 5 + film / 4 + chance.normal() / 9)
        for juror in range(5)
        for film in range(6)
    ]
    rows[4] = ("juror 0", "film 4", 9.0)
    found = audit(table(*rows), {"overall": 1.0})
    assert found.first == ("film 4",)
    changes = {judge.judge: judge.first for judge in found.judges if judge.changes_winner}
    assert changes == {"juror 0": ("film 5",)}


def test_infit_and_outfit_are_about_1_in_a_fair_jury_and_rise_with_noise() -> None:
    fair = audited(rounded(fair_jury(7, 25, 100, 5)))
    assert np.mean([judge.infit for judge in fair.judges]) == pytest.approx(1, abs=0.05)
    assert np.mean([judge.outfit for judge in fair.judges]) == pytest.approx(1, abs=0.05)
    noisy = audited(planted(fair_jury(7, 25, 100, 5), "noise")).judges[0]
    assert (noisy.judge, noisy.infit > 2.5, noisy.outfit > 2.5) == ("juror 0", True, True)
    assert noisy.noise > 2 * np.median([judge.noise for judge in fair.judges])


def test_each_question_says_how_often_it_was_asked_and_what_may_be_false() -> None:
    tests = audited(rounded(fair_jury(1, 25, 100, 5))).tests
    assert [test.question for test in tests] == [
        *("noise", "flat", "halo", "copies", "repeats", "drift", "own", "severity")
    ]
    assert sum(test.fdr for test in tests) == pytest.approx(0.1)
    assert Counter(test.deals == 0 for test in tests) == {False: 6, True: 2}
    bare = audited(rounded(fair_jury(1, 25, 100, 5)), Facts()).tests
    assert [test.question for test in bare] == ["noise", "flat", "halo", "copies", "severity"]
    assert sum(test.fdr for test in bare) == pytest.approx(0.1)


def test_placements_are_heard_as_marks_of_which_less_is_better() -> None:
    rows = [
        (f"juror {juror}", f"film {film}", float(1 + (film + (juror == 3) * 2) % 6))
        for juror in range(5)
        for film in range(6)
    ]
    found = audit(table(*rows), {"overall": 1.0}, top=2, lower_wins=True)
    assert (found.first, found.top) == (("film 0",), ("film 0", "film 1"))


def test_a_jury_that_says_nothing_of_chance_is_told_so() -> None:
    found = audit(table(("Ann", "Aube", 7.0), ("Ben", "Brume", 8.0)), {"overall": 1.0})
    assert [str(warning)[:26] for warning in found.warnings][:1] == ["No film has two scores, or"]
    assert (found.tests, found.pairs, found.first) == ((), [], ())
    assert [(judge.judge, judge.number, isnan(judge.severity)) for judge in found.judges] == [
        ("Ann", 1, True),
        ("Ben", 1, True),
    ]
