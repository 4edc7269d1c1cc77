"""Days that tests add up: what was shown, what followed, and what their metrics come to."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from warehouse.answers import Days, know_day
from warehouse.partials import add_up_day, changing_values, lasting_values

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop
    from warehouse.metric_values import MetricRow

DAY = date(2024, 3, 15)

Found = dict[tuple[str, str], tuple[float, int]]


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute))


def show(
    shop: Shop, request: int, products: str, day: date = DAY, shown: int = 99, **values: Any
) -> None:
    shop.add(
        "served_candidates",
        *(
            {
                "request_id": f"r{request}",
                "product_id": product,
                "rank": rank,
                "score": 1 / rank,
                "propensity": 1.0,
                "shown": rank <= shown,
                "served_date": day,
                **values,
            }
            for rank, product in enumerate(products, start=1)
        ),
    )


def follow(shop: Shop, request: int, event_type: str, product: str, when: datetime) -> None:
    shop.add(
        "outcomes",
        {
            "request_id": f"r{request}",
            "event_id": f"{request} {event_type} {product} {when}",
            "event_type": event_type,
            "product_id": product,
            "occurred_at": when,
            "quantity": 2.0,
            "price": 1.5,
        },
    )


def changing_and_lasting(shop: Shop, days: Days) -> list[MetricRow]:
    return [
        *changing_values(shop.connection, "recommend", [days], days.last)[days],
        *lasting_values(shop.connection, "recommend", days),
    ]


def measured(shop: Shop, first: date = DAY, last: date = DAY, variant: str = "champion") -> Found:
    rows = changing_and_lasting(shop, Days(first, last))
    return {(row.segment, row.metric): (row.value, row.n) for row in rows if row.variant == variant}


def add_up(shop: Shop, day: date = DAY, as_of: date | None = None) -> None:
    know_day(shop.connection, "recommend", day)
    add_up_day(shop.connection, "recommend", day, as_of or day)
