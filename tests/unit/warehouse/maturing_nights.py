"""Nights of a shop that is asked twice a day, whose shoppers buy days later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from warehouse.nights import mark_due, measure_nights
from warehouse.pull import mark_checked, pull, unchecked_days
from warehouse.served import days_to_measure, stage_day
from warehouse.staging import stage_events

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Shop

DAY = date(2024, 3, 15)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def at(days: int, hour: int) -> datetime:
    return datetime(2024, 3, 15, hour, tzinfo=UTC) + timedelta(days=days)


def bought(days: int, hour: int, name: str, request_id: str, **values: Any) -> dict[str, Any]:
    """A line of the feedback log."""
    moment = at(days, hour).isoformat().replace("+00:00", "Z")
    return {
        "event_id": name,
        "event_type": "purchase",
        "occurred_at": moment,
        "logged_at": moment,
        "user_id": "u1",
        "product_id": "p2",
        "quantity": 1.0,
        "request_id": request_id,
    } | values


def asked_for_nine_days(shop: Shop, logs: Logs) -> Shop:
    """Two answers at nine and noon of each of nine days, the second one's by another model."""
    shop.sell("p1", "p2", "p3")
    for day in range(9):
        logs.write(
            f"{day}.jsonl",
            logs.answer(f"a{day}", at=at(day, 9)),
            logs.answer(f"b{day}", at=at(day, 12), model_tag="recommend:b"),
        )
    pull(shop.connection, "served", logs.folder, "recommend")
    return shop


def night(shop: Shop, feedback: Logs, day: date) -> None:
    """As `flows.nightly` goes about it."""
    pull(shop.connection, "feedback", feedback.folder, "feedback")
    for each in {day, *unchecked_days(shop.connection, "feedback")}:
        mark_due(shop.connection, "recommend", each)
        stage_events(shop.connection, each)
    mark_checked(shop.connection, "feedback", "feedback")
    for each in (*days_to_measure(shop.connection, "recommend", day), day):
        stage_day(shop.connection, "recommend", each)
    measure_nights(shop.connection, "recommend", day)
