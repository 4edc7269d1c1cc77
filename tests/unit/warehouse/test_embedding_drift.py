"""Two samples of vectors: of one distribution, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import kstest

from warehouse.embedding_drift import classifier_test, mmd_test

if TYPE_CHECKING:
    from numpy.typing import NDArray

TESTS = pytest.mark.parametrize("test", [classifier_test, mmd_test])


def drawn(seed: int, n: int, dimensions: int = 8) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal((n, dimensions))


@TESTS
def test_p_values_are_uniform_where_both_are_of_one_distribution(test: object) -> None:
    p = [
        test(drawn(2 * n, 60), drawn(2 * n + 1, 40), permutations=99, seed=n).p_value
        for n in range(200)
    ]
    uniform = np.array(p) - np.random.default_rng(1).random(200) / 100  # they are hundredths
    assert kstest(uniform, "uniform").pvalue > 0.01


@TESTS
def test_a_mean_that_moved_is_seen(test: object) -> None:
    found = test(drawn(1, 200) + 0.5, drawn(2, 200))
    assert found.p_value == 1 / 1000


def test_the_area_is_that_of_the_best_direction() -> None:
    """Means that are 2 apart in one of two dimensions: P(z > -2 / sqrt 2) is 0.921."""
    shift = np.array([2.0, 0.0])
    found = classifier_test(drawn(1, 4000, 2) + shift, drawn(2, 4000, 2), permutations=1)
    assert found.statistic == pytest.approx(0.921, abs=0.01)


def test_mmd_sees_a_spread_that_no_direction_tells() -> None:
    wider, before = 2 * drawn(1, 300), drawn(2, 300)
    assert mmd_test(wider, before).p_value == 1 / 1000
    assert classifier_test(wider, before).p_value > 0.01


def test_mmd_is_the_mean_of_the_kernel_within_less_that_across() -> None:
    """Of 0, 1, 2, 3, 4 and 10, 11, 12, 13, 14, worked out pair by pair."""
    now, then = np.arange(5.0)[:, None], np.arange(10.0, 15.0)[:, None]
    pooled = np.concatenate([now, then])[:, 0]
    pairs = [(i, j) for i in range(10) for j in range(10)]
    width = np.median([(pooled[i] - pooled[j]) ** 2 for i, j in pairs if i != j])
    kernel = {(i, j): np.exp(-((pooled[i] - pooled[j]) ** 2) / width) for i, j in pairs}
    within = [np.mean([kernel[i, j] for i, j in pairs if i // 5 == j // 5 == of]) for of in (0, 1)]
    across = np.mean([kernel[i, j] for i, j in pairs if i // 5 != j // 5])
    found = mmd_test(now, then, permutations=9)
    assert found.statistic == pytest.approx(sum(within) - 2 * across, rel=1e-9)


@TESTS
def test_vectors_that_are_all_the_same_are_no_drift(test: object) -> None:
    assert test(np.ones((20, 3)), np.ones((30, 3)), permutations=99).p_value == 1


@TESTS
def test_the_same_seed_gives_the_same(test: object) -> None:
    assert test(drawn(1, 50), drawn(2, 50)) == test(drawn(1, 50), drawn(2, 50))


@TESTS
@pytest.mark.parametrize(("n", "dimensions"), [(4, 8), (50, 7)])
def test_too_few_vectors_or_other_dimensions_are_refused(
    test: object, n: int, dimensions: int
) -> None:
    with pytest.raises(ValueError, match="at least 5 vectors"):
        test(drawn(1, n, dimensions), drawn(2, 50))
