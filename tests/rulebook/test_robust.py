"""The robust model: careless, favouring and narrow jurors; and never far from the plain one."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.jury import FILMS, balanced, cell
from contest.rulebook.statistics import mixed, robust
from contest.rulebook.statistics.arrays import Floats
from contest.rulebook.statistics.scores import Scores


def jury(
    seed: int, noise: Floats, scale: Floats | None = None, films: int = 60
) -> tuple[Scores, Floats]:
    """Every juror scores every film, with a noise and a scale of their own; and the true films."""
    chance = np.random.default_rng(seed)
    film = chance.normal(size=films)
    spread = np.ones(len(noise)) if scale is None else scale
    value = 5 + np.outer(film, spread) + chance.normal(0, 0.5, len(noise))
    value += noise * chance.normal(size=(films, len(noise)))
    item, judge = np.nonzero(np.ones_like(value))
    names = [f"{at:02}" for at in range(films)]
    jurors = [f"{at:02}" for at in range(len(noise))]
    return Scores.of_codes(names, jurors, item, judge, value[item, judge]), film


def in_order(names: tuple[str, ...], values: Floats) -> Floats:
    found = np.empty(len(names))
    found[[int(name) for name in names]] = values
    return found


def test_a_juror_who_marks_at_random_is_noticed_and_weighs_less() -> None:
    noise = np.array([0.5, 0.5, 0.5, 0.5, 3.0])
    scores, film = jury(1, noise)
    fit, plain = robust.fit(scores), mixed.fit(scores)
    assert in_order(scores.judges, fit.judge_noise) == pytest.approx(noise, rel=0.35)
    error = np.abs(in_order(scores.items, fit.item_effect) - film + film.mean()).mean()
    plainly = np.abs(in_order(scores.items, plain.item_effect) - film + film.mean()).mean()
    assert error < 0.7 * plainly


def test_jurors_who_use_little_of_the_scale_or_more_than_others_are_noticed() -> None:
    scale = np.array([0.6, 0.8, 1.0, 1.2, 1.4])
    scores, _ = jury(2, np.full(5, 0.4), scale)
    assert in_order(scores.judges, robust.fit(scores).judge_scale) == pytest.approx(scale, abs=0.15)


def test_one_strange_mark_hardly_moves_its_film() -> None:
    scores, _ = jury(3, np.full(6, 0.4))
    favoured = scores.value.copy()
    favoured[0] += 5
    moved = Scores.of_codes(scores.items, scores.judges, scores.item, scores.judge, favoured)
    film = scores.items[scores.item[0]]

    def shift(model: object) -> float:
        fit = robust.fit if model is robust else mixed.fit
        before, after = fit(scores), fit(moved)
        old = before.estimate[scores.items.index(film)]
        return float(after.estimate[moved.items.index(film)] - old)

    assert 0 <= shift(robust) < 0.4 * shift(mixed)


def test_a_jury_of_equals_is_ranked_as_by_the_plain_model() -> None:
    scores, _ = jury(4, np.full(5, 0.7))
    fit, plain = robust.fit(scores), mixed.fit(scores)
    assert np.corrcoef(fit.item_effect, plain.item_effect)[0, 1] > 0.995
    assert fit.item_se == pytest.approx(plain.item_se, rel=0.25)
    assert fit.judge_scale == pytest.approx(np.ones(5), abs=0.15)


def test_errors_and_draws_agree() -> None:
    for films in (40, 4):
        scores, _ = jury(5, np.array([0.4, 0.6, 0.8, 1.0, 1.2, 0.5]), films=films)
        fit = robust.fit(scores)
        drawn = fit.draws(30_000, np.random.default_rng(1))
        assert drawn.mean(1) == pytest.approx(fit.item_effect, abs=0.02)
        assert drawn.std(1) == pytest.approx(fit.item_se, rel=0.03)


@pytest.mark.parametrize("per_film", [3, 5])
def test_it_finds_at_least_what_the_plain_model_finds_in_simulated_juries(per_film: int) -> None:
    found = cell(balanced, per_film * FILMS, runs=40, seed=11)
    recall = {name: np.mean([share for share, _ in runs]) for name, runs in found.items()}
    assert recall["robust"] >= recall["mixed"] - 0.01
    assert recall["known"] >= recall["robust"] - 0.02
