"""What data itself shows: hand-worked days of events, and of the catalogue."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.warehouse.conftest import Shop
from warehouse.data_quality import SHOP, measure_events, remember_catalogue
from warehouse.statements import run

DAY = date(2024, 3, 15)
WEEKS_BEFORE = [DAY - timedelta(weeks=n) for n in range(4, 0, -1)]


def _measure(shop: Shop, day: date) -> None:
    remember_catalogue(shop.connection, day)
    measure_events(shop.connection, day)


def _measured(shop: Shop) -> dict[tuple[str, str], tuple[float, int]]:
    rows = shop.rows("data_quality", "scenario, day, measure, part, value, n")
    return {
        (measure, part): (value, n)
        for owner, day, measure, part, value, n in rows
        if owner == SHOP and day == DAY
    }


def _buy_hourly(shop: Shop, day: date, hours: range, n: int = 20, **values: Any) -> None:
    """In each hour so many people buy."""
    for hour in hours:
        for minute in range(n):
            shop.buys(f"u{minute}", "p1", f"{day}T{hour:02}:{minute:02}:00", **values)


def test_events_are_counted_by_type_with_what_they_lack(shop: Shop) -> None:
    shop.buys("u1", "p1", f"{DAY}T10:00", price=2.0)
    shop.buys(None, "p1", f"{DAY}T11:00")
    shop.buys("u1", "p1", f"{DAY}T12:00", event_type="click", quantity=None)
    shop.buys("u1", "p1", f"{DAY - timedelta(days=1)}T23:59:59")
    _measure(shop, DAY)
    measured = _measured(shop)
    assert measured["events", "purchase"] == (2, 2)
    assert measured["events", "click"] == (1, 1)
    assert measured["missing_share", "purchase.user_id"] == (0.5, 2)
    assert measured["missing_share", "purchase.price"] == (0.5, 2)
    assert measured["missing_share", "purchase.quantity"] == (0, 2)
    assert measured["missing_share", "click.quantity"] == (1, 1)


def test_late_ahead_repeated_and_unknown_events_are_shares_of_the_day(shop: Shop) -> None:
    shop.sell("p1")
    at = datetime.fromisoformat(f"{DAY}T10:00")
    shop.buys("u1", "p1", f"{at}", logged_at=at + timedelta(hours=7))
    shop.buys("u2", "p1", f"{at}", logged_at=at - timedelta(minutes=2))
    shop.buys("u3", "p2", f"{at}", session_id="s")
    shop.buys("u3", "p2", f"{at}", session_id="s")
    _measure(shop, DAY)
    measured = _measured(shop)
    third = pytest.approx(1 / 3)
    assert measured["late_share", "all"] == (third, 3)  # two lines at once are one of three
    assert measured["ahead_share", "all"] == (third, 3)
    assert measured["repeated_share", "all"] == (third, 3)
    assert measured["unknown_product_share", "all"] == (third, 3)


def test_a_basket_counts_once_however_many_lines_it_has(shop: Shop) -> None:
    for day in WEEKS_BEFORE:
        _buy_hourly(shop, day, range(8, 9))
        for n in range(50):
            shop.buys(None, f"p{n}", f"{day}T20:00", session_id="s")
    for n in range(50):
        shop.buys("u1", f"p{n}", f"{DAY}T08:00", price=2.0 if n else None)
        shop.buys(None, f"p{n}", f"{DAY}T09:00", price=2.0, session_id="s")
    _measure(shop, DAY)
    measured = _measured(shop)
    assert measured["missing_share", "purchase.user_id"] == (0.5, 2)
    assert measured["missing_share", "purchase.price"] == (0.01, 2)
    assert measured["silent_share", "all"] == (0, 0)  # one basket in the evening is no habit


def test_those_whom_nobody_knows_count_by_their_moments(shop: Shop) -> None:
    for n in range(10):
        shop.buys(f"u{n}", "p1", f"{DAY}T08:00")
        shop.buys(None, "p1", f"{DAY}T08:{n // 2:02}", session_id=None)
    _measure(shop, DAY)
    assert _measured(shop)["missing_share", "purchase.user_id"] == (pytest.approx(1 / 3), 15)


def test_what_is_in_quarantine_is_a_share_of_the_day_by_expectation(shop: Shop) -> None:
    """A basket of two lines that came twice, one line, and one of nothing."""
    basket, at = [("u1", "p1"), ("u1", "p2")], datetime.fromisoformat(f"{DAY}T10:00")
    lines = [*basket, *basket, ("u2", "p1"), ("u3", "p1")]
    shop.add_raw(
        "raw_events",
        *(
            {"event_id": f"e{n}", "event_type": "purchase", "occurred_at": at, "logged_at": at}
            | {"user_id": user, "product_id": product}
            for n, (user, product) in enumerate(lines)
        ),
    )
    for row, expectation in ((2, "line_not_repeated"), (3, "line_not_repeated"), (5, "quantity")):
        shop.quarantine("raw_events", row, expectation=expectation)
    shop.quarantine("raw_products", 0, expectation="price")
    _measure(shop, DAY)
    shares = {part: found for (name, part), found in _measured(shop).items() if "quar" in name}
    third = pytest.approx(1 / 3)
    assert shares == {"line_not_repeated": (third, 3), "quantity": (third, 3)}


def test_a_price_jumps_where_it_is_a_hundred_times_what_was_usual(shop: Shop) -> None:
    for product in ("p1", "p2"):
        for days in (1, 2, 28):
            shop.buys("u1", product, f"{DAY - timedelta(days=days)}T10:00", price=2.0)
    shop.buys("u1", "p3", f"{DAY - timedelta(days=1)}T10:00", price=2.0)
    shop.buys("u1", "p1", f"{DAY}T10:00", price=200.0, discount=0.0)
    shop.buys("u1", "p2", f"{DAY}T10:00", price=4.0, discount=1.0)
    shop.buys("u1", "p3", f"{DAY}T10:00", price=200.0)  # bought too seldom to tell
    _measure(shop, DAY)
    measured = _measured(shop)
    assert measured["price_jump_share", "all"] == (0.5, 1)  # of 3, bought together
    assert measured["price_jump", "all"] == (pytest.approx(100), 1)
    assert measured["discounted_share", "all"] == (0.5, 1)


def test_a_product_is_new_for_four_weeks(shop: Shop) -> None:
    shop.buys("u1", "old", f"{DAY - timedelta(days=29)}T10:00")
    shop.buys("u1", "new", f"{DAY - timedelta(days=28)}T10:00")
    for product in ("old", "new", "newest", "newest"):
        shop.buys("u1", product, f"{DAY}T10:00")
    _measure(shop, DAY)
    assert _measured(shop)["new_product_share", "all"] == (0.75, 1)


def test_hours_in_which_nothing_happened_count_by_what_is_usual_in_them(shop: Shop) -> None:
    for day in WEEKS_BEFORE:
        _buy_hourly(shop, day, range(8, 12))
        _buy_hourly(shop, day, range(22, 23), n=2)  # too few to miss
    _buy_hourly(shop, DAY, range(9, 12), n=1)
    _measure(shop, DAY)
    assert _measured(shop)["silent_share", "all"] == (pytest.approx(20 / 82), 20)


def test_of_a_day_without_anything_all_hours_are_silent(shop: Shop) -> None:
    for day in WEEKS_BEFORE:
        _buy_hourly(shop, day, range(8, 12))
        _buy_hourly(shop, day, range(22, 23), n=2)
    _measure(shop, DAY)
    assert _measured(shop)["silent_share", "all"] == (1, 82)


def test_of_a_weekday_that_was_not_seen_four_times_no_hour_is_said_to_be_silent(
    shop: Shop,
) -> None:
    for day in WEEKS_BEFORE[1:]:
        _buy_hourly(shop, day, range(8, 12))
    _measure(shop, DAY)
    assert ("silent_share", "all") not in _measured(shop)


def test_a_store_is_silent_where_four_weeks_had_it_and_the_day_has_not(shop: Shop) -> None:
    for day in WEEKS_BEFORE:
        for store in ("gone", "there"):
            _buy_hourly(shop, day, range(8, 9), store_id=store)
    _buy_hourly(shop, WEEKS_BEFORE[0], range(8, 9), store_id="left before")
    _buy_hourly(shop, DAY, range(9, 10), n=1, store_id="there")
    _measure(shop, DAY)
    silent = {key: value for key, value in _measured(shop).items() if "silent_part" in key[0]}
    assert silent == {
        ("silent_part", "store=gone"): (pytest.approx(80 / 180), 45),
        ("silent_part_share", "store"): (pytest.approx(80 / 180), 45),
    }


def test_a_day_without_events_has_no_shares(shop: Shop) -> None:
    _measure(shop, DAY)
    assert _measured(shop) == {}


def test_a_catalogue_is_held_against_that_of_four_weeks_before(shop: Shop) -> None:
    def stage(**changes: dict[str, Any]) -> None:
        shop.connection.execute("delete from stg_products")
        for n in range(4):
            product = {"product_id": f"p{n}", "title": f"cup {n}", "brand": "b", "category": "c"}
            usual = product | {"text": "", "recommendable": True, "attributes": [], "price": 2.0}
            shop.add("stg_products", usual | changes.get(f"p{n}", {}))

    stage()
    for days in (40, 20):
        _measure(shop, DAY - timedelta(days=days))
    stage(
        p0={"price": 200.0},
        p1={"category": "17", "title": "cup 2"},
        p2={"brand": None},
        p3={"title": "Ã\x9f cup", "price": None},
    )
    _measure(shop, DAY)
    measured = _measured(shop)
    assert measured["catalogue_price_jump_share", "all"] == (pytest.approx(1 / 3), 3)
    assert measured["catalogue_price_jump", "all"] == (pytest.approx(100), 1)
    assert measured["catalogue_recategorised_share", "all"] == (0.25, 4)
    assert measured["catalogue_missing_share", "brand"] == (0.25, 4)
    assert measured["catalogue_missing_share", "price"] == (0.25, 4)
    assert measured["catalogue_missing_share", "title"] == (0, 4)
    assert measured["catalogue_garbled_share", "all"] == (0.25, 4)
    assert measured["catalogue_repeated_share", "all"] == (0, 4)  # of another brand
    assert shop.rows("catalogue_history", "product_id, since") == [
        (f"p{n}", day) for n in range(4) for day in (DAY - timedelta(days=40), DAY)
    ]


def test_a_night_that_is_run_again_after_later_ones_leaves_the_catalogue_as_it_was_known(
    shop: Shop,
) -> None:
    shop.sell("p1")
    _measure(shop, DAY - timedelta(days=1))
    shop.sell("p2")
    _measure(shop, DAY)
    known = shop.rows("catalogue_history")
    _measure(shop, DAY - timedelta(days=1))
    _measure(shop, DAY)
    assert shop.rows("catalogue_history") == known


def _late_share(shop: Shop) -> tuple[Any, ...]:
    asked = {"shop": SHOP, "first": DAY, "last": DAY, "least_days": 14}
    (late,) = run(shop.connection, "signals/came_late", **asked).fetchall()
    return late


def test_what_came_after_its_night_is_a_share_of_the_week(shop: Shop) -> None:
    for days in range(35, 0, -1):
        day = DAY - timedelta(days=days)
        shop.buys("u1", "p1", f"{day}T10:00")
        _measure(shop, day)
    shop.buys("u1", "p1", f"{DAY - timedelta(days=2)}T11:00")
    assert _late_share(shop) == (DAY, "came_late_share", "all", pytest.approx(1 / 8), 0, 0, 7)


def test_what_always_comes_late_is_usual(shop: Shop) -> None:
    for days in range(35, 0, -1):
        day = DAY - timedelta(days=days)
        shop.buys("u1", "p1", f"{day}T10:00")
        _measure(shop, day)
        shop.buys("u1", "p1", f"{day}T11:00")
    assert _late_share(shop) == (DAY, "came_late_share", "all", 0.5, 0.5, 0, 7)


def test_of_how_much_comes_late_a_young_shop_says_nothing(shop: Shop) -> None:
    for days in range(7, 0, -1):
        day = DAY - timedelta(days=days)
        shop.buys("u1", "p1", f"{day}T10:00")
        _measure(shop, day)
    asked = {"shop": SHOP, "first": DAY, "last": DAY, "least_days": 14}
    assert run(shop.connection, "signals/came_late", **asked).fetchall() == []


def test_signs_of_a_wrong_encoding_are_told_from_letters(shop: Shop) -> None:
    garbled = ["cafÃ©", "caf�", "blueÂ cup", "itâ€™s", "red%20cup", "salt &amp; pepper"]
    fine = [
        "café",
        "Âge d'or",
        "SÃO PAULO",
        "100% cotton",
        "50%-70%",
        "salt & pepper",
        "à la carte",
    ]
    is_garbled = "select text from (select unnest($texts) as text) where is_garbled(text)"
    found = shop.connection.execute(is_garbled, {"texts": garbled + fine}).fetchall()
    assert sorted(text for (text,) in found) == sorted(garbled)


def test_measuring_a_day_again_replaces_what_was_measured(shop: Shop) -> None:
    shop.buys("u1", "p1", f"{DAY}T10:00")
    _measure(shop, DAY)
    first = shop.rows("data_quality")
    _measure(shop, DAY)
    assert shop.rows("data_quality") == first
