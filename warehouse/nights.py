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
from warehouse.metric_values import MetricRow, Window, final, store_metrics
from warehouse.partials import add_up_day, add_up_outcomes, changing_values, lasting_values
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
    purchases_come = attribution_days(connection)[PURCHASE]
    old = [day for day in young if (night - day).days > purchases_come]
    for day in old:  # each by itself, so that the days between them are not read
        add_up_outcomes(connection, scenario, [day], as_of=night)
    add_up_day(connection, scenario, night, as_of=night, young=young[len(old) :])
    n_values = _store_night(connection, scenario, night, young)
    measure_requests(connection, scenario, night)
    measure_drift(connection, scenario, night)
    measure_calibration(connection, scenario, night)
    estimate_open_days(connection, scenario, night)
    judge_series(connection, scenario, night)
    return n_values


def _store_night(connection: Connection, scenario: str, night: date, young: Sequence[date]) -> int:
    """Stores the metrics of a night's day and week, and of those before that may have changed.

    Days whose purchases are all in go first: how they grew tells how younger ones will.
    """
    closed, open_days = _by_age(connection, young, as_of=night)
    _store_changing(connection, scenario, _windows(closed), as_of=night)
    *earlier, this = _weeks(connection, night)
    weeks = {Window("week", monday): _week(monday, night) for monday in (*earlier, this)}
    new = {
        Window("day", night): _lasting_of_day(connection, scenario, night),
        Window("week", this): _lasting_of_week(connection, scenario, _week(this, night)),
    }
    windows = _windows([*open_days, night]) | weeks
    return _store_changing(connection, scenario, windows, night, new)[Window("day", night)]


def _measure_closed(connection: Connection, scenario: str, day: date) -> int:
    """Measures a day that nothing follows any more, as of the last night that looked back on it."""
    as_of = day + looked_back(connection)
    know_day(connection, scenario, day)
    add_up_delays(connection, scenario, day, day + timedelta(days=1))
    n_values = measure_day(connection, scenario, day, as_of)
    measure_drift(connection, scenario, day)
    days = _week(_monday(day), as_of)
    week = Window("week", days.first)
    new = {week: _lasting_of_week(connection, scenario, days)}
    _store_changing(connection, scenario, {week: days}, as_of, new)
    return n_values


def measure_day(connection: Connection, scenario: str, day: date, as_of: date) -> int:
    """Measures a staged and known day and stores its metrics; returns how many values that were."""
    add_up_day(connection, scenario, day, as_of)
    new = {Window("day", day): _lasting_of_day(connection, scenario, day)}
    stored = _store_changing(connection, scenario, _windows([day]), as_of, new)
    measure_requests(connection, scenario, day)
    return stored[Window("day", day)]


def measure_again(connection: Connection, scenario: str, days: Sequence[date], as_of: date) -> None:
    """Measures what later events can have changed of days that were measured before."""
    add_up_outcomes(connection, scenario, days, as_of)
    for of_an_age in _by_age(connection, days, as_of):
        _store_changing(connection, scenario, _windows(of_an_age), as_of)


def _by_age(
    connection: Connection, days: Sequence[date], as_of: date
) -> tuple[list[date], list[date]]:
    """The days whose purchases are all in, and those that more may follow."""
    closed = as_of - timedelta(days=attribution_days(connection)[PURCHASE])
    return [day for day in days if day <= closed], [day for day in days if day > closed]


def _windows(days: Sequence[date]) -> dict[Window, Days]:
    return {Window("day", day): Days(day, day) for day in days}


def _store_changing(
    connection: Connection,
    scenario: str,
    windows: Mapping[Window, Days],
    as_of: date,
    lasting: Mapping[Window, Sequence[MetricRow]] | None = None,
) -> dict[Window, int]:
    """Stores what changes of windows, and what ``lasting`` has of new ones; returns how many."""
    if not windows:
        return {}
    apart = [*dict.fromkeys(windows.values())]  # on a Monday the week is that day
    changing = changing_values(connection, scenario, apart, as_of)
    measured = {
        window: [*changing[days], *(lasting or {}).get(window, ())]
        for window, days in windows.items()
    }
    store_metrics(connection, scenario, as_of, measured)
    return {window: len(rows) for window, rows in measured.items()}


def _lasting_of_day(connection: Connection, scenario: str, day: date) -> list[MetricRow]:
    return [
        *lasting_values(connection, scenario, Days(day, day)),
        *map(final, measure_service(connection, scenario, day)),
    ]


def _lasting_of_week(connection: Connection, scenario: str, days: Days) -> list[MetricRow]:
    return [
        *lasting_values(connection, scenario, days),
        *map(final, service_values(connection, scenario, *days)),
    ]


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
