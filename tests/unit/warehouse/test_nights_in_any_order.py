"""Nights again, in any order, with late lines, or killed: the same tables as one clean run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse import maturing_nights
from tests.unit.warehouse.maturing_nights import after, asked_for_nine_days, bought, night

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Rows, Shop

TABLES = (
    *("served_requests", "served_candidates", "outcomes"),
    *("request_ages", "first_events", "delays_since", "delay_curves"),
    *("user_activities", "robots", "context_segments"),
    *("metric_partials", "exposure_partials", "metric_values"),
)


@pytest.fixture
def asked(shop: Shop, logs: Logs) -> Shop:
    return asked_for_nine_days(shop, logs)


LINES = [
    bought(0, 10, "e1", "a0"),
    bought(1, 10, "e2", "a0", product_id="p1"),
    bought(2, 11, "e3", "b2", product_id="p3"),
    bought(2, 11, "e4", "a1", event_type="click"),
    bought(3, 11, "e5", "a3"),
]


@pytest.fixture
def clean(asked: Shop, feedback: Logs) -> dict[str, Rows]:
    """What nights in their order come to, that find every line in time."""
    feedback.write("a.jsonl", *LINES)
    for day in range(5):
        night(asked, feedback, after(day))
    return _tables(asked)


def _tables(shop: Shop) -> dict[str, Rows]:
    return {table: shop.rows(table) for table in TABLES}


def _forget(shop: Shop, feedback: Logs) -> None:
    for table in (*TABLES, "nights_due", "raw_events", "stg_events"):
        shop.connection.execute(f"delete from {table}")
    shop.connection.execute("delete from pulled_files where kind = 'feedback'")
    shop.connection.execute("update raw_files set measured = false")
    for path in feedback.folder.iterdir():
        path.unlink()


def _but_for(late: int, shop: Shop, feedback: Logs) -> None:
    """Four nights anew, after which a line comes that they should have had."""
    _forget(shop, feedback)
    feedback.write("a.jsonl", *(line for n, line in enumerate(LINES) if n != late))
    for day in range(4):
        night(shop, feedback, after(day))
    feedback.write("late.jsonl", LINES[late])


def test_nights_again_in_any_order_leave_the_same_tables(
    asked: Shop, feedback: Logs, clean: dict[str, Rows]
) -> None:
    for day in (4, 0, 3, 1, 2, 2):
        night(asked, feedback, after(day))
        assert _tables(asked) == clean


def test_what_a_past_night_learns_later_nights_know_from_the_next_one_on(
    asked: Shop, feedback: Logs, clean: dict[str, Rows]
) -> None:
    _but_for(0, asked, feedback)
    for day in (0, 4):
        night(asked, feedback, after(day))
    assert _tables(asked) == clean
    assert asked.rows("nights_due where scenario = 'recommend'") == []


@pytest.mark.parametrize("late", range(len(LINES)))
def test_lines_that_come_late_leave_the_tables_of_nights_that_had_them(
    asked: Shop, feedback: Logs, clean: dict[str, Rows], late: int
) -> None:
    _but_for(late, asked, feedback)
    night(asked, feedback, after(4))
    assert _tables(asked) == clean


STEPS = [
    *(
        f"{maturing_nights.__name__}.{step}"
        for step in ("stage_events", "mark_checked", "stage_day")
    ),
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
    _but_for(0, asked, feedback)

    for step in STEPS:
        with monkeypatch.context() as patch:
            patch.setattr(step, _dies)
            with pytest.raises(KeyboardInterrupt):
                night(asked, feedback, after(4))
    night(asked, feedback, after(4))
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
        night(asked, feedback, after(day))
    with monkeypatch.context() as patch:
        patch.setattr(step, _dies)
        with pytest.raises(KeyboardInterrupt):
            night(asked, feedback, after(2))
    night(asked, feedback, after(4))
    assert _tables(asked) == clean
