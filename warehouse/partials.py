"""Partials: what a day adds to its metrics, so that days add up to weeks.

What no event changes is added up once, when a day is over; what follows its answers again on each
night that more of it may have come, from those answers alone that something followed.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from warehouse.answers import Days, take_answers, take_followed
from warehouse.clicks import measure_clicks
from warehouse.connection import Connection, transaction
from warehouse.delays import CLICK, attribution_days, window_maturity
from warehouse.drift import count_distributions
from warehouse.evaluation import measure_queries
from warehouse.metric_values import MetricRow, final, matured
from warehouse.statements import run


def add_up_day(
    connection: Connection, scenario: str, day: date, as_of: date, young: Sequence[date] = ()
) -> None:
    """Adds up a staged and known day anew, with what had followed by the end of ``as_of``.

    With it goes what had followed the ``young`` days before it, as `add_up_outcomes` counts it.
    """
    days = [*young, day]
    asked = {"scenario": scenario, "day": day}
    _take_products(connection, days)
    take_answers(connection, scenario, day)
    run(connection, "crosses/answers", days=[day])
    for step in ("product_facts", "first_ten", "per_answer"):
        run(connection, f"partials/{step}", **asked)
    with transaction(connection):
        for step in ("forget_day", "forget_exposures", "add_answers", "add_shown", "add_exposures"):
            run(connection, f"partials/{step}", **asked)
        run(connection, "crosses/forget", scenario=scenario, days=[day])
        run(connection, "crosses/add_day", **asked)
    run(connection, "partials/clicked", days=[day], as_of=day)
    count_distributions(connection, scenario, day)
    _count(connection, scenario, days, as_of)


def add_up_outcomes(
    connection: Connection, scenario: str, days: Sequence[date], as_of: date
) -> None:
    """Counts what had followed the answers of some days, in their order, by the end of ``as_of``.

    While clicks may come, all of it. Of a day that was counted since then, up to a day before
    ``as_of``, only the answers that something followed since are looked at: what they came to is
    taken away, and what they come to now is added.
    """
    if days:
        _take_products(connection, days)
        _count(connection, scenario, days, as_of)


def _take_products(connection: Connection, days: Sequence[date]) -> None:
    """The segments of products, as each of some days began."""
    run(connection, "partials/catalogue_segments")
    run(connection, "partials/product_places", days=days)


def _count(connection: Connection, scenario: str, days: Sequence[date], as_of: date) -> None:
    click_days = attribution_days(connection)[CLICK]
    since = _counted(connection, scenario, days, click_days, as_of)
    fresh = [day for day, end in since.items() if end < day]
    asked = {"scenario": scenario, "days": days, "fresh": fresh, "as_of": as_of}
    take_followed(connection, scenario, since, as_of)
    run(connection, "partials/start", click_days=click_days, **asked)
    for step in ("answers", "start", "no_events"):
        run(connection, f"crosses/{step}", **asked)
    _count_followed(connection, days, fresh, as_of)
    for day in fresh:
        measure_clicks(connection, scenario, day, min(day + timedelta(days=click_days), as_of))
        for sums in ("partials", "crosses"):
            run(connection, f"{sums}/count_clicks")
    with transaction(connection):
        for step in ("forget_renewed", "add_renewed", "counted_to"):
            run(connection, f"partials/{step}", **asked)
        for step in ("forget", "keep"):
            run(connection, f"crosses/{step}", **asked)


def _counted(
    connection: Connection, scenario: str, days: Sequence[date], click_days: int, as_of: date
) -> dict[date, date]:
    """Of each day the one up to whose end it is counted; that before it where it is to be anew."""
    ends: dict[date, date] = dict(
        run(connection, "partials/counted", scenario=scenario, days=days).fetchall()
    )
    return {
        day: end
        if (end := ends.get(day)) and day + timedelta(days=click_days) <= end < as_of
        else day - timedelta(days=1)
        for day in days
    }


def _count_followed(
    connection: Connection, days: Sequence[date], fresh: Sequence[date], as_of: date
) -> None:
    """Adds what followed ``day_answers``; rankings by the code of every evaluation.

    Clicks on answers of other days than ``fresh`` have all been counted: taken away and added again
    they would come to nothing.
    """
    asked = {"days": days, "as_of": as_of}
    run(connection, "partials/followed", **asked)
    run(connection, "partials/clicked", days=fresh, as_of=as_of)
    run(connection, "partials/count_followed")
    for step in ("judgments", "run", "segments", "asked"):
        run(connection, f"served/{step}", **asked)
    measure_queries(connection)
    for step in ("partials/count_judged", "crosses/count_followed"):
        run(connection, step)


def changing_values(
    connection: Connection, scenario: str, windows: Sequence[Days], as_of: date
) -> dict[Days, list[MetricRow]]:
    """Those of the metrics of some windows of days that later events change: partials, divided."""
    mature = window_maturity(connection, scenario, windows, as_of)
    return {
        days: [matured(row, mature[days]) for row in rows]
        for days, rows in _values(connection, scenario, windows, changing=True).items()
    }


def lasting_values(connection: Connection, scenario: str, days: Days) -> list[MetricRow]:
    """Those of the metrics of a window of days that no later event changes."""
    shown = run(connection, "partials/coverage", scenario=scenario, **days._asdict()).fetchall()
    return [
        *map(final, _values(connection, scenario, [days], changing=False)[days]),
        *(final(MetricRow(*row)) for row in shown),
    ]


def _values(
    connection: Connection, scenario: str, windows: Sequence[Days], *, changing: bool
) -> dict[Days, list[MetricRow]]:
    values: dict[Days, list[MetricRow]] = {days: [] for days in windows}
    firsts, lasts = [days.first for days in windows], [days.last for days in windows]
    asked = {"scenario": scenario, "firsts": firsts, "lasts": lasts, "changing": changing}
    for first, last, *row in run(connection, "partials/values", **asked).fetchall():
        values[Days(first, last)].append(MetricRow(*row))
    return values
