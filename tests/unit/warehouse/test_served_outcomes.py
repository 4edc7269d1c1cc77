"""What followed a ranking: each event is given to one request."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from warehouse.pull import pull
from warehouse.served import stage_day, stage_outcomes

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Shop

DAY = date(2024, 3, 15)
NEXT_DAY = date(2024, 3, 16)


def _at(hour: int, minute: int = 0, day: int = 15) -> datetime:
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def asked(shop: Shop, logs: Logs) -> Shop:
    """u1 asks at 10:00 and 14:00, u2 at 12:00, and u1 again at 1:00 the next day."""
    logs.write(
        "a.jsonl",
        logs.answer("r10", "u1", at=_at(10)),
        logs.answer("r14", "u1", at=_at(14)),
        logs.answer("r12", "u2", at=_at(12)),
        logs.answer("next", "u1", at=_at(1, day=16)),
    )
    pull(shop.connection, "served", logs.folder, "recommend")
    return shop


def _given(shop: Shop) -> list[tuple[str, str]]:
    stage_day(shop.connection, "recommend", DAY)
    return shop.rows("outcomes", "event_id, request_id")


@pytest.mark.parametrize(
    ("at", "request_id"),
    [
        ("2024-03-15T09:59:59", None),
        ("2024-03-15T10:00:00", "r10"),
        ("2024-03-15T13:59:59", "r10"),
        ("2024-03-15T14:00:00", "r14"),
        ("2024-03-15T23:59:59", "r14"),
    ],
)
def test_an_event_that_names_no_request_is_given_to_the_users_last_one(
    asked: Shop, at: str, request_id: str | None
) -> None:
    asked.buys("u1", "p1", at)
    assert _given(asked) == ([] if request_id is None else [("e1", request_id)])


def test_an_event_that_names_a_request_is_given_to_it_and_to_no_later_one(asked: Shop) -> None:
    asked.buys("u1", "p1", "2024-03-15T15:00:00", request_id="r10")
    assert _given(asked) == [("e1", "r10")]


def test_an_event_that_names_a_request_nobody_logged_is_given_to_none(asked: Shop) -> None:
    asked.buys("u1", "p1", "2024-03-15T15:00:00", request_id="lost")
    assert _given(asked) == []


def test_events_of_other_users_and_of_nobody_are_given_to_none(asked: Shop) -> None:
    asked.buys("u9", "p1", "2024-03-15T15:00:00")
    asked.buys(None, "p1", "2024-03-15T15:00:00")
    assert _given(asked) == []


def test_what_an_event_was_is_kept(asked: Shop) -> None:
    asked.buys("u2", "p1", "2024-03-15T15:00:00", event_type="click", quantity=3.0, price=2.5)
    _given(asked)
    at = datetime.fromisoformat("2024-03-15T15:00:00")
    assert asked.rows("outcomes") == [("r12", "e1", "click", "p1", at, 3.0, 2.5)]


def test_a_day_later_an_event_is_no_answer_any_more_unless_it_says_so(asked: Shop) -> None:
    asked.buys("u2", "p1", "2024-03-16T11:59:59")
    asked.buys("u2", "p2", "2024-03-16T12:00:00")
    asked.buys("u2", "p3", "2024-03-16T12:00:00", request_id="r12")
    assert _given(asked) == [("e1", "r12"), ("e3", "r12")]


@pytest.mark.parametrize(
    ("event_type", "days"),
    [("click", 1), ("add_to_cart", 1), ("purchase", 7), ("redemption", 7), ("return", 28)],
)
def test_an_event_that_names_its_request_counts_within_the_window_of_its_type(
    asked: Shop, event_type: str, days: int
) -> None:
    closes = _at(12) + timedelta(days=days)
    for at in (closes - timedelta(seconds=1), closes):
        asked.buys("u2", "p1", at.isoformat(), event_type=event_type, request_id="r12")
    assert _given(asked) == [("e1", "r12")]


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2024-03-15T00:59:59", False),  # a day and a second before
        ("2024-03-15T01:00:01", True),
        ("2024-03-15T23:59:59", True),
        ("2024-03-16T00:30:00", True),
    ],
)
def test_what_comes_before_the_request_that_it_names_by_another_clock_counts_as_coming_with_it(
    asked: Shop, at: str, counts: bool
) -> None:
    asked.buys("u1", "p1", at, request_id="next")
    expected = [("next", "e1", datetime.fromisoformat("2024-03-16T01:00:00"))] if counts else []
    for _ in range(2):
        for day in (DAY, NEXT_DAY, NEXT_DAY + timedelta(days=1)):
            stage_day(asked.connection, "recommend", day)
            stage_outcomes(asked.connection, "recommend", day)
        assert asked.rows("outcomes", "request_id, event_id, occurred_at") == expected


def test_a_return_that_names_no_request_is_of_an_earlier_purchase(asked: Shop) -> None:
    asked.buys("u2", "p1", "2024-03-15T15:00:00", event_type="return")
    assert _given(asked) == []


def test_an_event_is_given_to_one_request_though_two_days_claim_it(asked: Shop) -> None:
    asked.buys("u1", "p1", "2024-03-16T00:30:00")  # before the next day's request
    asked.buys("u1", "p2", "2024-03-16T02:00:00")  # after it
    for _ in range(2):
        for day in (DAY, NEXT_DAY):
            stage_day(asked.connection, "recommend", day)
            stage_outcomes(asked.connection, "recommend", day)
    assert asked.rows("outcomes", "event_id, request_id") == [("e1", "r14"), ("e2", "next")]


def test_a_request_that_comes_late_takes_what_followed_it_from_the_one_before(
    asked: Shop, logs: Logs
) -> None:
    asked.buys("u1", "p1", "2024-03-16T02:00:00")
    logs.write("a.jsonl", logs.answer("late", "u1", at=_at(1, minute=30, day=16)))
    for day in (DAY, NEXT_DAY):
        stage_day(asked.connection, "recommend", day)
    stage_outcomes(asked.connection, "recommend", NEXT_DAY)
    assert asked.rows("outcomes", "request_id") == [("next",)]
    pull(asked.connection, "served", logs.folder, "recommend")
    stage_day(asked.connection, "recommend", NEXT_DAY)
    stage_outcomes(asked.connection, "recommend", NEXT_DAY)
    assert asked.rows("outcomes", "request_id") == [("late",)]


def test_a_days_events_are_given_to_requests_of_weeks_before_and_to_no_others_anew(
    asked: Shop,
) -> None:
    asked.buys("u2", "p1", "2024-03-15T13:00:00")
    asked.buys("u2", "p1", "2024-04-11T12:00:00", event_type="return", request_id="r12")
    asked.buys("u2", "p2", "2024-03-16T12:30:00", request_id="r12")
    stage_day(asked.connection, "recommend", DAY)
    before = asked.rows("outcomes", "event_id, request_id")
    assert before == [("e1", "r12"), ("e2", "r12"), ("e3", "r12")]
    asked.connection.execute("delete from outcomes where event_type = 'return'")
    stage_outcomes(asked.connection, "recommend", date(2024, 4, 10))
    assert asked.rows("outcomes", "event_id, request_id") == [("e1", "r12"), ("e3", "r12")]
    stage_outcomes(asked.connection, "recommend", date(2024, 4, 11))
    assert asked.rows("outcomes", "event_id, request_id") == before
