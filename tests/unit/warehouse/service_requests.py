"""Requests that were staged, and what is measured of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from tests.unit.warehouse.answers_and_events import REQUEST, insert
from warehouse.service_metrics import measure_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.warehouse.conftest import Shop
    from warehouse.metric_values import MetricRow

DAY = date(2024, 3, 15)  # a Friday
MONDAY, SUNDAY = date(2024, 3, 11), date(2024, 3, 17)
PARTIALS = ("service_partials", "service_peaks", "latency_partials")
Figure = tuple[float, float | None, int]  # value, standard error, n


def at(hour: int, second: int = 0, day: int = 15) -> datetime:
    return datetime(2024, 3, day, hour, 0, second, tzinfo=UTC)


def serve(shop: Shop, **columns: Any) -> None:
    """Stages requests; a column that is no list is the same in each."""
    n = max(len(column) for column in columns.values() if isinstance(column, list))
    usual = {
        "request_id": [f"r{number}" for number in range(n)],
        "occurred_at": at(9),
        "logged_at": at(9),
    }
    insert(shop, "served_requests", **{**REQUEST, **usual, **columns})


def measured(shop: Shop, segment: str = "all") -> dict[str, Figure]:
    """What is measured of the day, by metric: of one model."""
    return figures(measure_service(shop.connection, "recommend", DAY), segment)


def figures(rows: Sequence[MetricRow], segment: str = "all") -> dict[str, Figure]:
    """The figures of a segment by metric."""
    return {
        row.metric: (row.value, row.standard_error, row.n) for row in rows if row.segment == segment
    }


def clear(shop: Shop) -> None:
    """Nobody asked anything."""
    shop.connection.execute("delete from served_requests")
