"""Nights: each measures its day, and again the days before it that something may still follow.

A day is measured as of a night, which knows what had happened by its end. Whatever is measured anew
is followed by every night since, so that in the end the last one stands, as in one clean run.
"""

from datetime import date, timedelta

from warehouse.connection import Connection, transaction
from warehouse.delays import PURCHASE, WindowMaturity, attribution_days, learn_delays
from warehouse.metric_values import store_metrics
from warehouse.partials import add_up_answers, add_up_outcomes, changing_values, values
from warehouse.served import days_to_measure, looked_back, stage_outcomes
from warehouse.statements import run


def mark_due(connection: Connection, scenario: str, day: date) -> None:
    """Has the nights from a day on measured: events have come for it."""
    run(connection, "nights/due", scenario=scenario, day=day)


def measure_nights(connection: Connection, scenario: str, day: date) -> int:
    """Measures a staged day's night, those since then, and those that something came late for.

    Returns how many values there are of the day itself. Until all are measured they wait, whatever
    was staged of them: a night that is killed leaves them to the next one.
    """
    late = days_to_measure(connection, scenario, day)
    asked = {"scenario": scenario, "day": day, "last_days": looked_back(connection).days}
    nights = run(connection, "nights/to_measure", late=late, **asked).fetchall()
    measured = {
        night: (_measure_closed if closed else _measure_night)(connection, scenario, night)
        for night, closed in nights
    }
    with transaction(connection):
        for step in ("raw/measured", "nights/measured"):
            run(connection, step, scenario=scenario, day=day)
    return measured[day]


def _measure_night(connection: Connection, scenario: str, night: date) -> int:
    stage_outcomes(connection, scenario, night)
    learn_delays(connection, scenario, night)
    add_up_answers(connection, scenario, night)
    for day, last_counted in _days(connection, "nights/ahead", scenario, night):
        add_up_outcomes(connection, scenario, day, as_of=last_counted)
    for (day,) in _days(connection, "nights/young", scenario, night):
        add_up_outcomes(connection, scenario, day, as_of=night)
        mature = WindowMaturity(connection, scenario, day, day, as_of=night)
        rows = changing_values(connection, scenario, day, day, mature)
        store_metrics(connection, scenario, "day", day, night, rows)
    add_up_outcomes(connection, scenario, night, as_of=night)
    for monday in _weeks(connection, night):
        sunday = monday + timedelta(days=6)
        _measure_whole(connection, scenario, "week", monday, min(sunday, night), night)
    return _measure_whole(connection, scenario, "day", night, night, night)


def _measure_closed(connection: Connection, scenario: str, day: date) -> int:
    """Measures a day that nothing can follow any more, as of the last night that looked back on it."""
    last = day + looked_back(connection)
    add_up_answers(connection, scenario, day)
    add_up_outcomes(connection, scenario, day, as_of=last)
    monday = day - timedelta(days=day.weekday())
    _measure_whole(connection, scenario, "week", monday, monday + timedelta(days=6), last)
    return _measure_whole(connection, scenario, "day", day, day, last)


def _measure_whole(
    connection: Connection, scenario: str, window: str, first: date, last: date, night: date
) -> int:
    mature = WindowMaturity(connection, scenario, first, last, as_of=night)
    rows = values(connection, scenario, first, last, mature)
    store_metrics(connection, scenario, window, first, night, rows)
    return len(rows)


def _days(
    connection: Connection, which: str, scenario: str, night: date
) -> list[tuple[date, ...]]:
    asked = {
        "scenario": scenario,
        "night": night,
        "purchase_days": attribution_days(connection)[PURCHASE],
        "last_days": looked_back(connection).days,
    }
    return run(connection, which, **asked).fetchall()


def _weeks(connection: Connection, night: date) -> list[date]:
    """The Mondays of the weeks of the night, and of the days whose purchases and returns are all in."""
    ages = (0, attribution_days(connection)[PURCHASE], looked_back(connection).days)
    days = [night - timedelta(days=age) for age in ages]
    return sorted({day - timedelta(days=day.weekday()) for day in days})
