"""What search may be asked: a request that can't be answered names its field."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bentos.search.schema import EmbeddingRequest, RerankRequest, SearchRequest

HARD_QUERIES = [
    "x" * 10_000,
    "🎧 🎧",
    "кабель 電池 câble",
    "?!...",
    "'; drop table products; --",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("query", HARD_QUERIES)
def test_whatever_is_typed_is_taken_as_it_is(query: str) -> None:
    assert SearchRequest(query=query).query == query


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("query", {"query": ""}),
        ("query", {"query": " \t\n"}),
        ("query", {"query": "x" * 10_001}),
        ("limit", {"limit": 0}),
        ("limit", {"limit": 101}),
        ("offset", {"offset": -1}),
        ("offset", {"offset": 95, "limit": 10}),
        ("colour", {"filters": {"colour": ["red"]}}),
        ("price_from", {"filters": {"price_from": -1}}),
        ("price_to", {"filters": {"price_to": "cheap"}}),
        ("price_to", {"filters": {"price_to": float("inf")}}),
        ("sort", {"sort": "cheapest"}),
        ("facets", {"facets": ["colour"]}),
        ("facets", {"facets": ["attributes."]}),
        ("user_id", {"user_id": ""}),
        ("page", {"page": 2}),
    ],
)
def test_a_request_that_can_not_be_answered_names_its_field(
    field: str, change: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match=field):
        SearchRequest.model_validate({"query": "cable"} | change)


def test_the_last_page_ends_with_the_pool() -> None:
    assert SearchRequest(query="cable", offset=90, limit=10).offset == 90


def test_facets_may_be_attributes() -> None:
    request = SearchRequest(query="cable", facets=["brand", "attributes.colour"])
    assert request.facets == ["brand", "attributes.colour"]


def test_documents_are_texts_or_objects_as_either_client_sends_them() -> None:
    request = RerankRequest.model_validate(
        {"model": "any", "query": "cable", "documents": ["a", {"text": "b"}], "top_n": 1}
    )
    assert [d if isinstance(d, str) else d.text for d in request.documents] == ["a", "b"]


@pytest.mark.parametrize("documents", [[], ["x"] * 5_000, "x", [{"title": "x"}]])
def test_documents_that_can_not_be_reranked_are_refused(documents: Any) -> None:
    with pytest.raises(ValidationError, match="documents"):
        RerankRequest.model_validate({"query": "cable", "documents": documents})


@pytest.mark.parametrize("given", [[], ["x"] * 257, ["x" * 10_001], 5, [5], "x" * 10_001])
def test_inputs_that_can_not_be_encoded_are_refused(given: Any) -> None:
    with pytest.raises(ValidationError, match="input"):
        EmbeddingRequest.model_validate({"input": given})
