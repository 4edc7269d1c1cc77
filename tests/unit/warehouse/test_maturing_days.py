"""Nights: days are measured again while their outcomes come, and what that says of them."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.maturing_nights import after, asked_for_nine_days, bought, night

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Rows, Shop


@pytest.fixture
def asked(shop: Shop, logs: Logs) -> Shop:
    return asked_for_nine_days(shop, logs)


def _metric(shop: Shop, metric: str, day: int = 0, model: str = "recommend:a") -> Rows:
    """As of how many days later, and what it was then."""
    return shop.rows(
        f"metric_values where metric = '{metric}' and \"window\" = 'day' "
        f"and window_start = '{after(day)}' and segment = 'all' and model_tag = '{model}'",
        "as_of - window_start, value, maturity, corrected",
    )


def test_a_day_is_measured_again_until_the_window_of_its_purchases_has_closed(
    asked: Shop, feedback: Logs
) -> None:
    feedback.write(
        "a.jsonl",
        bought(0, 10, "e1", "a0", product_id="p1"),
        bought(3, 9, "e2", "a0", product_id="p3"),
        bought(7, 10, "e3", "a0", product_id="p2"),  # an hour too late
    )
    for day in range(9):
        night(asked, feedback, after(day))
    both = (1 + 1 / log2(4)) / (1 + 1 / log2(3))  # at ranks one and three
    assert [(age, value) for age, value, *_ in _metric(asked, "ndcg@10")] == [
        (age, pytest.approx(1 if age < 3 else both)) for age in range(8)
    ]


def test_a_purchase_days_later_changes_its_days_metrics_from_then_on(
    asked: Shop, feedback: Logs
) -> None:
    feedback.write("a.jsonl", bought(3, 9, "e1", "a0"))
    for day in range(9):
        night(asked, feedback, after(day))
    assert [(age, value) for age, value, *_ in _metric(asked, "mrr")] == [
        (age, 1 / 2) for age in range(3, 8)
    ]
    shares = _metric(asked, "purchase_share")
    assert [(age, value) for age, value, *_ in shares] == [
        (age, float(age >= 3)) for age in range(8)
    ]


def test_on_a_monday_the_week_is_that_day(asked: Shop, feedback: Logs) -> None:
    feedback.write("a.jsonl", bought(3, 10, "e1", "a3"))
    for day in range(4):
        night(asked, feedback, after(day))
    columns = "model_tag, segment, metric, value, standard_error, n, maturity, corrected"
    of_day, of_week = (
        asked.rows(
            f"metric_values where \"window\" = '{window}' and window_start = '{after(3)}'",
            columns,
        )
        for window in ("day", "week")
    )
    assert [row for row in of_day if row in of_week] == of_week
    assert ("all", "purchase_share", 1) in {(row[1], row[2], row[5]) for row in of_week}


def test_until_somebody_was_observed_for_the_whole_window_no_maturity_is_known(
    asked: Shop, feedback: Logs
) -> None:
    feedback.write("a.jsonl", *(bought(day, 20, f"e{day}", f"a{day}") for day in range(9)))
    for day in range(9):
        night(asked, feedback, after(day))
    found = _metric(asked, "purchase_share")
    assert found[:7] == [(age, 1.0, None, None) for age in range(7)]
    assert found[7] == (7, 1.0, 1.0, 1.0)
    # On the eighth night it is known, of eleven hours that all purchases took.
    assert _metric(asked, "purchase_share", day=7)[0] == (0, 1.0, 1.0, 1.0)
    assert _metric(asked, "purchase_share", day=7, model="recommend:b")[0][:2] == (0, 0.0)


def test_a_model_that_answered_later_on_the_day_is_younger(asked: Shop, feedback: Logs) -> None:
    feedback.write("a.jsonl", *(bought(day, 22, f"e{day}", f"a{day}") for day in range(9)))
    for day in range(9):
        night(asked, feedback, after(day))
    at_nine, at_noon = (
        _metric(asked, "purchase_share", day=8, model=f"recommend:{model}")[0][2] for model in "ab"
    )
    assert (at_nine, at_noon) == (1.0, 0.0)  # they take thirteen hours


def test_what_no_event_can_change_is_complete_and_not_measured_again(
    asked: Shop, feedback: Logs
) -> None:
    for day in range(3):
        night(asked, feedback, after(day))
    for metric in ("requests", "latency_ms_p99", "catalogue_coverage@10"):
        ((age, value, maturity, corrected),) = _metric(asked, metric)
        assert (age, maturity, corrected) == (0, 1.0, value)


def test_returns_are_waited_for_as_long_as_they_count(asked: Shop, feedback: Logs) -> None:
    feedback.write("a.jsonl", bought(27, 8, "e1", "a0", event_type="return"))
    for day in (8, 27, 28, 29):
        night(asked, feedback, after(day))
    found = [(age, value) for age, value, *_ in _metric(asked, "return_share")]
    assert found == [(age, 0.0) for age in range(8)] + [(28, 1.0)]
