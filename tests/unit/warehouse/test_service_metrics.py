"""What is counted of a service's requests, and that it adds up."""

from __future__ import annotations

from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bentos.serving.record import Timings
from tests.unit.warehouse.service_requests import (
    DAY,
    MONDAY,
    PARTIALS,
    SUNDAY,
    at,
    clear,
    figures,
    measured,
    serve,
)
from warehouse.nights import measure_nights
from warehouse.pull import pull
from warehouse.served import stage_day
from warehouse.service_metrics import measure_service, service_values
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Shop


def test_a_shares_standard_error_is_that_of_a_ratio_over_users(shop: Shop) -> None:
    """u1 asked four times, twice degraded; u2 once; u3 once, degraded: 3 of 6.

    They are off the mean of a half by 0, -1/2 and 1/2 requests; sqrt(3/2 * 1/2) / 6.
    """
    serve(
        shop,
        user_id=["u1", "u1", "u1", "u1", "u2", "u3"],
        degraded=[True, True, False, False, False, True],
    )
    assert measured(shop)["degraded_share"] == (0.5, pytest.approx(sqrt(0.75) / 6), 6)


def test_a_user_who_asks_again_and_again_counts_as_one(shop: Shop) -> None:
    serve(shop, user_id="u1", degraded=[True, False] * 50)
    assert measured(shop)["degraded_share"] == (0.5, None, 100)


def test_requests_of_nobody_in_particular_are_each_somebody_elses(shop: Shop) -> None:
    serve(shop, user_id="", degraded=[True, False] * 200)
    value, error, _ = measured(shop)["degraded_share"]
    assert value == 0.5
    assert error == pytest.approx(0.5 / sqrt(400), rel=0.1)


def test_a_shares_standard_error_is_a_bootstraps_over_users(shop: Shop) -> None:
    rng = np.random.default_rng(11)
    asked = rng.geometric(0.1, 1000)
    degraded = rng.binomial(asked, rng.beta(0.2, 2, 1000))
    users = [(f"u{n}", k, d) for n, (k, d) in enumerate(zip(asked, degraded, strict=True))]
    serve(
        shop,
        user_id=[user for user, k, _ in users for _ in range(k)],
        degraded=[number < d for _, k, d in users for number in range(k)],
    )
    draws = rng.multinomial(1000, np.full(1000, 1 / 1000), 4000)
    bootstrap = (draws @ degraded / (draws @ asked)).std()
    value, error, n = measured(shop)["degraded_share"]
    assert (value, n) == (pytest.approx(degraded.sum() / asked.sum()), asked.sum())
    assert error == pytest.approx(bootstrap, rel=0.1)


def test_errors_have_a_share_by_class(shop: Shop) -> None:
    errors = ["Overloaded: later", "Overloaded: later", "RuntimeError: 1: 2", "broken"]
    serve(shop, error=[*errors, *[None] * 6], user_id=[f"u{n}" for n in range(10)])
    assert measured(shop)["error_share"][::2] == (0.4, 10)
    for name, share in (("Overloaded", 0.2), ("RuntimeError", 0.1), ("other", 0.1)):
        of_class = measured(shop, f"error={name}")
        assert of_class == {
            "error_share": (share, pytest.approx(sqrt(share * (1 - share) / 9)), 10)
        }


def test_a_request_times_out_where_it_took_longer_than_it_was_given(shop: Shop) -> None:
    serve(
        shop,
        total_ms=[249.0, 250.0, 251.0, 999.0, 999.0],
        deadline_ms=[250.0, 250.0, 250.0, 250.0, None],
        client_gone=[False, False, False, True, False],
    )
    assert measured(shop)["time_out_share"] == (0.5, None, 4)
    assert measured(shop)["client_gone_share"] == (0.2, None, 5)


def test_requests_of_which_nobody_knows_a_deadline_have_no_time_outs(shop: Shop) -> None:
    serve(shop, total_ms=[249.0, 999.0])
    assert "time_out_share" not in measured(shop)


def test_the_share_that_is_read_is_of_all_candidates_where_the_log_says(shop: Shop) -> None:
    serve(shop, n_scored=[50, 50, 100, 70], n_read=[50, 0, 10, None])
    assert measured(shop)["read_share"] == (60 / 200, None, 200)


def test_a_peak_is_the_most_requests_in_a_second(shop: Shop) -> None:
    seconds = [*[at(9, 1)] * 2, at(9, 2), *[at(10, 1)] * 3, at(11)]
    serve(shop, occurred_at=seconds)
    assert measured(shop)["peak_rate"] == (3, None, 7)
    assert measured(shop, "hour=09")["peak_rate"] == (2, None, 3)
    assert measured(shop, "hour=09")["requests"] == (3, None, 3)
    assert measured(shop, "hour=11")["peak_rate"] == (1, None, 1)


def test_a_cold_start_is_the_first_line_of_a_processs_first_segment(shop: Shop, logs: Logs) -> None:
    slow, quick = (Timings(0.0, 0.0, 0.0, 0.0, ms) for ms in (900.0, 5.0))
    for name, first in (("p1-000000", slow), ("p1-000001", quick), ("p2-000000", slow)):
        answers = [first, quick, quick]
        logs.write(
            f"20240315T090000-host-{name}.jsonl",
            *(
                logs.answer(f"{name} {number}", at=at(9), timings_ms=timings)
                for number, timings in enumerate(answers)
            ),
        )
    pull(shop.connection, "served", logs.folder, "recommend")
    stage_day(shop.connection, "recommend", DAY)
    found = measured(shop)
    assert found["cold_starts"] == (2, None, 9)
    assert found["cold_ms_p50"][::2] == (pytest.approx(900, rel=0.01), 2)
    assert found["latency_ms_p50"][::2] == (pytest.approx(5, rel=0.01), 9)


