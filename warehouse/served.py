"""What was served and what came of it: from the rows of the logs to metrics by day.

Every step replaces what it made before for the same day, in one transaction, so that a night can
be run again, or again after it was killed, with the same result.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from warehouse.connection import Connection, transaction
from warehouse.delays import PURCHASE, DayMaturity, attribution_days, learn_delays
from warehouse.evaluation import COVERAGE, measure_queries
from warehouse.maturity import COMPLETE, UNCHANGED, Correction, Maturity, corrected, of_share
from warehouse.raw import raw_to_stage
from warehouse.statements import run

MetricRow = tuple[str, str, str, str, float, float | None, int]
MaturedRow = tuple[
    str, str, str, str, float, float | None, int, float | None, float | None, float | None
]
_ROW = ("model_tag", "variant", "segment", "metric", "value", "standard_error", "n")
_MATURED = ("maturity", "corrected", "corrected_error")


def days_to_measure(connection: Connection, scenario: str, before: date) -> list[date]:
    """The days before a date that lines came for since they were measured, oldest first."""
    days = run(connection, "raw/days_to_measure", scenario=scenario, day=before)
    return [day for (day,) in days.fetchall()]


def stage_day(connection: Connection, scenario: str, day: date) -> None:
    """Stages a day's requests, what was ranked for them, and all that is known to have followed."""
    asked = {"scenario": scenario, "day": day}
    until = day + _looked_back(connection)
    followed = {"first": day, "last": day, "from_day": day, "to_day": until}
    with raw_to_stage(connection, scenario, day), transaction(connection):
        run(connection, "served/forget_outcomes", scenario=scenario, **followed)
        for table in ("candidates", "requests"):
            run(connection, f"served/forget_{table}", **asked)
        for table in ("lines", "requests", "candidates"):
            run(connection, f"served/{table}", **asked)
        run(connection, "served/outcomes", scenario=scenario, **followed)


def stage_outcomes(connection: Connection, scenario: str, day: date) -> None:
    """Gives a day's events to the requests, of that day and before it, that they followed."""
    first = day - _looked_back(connection)
    followed = {"first": first, "last": day, "from_day": day, "to_day": day}
    with transaction(connection):
        run(connection, "served/forget_outcomes", scenario=scenario, **followed)
        run(connection, "served/outcomes", scenario=scenario, **followed)


def mark_due(connection: Connection, scenario: str, day: date) -> None:
    """Has the nights from a day on measured: events have come for it."""
    run(connection, "nights/due", scenario=scenario, day=day)


def mark_measured(connection: Connection, scenario: str, day: date) -> None:
    """Remembers that a day's night and those that were due before it have been measured.

    Until then they wait, whatever was staged of them: a night that is killed leaves them to the
    next one.
    """
    with transaction(connection):
        for step in ("raw/measured", "nights/measured", "nights/outdated"):
            run(connection, step, scenario=scenario, day=day)


def measure_nights(connection: Connection, scenario: str, day: date) -> int:
    """Measures a staged day, and before it every night since then that something came late for.

    Returns how many values there are of the day itself.
    """
    nights = run(
        connection,
        "nights/to_measure",
        scenario=scenario,
        first=day - _looked_back(connection),
        day=day,
        late=days_to_measure(connection, scenario, day),
    )
    for (night,) in nights.fetchall():
        values = _measure_night(connection, scenario, night)
    mark_measured(connection, scenario, day)
    return values


def _measure_night(connection: Connection, scenario: str, day: date) -> int:
    """Measures a day, and those before it that still mature, as of its end."""
    stage_outcomes(connection, scenario, day)
    learn_delays(connection, scenario, day)
    first, last = day - _looked_back(connection), day - timedelta(days=1)
    young = run(connection, "nights/young", scenario=scenario, first=first, last=last).fetchall()
    for (each,) in young:
        measure_again(connection, scenario, each, as_of=day)
    return measure_day(connection, scenario, day, as_of=day)


