"""Exploration: orders are drawn as often as their propensities say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.simulation.policies import Greedy, PlackettLuce, Policy, Swap

N = 40_000
SCORES = np.array([0.4, 0.2, 0.2])


def _drawn(policy: Policy, shown: int = 3) -> dict[tuple[int, ...], tuple[float, float]]:
    """Of each order: how often it was drawn, and how often its propensities say."""
    order, propensity = policy.draw(np.tile(SCORES, (N, 1)), shown, np.random.default_rng(5))
    told: dict[tuple[int, ...], float] = {}
    for row, chances in zip(order.tolist(), propensity, strict=True):
        chance = float(np.prod(chances))
        assert told.setdefault(tuple(row), chance) == pytest.approx(chance)
    counts = Counter(map(tuple, order.tolist()))
    return {order: (counts[order] / N, chance) for order, chance in told.items()}


def test_greedy_keeps_the_order_of_the_scores() -> None:
    assert _drawn(Greedy()) == {(0, 1, 2): (1.0, 1.0)}


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        # first 2/4 or 1/4; then what is left in proportion
        (1.0, {(0, 1, 2): 1 / 4, (1, 0, 2): 1 / 4 * 2 / 3, (1, 2, 0): 1 / 4 * 1 / 3}),
        # weights 4, 1, 1
        (0.5, {(0, 1, 2): 4 / 6 / 2, (1, 0, 2): 1 / 6 * 4 / 5, (1, 2, 0): 1 / 6 * 1 / 5}),
    ],
)
def test_plackett_luce_by_hand(temperature: float, expected: dict[tuple[int, ...], float]) -> None:
    drawn = _drawn(PlackettLuce(temperature))
    assert len(drawn) == 6
    assert sum(told for _, told in drawn.values()) == pytest.approx(1)
    for order, chance in expected.items():
        assert drawn[order][1] == pytest.approx(chance)
    for found, told in drawn.values():
        assert found == pytest.approx(told, abs=4 * np.sqrt(told * (1 - told) / N))


@pytest.mark.parametrize(("shown", "others"), [(3, [(1, 0, 2), (2, 1, 0)]), (2, [(1, 0, 2)])])
def test_a_swap_puts_another_product_that_is_shown_first(
    shown: int, others: list[tuple[int, ...]]
) -> None:
    drawn = _drawn(Swap(epsilon=0.2), shown)
    assert set(drawn) == {(0, 1, 2), *others}
    assert drawn[0, 1, 2][1] == pytest.approx(0.8)
    for order in others:
        found, told = drawn[order]
        assert told == pytest.approx(0.2 / len(others))
        assert found == pytest.approx(told, abs=4 * np.sqrt(told * (1 - told) / N))


@pytest.mark.parametrize("policy", [PlackettLuce(), Swap(epsilon=1.0)])
def test_where_there_are_fewer_candidates_they_stay_in_front(policy: Policy) -> None:
    scores = np.tile([0.5, 0.3, 0.0, 0.0], (100, 1))
    order, propensity = policy.draw(scores, 3, np.random.default_rng(0))
    assert (np.sort(order[:, :2], axis=1) == [0, 1]).all()
    assert (propensity[:, 2:] == 1).all()


def test_an_only_candidate_is_sure_of_its_place() -> None:
    for policy in (PlackettLuce(), Swap(epsilon=0.5)):
        order, propensity = policy.draw(np.array([[0.5, 0.0]]), 2, np.random.default_rng(0))
        assert order.tolist() == [[0, 1]]
        assert propensity.tolist() == [[1.0, 1.0]]
