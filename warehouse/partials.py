"""Partials: what a day adds to its metrics, so that days add up to weeks.

What no event changes is added up once, when a day is over; what follows its answers again on each
night that more of it may have come, from those answers alone that something followed.
"""

from datetime import date
from typing import Any

from warehouse.connection import Connection, transaction
from warehouse.delays import WindowMaturity
from warehouse.evaluation import measure_queries
from warehouse.metric_values import MetricRow, final, matured
from warehouse.statements import run


def add_up_answers(connection: Connection, scenario: str, day: date) -> None:
    """Replaces what was added up of a staged day by what can be said of it when it is over."""
    asked = {"scenario": scenario, "day": day}
    with transaction(connection):
        for step in ("forget_activities", "add_activities"):
            run(connection, f"partials/{step}", **asked)
    for step in ("answers", "product_facts", "first_ten", "per_answer"):
        run(connection, f"partials/{step}", **asked)
    with transaction(connection):
        for step in ("forget_day", "forget_exposures", "add_answers", "add_shown", "add_exposures"):
            run(connection, f"partials/{step}", **asked)


def add_up_outcomes(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Counts anew what had followed a day's answers by the end of ``as_of``."""
    asked = {"scenario": scenario, "day": day, "as_of": as_of}
    for step in ("answers", "product_facts", "followed", "clicked", "renewed"):
        run(connection, f"partials/{step}", **asked)
    _judge(connection, asked)
    with transaction(connection):
        for step in ("forget_renewed", "keep_renewed"):
            run(connection, f"partials/{step}", **asked)


def _judge(connection: Connection, asked: dict[str, Any]) -> None:
    """Measures the rankings that something was bought after, by the code of every evaluation."""
    for step in ("judgments", "run", "segments", "asked"):
        run(connection, f"served/{step}", **asked)
    measure_queries(connection)
    run(connection, "partials/judged", **asked)


def values(
    connection: Connection, scenario: str, first: date, last: date, mature: WindowMaturity
) -> list[MetricRow]:
    """The metrics of the days from ``first`` to ``last``: partials, divided."""
    asked = {"scenario": scenario, "first": first, "last": last}
    return [
        *changing_values(connection, scenario, first, last, mature),
        *(
            final(MetricRow(*row))
            for step in ("values", "coverage")
            for row in run(connection, f"partials/{step}", changing=False, **asked).fetchall()
        ),
    ]


def changing_values(
    connection: Connection, scenario: str, first: date, last: date, mature: WindowMaturity
) -> list[MetricRow]:
    """Those of them that later events change."""
    asked = {"scenario": scenario, "first": first, "last": last}
    rows = run(connection, "partials/values", changing=True, **asked).fetchall()
    return [matured(MetricRow(*row), mature) for row in rows]
