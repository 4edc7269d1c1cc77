"""Answers as a service logs them, to measure and to kill what writes them."""

from dataclasses import replace
from datetime import UTC, datetime

from bentos.serving.record import LoggedCandidate, PredictionRecord, Timings

_SOME_DAY = datetime(2024, 3, 15, 12, tzinfo=UTC)
_ASKED = '{"filters":{"category":["shoes"],"in_stock":true},"sort":"relevance","facets":["brand"]}'


def answer(n_candidates: int) -> PredictionRecord:
    """A search that found so many products."""
    return PredictionRecord(
        request_id="0f8fad5b-d9cb-469f-a165-70867728950e",
        scenario="search",
        occurred_at=_SOME_DAY,
        logged_at=_SOME_DAY,
        user_id="household-1609",
        session=[],
        exclude=[],
        limit=10,
        context="{}",
        model_tag="search:20240308-3f9a1c",
        bento_tag="search:wqk3lcx2ks",
        variant="champion",
        policy="greedy",
        state_version="20240315T000000-5e884898da28",
        backend="torch",
        precision="bf16",
        n_scored=200,
        n_read=50,
        degraded=False,
        recent=[],
        candidates=[
            LoggedCandidate(f"{10_000_000 + 7919 * rank}", rank, 1 / (rank + 0.7), 1.0, "both")
            for rank in range(1, n_candidates + 1)
        ],
        timings_ms=Timings(1.8203, 0.4411, 3.9127, 21.0384, 28.1029),
        query="white running shoes",
        asked=_ASKED,
        understood='{"corrected_query":null,"nearest":false,"tags":[]}',
        index_version="5e884898da28",
        deadline_ms=250.0,
    )


def named(template: PredictionRecord, name: str) -> PredictionRecord:
    """The same answer to another request."""
    return replace(template, request_id=name)
