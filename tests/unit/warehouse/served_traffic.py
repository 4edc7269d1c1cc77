"""A day of traffic, for staging and measuring it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from warehouse.answers import know_day
from warehouse.nights import measure_day
from warehouse.pull import pull
from warehouse.served import stage_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.warehouse.conftest import Logs, Shop

DAY = date(2024, 3, 15)
STAGED = ("served_requests", "served_candidates", "outcomes")
NOTHING: Mapping[str, Any] = {"candidates": [], "n_scored": 0, "n_read": 0}
GONE: Mapping[str, Any] = {"client_gone": True}
A, B = ("recommend:a", "champion"), ("recommend:b", "challenger")


def at(hour: int, day: int = 15, minute: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


def night(shop: Shop, logs: Logs, day: date = DAY) -> int:
    pull(shop.connection, "served", logs.folder, "recommend")
    stage_day(shop.connection, "recommend", day)
    know_day(shop.connection, "recommend", day)
    return measure_day(shop.connection, "recommend", day, day)


def day_of_traffic(shop: Shop, logs: Logs) -> Shop:
    """u1 asks model a twice and buys at rank 2; u2 asks b and buys another; u3 buys nothing."""
    shop.sell(*(f"p{n}" for n in range(1, 11)))
    shop.sell("fuel", recommendable=False)
    shop.buys("u1", "p1", "2024-03-01T12:00:00")
    shop.buys("u2", "p5", "2024-03-01T12:00:00")
    shop.buys("u2", "p5", "2024-03-02T12:00:00")
    logs.write(
        "a.jsonl",
        logs.answer("r1", "u1", ["p1", "p2", "p3"], at(9)),
        logs.answer("r2", "u1", ["p4", "p2", "p1"], at(10)),
        logs.answer("r3", "u3", ["p1", "p2", "p3"], at(11), degraded=True),
    )
    logs.write(
        "b.jsonl",
        logs.answer("r4", "u2", ["p6", "p5"], at(12), model_tag=B[0], variant=B[1]),
        logs.answer("tomorrow", "u1", ["p9"], at(1, day=16)),
        logs.answer("found", "u1", ["p9"], at(12), scenario="search"),
    )
    shop.buys("u1", "p2", "2024-03-15T09:30:00")
    shop.buys("u1", "fuel", "2024-03-15T09:30:00")
    shop.buys("u1", "p1", "2024-03-15T10:30:00", request_id="r2")
    shop.buys("u1", "p4", "2024-03-15T10:30:00", event_type="click")
    shop.buys("u2", "p9", "2024-03-15T12:30:00")
    return shop
