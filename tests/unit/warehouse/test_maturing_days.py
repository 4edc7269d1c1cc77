"""Nights: days are measured again while their outcomes come, and what that says of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import log2
from typing import TYPE_CHECKING, Any

import pytest

from warehouse.nights import mark_due, measure_nights
from warehouse.pull import mark_checked, pull, unchecked_days
from warehouse.served import days_to_measure, stage_day
from warehouse.staging import stage_events

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.conftest import Logs, Rows, Shop

DAY = date(2024, 3, 15)
TABLES = (
    *("served_requests", "served_candidates", "outcomes"),
    *("request_ages", "first_events", "delays_since", "delay_curves"),
    *("user_activities", "robots", "context_segments"),
    *("metric_partials", "exposure_partials", "metric_values"),
)


def _after(days: int) -> date:
    return DAY + timedelta(days=days)


def _at(days: int, hour: int) -> datetime:
    return datetime(2024, 3, 15, hour, tzinfo=UTC) + timedelta(days=days)


def _bought(days: int, hour: int, name: str, request_id: str, **values: Any) -> dict[str, Any]:
    """A line of the feedback log."""
    at = _at(days, hour).isoformat().replace("+00:00", "Z")
    return {
        "event_id": name,
        "event_type": "purchase",
        "occurred_at": at,
        "logged_at": at,
        "user_id": "u1",
        "product_id": "p2",
        "quantity": 1.0,
        "request_id": request_id,
    } | values


@pytest.fixture
def feedback(logs: Logs, tmp_path: Path) -> Logs:
    return type(logs)(tmp_path / "feedback")


@pytest.fixture
def asked(shop: Shop, logs: Logs) -> Shop:
    """Two answers at nine and noon of each of nine days, the second one's by another model."""
    shop.sell("p1", "p2", "p3")
    for day in range(9):
        logs.write(
            f"{day}.jsonl",
            logs.answer(f"a{day}", at=_at(day, 9)),
            logs.answer(f"b{day}", at=_at(day, 12), model_tag="recommend:b"),
        )
    pull(shop.connection, "served", logs.folder, "recommend")
    return shop


def _night(shop: Shop, feedback: Logs, day: date) -> None:
    """As `flows.nightly` goes about it."""
    pull(shop.connection, "feedback", feedback.folder, "feedback")
    for each in {day, *unchecked_days(shop.connection, "feedback")}:
        mark_due(shop.connection, "recommend", each)
        stage_events(shop.connection, each)
    mark_checked(shop.connection, "feedback", "feedback")
    for each in (*days_to_measure(shop.connection, "recommend", day), day):
        stage_day(shop.connection, "recommend", each)
    measure_nights(shop.connection, "recommend", day)


def _tables(shop: Shop) -> dict[str, Rows]:
    return {table: shop.rows(table) for table in TABLES}


def _metric(shop: Shop, metric: str, day: int = 0, model: str = "recommend:a") -> Rows:
    """As of how many days later, and what it was then."""
    return shop.rows(
        f"metric_values where metric = '{metric}' and \"window\" = 'day' "
        f"and window_start = '{_after(day)}' and segment = 'all' and model_tag = '{model}'",
        "as_of - window_start, value, maturity, corrected",
    )


def test_a_day_is_measured_again_until_the_window_of_its_purchases_has_closed(
    asked: Shop, feedback: Logs
) -> None:
    feedback.write(
        "a.jsonl",
        _bought(0, 10, "e1", "a0", product_id="p1"),
        _bought(3, 9, "e2", "a0", product_id="p3"),
        _bought(7, 10, "e3", "a0", product_id="p2"),  # an hour too late
    )
    for day in range(9):
        _night(asked, feedback, _after(day))
    both = (1 + 1 / log2(4)) / (1 + 1 / log2(3))  # at ranks one and three
    assert [(age, value) for age, value, *_ in _metric(asked, "ndcg@10")] == [
        (age, pytest.approx(1 if age < 3 else both)) for age in range(8)
    ]


def test_a_purchase_days_later_changes_its_days_metrics_from_then_on(
    asked: Shop, feedback: Logs
) -> None:
    feedback.write("a.jsonl", _bought(3, 9, "e1", "a0"))
    for day in range(9):
        _night(asked, feedback, _after(day))
    assert [(age, value) for age, value, *_ in _metric(asked, "mrr")] == [
        (age, 1 / 2) for age in range(3, 8)
    ]
    shares = _metric(asked, "purchase_share")
    assert [(age, value) for age, value, *_ in shares] == [
        (age, float(age >= 3)) for age in range(8)
    ]


def test_on_a_monday_the_week_is_that_day(asked: Shop, feedback: Logs) -> None:
    feedback.write("a.jsonl", _bought(3, 10, "e1", "a3"))
    for day in range(4):
        _night(asked, feedback, _after(day))
    of_day, of_week = (
        asked.rows(
            f"metric_values where \"window\" = '{window}' and window_start = '{_after(3)}'",
            "model_tag, segment, metric, value, standard_error, n, maturity, corrected",
        )
        for window in ("day", "week")
    )
    assert [row for row in of_day if row in of_week] == of_week != []
    assert {row[5] for row in of_day if row[2] == "purchase_share" and row[1] == "all"} == {1}


def test_until_somebody_was_observed_for_the_whole_window_no_maturity_is_known(
    asked: Shop, feedback: Logs
) -> None:
    feedback.write("a.jsonl", *(_bought(day, 20, f"e{day}", f"a{day}") for day in range(9)))
    for day in range(9):
        _night(asked, feedback, _after(day))
    found = _metric(asked, "purchase_share")
    assert found[:7] == [(age, 1.0, None, None) for age in range(7)]
    assert found[7] == (7, 1.0, 1.0, 1.0)
    # On the eighth night it is known, of eleven hours that all purchases took.
    assert _metric(asked, "purchase_share", day=7)[0] == (0, 1.0, 1.0, 1.0)
    assert _metric(asked, "purchase_share", day=7, model="recommend:b")[0][:2] == (0, 0.0)