def measure_day(connection: Connection, scenario: str, day: date, as_of: date) -> int:
    """Measures a staged day and stores its metrics; returns how many values that were."""
    mature = DayMaturity(connection, scenario, day, as_of)
    asked = {"scenario": scenario, "day": day, "as_of": as_of}
    rows = [
        *_judged_rows(connection, mature, judged=False, **asked),
        *_whole_rows(connection, **asked),
        *_share_rows(connection, mature, **asked),
    ]
    store_metrics(connection, scenario, "day", day, as_of, rows)
    return len(rows)


def measure_again(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Measures what later events can have changed of a day that was measured before."""
    mature = DayMaturity(connection, scenario, day, as_of)
    asked = {"scenario": scenario, "day": day, "as_of": as_of}
    rows = _share_rows(connection, mature, **asked)
    if as_of - day <= timedelta(days=attribution_days(connection)[PURCHASE]):
        rows += _judged_rows(connection, mature, judged=True, **asked)
    store_metrics(connection, scenario, "day", day, as_of, rows)


def _looked_back(connection: Connection) -> timedelta:
    return timedelta(days=max(attribution_days(connection).values()))


def _judged_rows(
    connection: Connection, mature: DayMaturity, judged: bool, **asked: Any
) -> list[MaturedRow]:
    """Means over the answers that something was bought after."""
    run(connection, "served/judgments", **asked)
    run(connection, "served/run", judged=judged, **asked)
    run(connection, f"marts/segments_{asked['scenario']}", cut=asked["day"])
    run(connection, "served/segments", **asked)
    run(connection, "served/asked", **asked)
    measure_queries(connection)
    means = run(connection, "metrics/summary").fetchall()
    found = {ranker: mature.of(_model(ranker), PURCHASE) for ranker in {row[0] for row in means}}
    return [
        _matured(
            (*_model(ranker), segment, metric, value, error, n),
            found[ranker],
            mature.grown(metric, found[ranker]),
        )
        for ranker, segment, metric, value, error, n in means
    ]


def _whole_rows(connection: Connection, **asked: Any) -> list[MaturedRow]:
    """What no event can change any more: the service, and what it showed of the catalogue.

    What a shadow ranks covers nothing of it: nobody saw it.
    """
    run(connection, "served/catalogue")
    covered = run(connection, "metrics/catalogue_coverage").fetchall()
    service = run(connection, "served/service_metrics", **asked).fetchall()
    rows: list[MetricRow] = [
        (*_model(ranker), "all", COVERAGE, value, 0.0, n)
        for ranker, value, n in covered
        if not ranker.endswith(" shadow")
    ]
    rows += [
        (model, variant, "all", metric, value, None, n)
        for model, variant, n, metric, value in service
    ]
    return [_matured(row, COMPLETE, UNCHANGED) for row in rows]


def _share_rows(connection: Connection, mature: DayMaturity, **asked: Any) -> list[MaturedRow]:
    """Shares of answers that something followed: ``click_share``."""
    rows: list[MaturedRow] = []
    for model, variant, event_type, value, error, n in run(
        connection, "served/outcome_shares", **asked
    ).fetchall():
        found = mature.of((model, variant), event_type)
        row = (model, variant, "all", f"{event_type}_share", value, error, n)
        rows.append(_matured(row, found, of_share(found)))
    return rows


def _matured(row: MetricRow, found: Maturity | None, correction: Correction | None) -> MaturedRow:
    _, _, _, _, value, error, _ = row
    share = None if found is None else found.share
    return (*row, share, *corrected(value, error, correction))


def store_metrics(
    connection: Connection,
    scenario: str,
    window: str,
    start: date,
    as_of: date,
    rows: Sequence[MetricRow | MaturedRow],
) -> None:
    """Replaces what ``metric_values`` hold of a window by ``rows``."""
    names = {"scenario": scenario, "window": window, "window_start": start, "as_of": as_of}
    measured = pa.Table.from_pylist(
        [names | dict(zip(_ROW + _MATURED, row, strict=False)) for row in rows],
        schema=connection.table("metric_values").limit(0).to_arrow_table().schema,
    )
    connection.register("measured", measured)
    with transaction(connection):
        run(connection, "served/forget_metrics", **names)
        run(connection, "served/store_metrics")
    connection.unregister("measured")


def _model(ranker: str) -> tuple[str, str]:
    """The model and the variant that a ranker stands for."""
    model, _, variant = ranker.rpartition(" ")
    return model, variant
