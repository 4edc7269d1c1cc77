"""Delays: their distributions by hand, and that events keep to them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.simulation.delays import DAY, HOUR, USUAL, Delay, LogNormal, Weibull, check_order


def test_distributions_by_hand() -> None:
    hour = LogNormal(median=HOUR, sigma=2.0)
    np.testing.assert_allclose(
        hour.cdf(np.array([0.0, HOUR, HOUR * np.exp(2.0), HOUR / np.exp(2.0)])),
        [0, 0.5, 0.841344746, 0.158655254],
    )
    weeks = Weibull(scale=14 * DAY, shape=2.0)
    np.testing.assert_allclose(
        weeks.cdf(np.array([0.0, 14 * DAY, 28 * DAY])), [0, 1 - np.exp(-1), 1 - np.exp(-4)]
    )


@pytest.mark.parametrize("delay", [*USUAL.values(), Weibull(HOUR, 0.5)])
def test_quantiles_are_where_the_cdf_says(delay: Delay) -> None:
    shares = np.array([0.001, 0.1, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(delay.cdf(delay.quantile(shares)), shares)


def test_events_may_not_come_before_the_one_that_they_follow() -> None:
    check_order(USUAL)
    with pytest.raises(ValueError, match="of add_to_cart and purchase"):
        check_order({**USUAL, "purchase": LogNormal(60.0, 1.0)})
    with pytest.raises(ValueError, match="of purchase and return"):
        check_order({**USUAL, "return": Weibull(17 * DAY, 0.2)})
