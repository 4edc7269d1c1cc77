"""The service in process: nothing is answered that is not logged, in the shapes clients expect."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from bentoml.exceptions import InvalidArgument
from starlette.responses import JSONResponse

from bentos.search.ranker import SearchQuery, SearchRanker
from bentos.search.schema import EmbeddingRequest, RerankRequest, SearchRequest
from bentos.search.service import Search
from bentos.serving.errors import LogUnwritable, Overloaded
from bentos.serving.feedback import FeedbackRequest
from bentos.serving.rollout import RolloutRecord, write_rollout
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import save_model
from tests.unit.bentos.search.conftest import NOON


class Service:
    """A search at work, and its home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.inner: Any = Search.inner()  # type: ignore[attr-defined]  # of its decorator

    def ask(self, query: str, **request: Any) -> Any:
        asked = {"query": query, "occurred_at": NOON} | request
        return asyncio.run(self.inner.search(SearchRequest.model_validate(asked)))

    @property
    def logged(self) -> list[dict[str, Any]]:
        paths = (self.home / "serving_logs" / "search").glob("*.jsonl")
        return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


@pytest.fixture
def service(
    tmp_path: Path,
    model_store: Path,
    learnt: Path,
    shelf: OnlineState,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Service]:
    home = tmp_path / "home"
    monkeypatch.setenv("SHOPKEEPER_HOME", str(home))
    monkeypatch.setenv("SHOPKEEPER_ALLOW_REPLAY", "true")
    monkeypatch.setenv("SHOPKEEPER_DEVICE", "cpu")
    tag = save_model("search", date(2024, 3, 8), learnt, {})
    record = RolloutRecord(
        scenario="search", version=1, champion=tag, bento_tag="search:b", reason="why"
    )
    write_rollout(home / "rollouts", record)
    write_state(home / "online_state", shelf.as_of, shelf.tables, shelf.indexes)
    service = Service(home)
    yield service
    service.inner.close()


def test_an_answer_is_the_rankers_and_is_in_the_log(
    service: Service, ranker: SearchRanker, shelf: OnlineState
) -> None:
    answer = service.ask("white acme lamp", limit=3, facets=["brand"], context={"device": "tv"})
    ranked = ranker.rank(SearchQuery("white acme lamp", NOON, facets=("brand",)))
    pool = [(product.product_id, product.score) for product in ranked.pool]
    assert [(item.product_id, item.score) for item in answer.items] == pool[:3]
    assert [item.rank for item in answer.items] == [1, 2, 3]
    assert (answer.total, answer.nearest, answer.corrected_query) == (81, False, None)
    assert {count.value: count.count for count in answer.facets["brand"]} == {
        "Acme": 27,
        "Bolt": 27,
        "Core": 27,
    }
    assert {tag.kind: tag.value for tag in answer.understood}["BRAND"] == "Acme"
    (line,) = service.logged
    assert line["request_id"] == answer.request_id
    assert (line["query"], line["limit"], line["offset"]) == ("white acme lamp", 3, 0)
    assert [(c["product_id"], c["score"]) for c in line["candidates"]] == pool
    assert {c["stage"] for c in line["candidates"]} <= {"lexical", "dense", "both"}
    assert orjson.loads(line["asked"])["facets"] == ["brand"]
    assert line["context"] == '{"device":"tv"}'
    assert (line["n_scored"], line["n_read"]) == (ranked.n_scored, ranked.n_read)
    assert line["index_version"] == shelf.indexes["search"].name


def test_the_second_page_goes_on_where_the_first_ended(service: Service) -> None:
    both = service.ask("mouse", limit=6).items
    second = service.ask("mouse", limit=3, offset=3).items
    assert [(i.rank, i.product_id) for i in second] == [(i.rank, i.product_id) for i in both[3:]]
    assert service.logged[1]["offset"] == 3


def test_a_search_that_was_asked_before_is_answered_and_logged_as_one_of_its_own(
    service: Service,
) -> None:
    first, second = service.ask("white lamp"), service.ask("white lamp", user_id="u9", limit=3)
    assert second.items == first.items[:3]
    before, after = service.logged
    assert after["request_id"] == second.request_id != first.request_id
    assert (after["user_id"], after["limit"]) == ("u9", 3)
    same = ("candidates", "n_scored", "n_read", "degraded", "understood", "state_version")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert before["timings_ms"]["retrieve"] > after["timings_ms"]["retrieve"] == 0
    assert after["timings_ms"]["total"] > 0


