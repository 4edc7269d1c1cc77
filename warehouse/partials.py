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
    _take_answers(connection, since=None, as_of=None, **asked)
    for step in ("first_ten", "per_answer"):
        run(connection, f"partials/{step}", **asked)
    with transaction(connection):
        for step in ("forget_day", "forget_exposures", "add_answers", "add_shown", "add_exposures"):
            run(connection, f"partials/{step}", **asked)


def add_up_outcomes(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Counts what had followed a day's answers by the end of ``as_of``.

    Where it was counted up to an earlier day, only the answers that something followed since are
    looked at: what they came to is taken away, and what they come to now is added.
    """
    asked = {"scenario": scenario, "day": day}
    (counted,) = run(connection, "partials/counted", **asked).fetchone() or (None,)
    since = counted if counted is not None and counted < as_of else None
    _take_answers(connection, since=since, as_of=as_of, **asked)
    run(connection, "partials/start" if since is None else "partials/go_on", **asked)
    _count(connection, sign=1, as_of=as_of, **asked)
    if since is not None:
        _count(connection, sign=-1, as_of=since, **asked)
    with transaction(connection):
        for step in ("forget_renewed", "keep_renewed"):
            run(connection, f"partials/{step}", as_of=as_of, **asked)


def _take_answers(connection: Connection, **asked: Any) -> None:
    for step in ("robots", "answers", "product_facts"):
        run(connection, f"partials/{step}", **asked)


def _count(connection: Connection, **asked: Any) -> None:
    """Adds what ``day_answers`` come to as of a day; rankings by the code of every evaluation."""
    for step in ("followed", "clicked", "count_followed"):
        run(connection, f"partials/{step}", **asked)
    for step in ("judgments", "run", "segments", "asked"):
        run(connection, f"served/{step}", **asked)
    measure_queries(connection)
    run(connection, "partials/count_judged", **asked)


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
