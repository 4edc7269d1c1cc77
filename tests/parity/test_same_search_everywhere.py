"""Searches offline, in process, over HTTP and from the log: one answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Installation
from tests.parity.answers import TOLERANCE, same, served_by


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
        same(_pool(ranker.rank(query)), record["candidates"])


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
