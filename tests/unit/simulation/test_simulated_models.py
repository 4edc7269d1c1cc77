"""A world's models: relevance from purchases, and scores that mean what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from bentos.scenario import RUN_SCHEMA
from tests.simulation.models import of_run, popular, ranked
from tests.simulation.shop import Shop, smoothed, synthetic
from tests.simulation.world import Model

SHOP = replace(synthetic(tastes=300, products=300, seed=3), weight=np.full(300, 1 / 300))


def _small_shop() -> Shop:
    return replace(
        synthetic(tastes=2, products=3),
        weight=np.array([0.75, 0.25]),
        relevance=np.array([[0.5, 0.1, 0.9], [0.2, 0.8, 0.1]]),
    )


def test_relevance_is_the_share_of_trips_that_took_a_product_home_smoothed() -> None:
    counts = np.array([[6.0, 0.0], [0.0, 2.0]])  # of 8 and of 2 trips
    # Everybody's shares are 6/10 and 2/10; ten trips of them are added.
    expected = [[(6 + 6) / 18, 2 / 18], [6 / 12, (2 + 2) / 12]]
    np.testing.assert_allclose(smoothed(counts, np.array([8.0, 2.0]), 10.0), expected)


def test_without_noise_a_model_ranks_by_the_truth_and_scores_it() -> None:
    found = ranked(Model("a", noise=0.0), _small_shop(), 2, np.random.default_rng(0))
    assert found.product.tolist() == [[2, 0], [1, 0]]
    np.testing.assert_allclose(found.score, [[0.9, 0.5], [0.8, 0.2]])


def test_slope_and_offset_move_the_logits_of_the_scores() -> None:
    model = Model("a", noise=0.0, slope=2.0, offset=-1.0)
    found = ranked(model, _small_shop(), 2, np.random.default_rng(0))
    # 0.5 has the logit 0, 0.9 that of 9: 2 * ln 9 - 1
    np.testing.assert_allclose(found.score[0], [81 / (81 + np.e), 1 / (1 + np.e)])


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_scores_are_calibrated_wherever_they_stand(noise: float) -> None:
    found = ranked(Model("a", noise), SHOP, 20, np.random.default_rng(11))
    truth = np.take_along_axis(SHOP.relevance, found.product, axis=1)
    assert (np.diff(found.score, axis=1) <= 1e-12).all()
    np.testing.assert_allclose(found.score.mean(axis=0), truth.mean(axis=0), rtol=0, atol=0.015)
    bias = 1 / np.arange(1, 21)
    promised, true = (found.score @ bias).mean(), (truth @ bias).mean()
    assert promised == pytest.approx(true, rel=0.005)
    tenth = np.digitize(found.score, np.quantile(found.score, np.linspace(0.1, 0.9, 9)))
    for of in range(10):
        error = (truth - found.score)[tenth == of]
        assert abs(error.mean()) <= 4 * error.std() / np.sqrt(len(error)) + 0.01


def test_the_more_noise_the_worse_the_ranking() -> None:
    values = [
        np.take_along_axis(
            SHOP.relevance,
            ranked(Model("a", noise), SHOP, 10, np.random.default_rng(0)).product,
            axis=1,
        ).mean()
        for noise in (0.0, 0.5, 1.0, 3.0)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.5 * values[-1]


def test_what_is_popular_is_what_most_are_after() -> None:
    found = popular(_small_shop(), 2)
    assert found.product.tolist() == [[2, 0], [2, 0]]
    np.testing.assert_allclose(found.score[0], [0.75 * 0.9 + 0.25 * 0.1, 0.75 * 0.5 + 0.25 * 0.2])


def test_a_rankers_run_is_taken_as_far_as_the_shop_sells_it() -> None:
    rows = [("u1", "p0", 0.2), ("u1", "p2", 0.7), ("u1", "elsewhere", 0.9)]
    run = pa.Table.from_pylist(
        [dict(zip(RUN_SCHEMA.names, row, strict=True)) for row in rows], RUN_SCHEMA
    )
    found = of_run(run, _small_shop(), 3)
    assert found.product.tolist() == [[-1, -1, -1], [2, 0, -1]]
    assert found.score.tolist() == [[0, 0, 0], [0.7, 0.2, 0]]
