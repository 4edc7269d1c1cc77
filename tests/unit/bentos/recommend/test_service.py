"""The service in process: nothing is answered that is not logged, and feedback counts at once."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import numpy as np
import orjson
import pytest
from bentoml.exceptions import InvalidArgument
from starlette.responses import JSONResponse

from bentos.recommend.ranker import Query, RecommendRanker
from bentos.recommend.schema import RecommendRequest
from bentos.recommend.service import Recommend
from bentos.serving.feedback import FeedbackRequest
from bentos.serving.rollout import RolloutRecord, write_rollout
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import save_model
from tests.simulation.services import Driver, HttpServices
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import World
from tests.unit.bentos.conftest import AS_OF, N_PRODUCTS, WITHDRAWN, product

NOON = AS_OF + timedelta(hours=12)


class Service:
    """A recommender at work, and its home."""

    def __init__(self, home: Path, tag: str) -> None:
        self.home, self.tag = home, tag
        self.inner: Any = Recommend.inner()  # type: ignore[attr-defined]  # of its decorator

    def ask(self, **request: Any) -> Any:
        asked = {"user_id": "u00", "occurred_at": NOON} | request
        return asyncio.run(self.inner.recommend(RecommendRequest.model_validate(asked)))

    def tell(self, *events: dict[str, Any]) -> Any:
        return self.inner.feedback(FeedbackRequest(events=list(events)))

    @property
    def logged(self) -> list[dict[str, Any]]:
        paths = (self.home / "serving_logs" / "recommend").glob("*.jsonl")
        return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def _event(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "event_type": "purchase",
        "product_id": name,
        "user_id": "u00",
        "occurred_at": AS_OF.isoformat(),
    } | changes


@pytest.fixture
def service(
    tmp_path: Path,
    model_store: Path,
    trained: Path,
    state: OnlineState,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Service]:
    home = tmp_path / "home"
    monkeypatch.setenv("SHOPKEEPER_HOME", str(home))
    monkeypatch.setenv("SHOPKEEPER_ALLOW_REPLAY", "true")
    monkeypatch.setenv("SHOPKEEPER_DEVICE", "cpu")
    tag = save_model("recommend", date(2024, 3, 8), trained, {})
    record = RolloutRecord(
        scenario="recommend", version=1, champion=tag, bento_tag="recommend:b", reason="why"
    )
    write_rollout(home / "rollouts", record)
    write_state(home / "online_state", state.as_of, state.tables)
    service = Service(home, tag)
    yield service
    service.inner.close()


def test_an_answer_is_the_rankers_and_is_in_the_log(
    service: Service, trained: Path, state: OnlineState
) -> None:
    answer = service.ask(limit=5, context={"page": "home"})
    pool = RecommendRanker.load(trained, state, "cpu").rank(Query("u00", NOON)).pool
    assert [(item.product_id, item.score) for item in answer.items] == pool[:5]
    assert [item.rank for item in answer.items] == [1, 2, 3, 4, 5]
    assert all(item.propensity == 1 for item in answer.items)
    (line,) = service.logged
    assert line["request_id"] == answer.request_id
    assert line["model_tag"] == answer.model_tag == service.tag
    assert (line["limit"], line["n_scored"]) == (5, N_PRODUCTS - 1)
    assert (line["n_read"], line["index_version"]) == (line["n_scored"], None)
    assert line["context"] == '{"page":"home"}'
    assert [(c["product_id"], c["score"]) for c in line["candidates"]] == pool


def test_products_that_nobody_knows_are_named_once_and_the_others_are_used(
    service: Service,
) -> None:
    answer = service.ask(session=["what", product(1), "what"], exclude=["who", product(2)])
    assert answer.unknown_products == ["what", "who"]
    shown = {item.product_id for item in service.ask(limit=100, session=[product(1)]).items}
    assert product(1) not in shown
    line = service.logged[0]
    assert (line["session"], line["exclude"]) == ([product(1)], [product(2)])


def test_feedback_counts_in_the_next_answer_and_is_logged_with_it(service: Service) -> None:
    before = {item.product_id: item.score for item in service.ask(limit=100).items}
    told = service.tell(
        _event(product(3)), _event(product(3)), _event("what", event_id="e2"), {"event_id": "e3"}
    )
    assert (told.accepted, told.duplicates) == (1, 1)
    assert [(r.index, r.event_id, r.field) for r in told.refused] == [
        (2, "e2", "product_id"),
        (3, "e3", "event_type"),
    ]
    after = {item.product_id: item.score for item in service.ask(limit=100).items}
    assert after[product(3)] != before[product(3)]
    assert [event["event_id"] for event in service.logged[1]["recent"]] == ["e1"]


def test_feedback_on_a_withdrawn_product_is_taken(service: Service) -> None:
    assert service.tell(_event(product(WITHDRAWN))).accepted == 1


def test_feedback_from_after_the_request_does_not_count_in_it(service: Service) -> None:
    service.tell(_event(product(3), occurred_at=NOON.isoformat()))
    service.ask()
    assert service.logged[0]["recent"] == []


def test_without_replays_a_request_is_asked_now(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPKEEPER_ALLOW_REPLAY", "false")
    live = Service(service.home, service.tag)
    try:
        with pytest.raises(InvalidArgument, match="SHOPKEEPER_ALLOW_REPLAY"):
            live.ask()
        before = datetime.now(UTC)
        live.ask(occurred_at=None)
        (line,) = live.logged
        assert before <= datetime.fromisoformat(line["occurred_at"]) <= datetime.now(UTC)
    finally:
        live.inner.close()


def test_what_can_not_be_logged_is_not_answered(service: Service) -> None:
    (service.home / "serving_logs").write_text("a file is in the way")
    assert _refused(service.ask()) == (507, "Nothing was logged")


def test_a_request_that_fails_is_logged_as_it_was_sent_with_the_reason(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the model is broken")

    monkeypatch.setattr(RecommendRanker, "rank", fail)
    with pytest.raises(RuntimeError):
        service.ask(session=["what", product(1)], exclude=[product(2)], limit=3)
    service.inner.close()
    (line,) = service.logged
    assert (line["error"], line["client_gone"]) == ("RuntimeError: the model is broken", False)
    assert (line["candidates"], line["n_scored"], line["n_read"]) == ([], 0, 0)
    assert (line["user_id"], line["limit"]) == ("u00", 3)
    assert (line["session"], line["exclude"]) == (["what", product(1)], [product(2)])


def test_who_goes_while_the_answer_is_written_down_was_shown_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, go = threading.Event(), threading.Event()

    def slowly(descriptor: int, data: bytes) -> None:
        busy.set()
        assert go.wait(30)
        os.write(descriptor, data)

    async def hang_up() -> None:
        asked = RecommendRequest(user_id="u00", occurred_at=NOON)
        served = asyncio.create_task(service.inner.recommend(asked))
        while not busy.is_set():
            await asyncio.sleep(0.01)
        gone = asyncio.create_task(service.inner.recommend(asked))
        log = service.inner._answers._core._log
        while not log._waiting:
            await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        go.set()
        await served

    monkeypatch.setattr("bentos.serving.segments._put", slowly)
    asyncio.run(hang_up())
    service.inner.close()
    served, gone = service.logged
    assert (served["client_gone"], gone["client_gone"]) == (False, True)
    assert gone["candidates"] == served["candidates"]
    assert gone["request_id"] != served["request_id"]


def test_feedback_that_can_not_be_logged_is_not_taken(service: Service) -> None:
    (service.home / "feedback_logs").write_text("a file is in the way")
    assert _refused(service.tell(_event(product(3)))) == (507, "Nothing was logged")


def _refused(answer: Any) -> tuple[int, str]:
    assert isinstance(answer, JSONResponse)
    said = bytes(answer.body).decode()
    return answer.status_code, "Nothing was logged" if "Nothing was logged" in said else said


def test_shoppers_of_a_simulated_world_ask_it_and_what_they_do_comes_back(
    service: Service, tmp_path: Path
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        if request.url.path == "/feedback":
            return httpx.Response(200, json=service.tell(*body["events"]).model_dump())
        return httpx.Response(200, content=service.ask(**body).model_dump_json())

    world = World(start=AS_OF.date(), days=1, requests_a_day=100, shoppers=20, limit=5)
    known = synthetic(tastes=20, products=N_PRODUCTS)
    truth = {
        "tastes": np.array([f"u{n:02}" for n in range(20)]),
        "product_ids": np.array([product(row) for row in range(N_PRODUCTS)]),
        "relevance": np.full((20, N_PRODUCTS), 0.5),
    }
    simulated = Simulated(world, replace(known, **truth))
    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://service")
    n = Driver(simulated, HttpServices(simulated, client), tmp_path / "truth").drive_day(
        world.start
    )
    shown = {
        (line["request_id"], c["product_id"], c["rank"])
        for line in service.logged
        for c in line["candidates"][:5]
    }
    true = duckdb.sql(f"from '{tmp_path}/truth/candidates/*.parquet'").fetchall()
    assert {row[:3] for row in true} == shown
    assert len(shown) == 5 * n > 300
    told = duckdb.sql(
        f"from '{tmp_path}/truth/outcomes/*.parquet' where written_at < timestamp '2024-03-16'"
    ).fetchall()
    paths = (service.home / "feedback_logs").glob("*.jsonl")
    logged = [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]
    assert {event["event_id"] for event in logged} == {row[0] for row in told}
    assert len(told) > 50
