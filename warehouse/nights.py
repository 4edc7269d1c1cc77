"""Nights: each measures its day, and again the days before it that something may still follow.

A day is measured as of a night, which knows what had happened by its end. A night that is measured
anew is followed by every one since, so that in the end the last one stands, as in one clean run.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from warehouse.alerts import judge_series
from warehouse.answers import Days, know_day
from warehouse.calibration import measure_calibration
from warehouse.clicks import learn_from_clicks
from warehouse.connection import Connection, transaction
from warehouse.data_quality import SHOP, measure_events, measure_requests, remember_catalogue
from warehouse.delays import (
    PURCHASE,
    add_up_delays,
    attribution_days,
    learn_delays,
)
from warehouse.drift import measure_drift
from warehouse.embedding_nights import Embed, measure_embedding_drift
from warehouse.estimates import estimate_open_days
from warehouse.metric_values import Window, final, store_metrics
from warehouse.partials import add_up_day, add_up_outcomes, changing_values, values
from warehouse.served import days_to_measure, looked_back, stage_outcomes
from warehouse.service_metrics import measure_service, service_values
from warehouse.statements import run


def mark_due(connection: Connection, scenario: str, day: date) -> None:
    """Has the nights from a day on measured: events have come for it."""
    run(connection, "nights/due", scenario=scenario, day=day)


def mark_measured(connection: Connection, scenario: str, day: date) -> None:
    """Remembers that a day's night and those that were due before it have been measured.

    Until then they wait, whatever was staged of them: a night that is killed leaves them to the
    next one.
    """
    with transaction(connection):
        for step in ("raw/measured", "nights/measured"):
            run(connection, step, scenario=scenario, day=day)


def measure_nights(connection: Connection, scenario: str, day: date) -> int:
    """Measures a staged day's night, those that something came late for, and all since then.

    Returns how many values there are of the day itself.
    """
    nights = _nights_to_measure(connection, scenario, day)
    for night, _ in nights:
        if night <= day:
            mark_due(connection, _embeddings_of(scenario), night)
    measured = {
        night: (_measure_closed if closed else _measure_night)(connection, scenario, night)
        for night, closed in nights
    }
    mark_measured(connection, scenario, day)
    return measured[day]


def measure_shop_nights(connection: Connection, day: date) -> None:
    """Measures the events of a staged day, of those that something came late for, and all since."""
    remember_catalogue(connection, day)
    for night, _ in _nights_to_measure(connection, SHOP, day):
        measure_events(connection, night)
    mark_measured(connection, SHOP, day)


def measure_embedding_nights(
    connection: Connection, scenario: str, day: date, embed: Embed
) -> dict[date, bool | None]:
    """Compares the embeddings of the nights that were measured since this was last done.

    Returns what `measure_embedding_drift` does of each.
    """
    owner = _embeddings_of(scenario)
    found = {
        night: measure_embedding_drift(connection, scenario, night, embed)
        for night, _ in _nights_to_measure(connection, scenario, day, owner)
    }
    mark_measured(connection, owner, day)
    return found


def _embeddings_of(scenario: str) -> str:
    """Whose nights are due until their embeddings have been compared."""
    return f"{scenario} embeddings"


def _nights_to_measure(
    connection: Connection, scenario: str, day: date, owner: str | None = None
) -> list[tuple[date, bool]]:
    """The nights, oldest first, and whether nothing follows their days any more.

    They are due to the ``owner``, by default the scenario itself.
    """
    return run(
        connection,
        "nights/to_measure",
        scenario=scenario,
        owner=owner or scenario,
        day=day,
        late=days_to_measure(connection, owner or scenario, day),
        last_days=looked_back(connection).days,
    ).fetchall()


def _measure_night(connection: Connection, scenario: str, night: date) -> int:
    stage_outcomes(connection, scenario, night)
    know_day(connection, scenario, night)
    learn_delays(connection, scenario, night)
    learn_from_clicks(connection, scenario, night)
    for day, last_counted in _days(connection, "nights/ahead", scenario, night):
        add_up_outcomes(connection, scenario, [day], as_of=last_counted)
    young = [day for (day,) in _days(connection, "nights/young", scenario, night)]
    measure_again(connection, scenario, young, as_of=night)
    n_values = measure_day(connection, scenario, night, as_of=night)
    measure_drift(connection, scenario, night)
    *earlier, this = _weeks(connection, night)
    weeks = {Window("week", monday): _week(monday, night) for monday in earlier}
    _measure_again(connection, scenario, weeks, as_of=night)
    _measure_week(connection, scenario, this, as_of=night)
    measure_calibration(connection, scenario, night)
    estimate_open_days(connection, scenario, night)
    judge_series(connection, scenario, night)
    return n_values


def _measure_closed(connection: Connection, scenario: str, day: date) -> int:
    """Measures a day that nothing follows any more, as of the last night that looked back on it."""
    as_of = day + looked_back(connection)
    know_day(connection, scenario, day)
    add_up_delays(connection, scenario, day, day + timedelta(days=1))
    n_values = measure_day(connection, scenario, day, as_of)
    measure_drift(connection, scenario, day)
    _measure_week(connection, scenario, _monday(day), as_of)
    return n_values


def measure_day(connection: Connection, scenario: str, day: date, as_of: date) -> int:
    """Measures a staged and known day and stores its metrics; returns how many values that were."""
    add_up_day(connection, scenario, day, as_of)
    rows = [
        *values(connection, scenario, Days(day, day), as_of),
        *map(final, measure_service(connection, scenario, day)),
    ]
    store_metrics(connection, scenario, as_of, {Window("day", day): rows})
    measure_requests(connection, scenario, day)
    return len(rows)


def measure_again(connection: Connection, scenario: str, days: Sequence[date], as_of: date) -> None:
    """Measures what later events can have changed of days that were measured before.

    Those whose purchases are all in go first: how they grew tells how younger ones will.
    """
    add_up_outcomes(connection, scenario, days, as_of)
    closed = as_of - timedelta(days=attribution_days(connection)[PURCHASE])
    for together in (
        [day for day in days if day <= closed],
        [day for day in days if day > closed],
    ):
        windows = {Window("day", day): Days(day, day) for day in together}
        _measure_again(connection, scenario, windows, as_of)


def _measure_again(
    connection: Connection, scenario: str, windows: Mapping[Window, Days], as_of: date
) -> None:
    if not windows:
        return
    found = changing_values(connection, scenario, [*windows.values()], as_of)
    measured = {window: found[days] for window, days in windows.items()}
    store_metrics(connection, scenario, as_of, measured)


def _measure_week(connection: Connection, scenario: str, monday: date, as_of: date) -> None:
    days = _week(monday, as_of)
    rows = [
        *values(connection, scenario, days, as_of),
        *map(final, service_values(connection, scenario, *days)),
    ]
    store_metrics(connection, scenario, as_of, {Window("week", monday): rows})


def _days(connection: Connection, which: str, scenario: str, night: date) -> list[tuple[date, ...]]:
    asked = {
        "scenario": scenario,
        "night": night,
        "purchase_days": attribution_days(connection)[PURCHASE],
        "last_days": looked_back(connection).days,
    }
    return run(connection, which, **asked).fetchall()


def _weeks(connection: Connection, night: date) -> list[date]:
    """The Mondays of the weeks of a night, and of days whose purchases and returns are all in."""
    ages = (0, attribution_days(connection)[PURCHASE], looked_back(connection).days)
    return sorted({_monday(night - timedelta(days=age)) for age in ages})


def _week(monday: date, as_of: date) -> Days:
    """A week, as far as it has come."""
    return Days(monday, min(monday + timedelta(days=6), as_of))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
