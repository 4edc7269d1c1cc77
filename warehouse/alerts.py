"""Alerts: each series of metrics against its own forecast band, once its values are mature.

All series that a night judges are one family of tests: the share of false ones among its alerts is
held (Benjamini and Hochberg 1995). Where nothing changed that is the share of nights with any.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from warehouse.bands import HISTORY_DAYS, Forecast, forecast
from warehouse.connection import Connection, replace_rows, rows_for
from warehouse.maturity import MATURE
from warehouse.statements import run

FALSE_NIGHTS = 1 / 60  # one night in two months with an alert though nothing changed
LEAST_N = 100  # answers, queries or products shown: of less no value is judged
SEGMENTS = 15  # the largest, of each core metric


def judge_series(connection: Connection, scenario: str, as_of: date) -> int:
    """Judges what is mature for the first time on a night; returns how many alerts there are.

    Called when the night's metrics are stored. Replaces what the same night judged before.
    """
    asked = {
        "scenario": scenario,
        "as_of": as_of,
        "history_days": HISTORY_DAYS,
        "mature": MATURE,
        "least_n": LEAST_N,
        "n_segments": SEGMENTS,
    }
    run(connection, "alerts/due", **asked)
    due = run(connection, "alerts/histories", **asked).to_arrow_table().to_pylist()
    forecasts = [_forecast(series) for series in due]
    chances = [
        None if found is None else found.p_value(series["value"], series["score_before"])
        for series, found in zip(due, forecasts, strict=True)
    ]
    cut = false_discovery_cut([chance for chance in chances if chance is not None], FALSE_NIGHTS)
    rows = [
        _row(series, found, cut) | {"scenario": scenario, "as_of": as_of}
        for series, found in zip(due, forecasts, strict=True)
    ]
    judged = rows_for(connection, "alerts", rows)
    replace_rows(connection, ("alerts/forget", "alerts/store"), {"judged": judged}, **asked)
    return sum(row.get("direction") is not None for row in rows)


def false_discovery_cut(p_values: Sequence[float], rate: float) -> float:
    """The greatest p-value that is a discovery, or could have been the only one.

    Of m p-values the k smallest are discoveries, where the k-th is at most k / m times the rate.
    """
    n = len(p_values)
    if n == 0:
        return rate
    steps = rate * np.arange(1, n + 1) / n
    found = np.flatnonzero(np.sort(p_values) <= steps)
    return float(steps[found[-1] if len(found) else 0])


def _forecast(series: dict[str, Any]) -> Forecast | None:
    counts = series["variant"] == "all"  # nothing is a mean there
    errors = np.array([*series["errors"], series["standard_error"]], dtype=float)
    return forecast(
        values=np.array([*series["history"], series["value"]]),
        n=np.ones(len(errors)) if counts else np.array([*series["sizes"], series["n"]], float),
        errors=errors,
        banded=np.array([*series["banded"], False]),
    )


def _row(series: dict[str, Any], found: Forecast | None, cut: float) -> dict[str, Any]:
    """In the columns of ``alerts``, and others, which are left out."""
    if found is None:
        return series
    value, before = series["value"], series["score_before"]
    low, high = found.band(cut, before)
    off = found.p_value(value, before) <= cut
    return series | {
        "expected": found.expected,
        "low": low,
        "high": high,
        "score": found.score(value),
        "direction": ("up" if value > found.expected else "down") if off else None,
    }
