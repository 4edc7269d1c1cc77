"""Signals: what is more than days differ by, and more than chance."""

from __future__ import annotations

import pytest
from scipy.stats import poisson

from flows.policies.signals import Measure


def test_what_rises_within_the_spread_of_its_days_is_ordinary() -> None:
    calm = Measure("late_share", "all", 0.2, usual=0.1, spread=0.01, n=10_000)
    restless = Measure("late_share", "all", 0.2, usual=0.1, spread=0.02, n=10_000)
    few = Measure("late_share", "all", 0.2, usual=0.1, spread=0.01, n=100)
    assert calm.rises(0.02)
    assert not restless.rises(0.02)
    assert not few.rises(0.02)


@pytest.mark.parametrize(
    ("n", "usual", "value", "moves"),
    [  # by the Poisson distribution, of which five standard errors of a normal one are 3e-7
        (20, 0.0, 0.40, False),  # 8, where 1 is expected at most: 1e-5
        (20, 0.0, 0.55, True),  # 11: 1e-8
        (10_000, 0.01, 0.0155, True),  # 155, where 100 are: 2e-7
        (10_000, 0.01, 0.0152, False),  # 152: 6e-7
        (10, 1.0, 0.0, False),  # none, where 10 are: 5e-5
        (16, 1.0, 0.0, True),  # none, where 16 are: 1e-7
    ],
)
def test_what_moves_is_more_than_chance_has_of_few(
    n: int, usual: float, value: float, moves: bool
) -> None:
    measure = Measure("missing_share", "purchase.price", value, usual, spread=0.0, n=n)
    assert (measure.rises(0.001) or measure.falls(0.001)) == moves
    tail = poisson.sf(value * n - 1, max(usual * n, 1)) if value > usual else poisson.cdf(0, n)
    assert (tail < 3e-7) == moves
