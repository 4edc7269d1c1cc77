"""Delays of outcomes: their curves, learnt anew as of each day, and what they say of a day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from warehouse.answers import Days
from warehouse.connection import Connection, transaction
from warehouse.intervals import Values
from warehouse.maturity import (
    COMPLETE,
    UNCHANGED,
    Correction,
    Counts,
    DelayCurve,
    Maturity,
    maturity,
)
from warehouse.statements import run

Ranker = tuple[str, str]  # the model and its variant

CLICK = "click"
PURCHASE = "purchase"  # what rankings are judged by
_DAY = timedelta(days=1)
_DAY_SECONDS = 86_400
_LEAST_DAYS = 7  # that have closed, before anything is said of how days grow


def learn_delays(connection: Connection, scenario: str, as_of: date) -> None:
    """Replaces a scenario's delay curves as of a day, whose outcomes have been staged.

    Of the days before it only sums are read, which their own nights made: to them it adds the day's
    requests and those of its events that are the first of their type to follow their request. What
    nights after it added is not read; they are measured again in their turn.
    """
    longest = timedelta(days=max(attribution_days(connection).values()))
    asked = {"scenario": scenario, "as_of": as_of}
    _reach_back(connection, scenario, as_of + _DAY - 2 * longest)
    with transaction(connection):
        _add_up_requests(connection, scenario=scenario, first=as_of, before=as_of + _DAY)
        _add_up_events(
            connection,
            scenario=scenario,
            first=as_of - longest,
            before=as_of + _DAY,
            since=as_of,
            until=as_of + _DAY,
        )
        for step in ("forget", "learn"):
            run(connection, f"delays/{step}", **asked)


def add_up_delays(connection: Connection, scenario: str, first: date, before: date) -> None:
    """Adds up anew the requests of days that no night is measured of, and all that followed."""
    asked = {"scenario": scenario, "first": first, "before": before}
    with transaction(connection):
        _add_up_requests(connection, **asked)
        _add_up_events(connection, since=first, until=date.max, **asked)


def _reach_back(connection: Connection, scenario: str, first: date) -> None:
    """Has all staged days from ``first`` on added up, also of a warehouse of before."""
    (since,) = run(connection, "delays/since", scenario=scenario).fetchone() or (date.max,)
    if first < since:
        add_up_delays(connection, scenario, first, since)
        run(connection, "delays/reach_back", scenario=scenario, first=first)


def _add_up_requests(connection: Connection, **asked: Any) -> None:
    for step in ("forget_requests", "add_requests"):
        run(connection, f"delays/{step}", **asked)


def _add_up_events(connection: Connection, **asked: Any) -> None:
    for step in ("first_of_type", "forget_first_events", "add_first_events"):
        run(connection, f"delays/{step}", **asked)


def attribution_days(connection: Connection) -> dict[str, int]:
    """How many days after a request each type of event counts as its outcome."""
    return dict(run(connection, "delays/windows").fetchall())


def delay_curves(connection: Connection, scenario: str, as_of: date) -> dict[str, DelayCurve]:
    """A scenario's delay curves as of a day, of each type of event that was seen."""
    curves = run(connection, "delays/curves", scenario=scenario, as_of=as_of).fetchnumpy()
    columns = [curves[name] for name in ("delay", "survival", "variance")]
    return {
        event_type: DelayCurve(*(column[curves["event_type"] == event_type] for column in columns))
        for event_type in dict.fromkeys(curves["event_type"])
    }


@dataclass(frozen=True, eq=False)
class WindowMaturity:
    """How mature a window of days is as of a later one, and what its metrics will come to."""

    curves: Mapping[str, DelayCurve]  # by type of event
    attribution: Mapping[str, int]  # days, likewise
    ages: Mapping[Ranker, tuple[Values, Counts]]  # of answers, in seconds, and how many are so old
    growth: Mapping[str, Correction]  # of metrics of days that were as old
    _known: dict[tuple[Ranker, str], Maturity | None] = field(default_factory=dict, init=False)

    def of(self, ranker: Ranker, event_type: str) -> Maturity | None:
        """The share that has come of what follows the answers of a model in a variant."""
        if (ranker, event_type) not in self._known:  # many metrics ask for the same
            curve, window = self.curves.get(event_type), self.attribution[event_type] * _DAY_SECONDS
            found = maturity(curve, window, *self.ages[ranker])
            self._known[ranker, event_type] = found
        return self._known[ranker, event_type]

    def grown(self, metric: str, found: Maturity | None) -> Correction | None:
        """How a mean over bought-after answers is corrected; None before enough days closed."""
        return UNCHANGED if found == COMPLETE else self.growth.get(metric)


def window_maturity(
    connection: Connection, scenario: str, windows: Sequence[Days], as_of: date
) -> dict[Days, WindowMaturity]:
    """How mature windows of days are: by the curves, the ages of their answers, and, of those of a
    single day, how such days have grown.
    """
    asked = {"scenario": scenario, "as_of": as_of}
    attribution = attribution_days(connection)
    curves = delay_curves(connection, scenario, as_of)
    ages: dict[Days, dict[Ranker, tuple[Values, Counts]]] = {days: {} for days in windows}
    firsts, lasts = [days.first for days in windows], [days.last for days in windows]
    rows = run(connection, "delays/ages", firsts=firsts, lasts=lasts, **asked).fetchall()
    for first, last, model, variant, old, counts in rows:
        found = np.array(old, np.float64), np.array(counts)
        ages[Days(first, last)][model, variant] = found
    growth = _growth(
        connection,
        ages=[(as_of - days.last).days for days in windows if days.first == days.last],
        window=attribution[PURCHASE],
        least_days=_LEAST_DAYS,
        **asked,
    )
    return {
        days: WindowMaturity(
            curves,
            attribution,
            ages[days],
            growth[(as_of - days.last).days] if days.first == days.last else {},
        )
        for days in windows
    }


def _growth(connection: Connection, **asked: Any) -> dict[int, dict[str, Correction]]:
    """By the age of a day, and metric."""
    growth: dict[int, dict[str, Correction]] = defaultdict(dict)
    for age, metric, factor, error in run(connection, "delays/developments", **asked).fetchall():
        growth[age][metric] = Correction(factor, error)
    return growth
