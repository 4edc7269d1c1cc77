"""Nights: days are measured again while their outcomes come, and what that says of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import log2, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.unit.warehouse.answers_and_events import answer_many, buy_many
from warehouse.delays import DayMaturity
from warehouse.maturity import COMPLETE, MATURE, UNCHANGED, Correction, Maturity
from warehouse.pull import late_days, mark_checked, pull
from warehouse.served import mark_due, measure_nights, stage_day, stage_outcomes
from warehouse.staging import stage_events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.unit.warehouse.conftest import Logs, Rows, Shop

DAY = date(2024, 3, 15)
TABLES = ("served_requests", "outcomes", "delay_curves", "metric_values")


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
    for late in late_days(shop.connection, "feedback", day):
        mark_due(shop.connection, "recommend", late)
        stage_events(shop.connection, late)
    mark_checked(shop.connection, "feedback", "feedback")
    stage_events(shop.connection, day)
    stage_day(shop.connection, "recommend", day)
    measure_nights(shop.connection, "recommend", day)


def _tables(shop: Shop) -> dict[str, Rows]:
    return {table: shop.rows(table) for table in TABLES}


def _metric(shop: Shop, metric: str, day: int = 0, model: str = "recommend:a") -> Rows:
    """As of how many days later, and what it was then."""
    return shop.rows(
        f"metric_values where metric = '{metric}' and window_start = '{_after(day)}' "
        f"and segment = 'all' and model_tag = '{model}'",
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
    assert [(age, value) for age, value, *_ in shares] == [(age, 1.0) for age in range(3, 8)]


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
    for day in (0, 26, 27, 28, 29):
        _night(asked, feedback, _after(day))
    found = _metric(asked, "return_share")
    assert [(age, value) for age, value, *_ in found] == [(27, 1.0), (28, 1.0)]


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
    for table in (*TABLES, "nights_due", "served_candidates", "raw_events", "stg_events"):
        shop.connection.execute(f"delete from {table}")
    shop.connection.execute("delete from pulled_files where kind = 'feedback'")
    shop.connection.execute("update raw_files set staged = false")
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
    assert asked.rows("nights_due") == []


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


def test_a_night_that_is_killed_leaves_what_came_late_to_the_next(
    asked: Shop, feedback: Logs, clean: dict[str, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget(asked, feedback)
    feedback.write("a.jsonl", *LINES[1:])
    for day in range(4):
        _night(asked, feedback, _after(day))
    feedback.write("late.jsonl", LINES[0])

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    for step in ("stage_outcomes", "learn_delays", "measure_again", "store_metrics", "measure_day"):
        with monkeypatch.context() as patch:
            patch.setattr(f"warehouse.served.{step}", dies)
            with pytest.raises(KeyboardInterrupt):
                _night(asked, feedback, _after(4))
    _night(asked, feedback, _after(4))
    assert _tables(asked) == clean


def test_a_young_share_comes_nearer_to_its_final_value_by_its_correction(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thousand answers a day; something is bought of a tenth, after a day in the median.

    Of the windows that are not mature, at least 90% come nearer to what they are when all has come.
    """
    for others in ("_judged_rows", "_whole_rows"):  # for speed
        monkeypatch.setattr(f"warehouse.served.{others}", lambda *_, **__: [])
    rng = np.random.default_rng(11)
    n_days, a_day = 34, 2000
    day = np.repeat(np.arange(n_days), a_day)
    at = np.datetime64(DAY, "us") + _seconds(86_400 * (day + rng.random(len(day))))
    names = np.array([f"r{i}" for i in range(len(at))])
    answer_many(shop, list(names), at)
    bought = rng.random(len(at)) < 0.1
    delays = rng.lognormal(np.log(24 * 3600), 1, len(at))
    buy_many(shop, list(names[bought]), (at + _seconds(delays))[bought], ["p1"] * bought.sum())
    for night in range(n_days):
        if night < 16:
            stage_outcomes(shop.connection, "recommend", _after(night))
        else:
            measure_nights(shop.connection, "recommend", _after(night))
    nearer, within = _against_the_end(shop, "purchase_share", range(16, n_days - 7))
    assert len(nearer) > 40
    assert np.mean(nearer) >= 0.9, np.mean(nearer)
    assert 0.85 <= np.mean(within) <= 1.0


def _seconds(seconds: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return (seconds * 1e6).astype("timedelta64[us]")


def _against_the_end(shop: Shop, metric: str, days: Sequence[int]) -> tuple[list[bool], list[bool]]:
    """Of young windows: whether the corrected value is nearer, and within two of its errors."""
    nearer, within = [], []
    for day in days:
        rows = shop.rows(
            f"metric_values where metric = '{metric}' and window_start = '{_after(day)}'",
            "as_of - window_start, value, maturity, corrected, corrected_error",
        )
        age, final, maturity, corrected, _ = rows[-1]
        assert (age, maturity, corrected) == (7, 1.0, final)
        for _, value, maturity, corrected, error in rows:
            if maturity < MATURE:
                nearer.append(abs(corrected - final) < abs(value - final))
                within.append(abs(corrected - final) <= 2 * error)
    return nearer, within


def _measured(day: int, age: int, value: float, n: int) -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "metric": "mrr",
        "window": "day",
        "window_start": _after(day),
        "segment": "all",
        "model_tag": "recommend:a",
        "variant": "champion",
        "as_of": _after(day + age),
        "value": value,
        "n": n,
    }


def test_a_mean_over_what_was_bought_after_is_corrected_by_how_such_means_have_grown(
    shop: Shop,
) -> None:
    """Seven days that closed: one of three times the requests grew from 0.2 to 0.3, six by none."""
    days = [(0, 0.2, 0.3, 30), *((day, 0.4, 0.4, 10) for day in range(1, 7))]
    for day, young, final, n in days:
        shop.add("metric_values", _measured(day, 2, young, n // 2), _measured(day, 7, final, n))
    shop.add("metric_values", _measured(3, 1, 0.1, 5), _measured(7, 2, 0.1, 5))
    factor = (30 * 0.3 + 60 * 0.4) / (30 * 0.2 + 60 * 0.4)
    apart = (30 * (0.3 - factor * 0.2)) ** 2 + 6 * (10 * (0.4 - factor * 0.4)) ** 2
    found = DayMaturity(shop.connection, "recommend", _after(11), _after(13))
    assert found.grown("mrr", Maturity(0.5, 0.1)) == Correction(
        pytest.approx(factor), pytest.approx(sqrt(apart * 7 / 6) / (30 * 0.3 + 60 * 0.4))
    )
    assert found.grown("mrr", COMPLETE) == UNCHANGED
    assert found.grown("ndcg@10", Maturity(0.5, 0.1)) is None
    for day, as_of in ((12, 13), (10, 12)):  # of another age; on a night when six had closed
        few = DayMaturity(shop.connection, "recommend", _after(day), _after(as_of))
        assert few.grown("mrr", Maturity(0.5, 0.1)) is None
