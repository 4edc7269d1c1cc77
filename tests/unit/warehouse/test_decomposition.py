"""Mix and rate: worked by hand, and as the Shapley values that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from warehouse.decomposition import Sums, by_dimension, by_segment, jackknifed, without_each
from warehouse.shapley import shapley

if TYPE_CHECKING:
    from warehouse.shapley import Coalitions


def _sums(weight: object, rate: object) -> Sums:
    weights, rates = np.array(weight, float), np.array(rate, float)
    return Sums(weights, weights * rates)


def test_two_segments_by_hand() -> None:
    """Half and half at 0.2 and 0.4 become 40 : 60 at 0.2 and 0.3: 0.30 falls to 0.26.

    Of the second, the rate: mean share 0.55 x -0.1 = -0.055. The mix: -0.1 x (0.2 - 0.28) = 0.008
    of the first, 0.1 x (0.35 - 0.28) = 0.007 of the second.
    """
    split = by_segment(_sums([50, 50], [0.2, 0.4]), _sums([400, 600], [0.2, 0.3]))
    assert split.rate == pytest.approx([0, -0.055], abs=1e-12)
    assert split.mix == pytest.approx([0.008, 0.007], abs=1e-12)
    assert (split.mix + split.rate).sum() == pytest.approx(-0.04, abs=1e-12)


def test_parts_add_up_to_the_change_of_the_mean() -> None:
    rng = np.random.default_rng(1)
    before, now = (_sums(rng.integers(0, 9, 12), rng.random(12)) for _ in range(2))
    split = by_segment(before, now)
    assert (split.mix + split.rate).sum() == pytest.approx(now.mean - before.mean, abs=1e-12)


def test_a_segment_that_is_new_changed_by_its_mix_alone() -> None:
    split = by_segment(_sums([100, 0], [0.2, 0]), _sums([100, 100], [0.2, 0.6]))
    assert split.rate == pytest.approx([0, 0], abs=1e-12)
    assert split.mix.sum() == pytest.approx(0.2, abs=1e-12)


def test_mix_and_rate_are_shapley_values() -> None:
    """Each segment's share and each one's rate a player: eight, of a sum of share x rate."""
    rng = np.random.default_rng(2)
    before, now = (_sums(rng.random(4), rng.random(4)) for _ in range(2))
    centre = (before.mean + now.mean) / 2

    def worth(coalitions: Coalitions) -> object:
        shares = np.where(coalitions[:, :4], now.shares, before.shares)
        rates = [(s.total / s.weight) - centre for s in (before, now)]
        return (shares * np.where(coalitions[:, 4:], rates[1], rates[0])).sum(axis=1)

    split = by_segment(before, now)
    found = shapley(worth, 8)  # type: ignore[arg-type]
    assert found.values == pytest.approx(np.concatenate([split.mix, split.rate]), abs=1e-12)


def test_of_dimensions_only_that_whose_mix_moved_has_a_part() -> None:
    """Stores of two kinds of query: the kinds go with stores as before, and rates are the same."""
    rate = [[0.1, 0.2], [0.3, 0.6]]
    before = _sums([[30, 20], [30, 20]], rate)
    now = _sums([[15, 10], [45, 30]], rate)
    found = by_dimension(before, now)
    assert found.values == pytest.approx([_whole(now) - _whole(before), 0, 0, 0], abs=1e-9)


def _whole(sums: Sums) -> float:
    return float(sums.total.sum() / sums.weight.sum())


def test_of_dimensions_rates_alone_are_the_rate() -> None:
    weight = [[30, 20], [10, 40]]
    found = by_dimension(
        _sums(weight, [[0.1, 0.2], [0.3, 0.6]]), _sums(weight, np.full((2, 2), 0.1))
    )
    assert found.values == pytest.approx([0, 0, 0, 0.1 - 0.34], abs=1e-9)


def test_of_dimensions_those_that_go_together_otherwise_are_told() -> None:
    """Margins as before, half and half; but each query is now asked where it is answered badly."""
    rate = [[0.9, 0.1], [0.1, 0.9]]
    found = by_dimension(_sums([[40, 10], [10, 40]], rate), _sums([[10, 40], [40, 10]], rate))
    assert found.values == pytest.approx([0, 0, -0.48, 0], abs=1e-9)


def test_of_dimensions_parts_add_up_also_where_cells_are_empty() -> None:
    rng = np.random.default_rng(3)
    before, now = (_sums(rng.integers(0, 4, (3, 4, 2)), rng.random((3, 4, 2))) for _ in range(2))
    found = by_dimension(before, now)
    assert len(found.values) == 5
    assert found.values.sum() == pytest.approx(_whole(now) - _whole(before), abs=1e-8)


def test_a_jackknife_of_means_is_their_standard_error() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=16)
    left = without_each(values) / 15
    assert jackknifed(left) == pytest.approx(values.std(ddof=1) / 4, rel=1e-12)
