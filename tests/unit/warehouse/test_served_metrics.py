"""Measuring a day of traffic: what a model's answers came to, and how it served."""

from __future__ import annotations

from datetime import date
from math import log2
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bentos.serving.record import Timings
from tests.unit.warehouse.served_traffic import DAY, GONE, NOTHING, A, B, at, night
from warehouse.answers import know_day
from warehouse.metric_values import MetricRow, Window, store_metrics
from warehouse.nights import measure_day
from warehouse.pull import pull
from warehouse.served import stage_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.warehouse.conftest import Logs, Shop


def _value(
    shop: Shop, model: tuple[str, str], metric: str, segment: str = "all"
) -> tuple[float, int] | None:
    rows = shop.connection.execute(
        "select value, n from metric_values where model_tag = $model and variant = $variant "
        "and metric = $metric and segment = $segment",
        {"model": model[0], "variant": model[1], "metric": metric, "segment": segment},
    ).fetchall()
    assert len(rows) <= 1
    return rows[0] if rows else None


def test_a_model_is_measured_over_the_requests_it_answered(traffic: Shop, logs: Logs) -> None:
    night(traffic, logs)
    r1, r2 = 1 / log2(3), 1 / log2(4)  # p2 at rank 2; p1 at rank 3
    assert _value(traffic, A, "ndcg@10") == (pytest.approx((r1 + r2) / 2), 2)
    assert _value(traffic, A, "mrr") == (pytest.approx((1 / 2 + 1 / 3) / 2), 2)
    assert _value(traffic, B, "ndcg@10") == (0, 1)  # p9 was not ranked
    assert _value(traffic, A, "catalogue_coverage@10") == (3 / 10, 6)  # p1, p2 and p4
    assert _value(traffic, B, "catalogue_coverage@10") == (2 / 10, 2)


def test_segments_are_those_of_the_users_and_products_as_the_day_began(
    traffic: Shop, logs: Logs
) -> None:
    night(traffic, logs)
    assert _value(traffic, A, "mrr", "light") == (pytest.approx(5 / 12), 2)  # u1: one trip
    assert _value(traffic, A, "mrr", "medium") is None
    assert _value(traffic, B, "mrr", "medium") == (0, 1)  # u2: two trips
    assert _value(traffic, A, "mrr", "repeat") == (1, 1)  # r2: p1, alone of its kind
    assert _value(traffic, A, "mrr", "first_time") == (1, 1)  # r1: p2 before p3
    assert _value(traffic, A, "mrr", "new") == (1, 1)


def test_a_search_that_nobody_judged_counts_too(traffic: Shop, logs: Logs) -> None:
    logs.write(
        "s.jsonl", logs.answer("q1", "u1", ["p1", "p2"], at(9), scenario="search", query="x")
    )
    traffic.buys("u1", "p2", "2024-03-15T09:30:00", request_id="q1")
    pull(traffic.connection, "served", logs.folder, "search")
    stage_day(traffic.connection, "search", DAY)
    know_day(traffic.connection, "search", DAY)
    measure_day(traffic.connection, "search", DAY, DAY)
    (value,) = traffic.connection.execute(
        "select value from metric_values "
        "where scenario = 'search' and metric = 'mrr' and segment = 'all'"
    ).fetchall()
    assert value == (0.5,)


