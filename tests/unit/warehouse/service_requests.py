"""Requests that were staged, and what is measured of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.service_metrics import measure_service

if TYPE_CHECKING:
    from warehouse.connection import Connection
    from warehouse.service_metrics import ServiceRow

DAY = date(2024, 3, 15)  # a Friday
MONDAY = date(2024, 3, 11)
PARTIALS = ("service_partials", "service_peaks", "latency_partials")
Figure = tuple[float, float | None, int]  # value, standard error, n

_REQUEST: Mapping[str, Any] = {
    "scenario": "recommend",
    "occurred_at": datetime(2024, 3, 15, 9, tzinfo=UTC),
    "logged_at": datetime(2024, 3, 15, 9, tzinfo=UTC),
    "user_id": "u1",
    "n_session": 0,
    "limit": 10,
    "model_tag": "recommend:a",
    "variant": "champion",
    "policy": "greedy",
    "state_version": "v1",
    "backend": "torch",
    "precision": "fp32",
    "n_scored": 0,
    "degraded": False,
    "client_gone": False,
    "pinned": False,
}


def serve(connection: Connection, **columns: Any) -> None:
    """Stages requests; a column that is no list is the same in each."""
    n = max(len(column) for column in columns.values() if isinstance(column, list))
    given = {"request_id": [f"r{number}" for number in range(n)]} | dict(_REQUEST) | columns
    rows = pa.table(
        {
            name: column if isinstance(column, list) else [column] * n
            for name, column in given.items()
        }
    )
    connection.register("served", rows)
    connection.execute("insert into served_requests by name from served")
    connection.unregister("served")


def measured(connection: Connection, segment: str = "all") -> dict[str, Figure]:
    """What is measured of the day, by metric: of one model."""
    return figures(measure_service(connection, "recommend", DAY), segment)


def figures(rows: list[ServiceRow], segment: str = "all") -> dict[str, Figure]:
    """The figures of a segment by metric."""
    return {
        metric: (value, error, n) for _, _, of, metric, value, error, n in rows if of == segment
    }


def clear(connection: Connection) -> None:
    """Nobody asked anything."""
    connection.execute("delete from served_requests")
