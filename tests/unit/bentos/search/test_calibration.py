"""Calibration beside scikit-learn, and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from bentos.search.calibrating import expected_calibration_error, fit_calibration
from bentos.search.calibration import UNCALIBRATED, Calibration, Method

METHODS: list[Method] = ["platt", "isotonic"]


@pytest.fixture(scope="module")
def held_out() -> tuple[np.ndarray, np.ndarray]:
    """Scores whose true probability is a sigmoid of twice the score, less one."""
    rng = np.random.default_rng(5)
    scores = rng.normal(size=4000)
    return scores, rng.random(4000) < 1 / (1 + np.exp(1 - 2 * scores))


def test_platt_is_a_logistic_regression_where_there_is_much_data(
    held_out: tuple[np.ndarray, np.ndarray],
) -> None:
    scores, relevant = held_out
    fitted = fit_calibration("platt", scores, relevant)
    theirs = LogisticRegression(C=1e9).fit(scores[:, None], relevant)
    assert_allclose(fitted(scores), theirs.predict_proba(scores[:, None])[:, 1], atol=2e-3)


def test_isotonic_is_that_of_scikit_learn(held_out: tuple[np.ndarray, np.ndarray]) -> None:
    scores, relevant = np.round(held_out[0], 1), held_out[1]  # with ties
    fitted = fit_calibration("isotonic", scores, relevant)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, relevant)
    new = np.linspace(-4, 4, 101)
    assert_allclose(fitted(new), theirs.predict(new), atol=1e-6)
    assert len(fitted.scores) < 60  # only the curve's corners are kept


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_rise_with_the_score_and_are_true(
    method: Method, held_out: tuple[np.ndarray, np.ndarray]
) -> None:
    scores, relevant = held_out
    fitted = fit_calibration(method, scores[:2000], relevant[:2000])
    assert (np.diff(fitted(np.linspace(-5, 5, 50))) >= 0).all()
    assert expected_calibration_error(fitted(scores[2000:]), relevant[2000:]) < 0.04


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("relevant", [True, False])
def test_where_all_are_alike_the_share_is_what_is_left(method: Method, relevant: bool) -> None:
    fitted = fit_calibration(method, np.array([1.0, 2.0]), np.array([relevant] * 2))
    assert fitted(np.array([-9.0, 9.0])).tolist() == [0.75 if relevant else 0.25] * 2


def test_platt_of_scores_in_the_wrong_order_is_flat_rather_than_turned_round() -> None:
    scores = np.arange(10.0)
    found = fit_calibration("platt", scores, scores < 5)(scores)
    assert_allclose(found, found[0], atol=1e-3)
    assert (np.diff(found) >= 0).all()


def test_the_calibration_error_is_the_mean_gap_over_bins() -> None:
    probability = np.array([0.05, 0.05, 0.95, 0.95])
    relevant = np.array([True, False, True, True])
    # The lowest bin holds 0.05 on average where half are relevant, the highest 0.95 where all are.
    assert expected_calibration_error(probability, relevant) == pytest.approx(
        0.5 * 0.45 + 0.5 * 0.05
    )


def test_certainty_falls_into_the_last_bin() -> None:
    assert expected_calibration_error(np.array([1.0]), np.array([True])) == 0


def test_uncalibrated_is_the_plain_sigmoid() -> None:
    assert UNCALIBRATED(np.array([0.0])).tolist() == [0.5]
    assert Calibration("isotonic", (0.0, 2.0), (0.1, 0.5))(np.array([-1.0, 1.0, 3.0])).tolist() == (
        pytest.approx([0.1, 0.3, 0.5])
    )
