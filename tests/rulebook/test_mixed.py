"""The mixed model of films and jurors against independent software, and against plain algebra."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from contest.rulebook.statistics import fixed, mixed
from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.crossings import Crossing
from contest.rulebook.statistics.reliability import (
    agreement,
    complete_table,
    jurors_needed,
    of_mean,
    single,
    single_corrected,
)
from contest.rulebook.statistics.scores import Scores

DATA = Path(__file__).parents[3] / "shared" / "jury-data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no jury data beside the checkout")
CLOSE = 1e-4
"""Effects and their errors, on the scale of the scores."""


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def reference(name: str) -> Any:
    return json.loads((DATA / f"{name}.reference.json").read_text())


def scores_of(table: list[dict[str, str]], item: str = "item") -> Scores:
    return Scores.of((row[item], row["judge"], float(row["score"])) for row in table)


def by_name(names: tuple[str, ...], values: Floats) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def near(expected: dict[str, float]) -> Any:
    return pytest.approx(expected, abs=CLOSE)


@needs_data
def test_the_textbook_table_is_fitted_as_by_lme4() -> None:
    expected = reference("shrout_fleiss_1979")["mixed"]
    fit = mixed.fit(scores_of(rows("shrout_fleiss_1979")))
    assert by_name(fit.scores.items, fit.item_effect) == near(expected["item_blup"])
    assert by_name(fit.scores.judges, fit.judge_effect) == near(expected["judge_blup"])
    assert (fit.mu, fit.mu_se) == pytest.approx((expected["mu"], expected["mu_se"]), abs=CLOSE)
    assert (fit.variance.item, fit.variance.judge, fit.variance.residual) == pytest.approx(
        (expected["var_item"], expected["var_judge"], expected["var_residual"]), rel=1e-3
    )
    assert fit.criterion == pytest.approx(expected["REMLcrit"], abs=1e-6)
    assert fit.singular is False


@needs_data
def test_errors_of_films_hold_what_is_not_known_of_the_mean_and_of_jurors() -> None:
    posterior = json.loads((DATA / "shrout_fleiss_1979.reference_py.json").read_text())["posterior"]
    fit = mixed.fit(scores_of(rows("shrout_fleiss_1979")))
    assert by_name(fit.scores.items, fit.item_effect) == near(posterior["blup"])
    assert by_name(fit.scores.items, fit.item_se) == near(posterior["sd"])


@needs_data
def test_ten_thousand_dives_are_fitted_as_by_lme4() -> None:
    expected = reference("diving2000")["mixed_all"]
    fit = mixed.fit(scores_of(rows("diving2000")))
    assert (fit.mu, fit.mu_se) == pytest.approx((expected["mu"], expected["mu_se"]), abs=CLOSE)
    assert (fit.variance.item, fit.variance.judge, fit.variance.residual) == pytest.approx(
        (expected["var_item"], expected["var_judge"], expected["var_residual"]), rel=1e-3
    )
    assert fit.criterion <= expected["REMLcrit"] + 1e-6
    best = [fit.scores.items[at] for at in np.argsort(-fit.item_effect)[:3]]
    assert set(best) <= set(expected["top20"])


@needs_data
def test_the_bonus_for_ones_own_country_is_that_of_the_reference() -> None:
    table = rows("diving2000")
    items = sorted({row["item"] for row in table})
    judges = sorted({row["judge"] for row in table})
    own = np.array([[float(row["judge_country"] == row["country"])] for row in table])
    scores = Scores.of_codes(
        items,
        judges,
        np.array([items.index(row["item"]) for row in table]),
        np.array([judges.index(row["judge"]) for row in table]),
        np.array([float(row["score"]) for row in table]),
        own,
    )
    fit = mixed.fit(scores)
    expected = reference("diving2000")["own_country"]["mixed"]
    assert (fit.coefficient[0], fit.coefficient_se[0]) == pytest.approx(
        (expected["estimate"], expected["se"]), abs=CLOSE
    )


@needs_data
@pytest.mark.parametrize("name", ["shrout_fleiss_1979", "diving2000"])
def test_fixed_effects_are_those_of_least_squares_in_r(name: str) -> None:
    if name == "diving2000":
        expected = reference(name)["example_m10_prelim_diver_additive"]
        table = [row for row in rows(name) if (row["event"], row["round"]) == ("M10mPF", "Prelim")]
        fit = fixed.fit(scores_of(table, "diver"))
    else:
        expected = reference(name)["fixed"]
        fit = fixed.fit(scores_of(rows(name)))
    assert by_name(fit.scores.items, fit.item_effect) == near(expected["item_effect"])
    assert by_name(fit.scores.items, fit.item_se) == near(expected["item_se"])
    assert by_name(fit.scores.judges, fit.judge_effect) == near(expected["judge_effect"])
    assert by_name(fit.scores.judges, fit.judge_se) == near(expected["judge_se"])
    assert fit.sigma == pytest.approx(expected["sigma"], abs=CLOSE)
    assert fit.freedom == expected["df_residual"]


@needs_data
def test_the_six_intraclass_correlations_of_the_textbook() -> None:
    table = complete_table(scores_of(rows("shrout_fleiss_1979")))
    assert table is not None
    expected = reference("shrout_fleiss_1979")["icc"]
    found = agreement(table)
    names = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")
    assert {name.upper().replace("K", "k"): getattr(found, name) for name in names} == (
        pytest.approx({name: each["icc"] for name, each in expected.items()}, abs=1e-9)
    )


@needs_data
def test_reliability_of_a_mean_grows_with_jurors_as_in_the_reference() -> None:
    fit = mixed.fit(scores_of(rows("shrout_fleiss_1979")))
    expected = reference("shrout_fleiss_1979")["mixed"]["reliability_k_jurors"]
    left_in, removed = single(fit.variance), single_corrected(fit.variance)
    assert [of_mean(left_in, k) for k in expected["k"]] == pytest.approx(
        expected["severity_left_in"], abs=CLOSE
    )
    assert [of_mean(removed, k) for k in expected["k"]] == pytest.approx(
        expected["severity_removed"], abs=CLOSE
    )


@pytest.mark.parametrize(("share", "jurors"), [(0.5, 4), (0.275, 11), (0.91, 1), (0.8, 1)])
def test_jurors_needed_for_a_mean_of_reliability_point_eight(share: float, jurors: int) -> None:
    assert jurors_needed(share) == jurors


def test_no_number_of_jurors_tells_films_apart_that_do_not_differ() -> None:
    assert jurors_needed(0.0) == float("inf")
    assert np.isnan(jurors_needed(float("nan")))


# --- against plain algebra ---------------------------------------------------------------------


def a_table(seed: int, items: int, judges: int, density: float, noise: float = 1.0) -> Scores:
    """A random table whose every item and judge has a score; films and jurors may not differ."""
    chance = np.random.default_rng(seed)
    met = chance.random((items, judges)) < density
    met[np.arange(items), chance.integers(0, judges, items)] = True
    met[chance.integers(0, items, judges), np.arange(judges)] = True
    item, judge = np.nonzero(met)
    film = chance.normal(0, chance.choice([0, 1]), items)
    severity = chance.normal(0, chance.choice([0, 0.5]), judges)
    value = np.round(film[item] + severity[judge] + chance.normal(0, noise, len(item)), 1)
    return Scores.of_codes(
        [f"film {at}" for at in range(items)],
        [f"juror {at}" for at in range(judges)],
        item,
        judge,
        value,
    )


def shares(scores: Scores) -> tuple[Floats, Floats]:
    return np.eye(len(scores.items))[scores.item], np.eye(len(scores.judges))[scores.judge]


def criterion(scores: Scores, ratios: tuple[float, float]) -> float:
    """REML by the covariance matrix of all scores, inverted."""
    film, juror = shares(scores)
    n, y, one = len(scores.value), scores.value, np.ones(len(scores.value))
    covariance = np.eye(n) + ratios[0] * film @ film.T + ratios[1] * juror @ juror.T
    inverse = np.linalg.inv(covariance)
    weight = one @ inverse @ one
    left = y - (one @ inverse @ y) / weight
    scale = left @ inverse @ left / (n - 1)
    log_determinant = np.linalg.slogdet(covariance)[1] + np.log(weight)
    return float(log_determinant + (n - 1) * (1 + np.log(2 * np.pi * scale)))


SHAPES = [(12, 5, 0.6), (5, 12, 0.6), (8, 4, 1.0), (20, 3, 0.7), (9, 9, 0.3)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("shape", SHAPES)
def test_no_search_finds_a_better_criterion(shape: tuple[int, int, float], seed: int) -> None:
    scores = a_table(seed, *shape)
    fit = mixed.fit(scores)
    starts = ([0.0, 0.0], [-8.0, 1.0], [1.0, -8.0])
    searched = [
        minimize(
            lambda logs: criterion(scores, (np.exp(logs[0]), np.exp(logs[1]))),
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-6, "fatol": 1e-9},
        ).fun
        for start in starts
    ]
    assert fit.criterion <= min(*searched, criterion(scores, (0.0, 0.0))) + 1e-5
    own = (fit.variance.item / fit.variance.residual, fit.variance.judge / fit.variance.residual)
    assert fit.criterion == pytest.approx(criterion(scores, own), abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_predictions_and_errors_are_those_of_the_full_equations(
    shape: tuple[int, int, float],
) -> None:
    scores = a_table(3, *shape, noise=0.5)
    fit = mixed.fit(scores)
    film, juror = shares(scores)
    variance = fit.variance
    design = np.column_stack([np.ones(len(scores.value)), film, juror])
    prior = np.concatenate(
        [
            [0.0],
            np.full(len(scores.items), 1 / max(variance.item, 1e-12)),
            np.full(len(scores.judges), 1 / max(variance.judge, 1e-12)),
        ]
    )
    equations = design.T @ design / variance.residual + np.diag(prior)
    inverse = np.linalg.inv(equations)
    found = inverse @ design.T @ scores.value / variance.residual
    error = np.sqrt(inverse.diagonal())
    items = slice(1, 1 + len(scores.items))
    assert fit.item_effect == pytest.approx(found[items], abs=1e-6)
    assert fit.item_se == pytest.approx(error[items], abs=1e-5)
    assert fit.judge_effect == pytest.approx(found[items.stop :], abs=1e-6)
    assert fit.judge_se == pytest.approx(error[items.stop :], abs=1e-5)
    assert (fit.mu, fit.mu_se) == pytest.approx((found[0], error[0]), abs=1e-6)


def test_draws_have_the_mean_and_the_covariance_of_the_posterior() -> None:
    for shape in ((12, 5, 0.6), (5, 12, 0.6)):
        fit = mixed.fit(a_table(5, *shape, noise=0.4))
        drawn = fit.draws(40_000, np.random.default_rng(1))
        assert drawn.mean(1) == pytest.approx(fit.item_effect, abs=0.02)
        assert drawn.std(1) == pytest.approx(fit.item_se, rel=0.03)


def test_jurors_who_do_not_differ_have_a_variance_of_exactly_0() -> None:
    table = [("x", "A", 5), ("y", "A", 5), ("z", "A", 3), ("x", "B", 7), ("y", "B", 7)]
    table += [("z", "B", 2), ("x", "C", 6), ("y", "C", 6), ("z", "C", 4)]
    fit = mixed.fit(Scores.of((item, judge, float(mark)) for item, judge, mark in table))
    assert (fit.variance.judge, fit.singular) == (0.0, True)
    assert fit.judge_effect.tolist() == [0.0, 0.0, 0.0]
    assert fit.variance.item == pytest.approx(8 / 3, rel=1e-6)


def test_scores_that_are_exactly_film_plus_juror_are_fitted_all_the_same() -> None:
    fit = mixed.fit(
        Scores.of((film, juror, float(a + b)) for film, a in FILMS for juror, b in JURORS)
    )
    assert dict(zip(fit.scores.items, fit.estimate, strict=True)) == pytest.approx(
        {"x": 4.5, "y": 5.5, "z": 7.5}, abs=1e-3
    )
    assert fit.variance.residual < 1e-6


FILMS = [("x", 4), ("y", 5), ("z", 7)]
JURORS = [("A", 1), ("B", 0)]


@pytest.mark.parametrize(
    "table", [[("x", "A", 5.0), ("y", "A", 6.0)], [("x", "A", 5.0), ("x", "B", 5.0)]]
)
def test_what_says_nothing_of_chance_is_refused(table: list[tuple[str, str, float]]) -> None:
    with pytest.raises(ValueError, match="say nothing of chance"):
        mixed.fit(Scores.of(table))


def test_a_score_that_is_no_number_is_refused() -> None:
    for odd in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not a finite number"):
            Scores.of([("x", "A", odd)])


def test_fixed_effects_need_scores_that_jurors_connect() -> None:
    apart = Scores.of([("x", "A", 1.0), ("y", "A", 2.0), ("p", "B", 1.0), ("q", "B", 3.0)])
    assert {*zip(apart.items, apart.parts.tolist(), strict=True)} == {
        *(("p", 0), ("q", 0), ("x", 1), ("y", 1))
    }
    with pytest.raises(ValueError, match="parts that no juror connects"):
        fixed.fit(apart)


def test_fixed_effects_are_the_same_whichever_group_is_larger() -> None:
    for seed in range(5):
        scores = a_table(seed, 7, 11, 0.6)
        fit = fixed.fit(scores)
        film, juror = shares(scores)
        contrast = np.vstack([np.eye(len(scores.judges) - 1), -np.ones(len(scores.judges) - 1)])
        design = np.column_stack([film, juror @ contrast])
        inverse = np.linalg.inv(design.T @ design)
        found = inverse @ design.T @ scores.value
        assert fit.item_effect == pytest.approx(found[:7], abs=1e-8)
        assert fit.item_se == pytest.approx(fit.sigma * np.sqrt(inverse.diagonal()[:7]), abs=1e-8)
        assert fit.judge_effect == pytest.approx(contrast @ found[7:], abs=1e-8)


# --- properties --------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_neither_rows_nor_names_change_a_bit(seed: int, chance: Any) -> None:
    scores = a_table(seed, 7, 5, 0.6)
    table = [
        (scores.items[i], scores.judges[j], float(value))
        for i, j, value in zip(scores.item, scores.judge, scores.value, strict=True)
    ]
    items, judges = list(scores.items), list(scores.judges)
    chance.shuffle(items)
    chance.shuffle(judges)
    item, judge = (
        dict(zip(scores.items, items, strict=True)),
        dict(zip(scores.judges, judges, strict=True)),
    )
    other = [(item[i], judge[j], value) for i, j, value in table]
    chance.shuffle(other)
    try:
        before = mixed.fit(Scores.of(table))
    except ValueError:
        return
    after = mixed.fit(Scores.of(other))
    assert {
        item[name]: effect
        for name, effect in by_name(before.scores.items, before.item_effect).items()
    } == (by_name(after.scores.items, after.item_effect))
    assert before.criterion == after.criterion


def test_the_products_of_a_sparse_and_of_a_full_table_are_the_same() -> None:
    chance = np.random.default_rng(4)
    many, few = 400, 30
    at = (chance.integers(0, many, 900), chance.integers(0, few, 900))
    load = chance.normal(size=900)
    crossing = Crossing(*at, load, many, few)
    full = np.zeros((many, few))
    np.add.at(full, at, load)
    weight = chance.random(many)
    matrix = chance.normal(size=(few, few))
    matrix += matrix.T
    scattered = Crossing(*at, load, many, few)
    scattered.__dict__["_dense"] = None
    for each in (crossing, scattered):
        assert each.product(weight) == pytest.approx(full.T @ (full * weight[:, None]), abs=1e-9)
        assert each.forms(matrix) == pytest.approx(
            np.einsum("ij,jk,ik->i", full, matrix, full), abs=1e-9
        )
