"""Quantiles from bins are those of the latencies themselves, to 1%."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.warehouse.conftest import Shop
from tests.unit.warehouse.service_requests import DAY, clear, measured, serve
from warehouse.service_metrics import measure_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_QUANTILES = {"p50": 50, "p95": 95, "p99": 99}
_MICROSECOND = 0.001

_milliseconds = st.floats(0, 1e6, allow_subnormal=False)
_latencies = st.lists(_milliseconds, min_size=1, max_size=40) | st.builds(
    lambda ms, n: [ms] * n, _milliseconds, st.integers(1, 300)
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """One for all examples of a property."""
    shop = Shop()
    yield shop
    shop.connection.close()


def _latency(shop: Shop, total_ms: Sequence[float | None]) -> dict[str, float]:
    clear(shop)
    serve(shop, total_ms=list(total_ms))
    found = measured(shop)
    return {
        quantile: found[f"latency_ms_{quantile}"][0]
        for quantile in _QUANTILES
        if f"latency_ms_{quantile}" in found
    }


def _assert_near(found: dict[str, float], values: Sequence[float]) -> None:
    for quantile, percent in _QUANTILES.items():
        exact = np.percentile(values, percent)
        assert found[quantile] == pytest.approx(exact, rel=0.01 + 1e-9, abs=_MICROSECOND)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(values=_latencies)
def test_whatever_the_latencies_their_quantiles_are_numpys_to_one_percent(
    shop: Shop, values: list[float]
) -> None:
    _assert_near(_latency(shop, values), values)


@pytest.mark.parametrize(
    "values",
    [
        [12.0],
        [12.0] * 1000,
        [0.0] * 10,
        [0.0] * 9 + [250.0],
        [1e-9, 1e-6, 0.001, 0.00101],
        [1.0, 1e8],
        [float(ms) for ms in range(1, 1001)],
    ],
    ids=["one", "all equal", "zeros", "cached but one", "tiny", "far apart", "a thousand"],
)
def test_hard_latencies_have_numpys_quantiles_to_one_percent(
    shop: Shop, values: list[float]
) -> None:
    _assert_near(_latency(shop, values), values)


def test_nothing_took_no_time_at_all(shop: Shop) -> None:
    assert _latency(shop, [0.0, 0.0, 0.0]) == {"p50": 0, "p95": 0, "p99": 0}


def test_what_is_not_known_of_a_request_is_no_latency(shop: Shop) -> None:
    assert _latency(shop, [None, 5.0, None]) == pytest.approx(
        dict.fromkeys(_QUANTILES, 5.0), rel=0.01
    )
    assert measured(shop)["latency_ms_p50"][2] == 1
    assert measured(shop)["requests"][2] == 3
    clear(shop)
    serve(shop, total_ms=[1.0, 2.0], queue_ms=None)
    assert not {metric for metric in measured(shop) if metric.startswith("queue")}


def test_what_never_ends_or_is_no_number_is_the_longest(shop: Shop) -> None:
    for longest in (float("inf"), float("nan"), 1e300):
        found = _latency(shop, [1.0, longest])
        assert 1e8 < found["p99"] < 1.01e9


def test_each_stage_has_quantiles_of_its_own(shop: Shop) -> None:
    clear(shop)
    stages = {"total": 16.0, "queue": 8.0, "retrieve": 4.0, "features": 2.0, "score": 1.0}
    serve(shop, **{f"{stage}_ms": [ms, ms] for stage, ms in stages.items()})
    found = measured(shop)
    for stage, ms in stages.items():
        name = "latency" if stage == "total" else stage
        for quantile in _QUANTILES:
            assert found[f"{name}_ms_{quantile}"][0] == pytest.approx(ms, rel=0.01)


def test_a_quantiles_standard_error_is_how_much_it_varies_from_sample_to_sample(shop: Shop) -> None:
    samples, size = 200, 1000
    latencies = np.exp(np.random.default_rng(7).standard_normal((samples, size))) * 20
    clear(shop)
    serve(
        shop,
        total_ms=latencies.ravel().tolist(),
        model_tag=[f"m{sample}" for sample in range(samples) for _ in range(size)],
    )
    rows = measure_service(shop.connection, "recommend", DAY)
    for quantile, percent in _QUANTILES.items():
        errors = [
            row.standard_error
            for row in rows
            if row.segment == "all" and row.metric == f"latency_ms_{quantile}"
        ]
        varies = np.percentile(latencies, percent, axis=1).std(ddof=1)
        assert len(errors) == samples
        assert np.mean(errors) == pytest.approx(varies, rel=0.15)


def test_a_quantile_of_too_few_answers_has_no_standard_error(shop: Shop) -> None:
    clear(shop)
    serve(shop, total_ms=[float(ms) for ms in range(1, 31)])
    errors = {metric: error for metric, (_, error, _) in measured(shop).items()}
    # Half the distance between places 11.85 and 17.15 of 1, 2, … 30, each of them one apart.
    assert errors["latency_ms_p50"] == pytest.approx(29 * (0.25 / 30) ** 0.5, rel=0.05)
    assert errors["latency_ms_p95"] is not None
    assert errors["latency_ms_p99"] is None  # of thirty none stands for the slowest hundredth
