"""Open incidents as the page tells them: each with its waterfall and what moved beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.incidents.published import Told, series
from flows.page.published import Row
from flows.page.waterfall import waterfall

_MOST = 6  # series that are listed


@dataclass(frozen=True)
class Shown:
    """An open incident."""

    row: Row
    meaning: str
    change: Row | None  # a part of it, which has the figures of the whole
    waterfall: str | None
    alerts: Sequence[Row]  # of each series the one that moved most
    more_series: int
    decisions: Sequence[Row]


def of_incident(told: Told) -> Shown:
    """What the page shows of an incident."""
    moved = series(told.alerts)
    return Shown(
        row=told.incident,
        meaning=told.meaning,
        change=told.change[0] if told.change else None,
        waterfall=waterfall(told.change),
        alerts=moved[:_MOST],
        more_series=max(len(moved) - _MOST, 0),
        decisions=told.decisions,
    )
