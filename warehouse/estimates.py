"""Metrics of days whose outcomes are still to come, and how far off such estimates were."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from warehouse.connection import Connection, transaction
from warehouse.delays import attribution_days
from warehouse.expectations import Cells, Metric, ctr, expect, interval, ndcg
from warehouse.statements import columns, run


@dataclass(frozen=True)
class _Estimated:
    """A metric, and the events that it is of."""

    name: str
    event_type: str
    metric: Metric


_METRICS = (_Estimated("ctr@10", "click", ctr), _Estimated("ndcg@10", "purchase", ndcg))


def estimate_open_days(connection: Connection, scenario: str, as_of: date) -> int:
    """Says what the days whose outcomes are still to come will come to, as known by ``as_of``.

    Writes beside earlier estimates what came, and how far off they were. Called when the night's
    clicks are counted and its metrics stored. Returns the number of estimates: there are none of a
    model before seven of its days have closed.
    """
    asked = {"scenario": scenario, "as_of": as_of}
    for step in ("closed", "cells"):
        run(connection, f"estimates/{step}", **asked)
    rows = [asked | row for each in _METRICS for row in _estimates(connection, each, as_of)]
    schema = connection.table("label_free_estimates").limit(0).to_arrow_table().schema
    connection.register("estimated", pa.Table.from_pylist(rows, schema=schema))
    with transaction(connection):
        for step in ("forget", "store", "came", "errors"):
            run(connection, f"estimates/{step}", **asked)
    connection.unregister("estimated")
    return len(rows)


def _estimates(connection: Connection, each: _Estimated, as_of: date) -> Iterator[dict[str, Any]]:
    """Of each open day and ranker, where enough of the ranker's days have closed."""
    shown = columns(connection, "estimates/rankers", metric=each.name)
    if not len(shown["day"]):
        return
    place = (shown["ranker"], shown["day_number"])
    came = np.full((place[0].max() + 1, place[1].max() + 1), np.nan)
    came[place] = shown["came"]
    window = timedelta(days=attribution_days(connection)[each.event_type])
    closed = np.unique(shown["day"]) <= np.datetime64(as_of - window)
    expected = expect(_cells(connection, each), closed, each.metric)
    for row in np.flatnonzero(~closed[place[1]]):
        ranker, day = place[0][row], place[1][row]
        found = interval(
            expected.value[ranker, closed],
            expected.variance[ranker, closed],
            came[ranker, closed],
            expected.value[ranker, day],
            expected.variance[ranker, day],
        )
        if found is not None:
            yield asdict(found) | {
                "metric": each.name,
                "day": shown["day"][row].item(),
                "model_tag": shown["model_tag"][row],
                "variant": shown["variant"][row],
                "n": int(shown["n"][row]),
            }


def _cells(connection: Connection, each: _Estimated) -> Cells:
    shown = columns(connection, "estimates/shown", event_type=each.event_type)
    of_bin = np.unique(shown["bin"], return_index=True)[1]
    return Cells(
        day=shown["day_number"],
        ranker=shown["ranker"],
        group=shown["bin"],
        scorer=shown["scorer"][of_bin],
        rank=shown["rank"],
        n_shown=shown["n_shown"],
        looked_at=shown["looked_at"],
        events=shown["n_followed"],
    )
