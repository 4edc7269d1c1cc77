"""What a replay searches for: the shop's own queries, else words for what was bought."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from warehouse.marts import Search, searches

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

DAY = date(2024, 3, 15)
NINE = "2024-03-15T09:00:00"


@pytest.fixture
def held(shop: Shop) -> list[str]:
    """Queries that no model learns from."""
    rows = shop.connection.execute(
        "select query from (select 'query ' || n as query from range(1000) as numbers(n)) "
        "where held_out(query) order by query"
    ).fetchall()
    return [query for (query,) in rows]


def test_some_shoppers_look_for_one_of_the_things_that_they_bought(
    shop: Shop, held: list[str]
) -> None:
    shop.judge(held[0], "lamp", 1)
    shop.judge(held[0], "lampshade", 0.1)
    for n in range(400):
        shop.buys(f"u{n:03}", "lamp", NINE, event_id=f"lamp-{n:03}")
        shop.buys(f"u{n:03}", "lampshade", NINE)
        shop.buys(f"u{n:03}", "desk", NINE)
    found = searches(shop.connection, DAY)
    assert len(found) == pytest.approx(400 / 16, abs=20)
    assert [search.user_id for search in found] == sorted({str(s.user_id) for s in found})
    for search in found:
        assert search.query == held[0]
        assert search.arrived_at == datetime.fromisoformat(NINE)
        assert search.events == [
            f"lamp-{str(search.user_id)[1:]}"
        ]  # not the shade's, nor the desk's


def test_a_shopper_looks_for_one_thing_only_and_buys_all_of_it(shop: Shop, held: list[str]) -> None:
    for query in held[:5]:
        for product in ("lamp", "desk"):
            shop.judge(query, product, 1)
    for n in range(160):
        shop.buys(f"u{n}", "lamp", NINE)
        shop.buys(f"u{n}", "desk", NINE)
    found = searches(shop.connection, DAY)
    assert found
    assert len(found) == len({search.user_id for search in found})
    assert all(len(search.events) == 2 for search in found)
    assert len({search.query for search in found}) > 1


def test_what_models_learn_from_is_not_searched_for(shop: Shop, held: list[str]) -> None:
    learnt = next(query for query in (f"query {n}" for n in range(9)) if query not in held)
    shop.judge(learnt, "lamp", 1)
    for n in range(160):
        shop.buys(f"u{n}", "lamp", NINE)
    assert searches(shop.connection, DAY) == []


def test_where_the_shop_has_queries_they_are_asked_and_nothing_is_made_up(
    shop: Shop, held: list[str]
) -> None:
    shop.judge(held[0], "lamp", 1)
    for n in range(160):
        shop.buys(f"u{n}", "lamp", NINE)
    asked = {"request_id": "r1", "query": " Desk  lamp", "user_id": "u1", "hits": ["lamp"]}
    shop.add_raw(
        "raw_queries",
        asked | {"occurred_at": datetime.fromisoformat("2024-03-15T08:00:00")},
        asked | {"request_id": "r2", "occurred_at": datetime.fromisoformat("2024-03-16T08:00:00")},
    )
    assert searches(shop.connection, DAY) == [
        Search("u1", "Desk lamp", datetime.fromisoformat("2024-03-15T08:00:00"), [])
    ]


def test_where_nothing_is_bought_each_judged_query_is_asked_once_a_fortnight(
    shop: Shop, held: list[str]
) -> None:
    for query in held[:100]:
        shop.judge(query, "lamp", 1)
    days = [searches(shop.connection, date(2024, 3, day)) for day in range(1, 15)]
    assert sorted(search.query for day in days for search in day) == sorted(held[:100])
    assert {search.user_id for day in days for search in day} == {None}
    assert all(day for day in days)
