"""What data itself shows: hand-worked days of events and of requests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.warehouse.conftest import Shop
from warehouse.data_quality import SHOP, measure_events, measure_requests
from warehouse.statements import run

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
        _buy_hourly(shop, day, range(22, 23), n=2)  # too few to miss
    _buy_hourly(shop, DAY, range(9, 12), n=1)
    measure_events(shop.connection, DAY)
    assert _measured(shop)["silent_share", "all"] == (pytest.approx(20 / 82), 20)


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
    silent = {key: value for key, value in _measured(shop).items() if "silent_part" in key[0]}
    assert silent == {
        ("silent_part", "store=gone"): (pytest.approx(80 / 180), 20),
        ("silent_part_share", "store"): (pytest.approx(80 / 180), 20),
    }


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
    busy = [{"user_id": "busy", "query": "tea"}] * 30
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
    assert measured["robot_share", "all"] == (1 / 34, 34)
    assert measured["busy_user_share", "all"] == (30 / 34, 34)
    assert measured["garbled_share", "all"] == (2 / 34, 34)


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


def test_an_index_is_superseded_where_another_one_had_followed_it_before_the_day(
    shop: Shop,
) -> None:
    seen = {"scenario": "search", "kind": "index"}
    shop.add(
        "versions_seen",
        seen | {"version": "old", "first_day": DAY - timedelta(days=9)},
        seen | {"version": "newer", "first_day": DAY - timedelta(days=1)},
        seen | {"scenario": "other", "version": "other", "first_day": DAY - timedelta(days=1)},
    )
    _ask(shop, *({"index_version": version} for version in ("old", "newer", "newest", "newest")))
    measure_requests(shop.connection, "search", DAY)
    measured = _measured(shop, "search")
    assert measured["superseded_share", "index"] == (0.25, 4)
    assert measured["superseded_share", "state"] == (0, 4)
    known = shop.rows("versions_seen", "kind, version, first_day")
    assert ("index", "newest", DAY) in known
    assert ("index", "old", DAY - timedelta(days=9)) in known


def _shown(shop: Shop, request_id: str, day: date, *products: str) -> None:
    shop.add(
        "served_candidates",
        *(
            {
                "request_id": request_id,
                "product_id": product,
                "rank": rank,
                "score": 1 / rank,
                "propensity": 1.0,
                "shown": True,
                "served_date": day,
            }
            for rank, product in enumerate(products, start=1)
        ),
    )


def test_lists_overlap_by_what_the_same_asker_was_shown_last_time(shop: Shop) -> None:
    yesterday = DAY - timedelta(days=1)
    for n, (day, query, products) in enumerate(
        [
            (yesterday, "tea", ("p1", "p2", "p3", "p4")),
            (yesterday, "coffee", ("p5", "p6")),
            (DAY, "Tea ", ("p1", "p2", "p3", "p9")),
            (DAY, "coffee", ("p6", "p5")),
            (DAY, "cocoa", ("p7",)),
        ]
    ):
        at = datetime.fromisoformat(f"{day}T10:00") + timedelta(minutes=n)
        _ask(shop, {"request_id": f"r{n}", "query": query, "occurred_at": at})
        _shown(shop, f"r{n}", day, *products)
    for day in (yesterday, DAY):
        measure_requests(shop.connection, "search", day)
    assert _measured(shop, "search")["list_overlap@10", "search:a"] == (0.875, 2)


def test_a_catalogue_is_held_against_that_of_four_weeks_before(shop: Shop) -> None:
    def stage(**changes: dict[str, Any]) -> None:
        shop.connection.execute("delete from stg_products")
        for n in range(4):
            product = {"product_id": f"p{n}", "title": f"cup {n}", "brand": "b", "category": "c"}
            usual = product | {"text": "", "recommendable": True, "attributes": [], "price": 2.0}
            shop.add("stg_products", usual | changes.get(f"p{n}", {}))

    stage()
    for days in (40, 20):
        measure_events(shop.connection, DAY - timedelta(days=days))
    stage(
        p0={"price": 200.0},
        p1={"category": "17", "title": "cup 2"},
        p2={"brand": None},
        p3={"title": "Ã\x9f cup", "price": None},
    )
    measure_events(shop.connection, DAY)
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
    measure_events(shop.connection, DAY - timedelta(days=1))
    shop.sell("p2")
    measure_events(shop.connection, DAY)
    known = shop.rows("catalogue_history")
    measure_events(shop.connection, DAY - timedelta(days=1))
    measure_events(shop.connection, DAY)
    assert shop.rows("catalogue_history") == known


def _late_share(shop: Shop) -> tuple[Any, ...]:
    asked = {"first": DAY, "last": DAY, "least_days": 14}
    (late,) = run(shop.connection, "signals/came_late", **asked).fetchall()
    return late


def test_what_came_after_its_night_is_a_share_of_the_week(shop: Shop) -> None:
    for days in range(35, 0, -1):
        day = DAY - timedelta(days=days)
        shop.buys("u1", "p1", f"{day}T10:00")
        measure_events(shop.connection, day)
    shop.buys("u1", "p1", f"{DAY - timedelta(days=2)}T11:00")
    assert _late_share(shop) == (DAY, "came_late_share", "all", pytest.approx(1 / 8), 0, 0, 8)


def test_what_always_comes_late_is_usual(shop: Shop) -> None:
    for days in range(35, 0, -1):
        day = DAY - timedelta(days=days)
        shop.buys("u1", "p1", f"{day}T10:00")
        measure_events(shop.connection, day)
        shop.buys("u1", "p1", f"{day}T11:00")
    assert _late_share(shop) == (DAY, "came_late_share", "all", 0.5, 0.5, 0, 14)


def test_of_how_much_comes_late_a_young_shop_says_nothing(shop: Shop) -> None:
    for days in range(7, 0, -1):
        day = DAY - timedelta(days=days)
        shop.buys("u1", "p1", f"{day}T10:00")
        measure_events(shop.connection, day)
    asked = {"first": DAY, "last": DAY, "least_days": 14}
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
            for segment, n in (("all", 100), ("country=fr", 30), ("country=de", 70))
        ),
        usual | {"window_start": DAY, "as_of": DAY, "segment": "country=de", "n": 70},
    )
    measure_requests(shop.connection, "search", DAY)
    assert _measured(shop, "search") == {
        ("silent_part", "country=fr"): (0.3, 30),
        ("silent_part_share", "country"): (0.3, 30),
    }


def test_measuring_a_day_again_replaces_what_was_measured(shop: Shop) -> None:
    shop.buys("u1", "p1", f"{DAY}T10:00")
    measure_events(shop.connection, DAY)
    first = shop.rows("data_quality")
    measure_events(shop.connection, DAY)
    assert shop.rows("data_quality") == first
