"""What data itself shows: hand-worked days of events and of requests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.warehouse.conftest import Shop
from warehouse.data_quality import SHOP, measure_events, measure_requests

DAY = date(2024, 3, 15)
WEEKS_BEFORE = [DAY - timedelta(weeks=n) for n in range(4, 0, -1)]


def _measured(shop: Shop, scenario: str = SHOP) -> dict[tuple[str, str], tuple[float, int]]:
    rows = shop.rows("data_quality", "scenario, day, measure, part, value, n")
    return {
        (measure, part): (value, n)
        for owner, day, measure, part, value, n in rows
        if owner == scenario and day == DAY
    }


def _buy_hourly(shop: Shop, day: date, hours: range, n: int = 20, **values: Any) -> None:
    """So many purchases in each hour."""
    for hour in hours:
        for minute in range(n):
            shop.buys("u1", "p1", f"{day}T{hour:02}:{minute:02}:00", **values)


def test_events_are_counted_by_type_with_what_they_lack(shop: Shop) -> None:
    shop.buys("u1", "p1", f"{DAY}T10:00", price=2.0)
    shop.buys(None, "p1", f"{DAY}T11:00")
    shop.buys("u1", "p1", f"{DAY}T12:00", event_type="click", quantity=None)
    shop.buys("u1", "p1", f"{DAY - timedelta(days=1)}T23:59:59")
    measure_events(shop.connection, DAY)
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
    measure_events(shop.connection, DAY)
    measured = _measured(shop)
    assert measured["late_share", "all"] == (0.25, 4)
    assert measured["ahead_share", "all"] == (0.25, 4)
    assert measured["repeated_share", "all"] == (0.25, 4)
    assert measured["unknown_product_share", "all"] == (0.5, 4)


def test_a_price_jumps_where_it_is_a_hundred_times_what_was_usual(shop: Shop) -> None:
    for product in ("p1", "p2"):
        for days in (1, 2, 28):
            shop.buys("u1", product, f"{DAY - timedelta(days=days)}T10:00", price=2.0)
    shop.buys("u1", "p3", f"{DAY - timedelta(days=1)}T10:00", price=2.0)
    shop.buys("u1", "p1", f"{DAY}T10:00", price=200.0, discount=0.0)
    shop.buys("u1", "p2", f"{DAY}T10:00", price=4.0, discount=1.0)
    shop.buys("u1", "p3", f"{DAY}T10:00", price=200.0)  # bought too seldom to tell
    measure_events(shop.connection, DAY)
    measured = _measured(shop)
    assert measured["price_jump_share", "all"] == (0.5, 2)
    assert measured["price_jump", "all"] == (pytest.approx(100), 1)
    assert measured["discounted_share", "all"] == (0.5, 2)


def test_a_product_is_new_for_four_weeks(shop: Shop) -> None:
    shop.buys("u1", "old", f"{DAY - timedelta(days=29)}T10:00")
    shop.buys("u1", "new", f"{DAY - timedelta(days=28)}T10:00")
    for product in ("old", "new", "newest", "newest"):
        shop.buys("u1", product, f"{DAY}T10:00")
    measure_events(shop.connection, DAY)
    assert _measured(shop)["new_product_share", "all"] == (0.75, 4)


def test_hours_in_which_nothing_happened_count_by_what_is_usual_in_them(shop: Shop) -> None:
    for day in WEEKS_BEFORE:
        _buy_hourly(shop, day, range(8, 12))
        _buy_hourly(shop, day, range(22, 23), n=19)  # too few to miss
    _buy_hourly(shop, DAY, range(9, 12), n=1)
    measure_events(shop.connection, DAY)
    assert _measured(shop)["silent_share", "all"] == (pytest.approx(20 / 99), 1)


def test_of_a_weekday_that_was_not_seen_four_times_no_hour_is_said_to_be_silent(
    shop: Shop,
) -> None:
    for day in WEEKS_BEFORE[1:]:
        _buy_hourly(shop, day, range(8, 12))
    measure_events(shop.connection, DAY)
    assert ("silent_share", "all") not in _measured(shop)


def test_a_store_is_silent_where_four_weeks_had_it_and_the_day_has_not(shop: Shop) -> None:
    for day in WEEKS_BEFORE:
        for store in ("gone", "there"):
            _buy_hourly(shop, day, range(8, 9), store_id=store)
    _buy_hourly(shop, WEEKS_BEFORE[0], range(8, 9), store_id="left before")
    _buy_hourly(shop, DAY, range(9, 10), n=1, store_id="there")
    measure_events(shop.connection, DAY)
    silent = {key: value for key, value in _measured(shop).items() if key[0] == "silent_store"}
    assert silent == {("silent_store", "gone"): (pytest.approx(80 / 180), 80)}


def test_a_day_without_events_has_no_shares(shop: Shop) -> None:
    measure_events(shop.connection, DAY)
    assert _measured(shop) == {}


def _ask(shop: Shop, *requests: dict[str, Any]) -> None:
    usual = {
        "scenario": "search",
        "occurred_at": datetime.fromisoformat(f"{DAY}T10:00"),
        "logged_at": datetime.fromisoformat(f"{DAY}T10:00"),
        "user_id": "u1",
        "n_session": 0,
        "limit": 10,
        "model_tag": "search:a",
        "variant": "champion",
        "policy": "greedy",
        "state_version": "20240315T000000-0123456789ab",
        "backend": "torch",
        "precision": "fp32",
        "n_scored": 10,
        "degraded": False,
        "client_gone": False,
        "pinned": False,
    }
    shop.add(
        "served_requests",
        *({**usual, "request_id": f"r{n}", **request} for n, request in enumerate(requests)),
    )


def test_requests_of_robots_of_busy_users_and_with_garbled_queries_are_shares(shop: Shop) -> None:
    robot = {"scenario": "search", "served_date": DAY, "user_id": "robot"}
    shop.add("robots", robot, robot | {"served_date": DAY - timedelta(days=1), "user_id": "u2"})
    busy = [{"user_id": "busy", "query": "tea"}] * 200
    _ask(
        shop,
        *busy,
        {"user_id": "robot", "query": "cafÃ© au lait"},
        {"user_id": "u2", "query": "café"},
        {"user_id": "u3", "query": "naïve"},
        {"user_id": "u4", "query": "caf�"},
    )
    measure_requests(shop.connection, "search", DAY)
    measured = _measured(shop, "search")
    assert measured["robot_share", "all"] == (1 / 204, 204)
    assert measured["busy_user_share", "all"] == (200 / 204, 204)
    assert measured["garbled_share", "all"] == (2 / 204, 204)
    assert measured["state_age", "all"] == (pytest.approx(10 / 24), 204)


def test_a_model_that_no_rollout_names_is_another_one(shop: Shop) -> None:
    rollout = {"scenario": "search", "reason": "for the test"}
    shop.add(
        "rollouts",
        rollout | {"version": 1, "champion": "search:old", "starts_on": date(2024, 1, 1)},
        rollout | {"version": 2, "champion": "search:a", "starts_on": date(2024, 2, 1)},
        rollout | {"version": 3, "champion": "search:b", "beside": "search:c", "starts_on": DAY},
    )
    _ask(shop, *({"model_tag": f"search:{name}"} for name in ("old", "a", "b", "c")))
    measure_requests(shop.connection, "search", DAY)
    assert _measured(shop, "search")["other_model_share", "all"] == (0.25, 4)


def test_events_before_the_request_that_they_name_tell_of_two_clocks(shop: Shop) -> None:
    _ask(shop, {}, {})
    shop.buys("u1", "p1", f"{DAY}T09:30", request_id="r0")
    shop.buys("u1", "p1", f"{DAY}T10:30", request_id="r1")
    measure_requests(shop.connection, "search", DAY)
    assert _measured(shop, "search")["before_request_share", "all"] == (0.5, 2)


def test_a_country_is_silent_where_four_weeks_had_it_and_the_day_has_not(shop: Shop) -> None:
    usual = {
        "scenario": "search",
        "metric": "click_share",
        "window": "day",
        "model_tag": "search:a",
        "variant": "champion",
    }
    shop.add(
        "metric_values",
        *(
            usual | {"window_start": day, "as_of": day, "segment": segment, "n": n}
            for day in WEEKS_BEFORE
            for segment, n in (("all", 100), ("country=fr", 30), ("country=de", 19))
        ),
    )
    measure_requests(shop.connection, "search", DAY)
    assert _measured(shop, "search") == {("silent_segment", "country=fr"): (0.3, 120)}


def test_measuring_a_day_again_replaces_what_was_measured(shop: Shop) -> None:
    shop.buys("u1", "p1", f"{DAY}T10:00")
    measure_events(shop.connection, DAY)
    first = shop.rows("data_quality")
    measure_events(shop.connection, DAY)
    assert shop.rows("data_quality") == first
