"""What is counted of a day's distributions, by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from math import log2
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse.answers_and_events import answer
from warehouse.answers import know_day
from warehouse.data_quality import remember_catalogue
from warehouse.partials import add_up_day

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

DAY = date(2024, 3, 15)
Counts = dict[Any, tuple[int, float | None]]


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute))


@pytest.fixture
def day(shop: Shop) -> Shop:
    """r0 and r1 of model a, r2 of model b; r3 failed. r0's second product is clicked."""
    names = {"a": "Green tea", "b": "Black tea", "c": "Café crème", "d": "CafÃ© crÃ¨me"}
    for n, (product, title) in enumerate(names.items()):
        facts = {"title": title, "price": 10.0 + n, "brand": "x" if n < 2 else None}
        shop.add(
            "stg_products",
            {"product_id": product, "text": product, "recommendable": True, "attributes": []}
            | {"category": "tea" if n < 2 else "coffee"}
            | facts,
        )
    answer(shop, at(9), country="FR", query="green tea", state_version="20240315T000000-1")
    answer(shop, at(10), first=1, country="FR", query="tea", degraded=True)
    answer(shop, at(10), first=2, country="DE", model_tag="recommend:b")
    answer(shop, at(11), first=3, error="Overloaded: 9 wait", n_scored=0)
    answer(shop, at(11), first=4, pinned=True, country="test")
    show(shop, 0, "abc")
    show(shop, 1, "ab")
    show(shop, 2, "c", score=3.0, stage="nearest")
    follow(shop, 0, "click", "b", at(9, 1))
    follow(shop, 0, "purchase", "b", at(9, 5), price=11.0, quantity=2.0)
    follow(shop, 1, "click", "a", at(1, day=DAY + timedelta(days=1)))  # the day is over
    return shop


def show(shop: Shop, request: int, products: str, score: float = 0.5, **values: Any) -> None:
    shop.add(
        "served_candidates",
        *(
            {"request_id": f"r{request}", "product_id": product, "rank": rank, "score": score}
            | {"propensity": 1.0, "shown": True, "served_date": DAY}
            | values
            for rank, product in enumerate(products, start=1)
        ),
    )


def follow(
    shop: Shop, request: int, event_type: str, product: str, when: datetime, **of: Any
) -> None:
    event = {"request_id": f"r{request}", "event_id": f"{request} {event_type} {product} {when}"}
    event |= {"event_type": event_type, "product_id": product, "occurred_at": when}
    shop.add("outcomes", event | of)


def count(shop: Shop, as_of: date = DAY) -> None:
    know_day(shop.connection, "recommend", DAY)
    add_up_day(shop.connection, "recommend", DAY, as_of)


def counted(shop: Shop, subject: str, model_tag: str = "") -> Counts:
    rows = shop.connection.execute(
        """
        select coalesce("value", value_of_bin(bin)::varchar), n, gain
        from drift_partials
        where subject = $1 and model_tag = $2 and served_date = $3
        """,
        [subject, model_tag, DAY],
    ).fetchall()
    return {
        value: (n, None if gain is None else pytest.approx(float(gain))) for value, n, gain in rows
    }


SECOND = 1 / log2(3)  # what a click at rank 2 is worth


def test_requests_are_counted_by_what_was_asked_and_what_clicks_were_worth(day: Shop) -> None:
    count(day)
    assert counted(day, "country") == {"FR": (2, SECOND), "DE": (1, 0), None: (1, 0)}
    assert counted(day, "query_script") == {"latin": (2, SECOND), None: (2, 0)}
    hours = {"9.0703125": (1, SECOND), "10.0703125": (2, 0), "11.0703125": (1, 0)}
    assert {k[:2]: v for k, v in counted(day, "hour").items()} == {
        k[:2]: v for k, v in hours.items()
    }


def test_what_the_service_made_of_them_is_counted_for_each_model(day: Shop) -> None:
    count(day)
    assert counted(day, "degraded", "recommend:a") == {"no": (2, SECOND), "yes": (1, 0)}
    assert counted(day, "degraded", "recommend:b") == {"no": (1, 0)}
    assert counted(day, "error", "recommend:a") == {"none": (2, SECOND), "Overloaded": (1, 0)}
    ages = counted(day, "state_age", "recommend:a")
    assert sorted(n for n, _ in ages.values()) == [1, 2]  # 9 hours; versions that tell no time


def test_what_was_shown_is_counted_by_score_and_product(day: Shop) -> None:
    count(day)
    assert counted(day, "category", "recommend:a") == {"tea": (4, SECOND), "coffee": (1, 0)}
    assert counted(day, "brand", "recommend:a") == {"x": (4, SECOND), None: (1, 0)}
    assert counted(day, "stage", "recommend:b") == {"nearest": (1, 0)}
    ((score, found),) = counted(day, "score", "recommend:a").items()
    assert float(score) == pytest.approx(0.5, rel=0.01)
    assert found == (5, SECOND)
    assert [n for n, _ in counted(day, "price", "recommend:a").values()] == [2, 2, 1]


def test_labels_are_what_followed_by_the_days_end_whenever_they_are_counted(day: Shop) -> None:
    for as_of in (DAY, DAY + timedelta(days=20)):
        count(day, as_of)
        assert counted(day, "event_type") == {"click": (1, None), "purchase": (1, None)}
        assert [n for n, _ in counted(day, "quantity").values()] == [1]
        assert counted(day, "country")["FR"] == (2, SECOND)


def test_the_catalogue_tells_what_is_missing_broken_and_there_twice(day: Shop) -> None:
    day.add(
        "stg_products",
        {"product_id": "e", "text": "", "recommendable": True, "attributes": []}
        | {"title": "Green tea", "brand": "x", "price": 10.0},
    )
    remember_catalogue(day.connection, DAY)
    count(day)
    assert counted(day, "catalogue_title") == {"sound": (4, None), "broken": (1, None)}
    assert counted(day, "catalogue_brand") == {"x": (3, None), None: (2, None)}
    assert sorted(n for n, _ in counted(day, "catalogue_copies").values()) == [2, 3]


def test_the_catalogue_of_a_day_is_what_its_night_found_whenever_it_is_counted(day: Shop) -> None:
    remember_catalogue(day.connection, DAY)
    day.connection.execute("update stg_products set brand = null")
    remember_catalogue(day.connection, DAY + timedelta(days=1))
    count(day)
    assert counted(day, "catalogue_brand") == {"x": (2, None), None: (2, None)}


def test_a_day_that_is_counted_again_is_counted_once(day: Shop) -> None:
    count(day)
    before = day.rows("drift_partials")
    count(day)
    assert day.rows("drift_partials") == before


def test_of_many_values_the_rare_ones_stand_together(day: Shop) -> None:
    answer(day, *[at(12)] * 1005, first=10, model_tag="recommend:b")
    day.connection.execute("update served_requests set store_id = request_id")
    count(day)
    stores = counted(day, "store")
    assert len(stores) == 1001
    assert stores["all others"] == (9, 0)
    assert sum(n for n, _ in stores.values()) == 1009


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("green tea 2", "latin"),
        ("thé vert", "latin with marks"),
        ("зелёный tea", "cyrillic"),
        ("緑茶", "han"),
        ("お茶", "kana"),
        ("녹차", "hangul"),
        ("cafÃ©", "broken"),
        ("caf�", "broken"),
        ("2024", None),
        (None, None),
    ],
)
def test_a_script_is_that_of_the_letters(shop: Shop, text: str | None, script: str | None) -> None:
    assert shop.connection.execute("select script_of($1)", [text]).fetchone() == (script,)
