"""Freshness and volume are judged by the source's own calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from data_checks import Calendar, CheckFailed, Scope

if TYPE_CHECKING:
    from tests.unit.data_checks.conftest import Tables


SATURDAY = 5
OPENS = date(2024, 2, 1)  # a Thursday
CALENDAR = Calendar(OPENS, closed_weekdays=frozenset({SATURDAY}))
SHOP = Scope(
    "shop", datetime.fromisoformat("2024-03-16"), CALENDAR
)  # a Saturday: Friday 15th is due


def _open_days() -> dict[date, int]:
    return dict.fromkeys(CALENDAR.open_days(date(2024, 3, 15)), 10)


def test_closed_saturdays_are_no_gaps(tables: Tables) -> None:
    tables.add_days(_open_days())
    report = tables.check("raw_events", SHOP)
    assert {result.status for result in report.results} == {"passed"}
    assert report.n_rows == 380  # 44 days without 6 Saturdays


def test_a_gap_on_an_open_day_stops(tables: Tables) -> None:
    days = _open_days()
    del days[date(2024, 3, 6)]
    tables.add_days(days)
    with pytest.raises(CheckFailed, match=r'expected rows on every open day .* "2024-03-06"'):
        tables.check("raw_events", SHOP)


def test_a_holiday_is_no_gap_once_the_calendar_knows_it(tables: Tables) -> None:
    holiday = date(2024, 3, 6)
    days = _open_days()
    del days[holiday]
    tables.add_days(days)
    calendar = Calendar(OPENS, None, frozenset({SATURDAY}), frozenset({holiday}))
    assert tables.check("raw_events", Scope("shop", SHOP.as_of, calendar)).passed


def test_days_before_the_first_row_are_no_gaps(tables: Tables) -> None:
    days = {day: n for day, n in _open_days().items() if day >= date(2024, 3, 1)}
    tables.add_days(days)
    assert tables.check("raw_events", SHOP).passed


def test_stale_rows_stop(tables: Tables) -> None:
    days = _open_days()
    del days[date(2024, 3, 15)]
    tables.add_days(days)
    with pytest.raises(
        CheckFailed,
        match="expected rows up to 2024-03-15, the last open day due at 2024-03-16 00:00:00 UTC "
        r"\(rows_fresh\), found nothing newer than 2024-03-14 12:00:00",
    ):
        tables.check("raw_events", SHOP)


def test_a_source_that_may_lag_a_day_is_not_stale(tables: Tables) -> None:
    days = _open_days()
    del days[date(2024, 3, 15)]
    tables.add_days(days)
    lagging = Scope("shop", SHOP.as_of, CALENDAR, max_lag=timedelta(days=1))
    assert tables.check("raw_events", lagging).passed


def test_a_source_that_has_closed_for_good_does_not_go_stale(tables: Tables) -> None:
    tables.add_days(_open_days())
    closed = Calendar(OPENS, date(2024, 3, 15), frozenset({SATURDAY}))
    assert tables.check(
        "raw_events", Scope("shop", datetime.fromisoformat("2025-01-01"), closed)
    ).passed


def test_a_clock_that_is_ahead_does_not_hide_stale_rows(tables: Tables) -> None:
    days = {day: 100 for day in _open_days() if day < date(2024, 3, 15)}
    tables.add_days({**days, date(2024, 3, 18): 1})
    assert tables.result("raw_events", "rows_fresh", SHOP).status == "failed"


def test_today_is_neither_due_nor_closed(tables: Tables) -> None:
    tables.add_days({**_open_days(), date(2024, 3, 16): 1})
    report = tables.check("raw_events", SHOP)
    assert {result.status for result in report.results} == {"passed"}


def test_rows_on_a_closed_day_are_a_warning(tables: Tables) -> None:
    tables.add_days({**_open_days(), date(2024, 3, 9): 2})
    (warned,) = tables.check("raw_events", SHOP).with_status("warned")
    assert warned.name == "closed_days_without_rows"
    assert warned.samples == ({"day": "2024-03-09", "n_rows": 2},)
    assert tables.quarantined() == []


@pytest.mark.parametrize(
    ("n_rows", "expectation", "status"),
    [
        (9, "volume_not_low", "failed"),
        (10, "volume_not_low", "passed"),
        (500, "volume_not_high", "passed"),
        (501, "volume_not_high", "warned"),
    ],
)
def test_a_day_is_compared_with_the_same_weekdays_before_it(
    tables: Tables, n_rows: int, expectation: str, status: str
) -> None:
    # Fridays usually have 100 rows, other days 1: the median of a Friday is 100.
    friday = 4
    days = {day: 100 if day.weekday() == friday else 1 for day in _open_days()}
    tables.add_days({**days, date(2024, 3, 15): n_rows})
    assert tables.result("raw_events", expectation, SHOP).status == status


def test_two_earlier_weekdays_are_too_few_to_compare_with(tables: Tables) -> None:
    days = {day: 100 for day in _open_days() if day > date(2024, 2, 23)}
    tables.add_days({**days, date(2024, 3, 15): 1})
    assert tables.result("raw_events", "volume_not_low", SHOP).status == "passed"


def test_one_nights_batch_is_not_blamed_for_older_gaps(tables: Tables) -> None:
    days = _open_days()
    del days[date(2024, 3, 6)]
    tables.add_days(days)
    tonight = Scope("shop", SHOP.as_of, CALENDAR, batches=("2024-03-15",))
    report = tables.check("raw_events", tonight)
    assert (report.passed, report.n_rows) == (True, 10)


def test_one_nights_batch_is_compared_with_the_history(tables: Tables) -> None:
    days = dict.fromkeys(_open_days(), 100)
    tables.add_days({**days, date(2024, 3, 15): 5})
    tonight = Scope("shop", SHOP.as_of, CALENDAR, batches=("2024-03-15",))
    with pytest.raises(CheckFailed, match=r'volume_not_low.*"n_rows": 5, "usual_rows": 100\.0'):
        tables.check("raw_events", tonight)


def test_without_a_calendar_no_day_is_judged(tables: Tables) -> None:
    tables.add_days({date(2020, 1, 1): 10})
    assert tables.check("raw_events").passed


def test_before_the_shop_opens_nothing_is_due(tables: Tables) -> None:
    tables.add("raw_events", 10)
    opening = Calendar(date(2024, 3, 16))
    assert tables.check("raw_events", Scope("shop", SHOP.as_of, opening)).passed


def test_promotions_that_have_run_out_are_a_warning(tables: Tables) -> None:
    tables.add("raw_promotions", 100)
    later = Scope("shop", datetime.fromisoformat("2024-03-20"), CALENDAR)
    (warned,) = tables.check("raw_promotions", later).with_status("warned")
    assert warned.found == "nothing newer than 2024-03-18 05:00:00"


def test_served_logs_have_freshness_too(tables: Tables) -> None:
    tables.add("raw_served", 10)
    later = Scope("shop", datetime.fromisoformat("2024-03-18"), CALENDAR)  # Sunday 17th is due
    assert tables.result("raw_served", "rows_fresh", later).status == "failed"
