"""Partials: what a day adds to its metrics, so that days add up to weeks.

What no event changes is added up once, when a day is over; what follows its answers again on each
night that more of it may have come, from those answers alone that something followed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from warehouse.answers import Days, take_answers, take_followed
from warehouse.clicks import measure_clicks
from warehouse.connection import Connection, transaction
from warehouse.delays import CLICK, attribution_days, window_maturity
from warehouse.drift import count_distributions
from warehouse.evaluation import measure_queries
from warehouse.metric_values import MetricRow, final, matured
from warehouse.statements import run

_A_DAY = timedelta(days=1)


def add_up_day(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Adds up a staged and known day anew, with what had followed by the end of ``as_of``."""
    asked = {"scenario": scenario, "day": day}
    _take_products(connection, [day])
    _take_all(connection, scenario, day)
    for step in ("product_facts", "first_ten", "per_answer"):
        run(connection, f"partials/{step}", **asked)
    with transaction(connection):
        for step in ("forget_day", "forget_exposures", "add_answers", "add_shown", "add_exposures"):
            run(connection, f"partials/{step}", **asked)
        for step in ("forget", "add_day"):
            run(connection, f"crosses/{step}", first=day, last=day, **asked)
    _count_all(connection, scenario, day, as_of)
    if as_of != day:
        run(connection, "partials/clicked", first=day, last=day, as_of=day)
    count_distributions(connection, scenario, day)


def add_up_outcomes(
    connection: Connection, scenario: str, days: Sequence[date], as_of: date
) -> None:
    """Counts what had followed the answers of some days, in their order, by the end of ``as_of``.

    While clicks may come, all of it. Of a day that was counted since then, up to a day before
    ``as_of``, only the answers that something followed since are looked at: what they came to is
    taken away, and what they come to now is added. Days that follow each other go together.
    """
    if not days:
        return
    asked = {"scenario": scenario, "first": days[0], "last": days[-1]}
    counted: dict[date, date] = dict(run(connection, "partials/counted", **asked).fetchall())
    clicks_come = timedelta(days=attribution_days(connection)[CLICK])
    counted = {day: end for day, end in counted.items() if day + clicks_come <= end < as_of}
    _take_products(connection, days)
    for day in days:
        if day not in counted:
            _take_all(connection, scenario, day)
            _count_all(connection, scenario, day, as_of)
    for together, since in _together([day for day in days if day in counted], counted):
        _go_on(connection, scenario, together, since, as_of)


def _together(days: Sequence[date], counted: Mapping[date, date]) -> list[tuple[Days, date]]:
    """Days that follow each other and are counted up to the same day."""
    groups: list[tuple[Days, date]] = []
    for day in days:
        if groups and groups[-1] == (Days(groups[-1][0].first, day - _A_DAY), counted[day]):
            groups[-1] = (Days(groups[-1][0].first, day), counted[day])
        else:
            groups.append((Days(day, day), counted[day]))
    return groups


def _take_all(connection: Connection, scenario: str, day: date) -> None:
    take_answers(connection, scenario, day)
    _take_crosses(connection, Days(day, day))


def _take_products(connection: Connection, days: Sequence[date]) -> None:
    """The segments of products, as each of some days began."""
    run(connection, "partials/catalogue_segments")
    run(connection, "partials/product_places", days=days)


def _take_crosses(connection: Connection, days: Days) -> None:
    """The segments that answers are crossed by."""
    for step in ("answers", "no_events"):
        run(connection, f"crosses/{step}", **days._asdict())


def _go_on(connection: Connection, scenario: str, days: Days, since: date, as_of: date) -> None:
    """Counts what followed since they were counted."""
    asked = {"scenario": scenario} | days._asdict()
    take_followed(connection, scenario, days, since=since, as_of=as_of)
    _take_crosses(connection, days)
    for sums in ("partials", "crosses"):
        run(connection, f"{sums}/go_on", **asked)
    _count(connection, days, sign=1, as_of=as_of)
    _count(connection, days, sign=-1, as_of=since)
    steps = ("add_renewed", "counted_to")
    _keep(connection, steps, as_of=as_of, **asked)


def _count_all(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    days = Days(day, day)
    clicks_as_of = min(day + timedelta(days=attribution_days(connection)[CLICK]), as_of)
    for sums in ("partials", "crosses"):
        run(connection, f"{sums}/start", scenario=scenario, day=day, clicks_as_of=clicks_as_of)
    _count(connection, days, sign=1, as_of=as_of)
    measure_clicks(connection, scenario, day, clicks_as_of)
    for sums in ("partials", "crosses"):
        run(connection, f"{sums}/count_clicks")
    steps = ("forget_renewed", "add_renewed")
    _keep(connection, steps, as_of=as_of, scenario=scenario, **days._asdict())


def _keep(connection: Connection, steps: Sequence[str], **asked: Any) -> None:
    with transaction(connection):
        for step in steps:
            run(connection, f"partials/{step}", **asked)
        for step in ("crosses/forget", "crosses/keep"):
            run(connection, step, **asked)


def _count(connection: Connection, days: Days, sign: int, as_of: date) -> None:
    """Adds what ``day_answers`` come to as of a day; rankings by the code of every evaluation."""
    asked = {"sign": sign, "as_of": as_of} | days._asdict()
    for step in ("followed", "clicked", "count_followed"):
        run(connection, f"partials/{step}", **asked)
    for step in ("judgments", "run", "segments", "asked"):
        run(connection, f"served/{step}", **asked)
    measure_queries(connection)
    run(connection, "partials/count_judged", **asked)
    run(connection, "crosses/count_followed", **asked)


def values(connection: Connection, scenario: str, days: Days, as_of: date) -> list[MetricRow]:
    """The metrics of a window of days as of a later one: partials, divided."""
    shown = run(connection, "partials/coverage", scenario=scenario, **days._asdict()).fetchall()
    return [
        *changing_values(connection, scenario, [days], as_of)[days],
        *map(final, _values(connection, scenario, [days], changing=False)[days]),
        *(final(MetricRow(*row)) for row in shown),
    ]


def changing_values(
    connection: Connection, scenario: str, windows: Sequence[Days], as_of: date
) -> dict[Days, list[MetricRow]]:
    """Those of the metrics of some windows of days that later events change."""
    mature = window_maturity(connection, scenario, windows, as_of)
    return {
        days: [matured(row, mature[days]) for row in rows]
        for days, rows in _values(connection, scenario, windows, changing=True).items()
    }


def _values(
    connection: Connection, scenario: str, windows: Sequence[Days], *, changing: bool
) -> dict[Days, list[MetricRow]]:
    values: dict[Days, list[MetricRow]] = {days: [] for days in windows}
    firsts, lasts = [days.first for days in windows], [days.last for days in windows]
    asked = {"scenario": scenario, "firsts": firsts, "lasts": lasts, "changing": changing}
    for first, last, *row in run(connection, "partials/values", **asked).fetchall():
        values[Days(first, last)].append(MetricRow(*row))
    return values
