"""Values of metrics: what is stored of them, and how mature they are."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import inf
from typing import NamedTuple

from warehouse.connection import Connection, replace_rows, rows_for
from warehouse.delays import CLICK, PURCHASE, WindowMaturity
from warehouse.maturity import COMPLETE, UNCHANGED, Correction, Maturity, corrected, of_share

_ABANDONMENT = "abandonment_share"
_REVENUE = "revenue_per_answer"
_SHARES = {  # by the event that adds to them, and to nothing that they are divided by
    "click_share": CLICK,
    "ctr@10": CLICK,
    _ABANDONMENT: CLICK,
    "add_to_cart_share": "add_to_cart",
    "purchase_share": PURCHASE,
    _REVENUE: PURCHASE,
    "redemption_share": "redemption",
    "return_share": "return",
}


class Window(NamedTuple):
    """A window that metrics are measured over, as ``metric_values`` name it."""

    name: str
    start: date


class MetricRow(NamedTuple):
    """A metric of a model in a variant on a segment; the columns of ``metric_values`` name it."""

    model_tag: str
    variant: str
    segment: str
    metric: str
    value: float
    standard_error: float | None  # None: nobody knows
    n: int
    maturity: float | None = None  # the share of the outcomes that had come; None: not known
    corrected: float | None = None  # what the value is expected to come to
    corrected_error: float | None = None


def matured(row: MetricRow, mature: WindowMaturity) -> MetricRow:
    """Says of a value that later events change how mature it is, and what it will come to.

    A share of answers that something followed is divided by what has come of that. A mean over the
    answers that something followed grows in both its sums: it is corrected by how such means grew.
    """
    ranker = (row.model_tag, row.variant)
    event_type = _SHARES.get(row.metric) or (CLICK if CLICK in row.metric else PURCHASE)
    found = mature.of(ranker, event_type)
    if row.metric in _SHARES:
        return _with(row, found, of_share(found), most=inf if row.metric == _REVENUE else 1.0)
    return _with(row, found, mature.grown(row.metric, found))


def final(row: MetricRow) -> MetricRow:
    """Says of a value that nothing changes it any more."""
    return _with(row, COMPLETE, UNCHANGED)


def _with(
    row: MetricRow, found: Maturity | None, correction: Correction | None, most: float = inf
) -> MetricRow:
    followed = row.metric == _ABANDONMENT  # what is not abandoned grows
    value = 1 - row.value if followed else row.value
    corrected_value, error = corrected(value, row.standard_error, correction)
    if corrected_value is not None:
        corrected_value = min(corrected_value, most)
    if followed and corrected_value is not None:
        corrected_value = 1 - corrected_value
    share = None if found is None else found.share
    return row._replace(maturity=share, corrected=corrected_value, corrected_error=error)


def store_metrics(
    connection: Connection,
    scenario: str,
    as_of: date,
    measured: Mapping[Window, Sequence[MetricRow]],
) -> None:
    """Replaces what ``metric_values`` hold of windows as of a day.

    Of the whole it is remembered what was known as of earlier days, of segments only the newest.
    """
    asked = {"scenario": scenario, "as_of": as_of}
    rows = (
        asked | {"window": window.name, "window_start": window.start} | row._asdict()
        for window, of_window in measured.items()
        for row in of_window
    )
    new = {"measured": rows_for(connection, "metric_values", rows)}
    steps = [f"metric_values/{step}" for step in ("forget", "forget_segments", "store")]
    names, starts = [name for name, _ in measured], [start for _, start in measured]
    replace_rows(connection, steps, new, windows=names, starts=starts, **asked)
