"""Staging and measuring a day of traffic: the same tables each time, by model and variant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

from bentos.serving.record import LoggedCandidate, Timings
from warehouse.pull import pull
from warehouse.served import measure_day, stage_day, store_metrics
from warehouse.statements import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.warehouse.conftest import Logs, Shop

DAY = date(2024, 3, 15)
STAGED = ("served_requests", "served_candidates", "outcomes")
NOTHING: Mapping[str, Any] = {"candidates": [], "n_scored": 0, "n_read": 0}
GONE: Mapping[str, Any] = {"client_gone": True}
A, B = ("recommend:a", "champion"), ("recommend:b", "challenger")


def _at(hour: int, day: int = 15, minute: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


def _night(shop: Shop, logs: Logs, day: date = DAY) -> int:
    pull(shop.connection, "served", logs.folder, "recommend")
    stage_day(shop.connection, "recommend", day, day)
    return measure_day(shop.connection, "recommend", day, day)


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


@pytest.fixture
def traffic(shop: Shop, logs: Logs) -> Shop:
    """u1 asks model a twice and buys at rank 2; u2 asks b and buys another; u3 buys nothing."""
    shop.sell(*(f"p{n}" for n in range(1, 11)))
    shop.sell("fuel", recommendable=False)
    shop.buys("u1", "p1", "2024-03-01T12:00:00")
    shop.buys("u2", "p5", "2024-03-01T12:00:00")
    shop.buys("u2", "p5", "2024-03-02T12:00:00")
    logs.write(
        "a.jsonl",
        logs.answer("r1", "u1", ["p1", "p2", "p3"], _at(9)),
        logs.answer("r2", "u1", ["p4", "p2", "p1"], _at(10)),
        logs.answer("r3", "u3", ["p1", "p2", "p3"], _at(11), degraded=True),
    )
    logs.write(
        "b.jsonl",
        logs.answer("r4", "u2", ["p6", "p5"], _at(12), model_tag=B[0], variant=B[1]),
        logs.answer("tomorrow", "u1", ["p9"], _at(1, day=16)),
        logs.answer("found", "u1", ["p9"], _at(12), scenario="search"),
    )
    shop.buys("u1", "p2", "2024-03-15T09:30:00")
    shop.buys("u1", "fuel", "2024-03-15T09:30:00")
    shop.buys("u1", "p1", "2024-03-15T10:30:00", request_id="r2")
    shop.buys("u1", "p4", "2024-03-15T10:30:00", event_type="click")
    shop.buys("u2", "p9", "2024-03-15T12:30:00")
    return shop


def test_a_days_requests_and_candidates_are_staged(traffic: Shop, logs: Logs) -> None:
    _night(traffic, logs)
    columns = 'request_id, user_id, n_session, "limit", model_tag, variant, degraded, n_read'
    assert traffic.rows("served_requests", columns) == [
        ("r1", "u1", 2, 2, *A, False, 20),
        ("r2", "u1", 2, 2, *A, False, 20),
        ("r3", "u3", 2, 2, *A, True, 20),
        ("r4", "u2", 2, 2, *B, False, 20),
    ]
    times = "retrieve_ms, features_ms, queue_ms, score_ms, total_ms"
    assert traffic.rows("served_requests where request_id = 'r1'", times) == [(0.5, 1, 8, 2, 12)]
    assert traffic.rows("served_candidates where request_id = 'r1'") == [
        ("r1", "p1", 1, 1.0, 1.0, True, None, None),
        ("r1", "p2", 2, 1 / 2, 1.0, True, None, None),
        ("r1", "p3", 3, 1 / 3, 1.0, False, None, None),
    ]


def test_a_search_is_staged_with_its_query_and_the_page_that_was_shown(
    shop: Shop, logs: Logs
) -> None:
    shop.sell("p1", "p2", "p3", "p4")
    candidates = [LoggedCandidate(f"p{n}", n, 1 / n, 1.0, "lexical") for n in range(1, 5)]
    page = logs.answer(
        "r1", "", at=_at(9), scenario="search", query="green tea", offset=1, candidates=candidates
    )
    logs.write("a.jsonl", page)
    pull(shop.connection, "served", logs.folder, "search")
    stage_day(shop.connection, "search", DAY, DAY)
    assert shop.rows("served_requests", "request_id, query") == [("r1", "green tea")]
    assert shop.rows("served_candidates", "product_id, shown, stage") == [
        ("p1", False, "lexical"),
        ("p2", True, "lexical"),
        ("p3", True, "lexical"),
        ("p4", False, "lexical"),
    ]


def test_nothing_was_shown_to_a_client_that_had_gone(shop: Shop, logs: Logs) -> None:
    shop.sell("p1", "p2", "p3")
    logs.write("a.jsonl", logs.answer("r1", at=_at(9), client_gone=True))
    _night(shop, logs)
    assert shop.rows("served_requests", "request_id, client_gone") == [("r1", True)]
    assert shop.rows("served_candidates", "product_id, shown") == [
        ("p1", False),
        ("p2", False),
        ("p3", False),
    ]


def test_lines_of_the_version_before_are_staged_as_ever(shop: Shop, logs: Logs) -> None:
    shop.sell("p1", "p2", "p3")
    line = orjson.loads(logs.line(logs.answer("r1", at=_at(9))))
    for added in ("pinned", "shadow_of", "interleaved_with"):
        del line[added]
    for candidate in line["candidates"]:
        del candidate["variant"]
    logs.write("a.jsonl", orjson.dumps(line | {"log_version": 3}) + b"\n")
    _night(shop, logs)
    columns = "request_id, pinned, shadow_of, interleaved_with"
    assert shop.rows("served_requests", columns) == [("r1", False, None, None)]
    assert shop.rows("served_candidates", "product_id, shown") == [
        ("p1", True),
        ("p2", True),
        ("p3", False),
    ]


def test_staging_and_measuring_again_leaves_the_same_tables(traffic: Shop, logs: Logs) -> None:
    n = _night(traffic, logs)
    tables = (*STAGED, "metric_values", "served_lines", "stg_events")
    before = {table: traffic.rows(table) for table in tables}
    assert _night(traffic, logs) == n
    assert {table: traffic.rows(table) for table in tables} == before
    assert n == len(before["metric_values"])


def test_another_day_or_scenario_leaves_this_ones_rows_alone(traffic: Shop, logs: Logs) -> None:
    _night(traffic, logs)
    before = {table: set(traffic.rows(table)) for table in (*STAGED, "metric_values")}
    _night(traffic, logs, date(2024, 3, 16))
    stage_day(traffic.connection, "search", DAY, DAY)
    after = {table: set(traffic.rows(table)) for table in before}
    assert all(before[table] <= after[table] for table in before)
    assert len(after["served_requests"]) == 6


def test_a_model_is_measured_over_the_requests_it_answered(traffic: Shop, logs: Logs) -> None:
    _night(traffic, logs)
    r1, r2 = 1 / log2(3), 1 / log2(4)  # p2 at rank 2; p1 at rank 3
    assert _value(traffic, A, "ndcg@10") == (pytest.approx((r1 + r2) / 2), 2)
    assert _value(traffic, A, "mrr") == (pytest.approx((1 / 2 + 1 / 3) / 2), 2)
    assert _value(traffic, B, "ndcg@10") == (0, 1)  # p9 was not ranked
    assert _value(traffic, A, "catalogue_coverage@10") == (4 / 10, 3)
    assert _value(traffic, B, "catalogue_coverage@10") == (2 / 10, 1)


def test_segments_are_those_of_the_users_and_products_as_the_day_began(
    traffic: Shop, logs: Logs
) -> None:
    _night(traffic, logs)
    assert _value(traffic, A, "mrr", "light") == (pytest.approx(5 / 12), 2)  # u1: one trip
    assert _value(traffic, A, "mrr", "medium") is None
    assert _value(traffic, B, "mrr", "medium") == (0, 1)  # u2: two trips
    assert _value(traffic, A, "mrr", "repeat") == (1, 1)  # r2: p1, alone of its kind
    assert _value(traffic, A, "mrr", "first_time") == (1, 1)  # r1: p2 before p3
    assert _value(traffic, A, "mrr", "new") == (1, 1)


def test_a_search_that_nobody_judged_counts_too(traffic: Shop, logs: Logs) -> None:
    logs.write(
        "s.jsonl", logs.answer("q1", "u1", ["p1", "p2"], _at(9), scenario="search", query="x")
    )
    traffic.buys("u1", "p2", "2024-03-15T09:30:00", request_id="q1")
    pull(traffic.connection, "served", logs.folder, "search")
    stage_day(traffic.connection, "search", DAY, DAY)
    measure_day(traffic.connection, "search", DAY, DAY)
    (value,) = traffic.connection.execute(
        "select value from metric_values where scenario = 'search' and metric = 'mrr'"
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
                at=_at(20),
                model_tag="recommend:c",
                degraded=n < 2,
                timings_ms=Timings(0.0, 0.1, 0.0, 0.2, total),
            )
            for n, total in enumerate(totals)
        ),
        logs.answer("failed", "u9", at=_at(20), model_tag="recommend:c", **NOTHING, error="broken"),
        *(
            logs.answer(name, "u9", at=_at(20), model_tag="recommend:c", **NOTHING, **GONE)
            for name in ("gone", "gone too")
        ),
    )
    _night(traffic, logs)
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
    for n, values in ((8, shares), (5, latencies)):
        for metric, value in values.items():
            assert _value(traffic, model, metric) == (pytest.approx(value), n)
    assert _value(traffic, A, "degraded_share") == (pytest.approx(1 / 3), 3)


def test_a_model_that_answered_nobody_has_shares_and_no_latency(shop: Shop, logs: Logs) -> None:
    logs.write("a.jsonl", logs.answer("r1", at=_at(9), **NOTHING, error="broken"))
    _night(shop, logs)
    assert _value(shop, A, "error_share") == (1, 1)
    assert _value(shop, A, "latency_ms_p50") is None


def test_rankings_that_nobody_was_shown_say_nothing_of_quality(traffic: Shop, logs: Logs) -> None:
    """u1 buys p2 at 9:30 and p1 at 10:30; what comes in between is no answer to that."""
    _night(traffic, logs)
    quality = "metric_values where metric not like '%share' and metric <> 'requests'"
    before = {table: traffic.rows(table) for table in ("outcomes", quality)}
    assert len(before["outcomes"]) == 5
    logs.write(
        "z.jsonl",
        logs.answer("failed", "u1", at=_at(9, minute=15), **NOTHING, error="broken"),
        logs.answer("gone", "u1", at=_at(9, minute=20), **NOTHING, **GONE),
        logs.answer("ranked", "u1", ["p7", "p8"], _at(9, minute=25), **GONE),
        logs.answer("tomorrow's", "u2", at=_at(0, day=16), **NOTHING, error="broken"),
    )
    traffic.buys("u2", "p6", "2024-03-16T00:30:00")
    _night(traffic, logs)
    assert {table: traffic.rows(table) for table in before} == before
    assert _value(traffic, A, "requests") == (6, 6)
    stage_day(traffic.connection, "recommend", DAY, date(2024, 3, 16))
    named = "outcomes where product_id = 'p6'"
    assert traffic.rows(named, "request_id") == [("r4",)]


def test_a_day_without_traffic_has_no_metrics_and_loses_those_it_had(
    traffic: Shop, logs: Logs
) -> None:
    assert _night(traffic, logs, date(2024, 3, 20)) == 0
    _night(traffic, logs)
    traffic.connection.execute("delete from raw_files")
    assert _night(traffic, logs) == 0
    for table in (*STAGED, "metric_values"):
        assert traffic.rows(table) == []


def test_a_request_that_was_logged_twice_is_staged_once(traffic: Shop, logs: Logs) -> None:
    _night(traffic, logs)
    before = {table: traffic.rows(table) for table in (*STAGED, "metric_values")}
    logs.write("z.jsonl", logs.answer("r1", "u1", ["p8", "p9"], _at(9)))
    logs.write("a.jsonl", logs.answer("r1", "u1", ["p7"], _at(13)))
    _night(traffic, logs)
    assert {table: traffic.rows(table) for table in before} == before


@pytest.mark.parametrize("retried_at", [_at(9), _at(13)], ids=["the same moment", "later"])
def test_of_a_request_whose_first_line_is_in_quarantine_the_next_line_is_staged(
    traffic: Shop, logs: Logs, retried_at: datetime
) -> None:
    logs.write("z.jsonl", logs.answer("r1", "u1", ["p8"], retried_at))
    pull(traffic.connection, "served", logs.folder, "recommend")
    traffic.quarantine("raw_served", 0, "a.jsonl", source="recommend")
    stage_day(traffic.connection, "recommend", DAY, DAY)
    of_request = "served_candidates where request_id = 'r1'"
    assert traffic.rows(of_request, "product_id") == [("p8",)]


def test_staging_that_is_killed_leaves_the_day_as_it_was(
    traffic: Shop, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    _night(traffic, logs)
    before = {table: traffic.rows(table) for table in STAGED}

    def dies(connection: Any, name: str, **parameters: Any) -> Any:
        if name == "served/outcomes":
            raise KeyboardInterrupt
        return run(connection, name, **parameters)

    monkeypatch.setattr("warehouse.served.run", dies)
    with pytest.raises(KeyboardInterrupt):
        stage_day(traffic.connection, "recommend", DAY, DAY)
    assert {table: traffic.rows(table) for table in STAGED} == before


def test_stored_metrics_replace_those_of_their_window_and_day_alone(shop: Shop) -> None:
    rows = [(*A, "all", "mrr", 0.5, 0.1, 9), (*B, "all", "mrr", 0.6, None, 1)]
    next_day = date(2024, 3, 16)
    for as_of in (DAY, next_day):
        store_metrics(shop.connection, "recommend", "offline", DAY, as_of, rows)
    store_metrics(shop.connection, "recommend", "day", DAY, DAY, rows)
    store_metrics(shop.connection, "search", "offline", DAY, DAY, rows)
    store_metrics(shop.connection, "recommend", "offline", DAY, DAY, rows[:1])
    kept = "metric_values where scenario = 'recommend' and \"window\" = 'offline'"
    assert shop.rows(kept, "as_of, model_tag, value, standard_error, n") == [
        (DAY, A[0], 0.5, 0.1, 9),
        (next_day, A[0], 0.5, 0.1, 9),
        (next_day, B[0], 0.6, None, 1),
    ]
    assert len(shop.rows("metric_values")) == 3 + 2 + 2
