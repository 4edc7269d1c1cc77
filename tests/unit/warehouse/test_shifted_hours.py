"""Hours that are off: days that look like others at other hours, and days that do not."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from math import pi, sin

import pytest

from tests.unit.warehouse.conftest import memory_warehouse
from warehouse.data_quality import SHOP
from warehouse.statements import run

DAY = date(2024, 3, 15)
WEEKS_BEFORE = [DAY - timedelta(weeks=n) for n in range(4, 0, -1)]

_BUSY_AT_NOON = {8: 5, 9: 10, 10: 20, 11: 30, 12: 30, 13: 20, 14: 10, 15: 5}
_AROUND_THE_CLOCK = {hour: round(20 + 15 * sin(hour * pi / 12)) for hour in range(24)}


def _hours_off(usual: dict[int, int], today: dict[int, int], scale: int = 1) -> float:
    """Of a day of so many people at each hour; weeks before were as usual."""
    connection = memory_warehouse()
    days = [*((day, usual) for day in WEEKS_BEFORE), (DAY, today)]
    rows = [(day, hour, n * scale) for day, people in days for hour, n in people.items()]
    connection.execute("create table hourly (day date, hour bigint, n bigint)")
    connection.executemany("insert into hourly values ($1, $2, $3)", rows)
    run(connection, "quality/shifted_hours", scenario=SHOP, day=DAY)
    (told,) = connection.execute("select measure, value, n from data_quality").fetchall()
    assert told[0] == "hours_off"
    assert told[2] == sum(today.values()) * scale
    return float(told[1])


def _later(people: dict[int, int], hours: int, share: float = 1.0) -> dict[int, int]:
    """So many hours later, or a share of the people."""
    moved: Counter[int] = Counter()
    for hour, n in people.items():
        moved[(hour + hours) % 24] += round(n * share)
        moved[hour] += n - round(n * share)
    return {hour: n for hour, n in moved.items() if n}


@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize("later", [-3, 0, 2, 8])
def test_a_day_that_looks_like_others_at_other_hours_is_so_many_off(later: int, scale: int) -> None:
    assert _hours_off(_BUSY_AT_NOON, _later(_BUSY_AT_NOON, later), scale) == later
    around = _later(_AROUND_THE_CLOCK, later)
    assert _hours_off(_AROUND_THE_CLOCK, around, scale) == later


@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize(
    "today",
    [
        {8: 5, 9: 10, 10: 20, 11: 30},  # half a day, and no earlier one
        _BUSY_AT_NOON | {20: 30, 21: 40, 22: 20},  # a sale in the evening
        _later(_BUSY_AT_NOON, 6, share=0.5),  # half of the people
        {13: 5, 14: 10, 15: 2},  # a few people
        dict.fromkeys(range(24), 6),  # at all hours
    ],
)
def test_a_day_that_is_otherwise_unlike_others_is_no_other_clock(
    today: dict[int, int], scale: int
) -> None:
    assert _hours_off(_BUSY_AT_NOON, today, scale) == 0


def test_few_people_somewhat_later_may_be_chance() -> None:
    somewhat = {10: 2, 11: 3, 12: 4, 13: 5, 14: 2}
    usual = {9: 1, 10: 3, 11: 4, 12: 4, 13: 3, 14: 1}
    assert _hours_off(usual, somewhat) == 0
