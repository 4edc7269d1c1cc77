"""Intervals: like scipy's, by hand where a hand can, and the same each time."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from warehouse.intervals import (
    Difference,
    bootstrap_intervals,
    paired_difference,
    paired_differences,
)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).random(400),
        (np.random.default_rng(2).random(300) < 0.1).astype(float),
        np.random.default_rng(3).normal(-2, 5, 50),
    ],
    ids=["uniform", "rare hits", "few normal"],
)
def test_an_interval_is_that_of_scipys_percentile_bootstrap(values: np.ndarray) -> None:
    ((low, high),) = bootstrap_intervals(values[np.newaxis])
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    slack = 0.1 * (theirs.high - theirs.low)
    assert low == pytest.approx(theirs.low, abs=slack)
    assert high == pytest.approx(theirs.high, abs=slack)


def test_values_that_are_all_the_same_leave_no_doubt() -> None:
    assert bootstrap_intervals(np.full((1, 20), 0.25)).tolist() == [[0.25, 0.25]]


def test_every_row_sees_the_same_resamples() -> None:
    values = np.random.default_rng(5).random(100)
    intervals = bootstrap_intervals(np.stack([values, values, values + 1, -values]))
    assert intervals[1].tolist() == intervals[0].tolist()
    assert intervals[2] == pytest.approx(intervals[0] + 1)
    assert intervals[3] == pytest.approx(-intervals[0][::-1])


def test_intervals_are_the_same_each_time() -> None:
    values = np.random.default_rng(6).random((3, 70))
    assert np.array_equal(bootstrap_intervals(values), bootstrap_intervals(values))


def test_a_large_night_is_resampled_in_pieces_within_little_memory() -> None:
    values = np.random.default_rng(9).random((3, 20_000))
    tracemalloc.start()
    intervals = bootstrap_intervals(values)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120e6
    errors = values.std(axis=1, ddof=1) / np.sqrt(20_000)
    assert intervals[:, 1] - intervals[:, 0] == pytest.approx(2 * 1.96 * errors, rel=0.1)


def test_a_paired_difference_by_hand() -> None:
    difference = paired_difference(np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    assert (difference.mean, difference.n) == (2, 3)
    assert difference.standard_error == pytest.approx(1 / np.sqrt(3))
    assert 1 <= difference.low <= 2 <= difference.high <= 3


def test_a_difference_that_is_the_same_on_every_query_is_certain() -> None:
    b = np.random.default_rng(7).random(30)
    difference = paired_difference(b + 0.5, b)
    assert difference.mean == pytest.approx(0.5)
    assert difference.standard_error == pytest.approx(0)
    assert (difference.low, difference.high) == (pytest.approx(0.5), pytest.approx(0.5))


def test_pairing_is_surer_than_two_intervals() -> None:
    rng = np.random.default_rng(8)
    b = rng.random(200)
    a = b + rng.normal(0.02, 0.05, 200)
    paired = paired_difference(a, b)
    apart = np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(200)
    assert paired.low > 0
    assert paired.standard_error < apart / 4


def test_one_query_says_nothing_of_its_error() -> None:
    difference = paired_difference(np.array([0.75]), np.array([0.25]))
    assert difference == Difference(mean=0.5, standard_error=0.0, low=0.5, high=0.5, n=1)


def test_rankers_are_compared_in_the_segments_that_both_were_measured_on() -> None:
    one, two = np.array([1.0, 1.0]), np.array([2.0, 2.0])
    differences = paired_differences({"all": one, "light": one}, {"all": two, "new": two})
    assert list(differences) == ["all"]
    assert differences["all"].mean == 1  # the challenger minus the champion
