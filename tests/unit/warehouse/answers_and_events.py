"""Answers and what followed them, put into the warehouse by the thousand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tests.unit.warehouse.conftest import Shop

REQUEST: Mapping[str, Any] = {
    "scenario": "recommend",
    "user_id": "u1",
    "n_session": 0,
    "limit": 10,
    "model_tag": "recommend:a",
    "variant": "champion",
    "policy": "greedy",
    "state_version": "v1",
    "backend": "torch",
    "precision": "fp32",
    "n_scored": 10,
    "degraded": False,
    "client_gone": False,
    "pinned": False,
}


def answer(shop: Shop, *moments: datetime, first: int = 0, **values: Any) -> None:
    """Stages requests at the moments, named r0, r1 and so on."""
    shop.add(
        "served_requests",
        *(
            {**REQUEST, "request_id": f"r{n}", "occurred_at": at, "logged_at": at} | values
            for n, at in enumerate(moments, start=first)
        ),
    )


def follow(shop: Shop, *events: tuple[int, str, datetime]) -> None:
    """Gives events to requests: the number of the request, the type of event, the moment."""
    shop.add(
        "outcomes",
        *(
            {
                "request_id": f"r{request}",
                "event_id": f"{event_type} {request} {at}",
                "event_type": event_type,
                "product_id": "p1",
                "occurred_at": at,
            }
            for request, event_type, at in events
        ),
    )


def insert(shop: Shop, table: str, **columns: Any) -> None:
    """Adds many rows to a table; a column that is one value is so in every row."""
    n = max(len(column) for column in columns.values() if isinstance(column, np.ndarray | list))
    arrays = {
        name: column if isinstance(column, np.ndarray | list) else [column] * n
        for name, column in columns.items()
    }
    shop.connection.register("many", pa.table(arrays))
    shop.connection.execute(f"insert into {table} by name from many")
    shop.connection.unregister("many")


def answer_many(shop: Shop, names: Sequence[str], at: NDArray[np.datetime64]) -> None:
    """Stages requests of these names and moments, of a thousand users in turns."""
    moments = at.astype("datetime64[us]")
    users = [f"u{n % 1000}" for n in range(len(names))]
    insert(
        shop,
        "served_requests",
        **REQUEST
        | {"request_id": list(names), "occurred_at": moments, "logged_at": moments}
        | {"user_id": users},
    )


def buy_many(
    shop: Shop,
    requests: Sequence[str],
    at: NDArray[np.datetime64],
    products: Sequence[str],
    event_type: str = "purchase",
) -> None:
    """Stages events that name their requests."""
    moments = at.astype("datetime64[us]")
    insert(
        shop,
        "stg_events",
        event_id=[f"{event_type} {r} {p}" for r, p in zip(requests, products, strict=True)],
        event_type=event_type,
        occurred_at=moments,
        logged_at=moments,
        user_id="u1",
        product_id=list(products),
        request_id=list(requests),
        source="feedback",
    )
