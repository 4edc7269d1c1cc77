"""Which days are due, and which scopes are refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from data_checks import Calendar, Scope

WEEK = Calendar(
    date(2024, 3, 4),
    date(2024, 3, 13),
    frozenset({5, 6}),
    frozenset({date(2024, 3, 6)}),
)


def test_open_days_leave_out_weekends_holidays_and_what_lies_outside() -> None:
    days = [day.day for day in WEEK.open_days(date(2024, 4, 1))]
    assert days == [4, 5, 7, 8, 11, 12, 13]


@pytest.mark.parametrize(
    ("day", "is_open"), [(3, False), (4, True), (6, False), (9, False), (13, True), (14, False)]
)
def test_a_day_is_open_or_not(day: int, is_open: bool) -> None:
    assert WEEK.is_open(date(2024, 3, day)) is is_open


@pytest.mark.parametrize(
    ("as_of", "max_lag", "due"),
    [
        (datetime.fromisoformat("2024-03-08"), timedelta(0), date(2024, 3, 7)),
        (datetime.fromisoformat("2024-03-08 23:59"), timedelta(0), date(2024, 3, 7)),
        (datetime.fromisoformat("2024-03-08 03:00"), timedelta(hours=6), date(2024, 3, 6)),
    ],
)
def test_a_day_is_due_once_it_has_ended_and_its_rows_had_time(
    as_of: datetime, max_lag: timedelta, due: date
) -> None:
    assert Scope("shop", as_of, WEEK, max_lag=max_lag).last_due_day == due


def test_without_a_calendar_no_day_is_due() -> None:
    assert Scope("shop", datetime.fromisoformat("2024-03-08")).open_days == ()


def test_a_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="as_of must be naive UTC"):
        Scope("shop", datetime(2024, 3, 8, tzinfo=UTC))


def test_no_batches_is_refused_rather_than_taken_for_all() -> None:
    with pytest.raises(ValueError, match="pass None to check every batch"):
        Scope("shop", datetime.fromisoformat("2024-03-08"), batches=())
