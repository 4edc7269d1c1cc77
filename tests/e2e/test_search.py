"""Search over HTTP, as shops and attackers ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Installation

HARD_QUERIES = {
    "10,000 characters": "x" * 10_000,
    "10,000 characters of words": "milk " * 2_000,
    "emoji": "🥛🍪",
    "mixed scripts": "молоко 牛奶 حليب milk",
    "only punctuation": "!!! ... ???",
    "SQL": "'; DROP TABLE products; --",
    "HTML": "<script>alert('milk')</script>",
    "control characters": "\x01milk\u202e",
    "a null character": "milk\x00",
    "half a surrogate": "milk \ufffd",
}


@pytest.mark.parametrize("query", HARD_QUERIES.values(), ids=HARD_QUERIES.keys())
def test_whatever_is_typed_is_answered_with_products(
    installation: Installation, query: str
) -> None:
    answer = installation.post_to_search("/search", {"query": query})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == 10


BAD_REQUESTS: list[tuple[str, dict[str, Any], str]] = [
    ("/search", {}, "query"),
    ("/search", {"query": ""}, "query"),
    ("/search", {"query": " \n\t"}, "query"),
    ("/search", {"query": "x" * 10_001}, "query"),
    ("/search", {"query": ["milk"]}, "query"),
    ("/search", {"query": "milk", "limit": 0}, "limit"),
    ("/search", {"query": "milk", "limit": 60, "offset": 60}, "offset"),
    ("/search", {"query": "milk", "filters": {"colour": ["red"]}}, "colour"),
    ("/search", {"query": "milk", "filters": {"price_from": -1}}, "price_from"),
    ("/search", {"query": "milk", "filters": {"price_from": "NaN"}}, "price_from"),
    ("/search", {"query": "milk", "facets": ["colour"]}, "facets"),
    ("/search", {"query": "milk", "sort": "cheapest"}, "sort"),
    ("/search", {"query": "milk", "occurred_at": "soon"}, "occurred_at"),
    ("/rerank", {"query": "milk", "documents": ["milk"] * 5_000}, "documents"),
    ("/rerank", {"query": "milk", "documents": []}, "documents"),
    ("/rerank", {"query": "", "documents": ["milk"]}, "query"),
    ("/rerank", {"query": "milk", "documents": [1]}, "documents"),
    ("/rerank", {"query": "milk", "documents": ["milk"], "top_n": 0}, "top_n"),
]


@pytest.mark.parametrize(("path", "body", "field"), BAD_REQUESTS)
def test_a_bad_request_is_refused_with_the_fields_name(
    installation: Installation, path: str, body: dict[str, Any], field: str
) -> None:
    answer = installation.post_to_search(path, body)
    assert 400 <= answer.status_code < 500
    assert field in answer.text


def test_what_is_no_json_is_refused(installation: Installation) -> None:
    for content in (b"", b"{", b"\xff\xfe", b"null"):
        answer = httpx.post(f"{installation.search_service}/search", content=content)
        assert 400 <= answer.status_code < 500


def test_documents_are_reranked_in_the_shape_of_rerank_clients(installation: Installation) -> None:
    documents = ["a bag of apples", "orange juice, half a gallon", {"text": "paper towels"}]
    body = {"query": "orange juice", "documents": documents, "top_n": 2, "model": "any"}
    found = installation.post_to_search("/rerank", body).json()["results"]
    assert found[0]["index"] == 1
    assert len(found) == 2
    assert found[0]["relevance_score"] >= found[1]["relevance_score"]


def test_texts_are_embedded_in_the_shape_of_openai(installation: Installation) -> None:
    answer = installation.post_to_search(
        "/v1/embeddings", {"input": ["milk", "bread"], "model": "m"}
    )
    data = answer.json()["data"]
    assert [row["index"] for row in data] == [0, 1]
    assert all(sum(x * x for x in row["embedding"]) == pytest.approx(1, abs=1e-3) for row in data)


def test_where_nothing_passes_the_filters_the_nearest_are_shown_and_marked(
    installation: Installation,
) -> None:
    body = {"query": "milk", "filters": {"brand": ["no such brand"]}}
    found = installation.post_to_search("/search", body).json()
    assert found["nearest"] is True
    assert found["total"] == 0
    assert {item["stage"] for item in found["items"]} == {"nearest"}


def test_a_new_state_is_taken_up_without_a_search_refused(
    installation: Installation, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    pointer = installation.home / "online_state" / "current"
    newest = pointer.read_text()
    (older,) = {record["state_version"] for record in installation.served("search")} - {newest}
    stop, statuses = threading.Event(), list[int]()
    client = threading.Thread(target=_ask_until, args=(installation, stop, statuses))
    client.start()
    try:
        for version in (older, newest):
            pointer.write_text(version)
            eventually(lambda wanted=version: _last_state(installation) == wanted)  # type: ignore[misc]
    finally:
        pointer.write_text(newest)
        stop.set()
        client.join()
    assert len(statuses) > 2
    assert set(statuses) == {200}


def _ask_until(installation: Installation, stop: threading.Event, statuses: list[int]) -> None:
    while not stop.is_set():
        statuses.append(installation.post_to_search("/search", {"query": "milk"}).status_code)


def _last_state(installation: Installation) -> str:
    state: str = installation.served("search")[-1]["state_version"]
    return state
