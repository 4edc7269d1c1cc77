"""Staging a day of traffic: the same tables each time, by model and variant."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bentos.serving.record import LoggedCandidate
from tests.unit.warehouse.served_traffic import DAY, STAGED, A, B, at, night
from warehouse.pull import pull
from warehouse.served import stage_day
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Shop


def test_a_days_requests_and_candidates_are_staged(traffic: Shop, logs: Logs) -> None:
    night(traffic, logs)
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
        ("r1", "p1", 1, 1.0, 1.0, True, None, DAY, None),
        ("r1", "p2", 2, 1 / 2, 1.0, True, None, DAY, None),
        ("r1", "p3", 3, 1 / 3, 1.0, False, None, DAY, None),
    ]


def test_a_search_is_staged_with_its_query_and_the_page_that_was_shown(
    shop: Shop, logs: Logs
) -> None:
    shop.sell("p1", "p2", "p3", "p4")
    candidates = [LoggedCandidate(f"p{n}", n, 1 / n, 1.0, "lexical") for n in range(1, 5)]
    page = logs.answer(
        "r1", "", at=at(9), scenario="search", query="green tea", offset=1, candidates=candidates
    )
    logs.write("a.jsonl", page)
    pull(shop.connection, "served", logs.folder, "search")
    stage_day(shop.connection, "search", DAY)
    assert shop.rows("served_requests", "request_id, query") == [("r1", "green tea")]
    assert shop.rows("served_candidates", "product_id, shown, stage") == [
        ("p1", False, "lexical"),
        ("p2", True, "lexical"),
        ("p3", True, "lexical"),
        ("p4", False, "lexical"),
    ]


def test_nothing_was_shown_to_a_client_that_had_gone(shop: Shop, logs: Logs) -> None:
    shop.sell("p1", "p2", "p3")
    logs.write("a.jsonl", logs.answer("r1", at=at(9), client_gone=True))
    night(shop, logs)
    assert shop.rows("served_requests", "request_id, client_gone") == [("r1", True)]
    assert shop.rows("served_candidates", "product_id, shown") == [
        ("p1", False),
        ("p2", False),
        ("p3", False),
    ]


def test_lines_of_the_version_before_are_staged_as_ever(shop: Shop, logs: Logs) -> None:
    shop.sell("p1", "p2", "p3")
    line = orjson.loads(logs.line(logs.answer("r1", at=at(9))))
    for added in ("pinned", "shadow_of", "interleaved_with"):
        del line[added]
    for candidate in line["candidates"]:
        del candidate["variant"]
    logs.write("a.jsonl", orjson.dumps(line | {"log_version": 3}) + b"\n")
    night(shop, logs)
    columns = "request_id, pinned, shadow_of, interleaved_with"
    assert shop.rows("served_requests", columns) == [("r1", False, None, None)]
    assert shop.rows("served_candidates", "product_id, shown") == [
        ("p1", True),
        ("p2", True),
        ("p3", False),
    ]


def test_staging_and_measuring_again_leaves_the_same_tables(traffic: Shop, logs: Logs) -> None:
    n = night(traffic, logs)
    tables = (*STAGED, "metric_values", "served_lines", "stg_events")
    before = {table: traffic.rows(table) for table in tables}
    assert night(traffic, logs) == n
    assert {table: traffic.rows(table) for table in tables} == before
    assert n == len(before["metric_values"])


def test_another_day_or_scenario_leaves_this_ones_rows_alone(traffic: Shop, logs: Logs) -> None:
    night(traffic, logs)
    before = {table: set(traffic.rows(table)) for table in (*STAGED, "metric_values")}
    night(traffic, logs, date(2024, 3, 16))
    stage_day(traffic.connection, "search", DAY)
    after = {table: set(traffic.rows(table)) for table in before}
    assert all(before[table] <= after[table] for table in before)
    assert len(after["served_requests"]) == 6


def test_a_day_without_traffic_has_no_metrics_and_loses_those_it_had(
    traffic: Shop, logs: Logs
) -> None:
    assert night(traffic, logs, date(2024, 3, 20)) == 0
    night(traffic, logs)
    traffic.connection.execute("delete from raw_files")
    assert night(traffic, logs) == 0
    for table in (*STAGED, "metric_values"):
        assert traffic.rows(table) == []


def test_a_request_that_was_logged_twice_is_staged_once(traffic: Shop, logs: Logs) -> None:
    night(traffic, logs)
    before = {table: traffic.rows(table) for table in (*STAGED, "metric_values")}
    logs.write("z.jsonl", logs.answer("r1", "u1", ["p8", "p9"], at(9)))
    logs.write("a.jsonl", logs.answer("r1", "u1", ["p7"], at(13)))
    night(traffic, logs)
    assert {table: traffic.rows(table) for table in before} == before


@pytest.mark.parametrize("retried_at", [at(9), at(13)], ids=["the same moment", "later"])
def test_of_a_request_whose_first_line_is_in_quarantine_the_next_line_is_staged(
    traffic: Shop, logs: Logs, retried_at: datetime
) -> None:
    logs.write("z.jsonl", logs.answer("r1", "u1", ["p8"], retried_at))
    pull(traffic.connection, "served", logs.folder, "recommend")
    traffic.quarantine("raw_served", 0, "a.jsonl", source="recommend")
    stage_day(traffic.connection, "recommend", DAY)
    of_request = "served_candidates where request_id = 'r1'"
    assert traffic.rows(of_request, "product_id") == [("p8",)]


def test_staging_that_is_killed_leaves_the_day_as_it_was(
    traffic: Shop, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(traffic, logs)
    before = {table: traffic.rows(table) for table in STAGED}

    def dies(connection: Any, name: str, **parameters: Any) -> Any:
        if name == "served/outcomes":
            raise KeyboardInterrupt
        return run(connection, name, **parameters)

    monkeypatch.setattr("warehouse.served.run", dies)
    with pytest.raises(KeyboardInterrupt):
        stage_day(traffic.connection, "recommend", DAY)
    assert {table: traffic.rows(table) for table in STAGED} == before
