"""Answers and clicks, staged by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.unit.warehouse.conftest import Shop

DAY = date(2024, 3, 15)
NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)

_ANSWER: Mapping[str, Any] = {
    "scenario": "recommend",
    "occurred_at": NOON,
    "logged_at": NOON,
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


def serve(
    shop: Shop,
    request_id: str,
    products: Sequence[str],
    scores: Sequence[float] = (),
    first_rank: int = 1,
    picked_by: Sequence[str] = (),
    **values: Any,
) -> None:
    """Stages an answer that showed the products in this order, all scored 0.5 unless told."""
    request = {**_ANSWER, "request_id": request_id, **values}
    shop.add("served_requests", request)
    shop.add(
        "served_candidates",
        *(
            {"request_id": request_id, "product_id": product, "rank": first_rank + place}
            | {"score": scores[place] if scores else 0.5, "propensity": 1.0, "shown": True}
            | {"variant": picked_by[place] if picked_by else None}
            | {"served_date": request["occurred_at"].date()}
            for place, product in enumerate(products)
        ),
    )


def follow(
    shop: Shop,
    request_id: str,
    *products: str,
    event_type: str = "click",
    at: datetime = NOON + timedelta(minutes=1),
) -> None:
    """Stages what somebody did with products of an answer."""
    (known,) = shop.rows("outcomes", "count(*)")
    shop.add(
        "outcomes",
        *(
            {"request_id": request_id, "event_id": f"o{known[0] + n}", "event_type": event_type}
            | {"product_id": product, "occurred_at": at}
            for n, product in enumerate(products)
        ),
    )


def later(days: int) -> date:
    return DAY + timedelta(days=days)
