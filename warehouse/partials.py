"""Partials: what a day adds to its metrics, so that days add up to weeks.

What no event changes is added up once, when a day is over; what follows its answers again on each
night that more of it may have come, from those answers alone that something followed.
"""

from datetime import date, timedelta
from typing import Any

from warehouse.clicks import measure_clicks
from warehouse.connection import Connection, transaction
from warehouse.delays import CLICK, WindowMaturity, attribution_days
from warehouse.evaluation import measure_queries
from warehouse.metric_values import MetricRow, final, matured
from warehouse.statements import run


def add_up_day(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Adds up a staged day anew, with what had followed by the end of ``as_of``."""
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
    _count_all(connection, scenario, day, as_of)


def add_up_outcomes(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Counts what had followed a day's answers by the end of ``as_of``.

    While clicks may come, all of it. Where it was counted up to a later day than that, only the
    answers that something followed since are looked at: what they came to is taken away, and what
    they come to now is added.
    """
    asked = {"scenario": scenario, "day": day}
    (counted,) = run(connection, "partials/counted", **asked).fetchone() or (None,)
    if counted is None or counted >= as_of or counted < _clicked(connection, day):
        _take_answers(connection, since=None, as_of=None, **asked)
        _count_all(connection, scenario, day, as_of)
        return
    _take_answers(connection, since=counted, as_of=as_of, **asked)
    run(connection, "partials/go_on", **asked)
    _count(connection, sign=1, as_of=as_of, **asked)
    _count(connection, sign=-1, as_of=counted, **asked)
    _keep(connection, as_of=as_of, **asked)


def _take_answers(connection: Connection, **asked: Any) -> None:
    for step in ("robots", "answers", "product_facts"):
        run(connection, f"partials/{step}", **asked)


def _clicked(connection: Connection, day: date) -> date:
    """When the clicks on a day's answers have all come."""
    return day + timedelta(days=attribution_days(connection)[CLICK])


def _count_all(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    asked = {"scenario": scenario, "day": day}
    clicks_as_of = min(_clicked(connection, day), as_of)
    run(connection, "partials/start", clicks_as_of=clicks_as_of, **asked)
    _count(connection, sign=1, as_of=as_of, **asked)
    measure_clicks(connection, scenario, day, clicks_as_of)
    run(connection, "partials/count_clicks")
    _keep(connection, as_of=as_of, **asked)


def _keep(connection: Connection, **asked: Any) -> None:
    with transaction(connection):
        for step in ("forget_renewed", "keep_renewed"):
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