def test_a_model_that_answered_later_on_the_day_is_younger(asked: Shop, feedback: Logs) -> None:
    feedback.write("a.jsonl", *(_bought(day, 22, f"e{day}", f"a{day}") for day in range(9)))
    for day in range(9):
        _night(asked, feedback, _after(day))
    at_nine, at_noon = (
        _metric(asked, "purchase_share", day=8, model=f"recommend:{model}")[0][2] for model in "ab"
    )
    assert (at_nine, at_noon) == (1.0, 0.0)  # they take thirteen hours


def test_what_no_event_can_change_is_complete_and_not_measured_again(
    asked: Shop, feedback: Logs
) -> None:
    for day in range(3):
        _night(asked, feedback, _after(day))
    for metric in ("requests", "latency_ms_p99", "catalogue_coverage@10"):
        ((age, value, maturity, corrected),) = _metric(asked, metric)
        assert (age, maturity, corrected) == (0, 1.0, value)


def test_returns_are_waited_for_as_long_as_they_count(asked: Shop, feedback: Logs) -> None:
    feedback.write("a.jsonl", _bought(27, 8, "e1", "a0", event_type="return"))
    for day in (8, 27, 28, 29):
        _night(asked, feedback, _after(day))
    found = [(age, value) for age, value, *_ in _metric(asked, "return_share")]
    assert found == [(age, 0.0) for age in range(8)] + [(28, 1.0)]


LINES = [
    _bought(0, 10, "e1", "a0"),
    _bought(1, 10, "e2", "a0", product_id="p1"),
    _bought(2, 11, "e3", "b2", product_id="p3"),
    _bought(2, 11, "e4", "a1", event_type="click"),
    _bought(3, 11, "e5", "a3"),
]


@pytest.fixture
def clean(asked: Shop, feedback: Logs) -> dict[str, Rows]:
    """What nights in their order come to, that find every line in time."""
    feedback.write("a.jsonl", *LINES)
    for day in range(5):
        _night(asked, feedback, _after(day))
    return _tables(asked)


def _forget(shop: Shop, feedback: Logs) -> None:
    for table in (*TABLES, "nights_due", "raw_events", "stg_events"):
        shop.connection.execute(f"delete from {table}")
    shop.connection.execute("delete from pulled_files where kind = 'feedback'")
    shop.connection.execute("update raw_files set measured = false")
    for path in feedback.folder.iterdir():
        path.unlink()


def test_nights_again_in_any_order_leave_the_same_tables(
    asked: Shop, feedback: Logs, clean: dict[str, Rows]
) -> None:
    for day in (4, 0, 3, 1, 2, 2):
        _night(asked, feedback, _after(day))
        assert _tables(asked) == clean


def test_what_a_past_night_learns_later_nights_know_from_the_next_one_on(
    asked: Shop, feedback: Logs, clean: dict[str, Rows]
) -> None:
    _forget(asked, feedback)
    feedback.write("a.jsonl", *LINES[1:])
    for day in range(4):
        _night(asked, feedback, _after(day))
    feedback.write("late.jsonl", LINES[0])
    for day in (0, 4):
        _night(asked, feedback, _after(day))
    assert _tables(asked) == clean
    assert asked.rows("nights_due where scenario = 'recommend'") == []


@pytest.mark.parametrize("late", range(len(LINES)))
def test_lines_that_come_late_leave_the_tables_of_nights_that_had_them(
    asked: Shop, feedback: Logs, clean: dict[str, Rows], late: int
) -> None:
    _forget(asked, feedback)
    feedback.write("a.jsonl", *(line for n, line in enumerate(LINES) if n != late))
    for day in range(4):
        _night(asked, feedback, _after(day))
    feedback.write("late.jsonl", LINES[late])
    _night(asked, feedback, _after(4))
    assert _tables(asked) == clean


STEPS = [
    *(f"{__name__}.{step}" for step in ("stage_events", "mark_checked", "stage_day")),
    *(
        f"warehouse.nights.{step}"
        for step in (
            *("stage_outcomes", "learn_delays", "add_up_day", "lasting_values"),
            *("store_metrics", "measure_requests", "mark_measured"),
        )
    ),
]


def _dies(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_night_that_is_killed_leaves_what_came_late_to_the_next(
    asked: Shop, feedback: Logs, clean: dict[str, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget(asked, feedback)
    feedback.write("a.jsonl", *LINES[1:])
    for day in range(4):
        _night(asked, feedback, _after(day))
    feedback.write("late.jsonl", LINES[0])

    for step in STEPS:
        with monkeypatch.context() as patch:
            patch.setattr(step, _dies)
            with pytest.raises(KeyboardInterrupt):
                _night(asked, feedback, _after(4))
    _night(asked, feedback, _after(4))
    assert _tables(asked) == clean


@pytest.mark.parametrize("step", STEPS)
def test_a_night_that_is_killed_and_not_run_again_is_made_up_for_by_the_next(
    asked: Shop,
    feedback: Logs,
    clean: dict[str, Rows],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """Events of the nights after it were pulled with it: services write on while it runs."""
    _forget(asked, feedback)
    feedback.write("a.jsonl", *LINES)

    for day in range(2):
        _night(asked, feedback, _after(day))
    with monkeypatch.context() as patch:
        patch.setattr(step, _dies)
        with pytest.raises(KeyboardInterrupt):
            _night(asked, feedback, _after(2))
    _night(asked, feedback, _after(4))
    assert _tables(asked) == clean
