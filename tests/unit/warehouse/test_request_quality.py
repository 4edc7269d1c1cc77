"""What data itself shows: hand-worked days of requests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.unit.warehouse.answers_and_events import REQUEST
from tests.unit.warehouse.conftest import Shop
from warehouse.data_quality import measure_requests

DAY = date(2024, 3, 15)
WEEKS_BEFORE = [DAY - timedelta(weeks=n) for n in range(4, 0, -1)]


def _measured(shop: Shop) -> dict[tuple[str, str], tuple[float, int]]:
    rows = shop.rows("data_quality", "scenario, day, measure, part, value, n")
    return {
        (measure, part): (value, n)
        for owner, day, measure, part, value, n in rows
        if owner == "search" and day == DAY
    }


def _ask(shop: Shop, *requests: dict[str, Any]) -> None:
    moment = datetime.fromisoformat(f"{DAY}T10:00")
    usual = {
        **REQUEST,
        "scenario": "search",
        "occurred_at": moment,
        "logged_at": moment,
        "model_tag": "search:a",
        "state_version": "20240315T000000-0123456789ab",
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
    measured = _measured(shop)
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
    assert _measured(shop)["other_model_share", "all"] == (0.25, 4)


def test_events_before_the_request_that_they_name_tell_of_two_clocks(shop: Shop) -> None:
    _ask(shop, {}, {})
    shop.buys("u1", "p1", f"{DAY}T09:30", request_id="r0")
    shop.buys("u1", "p1", f"{DAY}T10:30", request_id="r1")
    measure_requests(shop.connection, "search", DAY)
    assert _measured(shop)["before_request_share", "all"] == (0.5, 2)


def test_a_state_is_superseded_where_a_later_one_had_been_served_before_the_day(shop: Shop) -> None:
    seen = {"scenario": "search", "kind": "state"}
    first_day = DAY - timedelta(days=1)
    shop.add("versions_seen", seen | {"version": "20240314T020000-b", "first_day": first_day})
    states = ("20240101T020000-a", "20240314T020000-b", "20240315T020000-c", "20240315T020000-c")
    _ask(shop, *({"state_version": state} for state in states))
    measure_requests(shop.connection, "search", DAY)
    assert _measured(shop)["superseded_share", "state"] == (0.25, 4)


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
    measured = _measured(shop)
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
    assert _measured(shop)["list_overlap@10", "search:a"] == (0.875, 2)


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
    assert _measured(shop) == {
        ("silent_part", "country=fr"): (0.3, 100),
        ("silent_part_share", "country"): (0.3, 100),
    }
