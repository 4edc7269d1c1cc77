"""How mature a window is, and what its values will come to: numbers worked by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from warehouse.maturity import (
    COMPLETE,
    Correction,
    DelayCurve,
    Maturity,
    corrected,
    maturity,
    of_share,
)

# Of 100 requests 10 are followed in the first hour and 10 in the second, of a window of four.
HOUR = 3600.0
CURVE = DelayCurve(
    np.array([HOUR, 2 * HOUR, 4 * HOUR]),
    np.array([0.9, 0.8, 0.8]),
    np.array([10 / (100 * 90), 10 / (100 * 90) + 10 / (90 * 80), 1 / 400]),
)
WINDOW = 4 * HOUR


def _maturity(*ages: float, curve: DelayCurve | None = CURVE) -> Maturity | None:
    return maturity(curve, WINDOW, np.array(ages), np.ones(len(ages), np.int64))


@pytest.mark.parametrize(
    ("ages", "share"),
    [
        ((0.5 * HOUR,), 0),
        ((HOUR,), 0.1 / 0.2),
        ((1.9 * HOUR,), 0.1 / 0.2),
        ((2 * HOUR,), 1),
        ((0.5 * HOUR, HOUR, 3 * HOUR, 9 * HOUR), (0 + 0.5 + 1 + 1) / 4),
    ],
)
def test_maturity_is_the_mean_share_that_has_come_of_what_comes_within_the_window(
    ages: tuple[float, ...], share: float
) -> None:
    found = _maturity(*ages)
    assert found is not None
    assert found.share == pytest.approx(share)


def test_requests_of_one_age_may_be_counted() -> None:
    counted = maturity(CURVE, WINDOW, np.array([HOUR, 2 * HOUR]), np.array([3, 1]))
    assert counted == pytest.approx(_maturity(HOUR, HOUR, HOUR, 2 * HOUR))


def test_a_window_that_is_closed_is_complete_though_nothing_is_known_of_delays() -> None:
    assert _maturity(WINDOW, 9 * WINDOW, curve=None) == COMPLETE
    assert _maturity(WINDOW, 0.5 * HOUR, curve=None) is None


def test_as_long_as_nobody_was_observed_for_the_whole_window_nothing_is_known() -> None:
    young = DelayCurve(CURVE.delays[:2], CURVE.survival[:2], CURVE.variance[:2])
    assert _maturity(HOUR, curve=young) is None


def test_of_what_never_happened_nothing_is_known() -> None:
    nothing = DelayCurve(np.array([WINDOW]), np.array([1.0]), np.array([0.0]))
    assert _maturity(HOUR, curve=nothing) is None


def test_maturity_is_surer_than_the_two_points_of_the_curve_that_it_is_the_ratio_of() -> None:
    """Where nobody leaves early it is the share of 20 events that are among the first 10."""
    found = _maturity(HOUR)
    assert found is not None
    assert found.relative_error == pytest.approx(sqrt(0.5 * 0.5 / 20) / 0.5)


def test_what_has_come_whole_is_known_for_sure_and_many_ages_are_as_one() -> None:
    whole = _maturity(2 * HOUR)
    assert whole is not None
    assert whole.relative_error == pytest.approx(0, abs=1e-8)
    one, two = _maturity(HOUR), _maturity(HOUR, 1.5 * HOUR)
    assert one is not None
    assert two is not None
    assert two.relative_error == pytest.approx(one.relative_error)


def test_ages_that_have_more_of_the_curve_in_common_vary_more_together() -> None:
    """The delta method by each pair of ages, whose covariance is that of the younger one."""
    ages = (2 * HOUR, HOUR, 2 * HOUR)
    come, variance = [0.2, 0.1, 0.2], [CURVE.variance[1], CURVE.variance[0], CURVE.variance[1]]
    left = [(1 - share) / sum(come) for share in come]
    pairs = sum(
        left[i] * left[j] * min(variance[i], variance[j]) for i in range(3) for j in range(3)
    )
    last = 0.8 / 0.2
    each = sum(share * found for share, found in zip(left, variance, strict=True))
    expected = pairs + last**2 * CURVE.variance[-1] - 2 * last * each
    found = _maturity(*ages)
    assert found is not None
    assert found.relative_error == pytest.approx(sqrt(expected))


def test_a_share_is_divided_by_its_maturity_and_its_error_grows_with_that_of_both() -> None:
    value, error = corrected(0.03, 0.003, of_share(Maturity(0.6, 0.2)))
    assert value == pytest.approx(0.05)
    assert error == pytest.approx(sqrt(0.003**2 + (0.03 * 0.2) ** 2) / 0.6)


def test_a_mean_without_an_error_is_corrected_without_one() -> None:
    assert corrected(0.5, None, Correction(1.1, 0.1)) == (pytest.approx(0.55), None)


@pytest.mark.parametrize("found", [None, Maturity(0.0, 0.0)])
def test_a_share_of_which_nothing_has_come_or_is_known_is_not_corrected(
    found: Maturity | None,
) -> None:
    assert corrected(0.0, 0.0, of_share(found)) == (None, None)
