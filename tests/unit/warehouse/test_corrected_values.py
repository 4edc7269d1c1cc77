"""What young values will come to: in a simulation, and worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.unit.warehouse.answers_and_events import answer_many, buy_many
from warehouse.answers import Days
from warehouse.delays import WindowMaturity, window_maturity
from warehouse.maturity import COMPLETE, MATURE, UNCHANGED, Correction, DelayCurve, Maturity
from warehouse.metric_values import MetricRow, matured
from warehouse.nights import measure_nights
from warehouse.served import stage_outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tests.unit.warehouse.conftest import Shop

DAY = date(2024, 3, 15)


def _after(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_young_share_comes_nearer_to_its_final_value_by_its_correction(shop: Shop) -> None:
    """Two thousand answers a day; something is bought of a tenth, after a day in the median.

    Of the windows that are not mature, at least 90% come nearer to what they are when all has come.
    """
    rng = np.random.default_rng(11)
    n_days, a_day = 34, 2000
    day = np.repeat(np.arange(n_days), a_day)
    at = np.datetime64(DAY, "us") + _seconds(86_400 * (day + rng.random(len(day))))
    names = np.array([f"r{i}" for i in range(len(at))])
    answer_many(shop, list(names), at)
    bought = rng.random(len(at)) < 0.1
    delays = rng.lognormal(np.log(24 * 3600), 1, len(at))
    buy_many(shop, list(names[bought]), (at + _seconds(delays))[bought], ["p1"] * bought.sum())
    for night in range(n_days):
        if night < 16:
            stage_outcomes(shop.connection, "recommend", _after(night))
        else:
            measure_nights(shop.connection, "recommend", _after(night))
    nearer, within = _against_the_end(shop, "purchase_share", range(16, n_days - 7))
    assert len(nearer) > 40
    assert np.mean(nearer) >= 0.9, np.mean(nearer)
    assert 0.85 <= np.mean(within) <= 1.0


def _seconds(seconds: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return (seconds * 1e6).astype("timedelta64[us]")


def _against_the_end(shop: Shop, metric: str, days: Sequence[int]) -> tuple[list[bool], list[bool]]:
    """Of young windows: whether the corrected value is nearer, and within two of its errors."""
    nearer, within = [], []
    for day in days:
        rows = shop.rows(
            f"metric_values where metric = '{metric}' and window_start = '{_after(day)}' "
            "and \"window\" = 'day' and segment = 'all' and as_of <= window_start + 7",
            "as_of - window_start, value, maturity, corrected, corrected_error",
        )
        age, final, maturity, corrected, _ = rows[-1]
        assert (age, maturity, corrected) == (7, 1.0, final)
        for _, value, maturity, corrected, error in rows:
            if maturity < MATURE:
                nearer.append(abs(corrected - final) < abs(value - final))
                within.append(abs(corrected - final) <= 2 * error)
    return nearer, within


def _of_day(shop: Shop, day: int, as_of: int) -> WindowMaturity:
    days = Days(_after(day), _after(day))
    return window_maturity(shop.connection, "recommend", [days], _after(as_of))[days]


def _measured(day: int, age: int, value: float, n: int) -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "metric": "mrr",
        "window": "day",
        "window_start": _after(day),
        "segment": "all",
        "model_tag": "recommend:a",
        "variant": "champion",
        "as_of": _after(day + age),
        "value": value,
        "n": n,
    }


def test_a_share_comes_to_one_at_most_and_revenue_to_whatever_it_does() -> None:
    seconds = np.array([10.0, 100.0, 86_400.0])  # 8% have been followed, in the end 10%
    curve = DelayCurve(seconds, np.array([0.92, 0.9, 0.9]), np.zeros(3))
    ages = {("recommend:a", "champion"): (np.array([50.0]), np.array([100]))}
    mature = WindowMaturity({"purchase": curve}, {"purchase": 1}, ages, {})
    share, revenue, few = (
        matured(MetricRow("recommend:a", "champion", "all", metric, value, 0.01, 100), mature)
        for metric, value in (
            ("purchase_share", 0.9),
            ("revenue_per_answer", 0.9),
            ("purchase_share", 0.4),
        )
    )
    assert (share.corrected, revenue.corrected, few.corrected) == (
        1.0,
        pytest.approx(1.125),
        pytest.approx(0.5),
    )


def test_a_mean_over_what_was_bought_after_is_corrected_by_how_such_means_have_grown(
    shop: Shop,
) -> None:
    """Seven days that closed: one of three times the requests grew from 0.2 to 0.3, six by none."""
    days = [(0, 0.2, 0.3, 30), *((day, 0.4, 0.4, 10) for day in range(1, 7))]
    for day, young, final, n in days:
        shop.add("metric_values", _measured(day, 2, young, n // 2), _measured(day, 7, final, n))
    shop.add("metric_values", _measured(3, 1, 0.1, 5), _measured(7, 2, 0.1, 5))
    factor = (30 * 0.3 + 60 * 0.4) / (30 * 0.2 + 60 * 0.4)
    apart = (30 * (0.3 - factor * 0.2)) ** 2 + 6 * (10 * (0.4 - factor * 0.4)) ** 2
    found = _of_day(shop, 11, as_of=13)
    assert found.grown("mrr", Maturity(0.5, 0.1)) == Correction(
        pytest.approx(factor), pytest.approx(sqrt(apart * 7 / 6) / (30 * 0.3 + 60 * 0.4))
    )
    assert found.grown("mrr", COMPLETE) == UNCHANGED
    assert found.grown("ndcg@10", Maturity(0.5, 0.1)) is None
    for day, as_of in ((12, 13), (10, 12)):  # of another age; on a night when six had closed
        few = _of_day(shop, day, as_of)
        assert few.grown("mrr", Maturity(0.5, 0.1)) is None
