"""What the decision to retrain sees: days that are mature, however long that took them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from flows.nightly import _evidence
from flows.policies.retraining import DayFigure
from warehouse.connection import declare_tables
from warehouse.records import record_model

DAY = date(2024, 3, 31)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        declare_tables(connection)
        record_model(connection, "m:1", "recommend", date(2024, 3, 1), "{}", "{}")
        yield connection


def _measure(
    warehouse: duckdb.DuckDBPyConnection, ago: int, maturity: float | None, **values: Any
) -> None:
    """The day so long ago, worth a hundredth of that; as of the night of `DAY`."""
    row = {
        "scenario": "recommend",
        "metric": "ndcg@10",
        "window": "day",
        "window_start": DAY - timedelta(days=ago),
        "segment": "all",
        "model_tag": "m:1",
        "variant": "champion",
        "as_of": DAY,
        "value": ago / 100,
        "standard_error": 0.01,
        "n": 9,
        "maturity": maturity,
    } | values
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join("?" for _ in row)
    warehouse.execute(f"insert into metric_values ({names}) values ({places})", list(row.values()))


def _seen(figures: Any) -> list[int]:
    return [round(100 * figure.value) for figure in figures]


def test_the_last_mature_days_are_compared_with_those_before_them(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    for ago in range(25):
        _measure(warehouse, ago, 0.4 if ago < 4 else 1.0)
    _measure(warehouse, 5, 1.0, model_tag="m:2")
    found = _evidence(warehouse, "recommend", "m:1", DAY)
    assert _seen(found.recent) == [6, 5, 4]
    assert _seen(found.earlier) == list(range(20, 6, -1))
    assert found.recent[0] == DayFigure(0.06, 0.01)
    assert found.judged_to == DAY - timedelta(days=4)


def test_where_no_day_is_mature_nothing_is_judged(warehouse: duckdb.DuckDBPyConnection) -> None:
    for ago, maturity in ((0, 0.5), (1, 0.94), (9, None)):
        _measure(warehouse, ago, maturity)
    found = _evidence(warehouse, "recommend", "m:1", DAY)
    assert (found.recent, found.earlier, found.judged_to) == ([], [], None)


def test_a_past_nights_evidence_is_that_of_then(warehouse: duckdb.DuckDBPyConnection) -> None:
    _measure(warehouse, 9, 1.0, as_of=DAY - timedelta(days=2))
    _measure(warehouse, 8, 0.9, as_of=DAY - timedelta(days=2))
    _measure(warehouse, 8, 1.0)
    found = _evidence(warehouse, "recommend", "m:1", DAY - timedelta(days=2))
    assert _seen([*found.recent, *found.earlier]) == [9]
