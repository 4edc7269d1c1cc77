"""A night's figures as rows of a table: for the page, and for an artifact of the run."""

from collections.abc import Sequence
from typing import Any

from flows.page.by_day import GROUPS
from flows.page.published import Published, Row, model_of, named
from warehouse.evaluation import TUNING_METRIC

_COLUMNS = ("value", "standard_error", "n", "maturity", "corrected", "corrected_error")
_FIRST = [metric for group in GROUPS for metric in group.metrics]


def night_figures(found: Published) -> list[Row]:
    """What was measured of the night's own day, over all traffic; none where nobody asked."""
    return sorted((row for row in found.days if row["window_start"] == found.night), key=_order)


def as_table(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The figures as plain values, named for people."""
    return [
        {"metric": row["metric"], "model": named(*model_of(row))}
        | {name: row[name] for name in _COLUMNS}
        for row in rows
    ]


def young(found: Published) -> list[Row]:
    """What outcomes still come for, newest days first."""
    rows = [
        row
        for row in found.days
        if row["as_of"] == found.night and row["maturity"] != 1 and _is_listed(row["metric"])
    ]
    return sorted(rows, key=lambda row: (-row["window_start"].toordinal(), *_order(row)))


def _is_listed(metric: str) -> bool:
    return metric == TUNING_METRIC or metric.endswith("_share")


def _order(row: Row) -> tuple[int, str, str]:
    metric = row["metric"]
    place = _FIRST.index(metric) if metric in _FIRST else len(_FIRST)
    return (place, metric, named(*model_of(row)))
