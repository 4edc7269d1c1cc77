"""Searches offline, in process, over HTTP and from the log: one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.conftest import Installation
from tests.parity.answers import TOLERANCE, same, served_by

HURRY_MS = 60.0


@pytest.fixture(scope="module")
def records(installation: Installation) -> list[dict[str, Any]]:
    """The searches of the replay."""
    return installation.served("search")


@pytest.fixture(scope="module")
def ranker(installation: Installation, records: list[dict[str, Any]]) -> Any:
    """The model and state that the log names, loaded anew."""
    from bentos.search.ranker import SearchRanker

    return SearchRanker.load(*served_by(installation, records[0]), "cpu")


def _pool(ranked: Any) -> list[tuple[str, float]]:
    return [(found.product_id, found.score) for found in ranked.pool]


def test_searches_of_known_shoppers_were_logged(records: list[dict[str, Any]]) -> None:
    assert len(records) > 5
    assert all(record["user_id"] and record["query"] for record in records)
    assert all(record["scenario"] == "search" for record in records)


def test_an_answer_can_be_computed_again_from_its_log_line(
    records: list[dict[str, Any]], ranker: Any
) -> None:
    from bentos.search.ranker import SearchQuery
    from bentos.serving.record import LoggedEvent

    for record in records:
        query = SearchQuery(
            record["query"],
            datetime.fromisoformat(record["occurred_at"]),
            record["user_id"],
            recent=tuple(LoggedEvent(**event) for event in record["recent"]),
        )
        as_far = partial(_the_first, n=record["n_read"])
        same(_pool(ranker.rank(query, as_far)), record["candidates"])


def test_an_answer_that_was_cut_off_can_be_computed_again_too(installation: Installation) -> None:
    from bentos.search.ranker import SearchQuery, SearchRanker

    queries = ["frozen pizza", "milk", "dog food", "soup", "beef", "cheese", "juice", "bread"] * 2
    with ThreadPoolExecutor(len(queries)) as clients:
        for _ in clients.map(partial(_ask_in_a_hurry, installation), queries):
            pass
    logged = [r for r in installation.served("search") if r["deadline_ms"] == HURRY_MS]
    assert len(logged) == len(queries)
    ranker = SearchRanker.load(*served_by(installation, logged[0]), "cpu")
    for record in logged:
        query = SearchQuery(record["query"], datetime.fromisoformat(record["occurred_at"]))
        ranked = ranker.rank(query, partial(_the_first, n=record["n_read"]))
        same(_pool(ranked), record["candidates"])
        assert ranked.degraded == record["degraded"]


def _ask_in_a_hurry(installation: Installation, query: str) -> None:
    asked = {"query": query, "limit": 100, "deadline_ms": HURRY_MS}
    assert installation.post_to_search("/search", asked).status_code == 200


def _the_first(reader: Any, rows: Any, tokens: Any, *, n: int) -> Any:
    return reader.read(rows[:n])


def test_the_service_answers_over_http_as_the_model_does_in_process(
    installation: Installation, records: list[dict[str, Any]], ranker: Any
) -> None:
    from bentos.search.ranker import SearchQuery
    from bentos.serving.state import current_version, read_state

    folder = installation.home / "online_state"
    now = type(ranker)(ranker._model, read_state(folder, current_version(folder)))
    for record in records:
        asked = {"query": record["query"], "limit": 100, "personalise": False}
        answer = installation.post_to_search("/search", asked).json()
        moment = datetime.fromisoformat(record["occurred_at"])
        ranked = now.rank(SearchQuery(record["query"], moment, personalise=False))
        same(_pool(ranked), answer["items"])


def test_offline_runs_rank_as_single_searches_do(
    records: list[dict[str, Any]], ranker: Any
) -> None:
    from bentos.search.ranker import SearchQuery

    queries = sorted({record["query"] for record in records})
    run = ranker.run(queries, {}).to_pylist()
    for query in queries:
        offline = {row["product_id"]: row["score"] for row in run if row["query_id"] == query}
        ranked = ranker.rank(SearchQuery(query, ranker._state.as_of, personalise=False))
        assert dict(_pool(ranked)) == pytest.approx(offline, abs=TOLERANCE)


def test_what_was_searched_for_and_bought_came_of_the_search(
    installation: Installation, records: list[dict[str, Any]]
) -> None:
    from warehouse.connection import open_warehouse

    with open_warehouse(installation.home / "warehouse.duckdb", read_only=True) as connection:
        bought = dict(
            connection.execute(
                "select request_id, list(product_id) from outcomes "
                "semi join (from served_requests where scenario = 'search') using (request_id) "
                "where event_type = 'purchase' group by request_id"
            ).fetchall()
        )
    assert set(bought) == {record["request_id"] for record in records}