def test_where_nothing_is_to_be_kept_every_search_is_worked_out(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for what in ("QUERIES", "SEARCHES", "RERANKINGS"):
        monkeypatch.setenv(f"SHOPKEEPER_CACHED_{what}", "0")
    forgetful = Service(service.home)
    try:
        for _ in range(2):
            forgetful.ask("white lamp")
    finally:
        forgetful.inner.close()
    assert all(line["timings_ms"]["retrieve"] > 0 for line in service.logged)


def test_an_order_by_price_is_logged_as_a_policy_of_its_own(service: Service) -> None:
    service.ask("mouse", sort="price_desc")
    service.ask("mouse")
    assert [line["policy"] for line in service.logged] == ["sorted", "greedy"]


def test_what_a_user_bought_counts_in_the_next_search(service: Service) -> None:
    before = service.ask("mouse", user_id="u9", limit=100).items
    bought = {
        "event_id": "e1",
        "event_type": "purchase",
        "product_id": "mouse-core-red",
        "user_id": "u9",
        "occurred_at": NOON.replace(hour=11).isoformat(),
    }
    assert service.inner.feedback(FeedbackRequest(events=[bought])).accepted == 1
    after = service.ask("mouse", user_id="u9", limit=100).items
    gained = {i.product_id: i.score for i in after}["mouse-core-red"]
    assert gained > {i.product_id: i.score for i in before}["mouse-core-red"]
    assert [event["event_id"] for event in service.logged[1]["recent"]] == ["e1"]


def test_documents_are_ordered_as_reranking_clients_expect(service: Service) -> None:
    documents = ["a red camera", "a white lamp for the desk", {"text": "lamp"}]
    asked = RerankRequest(query="lamp", documents=documents, top_n=2, return_documents=True)
    answer = asyncio.run(service.inner.rerank(asked))
    assert len(answer.results) == 2
    scores = [result.relevance_score for result in answer.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    texts = ["a red camera", "a white lamp for the desk", "lamp"]
    assert all(r.document.text == texts[r.index] for r in answer.results)


def test_embeddings_come_in_both_formats_of_openai(service: Service) -> None:
    plain, packed = (
        asyncio.run(service.inner.embed(asked))
        for asked in (
            EmbeddingRequest(input=["lamp", "desk lamp"]),
            EmbeddingRequest(input="lamp", encoding_format="base64"),
        )
    )
    assert [entry.index for entry in plain.data] == [0, 1]
    vector = np.array(plain.data[0].embedding)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-2)
    unpacked = np.frombuffer(base64.b64decode(packed.data[0].embedding), "<f4")
    assert unpacked == pytest.approx(vector, abs=1e-2)
    assert plain.usage.total_tokens == 3 + 4  # with the marks of beginning and end


def test_without_replays_a_search_is_asked_now(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPKEEPER_ALLOW_REPLAY", "false")
    live = Service(service.home)
    try:
        with pytest.raises(InvalidArgument, match="SHOPKEEPER_ALLOW_REPLAY"):
            live.ask("lamp")
    finally:
        live.inner.close()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("the model is broken"), "RuntimeError: the model is broken"),
        (Overloaded("9 tokens would wait"), "Overloaded: 9 tokens would wait"),
        (KeyError("x" * 1_000), "KeyError: '" + "x" * 189),
    ],
    ids=["broken", "overloaded", "wordy"],
)
def test_a_search_that_fails_is_logged_with_the_reason_and_without_products(
    service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(SearchRanker, "rank", fail)
    with pytest.raises(type(error)):
        service.ask("white lamp", user_id="u9", limit=3)
    service.inner.close()
    (line,) = service.logged
    assert (line["error"], line["client_gone"], line["candidates"]) == (said, False, [])
    assert (line["n_scored"], line["n_read"], line["degraded"]) == (0, 0, False)
    assert (line["query"], line["user_id"], line["limit"]) == ("white lamp", "u9", 3)
    assert line["occurred_at"] == "2024-03-15T12:00:00Z"
    assert line["timings_ms"]["total"] > 0


def test_a_search_that_nobody_waits_for_any_more_is_logged_as_one(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def wait(*_: object) -> None:
        begun.set()
        assert go.wait(30)

    async def hang_up() -> None:
        asked = SearchRequest(query="white lamp", occurred_at=NOON)
        task = asyncio.create_task(service.inner.search(asked))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()

    monkeypatch.setattr(SearchRanker, "rank", wait)
    asyncio.run(hang_up())
    service.inner.close()
    (line,) = service.logged
    assert (line["client_gone"], line["error"], line["candidates"]) == (True, None, [])


def test_a_request_that_is_wrong_is_no_ranking(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise InvalidArgument("the query is wrong")

    monkeypatch.setattr(SearchRanker, "rank", refuse)
    with pytest.raises(InvalidArgument):
        service.ask("white lamp")
    service.inner.close()
    assert service.logged == []


def test_an_answer_that_can_not_be_logged_is_not_given(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise LogUnwritable("the disk is full")

    monkeypatch.setattr(service.inner._answers._core._log, "append_soon", refuse)
    answer = service.ask("lamp")
    assert isinstance(answer, JSONResponse)
    assert answer.status_code == 507
    assert b"the disk is full" in answer.body
