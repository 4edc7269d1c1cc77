"""Delay curves from sums of days: to the last digit those from requests and outcomes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.unit.warehouse.answers_and_events import REQUEST, answer, follow, insert
from tests.unit.warehouse.delays_from_requests import CURVES
from warehouse.delays import add_up_delays, learn_delays
from warehouse.nights import measure_nights
from warehouse.pull import pull
from warehouse.served import days_to_measure, stage_day, stage_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.unit.warehouse.conftest import Logs, Rows, Shop

FIRST = date(2024, 1, 1)
MEDIAN_MINUTES = {"impression": 1, "click": 8, "purchase": 1800, "return": 14_400}
SUMS = ("request_ages", "first_events")


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


class _World:
    """Requests of all kinds, and events of each type again and again, in time and late."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._shop = shop
        self._rng = np.random.default_rng(seed)
        self._n = 0

    def ask(self, *days: int, a_day: int = 30) -> None:
        """Stages requests of the days; to one in five nothing can be given, some follow late."""
        rng = self._rng
        day = np.repeat(days, a_day)
        n, first = len(day), self._n
        self._n += n
        seconds = rng.uniform(0, 86_400, n) * (rng.random(n) > 0.05)  # some at midnight
        at = np.datetime64(FIRST, "us") + _microseconds(86_400 * day + seconds)
        names = np.array([f"r{first + i}" for i in range(n)])
        kind = rng.choice([None, "pinned", "error", "gone", "shadow"], n, p=[0.8, *[0.05] * 4])
        requests: dict[str, Any] = {
            "request_id": list(names),
            "occurred_at": at,
            "logged_at": at,
            "user_id": [f"u{i}" for i in rng.integers(0, 9, n)],
            "model_tag": [f"recommend:{i}" for i in rng.integers(0, 2, n)],
            "scenario": list(rng.choice(["recommend", "search"], n, p=[0.9, 0.1])),
            "pinned": list(kind == "pinned"),
            "client_gone": list(kind == "gone"),
            "error": [("broken" if of == "error" else None) for of in kind],
            "shadow_of": [("r0" if of == "shadow" else None) for of in kind],
        }
        insert(self._shop, "served_requests", **REQUEST | requests)
        for event_type, minutes in MEDIAN_MINUTES.items():
            for _ in range(2):
                delays = rng.lognormal(np.log(60 * minutes), 1.5, n) * (rng.random(n) > 0.05)
                self._follow(event_type, names, at + _microseconds(delays), rng.random(n))

    def _follow(self, event_type: str, names: Any, at: Any, luck: Any) -> None:
        come = luck < 0.3
        insert(
            self._shop,
            "stg_events",
            event_id=[f"e{self._n} {i}" for i in self._rng.integers(0, 2**62, come.sum())],
            event_type=event_type,
            occurred_at=at[come],
            logged_at=at[come],
            user_id=[f"u{i}" for i in self._rng.integers(0, 9, come.sum())],
            product_id="p1",
            request_id=[
                name if named else None
                for name, named in zip(names[come], luck[come] < 0.2, strict=True)
            ],
            source="feedback",
        )


def _microseconds(seconds: Any) -> Any:
    return (seconds * 1e6).astype("timedelta64[us]")


def _nights(shop: Shop, days: Iterable[int]) -> None:
    """Nights, of which each must find what the requests and outcomes there are say."""
    for day in map(_day, days):
        stage_outcomes(shop.connection, "recommend", day)
        learn_delays(shop.connection, "recommend", day)
        _curves_are_right(shop, day)


def _curves_are_right(shop: Shop, as_of: date) -> None:
    asked = {"scenario": "recommend", "as_of": as_of}
    expected = shop.connection.execute(CURVES, asked).fetchall()
    assert shop.rows(f"delay_curves where as_of = '{as_of}' and scenario = 'recommend'") == expected


def _sums(shop: Shop) -> list[Rows]:
    return [shop.rows(table) for table in SUMS]


@pytest.mark.parametrize("seed", range(2))
def test_nights_in_their_order_again_and_after_late_lines_find_what_all_requests_say(
    shop: Shop, seed: int
) -> None:
    """Longer than curves look back; some days without a request, three without a night."""
    world = _World(shop, seed)
    world.ask(*(day for day in range(66) if day % 9))
    _nights(shop, range(3, 66))
    assert len(shop.rows("delay_curves where as_of = '2024-03-06'")) > 300
    in_order = _sums(shop)
    for since in (61, 65):
        _nights(shop, range(since, 66))
        assert _sums(shop) == in_order
    world.ask(58, a_day=10)  # and what follows, on any day since
    _nights(shop, range(58, 60))  # killed
    _nights(shop, range(58, 66))
    assert _sums(shop) != in_order


def test_a_warehouse_of_before_is_added_up_when_it_is_first_asked(shop: Shop) -> None:
    """Its last nights are then run again, also those that look back further."""
    world = _World(shop, 3)
    world.ask(*range(70))
    for day in range(70):
        stage_outcomes(shop.connection, "recommend", _day(day))
    for since in (69, 62):
        _nights(shop, range(since, 70))
        assert shop.rows("delays_since") == [("recommend", _day(since - 55))]
    added_up_when_asked = _sums(shop)
    add_up_delays(shop.connection, "recommend", _day(0), _day(70))
    assert [
        set(rows) - set(found) for rows, found in zip(added_up_when_asked, _sums(shop), strict=True)
    ] == [
        set(),
        set(),
    ]


def test_what_comes_late_of_a_closed_day_is_in_the_curves_of_the_next_night(
    shop: Shop, logs: Logs
) -> None:
    def night(number: int) -> None:
        pull(shop.connection, "served", logs.folder, "recommend")
        for each in (*days_to_measure(shop.connection, "recommend", _day(number)), _day(number)):
            stage_day(shop.connection, "recommend", each)
        measure_nights(shop.connection, "recommend", _day(number))

    shop.sell("p1", "p2", "p3")
    shop.buys("u1", "p1", "2024-01-03T10:00:00+00:00", request_id="late")
    logs.write("a.jsonl", *(logs.answer(f"r{day}", at=_noon(day)) for day in (0, 40, 41)))
    for number in (0, 40):
        night(number)
        _curves_are_right(shop, _day(number))
    logs.write("late.jsonl", logs.answer("late", at=_noon(0)))
    night(41)
    _curves_are_right(shop, _day(41))
    ((*_, at_risk, n_events, _, _), *_) = shop.rows(f"delay_curves where as_of = '{_day(41)}'")
    assert (at_risk, n_events) == (2, 1)


def _noon(day: int) -> datetime:
    return datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)


def test_sums_have_the_same_rows_however_many_requests_a_minute_has(shop: Shop) -> None:
    rows = []
    for first, n in ((0, 1), (1, 10)):
        moment = _noon(0) + timedelta(seconds=30)
        answer(shop, *[moment] * n, first=first)
        follow(shop, *((first + i, "click", moment + timedelta(seconds=90 + i)) for i in range(n)))
        learn_delays(shop.connection, "recommend", FIRST)
        rows.append(_sums(shop))
    assert rows == [
        [
            [("recommend", FIRST, 43_140, n)],
            [("recommend", FIRST, 39_600, "click", 120, FIRST, n)],
        ]
        for n in (1, 11)
    ]
