"""Shoppers of a world before a service over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from tests.simulation.clicks import PBM
from tests.simulation.services import Driver, HttpServices, ServiceRefused
from tests.simulation.shop import Shop, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import World

WORLD = World(days=2, requests_a_day=60, shoppers=20, limit=3, pool=3, clicks=PBM((1.0, 0.5, 0.0)))
SHOP = synthetic(tastes=20, products=10)


class _Service:
    """Answers everybody with the same products, p4 to p6, and one that no world knows."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.failing = 0
        self._numbers = count(1)

    def client(self) -> httpx.Client:
        transport = httpx.MockTransport(self._handle)
        return httpx.Client(transport=transport, base_url="http://service")

    def _handle(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path == "/feedback":
            self.told += body["events"]
            return httpx.Response(200, json={"refused": []})
        number = next(self._numbers)
        self.asked.append(body | {"path": request.url.path})
        if number <= self.failing:
            return httpx.Response(503)
        products = ["p4", "unknown", "p6"]
        items = [
            {"product_id": product, "rank": rank, "score": 1 / rank, "propensity": 0.5}
            for rank, product in enumerate(products, start=1)
        ]
        answer = {"request_id": f"r{number}", "model_tag": "a", "variant": "champion"}
        return httpx.Response(200, json=answer | {"degraded": False, "items": items})


def _drive(service: _Service, truth: Path, shop: Shop = SHOP, days: int = 1) -> int:
    simulated = Simulated(WORLD, shop)
    driver = Driver(simulated, HttpServices(simulated, service.client()), truth)
    return sum(driver.drive_day(day) for day in WORLD.all_days[:days])


def test_everybody_asks_at_their_moment_and_is_told_of_in_the_truth(tmp_path: Path) -> None:
    service = _Service()
    n = _drive(service, tmp_path)
    assert len(service.asked) == n > 30
    for asked in service.asked:
        moment = datetime.fromisoformat(asked.pop("occurred_at"))
        assert moment.date() == date(2024, 3, 1)
        assert asked.pop("user_id").startswith("u")
        assert asked == {"path": "/recommend", "limit": 3}
    ranked = duckdb.sql(
        f"select rank, product_id, examination, propensity, min(relevance), count(*) "
        f"from '{tmp_path}/candidates/*.parquet' group by all order by 1"
    ).fetchall()
    lowest = SHOP.relevance.min(axis=0)
    assert [(rank, product, look, n) for rank, product, look, _, _, n in ranked] == [
        (1, "p4", 1.0, n),
        (3, "p6", 0.0, n),
    ]
    assert ranked[0][4] >= lowest[4]


def test_events_are_told_once_they_have_happened(tmp_path: Path) -> None:
    service = _Service()
    shop = replace(SHOP, relevance=SHOP.relevance * 0 + 1)  # everything that is seen is clicked
    n = _drive(service, tmp_path, shop)
    events = duckdb.sql(
        "select event_id, event_type, product_id, request_id, written_at < '2024-03-02' "
        f"from '{tmp_path}/outcomes/*.parquet' order by 1"
    ).fetchall()
    # Of the first rank: the second's product is not known, and the third is not looked at.
    clicks = {request for _, kind, _, request, _ in events if kind == "click"}
    assert clicks == {f"r{i}" for i in range(1, n + 1)}
    assert {product for _, _, product, _, _ in events} == {"p4"}
    told = sorted(event["event_id"] for event in service.told)
    assert told == [event for event, *_, known in events if known]
    assert len(told) < len(events)


def test_requests_that_a_service_fails_are_errors(tmp_path: Path) -> None:
    service = _Service()
    service.failing = 5
    _drive(service, tmp_path)
    failed = duckdb.sql(f"from '{tmp_path}/requests/*.parquet' where error").fetchall()
    assert len(failed) == 5


@pytest.mark.parametrize(("path", "says"), [("/recommend", "POST /recommend"), ("/feedback", "")])
def test_a_service_that_does_not_understand_stops_the_world(
    tmp_path: Path, path: str, says: str
) -> None:
    service = _Service()
    understood = service._handle

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path == path:
            return httpx.Response(400, text="allow replays")
        return understood(request)

    service._handle = refuse  # type: ignore[method-assign]
    with pytest.raises(ServiceRefused, match=f"{says}.*allow replays"):
        _drive(service, tmp_path, replace(SHOP, relevance=SHOP.relevance * 0 + 1))