def test_service_metrics_by_hand(traffic: Shop, logs: Logs) -> None:
    totals = [1.0, 2.0, 3.0, 10.0, 100.0]
    logs.write(
        "c.jsonl",
        *(
            logs.answer(
                f"t{n}",
                "u9",
                at=at(20),
                model_tag="recommend:c",
                degraded=n < 2,
                timings_ms=Timings(0.0, 0.1, 0.0, 0.2, total),
            )
            for n, total in enumerate(totals)
        ),
        logs.answer("failed", "u9", at=at(20), model_tag="recommend:c", **NOTHING, error="broken"),
        *(
            logs.answer(name, "u9", at=at(20), model_tag="recommend:c", **NOTHING, **GONE)
            for name in ("gone", "gone too")
        ),
    )
    night(traffic, logs)
    model = ("recommend:c", "champion")
    shares: Mapping[str, float] = {
        "requests": 8,
        "degraded_share": 2 / 8,
        "error_share": 1 / 8,
        "client_gone_share": 2 / 8,
    }
    latencies: Mapping[str, float] = {
        "latency_ms_p50": 3,
        "latency_ms_p95": 10 + 0.8 * 90,  # four fifths of the way from the fourth to the fifth
        "latency_ms_p99": 10 + 0.96 * 90,
    }
    assert np.percentile(totals, 95) == pytest.approx(latencies["latency_ms_p95"])
    for n, values, off in ((8, shares, 1e-12), (5, latencies, 0.01)):
        for metric, value in values.items():
            assert _value(traffic, model, metric) == (pytest.approx(value, rel=off), n)
    assert _value(traffic, A, "degraded_share") == (pytest.approx(1 / 3), 3)


def test_a_model_that_answered_nobody_has_shares_and_no_latency(shop: Shop, logs: Logs) -> None:
    logs.write("a.jsonl", logs.answer("r1", at=at(9), **NOTHING, error="broken"))
    night(shop, logs)
    assert _value(shop, A, "error_share") == (1, 1)
    assert _value(shop, A, "latency_ms_p50") is None


def test_rankings_that_nobody_was_shown_say_nothing_of_quality(traffic: Shop, logs: Logs) -> None:
    """u1 buys p2 at 9:30 and p1 at 10:30; what comes in between is no answer to that."""
    night(traffic, logs)
    service = "('requests', 'peak_rate')"
    quality = f"metric_values where metric not like '%share' and metric not in {service}"
    before = {table: traffic.rows(table) for table in ("outcomes", quality)}
    assert len(before["outcomes"]) == 5
    logs.write(
        "z.jsonl",
        logs.answer("failed", "u1", at=at(9, minute=15), **NOTHING, error="broken"),
        logs.answer("gone", "u1", at=at(9, minute=20), **NOTHING, **GONE),
        logs.answer("ranked", "u1", ["p7", "p8"], at(9, minute=25), **GONE),
        logs.answer("tomorrow's", "u2", at=at(0, day=16), **NOTHING, error="broken"),
    )
    night(traffic, logs)
    assert {table: traffic.rows(table) for table in before} == before
    assert _value(traffic, A, "requests") == (6, 6)
    traffic.buys("u2", "p6", "2024-03-16T00:30:00")
    stage_day(traffic.connection, "recommend", DAY)
    named = "outcomes where product_id = 'p6'"
    assert traffic.rows(named, "request_id") == [("r4",)]


def test_stored_metrics_replace_those_of_their_window_and_day_alone(shop: Shop) -> None:
    rows = [MetricRow(*A, "all", "mrr", 0.5, 0.1, 9), MetricRow(*B, "all", "mrr", 0.6, None, 1)]
    offline, next_day = Window("offline", DAY), date(2024, 3, 16)
    for as_of in (DAY, next_day):
        store_metrics(shop.connection, "recommend", as_of, {offline: rows})
    store_metrics(shop.connection, "recommend", DAY, {Window("day", DAY): rows})
    store_metrics(shop.connection, "search", DAY, {offline: rows})
    store_metrics(shop.connection, "recommend", DAY, {offline: rows[:1]})
    kept = "metric_values where scenario = 'recommend' and \"window\" = 'offline'"
    assert shop.rows(kept, "as_of, model_tag, value, standard_error, n") == [
        (DAY, A[0], 0.5, 0.1, 9),
        (next_day, A[0], 0.5, 0.1, 9),
        (next_day, B[0], 0.6, None, 1),
    ]
    assert len(shop.rows("metric_values")) == 3 + 2 + 2
