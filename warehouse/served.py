"""What was served and what came of it: from the rows of the logs to metrics by day.

Every step replaces what it made before for the same day, in one transaction, so that a night can
be run again, or again after it was killed, with the same result.
"""

from datetime import date

import pyarrow as pa

from warehouse.connection import Connection, transaction
from warehouse.evaluation import COVERAGE, Measured, measure
from warehouse.raw import raw_around
from warehouse.service_metrics import measure_service
from warehouse.statements import run


def days_to_measure(connection: Connection, scenario: str, before: date) -> list[date]:
    """The days before a date that lines came for since they were measured, oldest first."""
    days = run(connection, "raw/days_to_measure", scenario=scenario, day=before)
    return [day for (day,) in days.fetchall()]


def mark_measured(connection: Connection, scenario: str, day: date) -> None:
    """Remembers that a day and all of ``days_to_measure`` before it have been measured."""
    run(connection, "raw/measured", scenario=scenario, day=day)


def stage_day(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Stages a day's requests, what was ranked for them, and what followed by ``as_of``."""
    asked = {"scenario": scenario, "day": day}
    with raw_around(connection, scenario, day), transaction(connection):
        for table in ("outcomes", "candidates", "requests"):
            run(connection, f"served/forget_{table}", **asked)
        for table in ("lines", "requests", "candidates"):
            run(connection, f"served/{table}", **asked)
        run(connection, "served/outcomes", as_of=as_of, **asked)


def measure_day(connection: Connection, scenario: str, day: date, as_of: date) -> int:
    """Measures a staged day and stores its metrics; returns how many values that were."""
    asked = {"scenario": scenario, "day": day}
    run(connection, "served/run", **asked)
    run(connection, "served/judgments", **asked)
    run(connection, f"marts/segments_{scenario}", cut=day)
    run(connection, "served/segments", **asked)
    run(connection, "served/asked", **asked)
    run(connection, "served/catalogue")
    ranking = [_row(measured) for measured in measure(connection) if _was_seen(measured)]
    rows = ranking + measure_service(connection, scenario, day)
    store_metrics(connection, scenario, "day", day, as_of, rows)
    return len(rows)


MetricRow = tuple[str, str, str, str, float, float | None, int]
_ROW = ("model_tag", "variant", "segment", "metric", "value", "standard_error", "n")


def store_metrics(
    connection: Connection,
    scenario: str,
    window: str,
    start: date,
    as_of: date,
    rows: list[MetricRow],
) -> None:
    """Replaces what ``metric_values`` hold of a window by ``rows``."""
    names = {"scenario": scenario, "window": window, "window_start": start, "as_of": as_of}
    measured = pa.Table.from_pylist(
        [names | dict(zip(_ROW, row, strict=True)) for row in rows],
        schema=connection.table("metric_values").limit(0).to_arrow_table().schema,
    )
    connection.register("measured", measured)
    with transaction(connection):
        run(connection, "served/forget_metrics", **names)
        run(connection, "served/store_metrics")
    connection.unregister("measured")


def _was_seen(measured: Measured) -> bool:
    """What a shadow ranks covers nothing of the catalogue: nobody saw it."""
    return measured.metric != COVERAGE or not measured.ranker.endswith(" shadow")


def _row(measured: Measured) -> MetricRow:
    model, _, variant = measured.ranker.rpartition(" ")
    return (
        model,
        variant,
        measured.segment,
        measured.metric,
        measured.value,
        measured.standard_error,
        measured.n,
    )
