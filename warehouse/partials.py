"""Partials: what a day adds to its metrics, so that days add up to weeks.

What no event changes is added up once, when a day is over; what follows its answers again on each
night that more of it may have come, from those answers alone that something followed.
"""

from datetime import date
from typing import Any

from warehouse.connection import Connection, transaction
from warehouse.evaluation import measure_queries
from warehouse.statements import run

MetricRow = tuple[str, str, str, str, float, float | None, int]


def add_up_answers(connection: Connection, scenario: str, day: date) -> None:
    """Replaces what was added up of a staged day by what can be said of it when it is over."""
    asked = {"scenario": scenario, "day": day}
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


def values(connection: Connection, scenario: str, first: date, last: date) -> list[MetricRow]:
    """The metrics of the days from ``first`` to ``last``: partials, divided."""
    asked = {"scenario": scenario, "first": first, "last": last}
    return [
        row
        for step in ("values", "coverage")
        for row in run(connection, f"partials/{step}", **asked).fetchall()
    ]