def test_a_log_that_is_no_segment_does_not_say_what_was_cold(shop: Shop, logs: Logs) -> None:
    logs.write("a.jsonl", logs.answer("r1", at=at(9)))
    pull(shop.connection, "served", logs.folder, "recommend")
    stage_day(shop.connection, "recommend", DAY)
    assert shop.rows("served_requests", "cold, deadline_ms") == [(None, None)]
    assert "cold_starts" not in measured(shop)


def test_shadows_are_no_traffic_and_tests_are(shop: Shop) -> None:
    serve(
        shop,
        variant=["champion", "shadow", "shadow"],
        shadow_of=[None, "r0", None],
        pinned=[False, False, True],
        total_ms=[1.0, 900.0, 1.0],
    )
    rows = measure_service(shop.connection, "recommend", DAY)
    requests = {row.variant: row.value for row in rows if row.metric == "requests"}
    assert requests == {"champion": 1, "shadow": 1}
    assert max(row.value for row in rows if row.metric == "latency_ms_p99") < 2


def _days(shop: Shop, *days: int) -> None:
    """Traffic of several days, of each hour some, in seconds of their own."""
    for day in days:
        n = 40
        serve(
            shop,
            request_id=[f"{day} {number}" for number in range(n)],
            occurred_at=[at(number % 5, day, day) for number in range(n)],
            user_id=[f"u{number * day % 17}" for number in range(n)],
            total_ms=[float(number * day) for number in range(n)],
            degraded=[number % day == 0 for number in range(n)],
            error=["Overloaded: later" if number == day else None for number in range(n)],
            deadline_ms=250.0,
        )


def _measure(shop: Shop, *days: int) -> None:
    for day in days:
        measure_service(shop.connection, "recommend", date(2024, 3, day))


def test_a_week_is_what_a_day_with_all_its_requests_would_be(shop: Shop) -> None:
    _days(shop, 11, 13, 17)
    _measure(shop, 11, 13, 17)
    clear(shop)
    week = service_values(shop.connection, "recommend", MONDAY, SUNDAY)
    _days(shop, 11, 13, 17)
    shop.connection.execute(
        "update served_requests set occurred_at = $day + occurred_at::time", {"day": DAY}
    )
    assert measure_service(shop.connection, "recommend", DAY) == week
    assert figures(week)["requests"] == (120, None, 120)
    assert figures(week)["peak_rate"] == (8, None, 120)


def test_a_window_has_those_of_its_days_that_were_counted(shop: Shop) -> None:
    _days(shop, 10, 11, 12, 18)
    _measure(shop, 10, 11, 18)
    week = service_values(shop.connection, "recommend", MONDAY, SUNDAY)
    assert figures(week)["requests"] == (40, None, 40)
    assert service_values(shop.connection, "recommend", date(2024, 1, 1), date(2024, 1, 7)) == []


def test_a_day_measured_twice_is_the_same_and_leaves_others_alone(shop: Shop) -> None:
    _days(shop, 14, 15)
    serve(shop, scenario="search", request_id=["s1", "s2"])
    measure_service(shop.connection, "search", DAY)
    _measure(shop, 14)
    first = measure_service(shop.connection, "recommend", DAY)
    before = {table: shop.rows(table) for table in PARTIALS}
    assert measure_service(shop.connection, "recommend", DAY) == first
    assert {table: shop.rows(table) for table in PARTIALS} == before


def test_a_day_that_nobody_asked_on_has_nothing_and_loses_what_it_had(shop: Shop) -> None:
    _days(shop, 15)
    _measure(shop, 15)
    clear(shop)
    assert measure_service(shop.connection, "recommend", DAY) == []
    assert [shop.rows(table) for table in PARTIALS] == [[], [], []]


def test_counting_that_is_killed_leaves_the_day_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _days(shop, 15)
    _measure(shop, 15)
    before = {table: shop.rows(table) for table in PARTIALS}

    def dies(connection: Any, name: str, **parameters: Any) -> Any:
        if name == "service/peaks":
            raise KeyboardInterrupt
        return run(connection, name, **parameters)

    monkeypatch.setattr("warehouse.service_metrics.run", dies)
    clear(shop)
    with pytest.raises(KeyboardInterrupt):
        _measure(shop, 15)
    assert {table: shop.rows(table) for table in PARTIALS} == before


def test_each_night_measures_its_week_up_to_then_whichever_days_were_counted(shop: Shop) -> None:
    _days(shop, 11, 12)
    for _ in range(2):
        for day in (11, 12):
            measure_nights(shop.connection, "recommend", date(2024, 3, day))
    week = "metric_values where \"window\" = 'week' and metric = 'requests' and segment = 'all'"
    assert shop.rows(week, "window_start, as_of, value, maturity") == [
        (MONDAY, date(2024, 3, 11), 40, 1),
        (MONDAY, date(2024, 3, 12), 80, 1),
    ]
