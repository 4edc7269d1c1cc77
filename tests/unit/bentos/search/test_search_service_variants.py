"""Several search models in one service: visits keep to one, and two share a page."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from safetensors.torch import load_file, save_file

from bentos.search.ranker import SearchQuery, SearchRanker
from bentos.search.schema import RerankRequest, SearchRequest
from bentos.search.service import Search
from bentos.serving.deadline import begin
from bentos.serving.interleaving import team_draft
from bentos.serving.rollout import Beside, Role, RolloutRecord, write_rollout
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import WEIGHTS, save_model
from bentos.serving.variants import assigned
from tests.unit.bentos.search.conftest import NOON

Eventually = Callable[[Callable[[], bool]], None]
Serve = Callable[[Role], "Service"]


class Service:
    """A search at work with a model beside its champion."""

    def __init__(self, home: Path, record: RolloutRecord) -> None:
        self.home, self.record = home, record
        self.inner: Any = Search.inner()  # type: ignore[attr-defined]  # of its decorator

    def ask(self, query: str, **request: Any) -> Any:
        asked = {"query": query, "occurred_at": NOON} | request
        return asyncio.run(self.inner.search(SearchRequest.model_validate(asked)))

    def rerank(self, pinned: Any) -> Any:
        async def go() -> Any:
            begin(time.monotonic(), 60_000, pinned)
            return await self.inner.rerank(RerankRequest(query="lamp", documents=["a lamp", "b"]))

        return asyncio.run(go())

    @property
    def logged(self) -> list[dict[str, Any]]:
        paths = (self.home / "serving_logs" / "search").glob("*.jsonl")
        return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


@pytest.fixture
def other(learnt: Path, tmp_path: Path) -> Path:
    """A model that weighs its features the other way round."""
    folder = tmp_path / "other"
    shutil.copytree(learnt, folder)
    weights = load_file(folder / WEIGHTS)
    weights["features"] = -weights["features"]
    save_file(weights, folder / WEIGHTS)
    return folder


@pytest.fixture
def serve(
    tmp_path: Path,
    model_store: Path,
    learnt: Path,
    other: Path,
    shelf: OnlineState,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Serve]:
    home = tmp_path / "home"
    monkeypatch.setenv("SHOPKEEPER_HOME", str(home))
    monkeypatch.setenv("SHOPKEEPER_ALLOW_REPLAY", "true")
    monkeypatch.setenv("SHOPKEEPER_DEVICE", "cpu")
    champion, beside = (save_model("search", date(2024, 3, 8), m, {}) for m in (learnt, other))
    write_state(home / "online_state", shelf.as_of, shelf.tables, shelf.indexes)
    services: list[Service] = []

    def start(role: Role) -> Service:
        record = RolloutRecord(
            scenario="search",
            version=1,
            champion=champion,
            beside=Beside(model_tag=beside, role=role, share=0.5 if role == "challenger" else None),
            bento_tag="search:b",
            reason="why",
        )
        write_rollout(home / "rollouts", record)
        services.append(Service(home, record))
        return services[-1]

    yield start
    for service in services:
        service.inner.close()


def test_who_has_no_user_keeps_to_a_variant_by_the_visit_or_falls_by_the_request(
    serve: Serve,
) -> None:
    service = serve("challenger")
    for visit in ("v1", "v2", "v3"):
        found = {service.ask("lamp", session_id=visit).variant for _ in range(3)}
        assert found == {assigned(service.record, visit)}
    assert orjson.loads(service.logged[0]["asked"])["session_id"] == "v1"
    by_request = [service.ask("lamp") for _ in range(16)]
    assert {answer.variant for answer in by_request} == {"champion", "challenger"}
    for answer in by_request:
        assert answer.variant == assigned(service.record, answer.request_id)


def test_an_interleaved_search_is_had_again_from_its_log_line(
    serve: Serve, learnt: Path, other: Path, shelf: OnlineState
) -> None:
    service = serve("interleaved")
    answer = service.ask("white acme lamp", limit=5, facets=["brand"])
    (line,) = service.logged
    pools = [
        SearchRanker.load(folder, shelf, "cpu")
        .rank(SearchQuery("white acme lamp", NOON))
        .candidates
        for folder in (learnt, other)
    ]
    found = team_draft(*pools, seed=line["request_id"])
    assert [(c["product_id"], c["variant"], c["propensity"]) for c in line["candidates"]] == [
        (c.product_id, c.variant, c.propensity) for c in found
    ]
    assert [c["score"] for c in line["candidates"]] == pytest.approx([c.score for c in found])
    assert {c["variant"] for c in line["candidates"]} == {"champion", "interleaved"}
    assert [item.product_id for item in answer.items] == [c.product_id for c in found[:5]]
    assert answer.total == 81


def test_an_order_by_price_is_no_mixture(serve: Serve) -> None:
    service = serve("interleaved")
    answer = service.ask("mouse", sort="price_asc")
    assert (answer.variant, answer.model_tag) == ("champion", service.record.champion)
    (line,) = service.logged
    assert (line["policy"], line["interleaved_with"]) == ("sorted", None)


def test_a_shadow_searches_for_the_same(serve: Serve, eventually: Eventually) -> None:
    service = serve("shadow")
    answer = service.ask("white acme lamp", user_id="u1", limit=5, offset=5)
    eventually(lambda: len(service.logged) == 2)
    shown, shadow = service.logged
    assert (shadow["shadow_of"], shadow["variant"]) == (answer.request_id, "shadow")
    for same in ("query", "user_id", "occurred_at", "limit", "offset", "asked", "index_version"):
        assert shadow[same] == shown[same]
    assert shadow["n_read"] == shown["n_read"]
    assert shadow["deadline_ms"] is None


def test_documents_are_ordered_by_the_champion_or_by_who_the_header_names(serve: Serve) -> None:
    service = serve("challenger")
    models = service.record.models
    assert service.rerank(None).model == service.rerank("champion").model == models["champion"]
    assert service.rerank("challenger").model == models["challenger"]
