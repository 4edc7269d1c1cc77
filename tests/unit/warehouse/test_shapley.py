"""Shapley values: worked by hand, by their axioms, and drawn against exact ones."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from warehouse.shapley import EXACT_UP_TO, shapley

if TYPE_CHECKING:
    from warehouse.intervals import Values
    from warehouse.shapley import Coalitions


def _gloves(coalitions: Coalitions) -> Values:
    """One has a left glove, two others right ones; a pair is worth 1 (Shapley and Shubik 1969)."""
    return (coalitions[:, 0] & coalitions[:, 1:].any(axis=1)).astype(float)


def test_the_glove_game_by_hand() -> None:
    found = shapley(_gloves, 3)
    assert found.values == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=1e-12)
    assert (found.bounds == 0).all()


def test_revenue_of_two_factors_by_hand() -> None:
    """1,000 visits at 2 each become 1,200 at 3: of 1,600 more, 500 are from the visits."""

    def revenue(coalitions: Coalitions) -> Values:
        visits = np.where(coalitions[:, 0], 1200.0, 1000.0)
        return visits * np.where(coalitions[:, 1], 3.0, 2.0)

    assert shapley(revenue, 2).values == pytest.approx([500, 1100], abs=1e-9)


def test_values_are_means_over_all_orders() -> None:
    rng = np.random.default_rng(1)
    worths = rng.normal(size=2**5)
    found = shapley(lambda coalitions: worths[coalitions @ 2 ** np.arange(5)], 5)
    added = np.zeros(5)
    for order in permutations(range(5)):
        inside = 0
        for player in order:
            added[player] += worths[inside + 2**player] - worths[inside]
            inside += 2**player
    assert found.values == pytest.approx(added / 120, abs=1e-12)
    assert found.values.sum() == pytest.approx(worths[-1] - worths[0], abs=1e-12)


def test_who_adds_nothing_gets_nothing_and_who_adds_alike_gets_alike() -> None:
    found = shapley(lambda coalitions: coalitions[:, :2].sum(axis=1) ** 2.0, 4)
    assert found.values == pytest.approx([2, 2, 0, 0], abs=1e-12)


def test_of_many_players_orders_are_drawn_within_the_bounds_that_are_said() -> None:
    """The square of a sum of weights: each player's value is its weight x the whole sum."""
    rng = np.random.default_rng(2)
    missed, told = 0, 0
    for seed in range(20):
        weights = rng.random(EXACT_UP_TO + 4)
        found = shapley(lambda coalitions, w=weights: (coalitions @ w) ** 3, len(weights), seed)
        exact = _of_cubes(weights)
        missed += int((np.abs(found.values - exact) > found.bounds).sum())
        told += len(weights)
        assert found.values.sum() == pytest.approx(weights.sum() ** 3, rel=1e-12)
        assert (found.bounds > 0).all()
        assert (found.bounds < 0.05 * weights.sum() ** 3).all()
    assert missed / told < 0.09


def _of_cubes(weights: Values) -> Values:
    """By linearity: of w_i w_j w_k each of the different players in it has an equal part."""
    n = len(weights)
    i, j, k = np.meshgrid(*[np.arange(n)] * 3, indexing="ij")
    products = weights[i] * weights[j] * weights[k]
    values = np.zeros(n)
    for player in range(n):
        inside = (i == player) | (j == player) | (k == player)
        different = 1 + (j != i) + ((k != i) & (k != j))
        values[player] = (products * inside / different).sum()
    return values
