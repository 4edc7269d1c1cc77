"""Incidents as a night tells them: from tables to findings, sentences and notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.incidents import telling
from flows.incidents.telling import tell_incidents
from flows.policies.incidents import DayFinding, Incident
from flows.policies.notices import due
from warehouse.connection import declare_tables
from warehouse.data_quality import SHOP

FIRST = date(2024, 3, 14)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Four weeks on which hardly anything was late."""
    with duckdb.connect() as connection:
        declare_tables(connection)
        for n in range(-28, 0):
            _measure(connection, n, 0.001)
        yield connection


def _add(connection: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    schema = connection.table(table).limit(0).to_arrow_table().schema
    connection.register("added", pa.Table.from_pylist([row], schema=schema))
    connection.execute(f"insert into {table} by name from added")
    connection.unregister("added")


def _day(n: int) -> date:
    return FIRST + timedelta(days=n)


def _measure(connection: duckdb.DuckDBPyConnection, n: int, late_share: float) -> None:
    _add(
        connection,
        "data_quality",
        scenario=SHOP,
        day=_day(n),
        measure="late_share",
        part="all",
        value=late_share,
        n=10_000,
    )


def _alert(connection: duckdb.DuckDBPyConnection, n: int, as_of: int, **values: object) -> None:
    _add(
        connection,
        "alerts",
        scenario="search",
        day=_day(n),
        model_tag="search:a",
        variant="champion",
        segment="all",
        as_of=_day(as_of),
        n=1_000,
        **values,
    )


def _fell(connection: duckdb.DuckDBPyConnection, n: int, as_of: int, value: float = 0.4) -> None:
    band = {"expected": 0.5, "low": 0.48, "high": 0.52}
    of_day = {"metric": "click_ndcg@10", "value": value, "direction": "down"}
    _alert(connection, n, as_of, **of_day, **band)


def _told(connection: duckdb.DuckDBPyConnection, n: int) -> list[tuple[str, ...]]:
    return [
        (incident.incident_id, incident.severity, incident.sentence)
        for incident in tell_incidents(connection, "search", _day(n))
    ]


def test_a_night_on_which_nothing_left_its_usual_values_tells_nothing(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    _measure(warehouse, 0, 0.002)
    assert _told(warehouse, 0) == []


def test_a_fault_is_told_on_its_night_and_gets_worse_once_a_metric_is_known_to_have_fallen(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    _measure(warehouse, 0, 0.3)
    clause = "where 30% of events came later than they should"
    (first,) = _told(warehouse, 0)
    assert first == (
        "search-20240314-late",
        "warning",
        "since 14 March 30% of events came later than they should; no metric of quality has left "
        "its band",
    )
    _measure(warehouse, 1, 0.001)
    _fell(warehouse, 0, as_of=1)
    (second,) = _told(warehouse, 1)
    assert second == (
        "search-20240314-late",
        "critical",
        f"click_ndcg@10 fell 20.0% since 14 March, {clause}",
    )


def test_a_day_of_before_is_one_incident_with_what_is_told_a_week_later(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    novel = {"metric": "novelty@10", "value": 9.9, "expected": 9.0, "low": 8.5, "high": 9.5}
    _alert(warehouse, 0, as_of=0, **novel, direction="up")
    assert _told(warehouse, 0) == []
    _alert(warehouse, 3, as_of=10, **novel, direction="up")
    ((incident, *_),) = _told(warehouse, 10)
    assert incident == "search-20240314-unknown"


def test_what_was_judged_later_is_not_known_on_a_night_before(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    _measure(warehouse, 0, 0.3)
    _fell(warehouse, 0, as_of=1)
    ((_, severity, _),) = _told(warehouse, 0)
    assert severity == "warning"


def test_the_same_night_again_leaves_the_same_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    _measure(warehouse, 0, 0.3)
    _told(warehouse, 0)
    tables = [warehouse.table(name).fetchall() for name in ("incidents", "day_findings")]
    assert all(tables)
    _told(warehouse, 0)
    assert [warehouse.table(name).fetchall() for name in ("incidents", "day_findings")] == tables


def test_a_warehouse_of_a_few_days_knows_nothing_that_is_usual(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("delete from data_quality where day < ?", [_day(-13)])
    _measure(warehouse, 0, 0.3)
    assert _told(warehouse, 0) == []


def _tell(connection: duckdb.DuckDBPyConnection, n: int) -> list[Incident]:
    return tell_incidents(connection, "search", _day(n))


def test_people_are_told_when_an_incident_opens_gets_worse_and_ends(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    sent: set[tuple[str, str, str]] = set()
    told = []
    for n in range(6):
        _measure(warehouse, n, 0.3 if n < 2 else 0.001)
        if n == 1:
            _fell(warehouse, 0, as_of=1)
        for notice in due(_tell(warehouse, n), sent, _day(n)):
            sent.add(notice.key)
            told.append((n, notice.subject, notice.body))
    assert [(n, subject) for n, subject, _ in told] == [
        (0, "Shopkeeper: warning for search opened: late"),
        (1, "Shopkeeper: critical for search worse: late"),
        (5, "Shopkeeper: critical for search ended: late"),
    ]
    assert told[-1][2] == (
        "click_ndcg@10 fell 20.0% since 14 March, where 30% of events came later than they "
        "should. It was over on 19 March: its signals were as usual again.\n\n"
        "shopkeeper incident search-20240314-late"
    )


def test_of_an_incident_that_was_over_before_anybody_was_told_nobody_is_told(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    _measure(warehouse, 0, 0.3)
    for n in range(1, 6):
        _measure(warehouse, n, 0.001)
    assert due(_tell(warehouse, 5), set(), _day(5)) == []


def test_an_incident_of_months_keeps_its_name_and_those_that_are_over_stay_as_they_were_told(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {"late": range(70), "bots": range(11, 13)}

    def findings(day: date, night: object) -> Iterator[DayFinding]:
        for cause, days in seen.items():
            if (day - FIRST).days in days:
                yield DayFinding(day, cause, "it was seen", None, 0.0)

    monkeypatch.setattr(telling, "_findings", findings)
    told = {n: [each.incident_id for each in _tell(warehouse, n)] for n in range(0, 80, 4)}
    late, bots = "search-20240314-late", "search-20240325-bots"
    assert told[4] == told[40] == told[76] == [late]
    assert told[12] == told[20] == [late, bots]
    kept = "select incident_id, first_day, last_day, ended_on from incidents order by 1"
    assert warehouse.execute(kept).fetchall() == [
        (late, _day(0), _day(69), _day(73)),
        (bots, _day(11), _day(12), _day(16)),
    ]
