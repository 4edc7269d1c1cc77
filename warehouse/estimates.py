"""Metrics of days whose outcomes are still to come, and how far off such estimates were."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.connection import Connection, replace_rows, rows_for
from warehouse.delays import CLICK, PURCHASE, attribution_days
from warehouse.expectations import Answers, Cells, Closed, Expected, ctr, interval, ranking
from warehouse.statements import columns, run

_Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class _Estimated:
    """A metric, the events that it is of, the sums that it is expected from, and how."""

    name: str
    event_type: str
    sums: str
    expect: Callable[[_Columns, Closed], Expected]


def estimate_open_days(connection: Connection, scenario: str, as_of: date) -> int:
    """Says what the days whose outcomes are still to come will come to, as known by ``as_of``.

    Writes beside earlier estimates what came, and how far off they were. Called when the night's
    clicks are counted and its metrics stored. Returns the number of estimates: there are none of a
    model before seven of its days have closed.
    """
    asked = {"scenario": scenario, "as_of": as_of}
    for step in ("closed", "cells"):
        run(connection, f"estimates/{step}", **asked)
    rows = [
        asked | row for each in _METRICS for row in _estimates(connection, each, scenario, as_of)
    ]
    steps = [f"estimates/{step}" for step in ("forget", "store", "came", "errors")]
    estimated = rows_for(connection, "label_free_estimates", rows)
    replace_rows(connection, steps, {"estimated": estimated}, **asked)
    return len(rows)


def _estimates(
    connection: Connection, each: _Estimated, scenario: str, as_of: date
) -> Iterator[dict[str, Any]]:
    """Of each open day and ranker, where enough of the ranker's days have closed."""
    shown = columns(connection, "estimates/rankers", metric=each.name)
    sums = columns(connection, f"estimates/{each.sums}", scenario=scenario)
    if not len(sums["day_number"]):
        return
    place = (shown["ranker"], shown["day_number"])
    window = timedelta(days=attribution_days(connection)[each.event_type])
    closed = np.unique(shown["day"]) <= np.datetime64(as_of - window)
    value, variance, came = np.full((3, place[0].max() + 1, len(closed)), np.nan)
    came[place] = shown["came"]
    expected = each.expect(sums, closed)
    known = slice(len(expected.value))  # rankers
    value[known], variance[known] = expected.value, expected.variance
    for row in np.flatnonzero(~closed[place[1]]):
        ranker, day = place[0][row], place[1][row]
        found = interval(
            value[ranker, closed],
            variance[ranker, closed],
            came[ranker, closed],
            value[ranker, day],
            variance[ranker, day],
        )
        if found is not None:
            yield asdict(found) | {
                "metric": each.name,
                "day": shown["day"][row].item(),
                "model_tag": shown["model_tag"][row],
                "variant": shown["variant"][row],
                "n": int(shown["n"][row]),
            }


def _ctr(sums: _Columns, closed: Closed) -> Expected:
    cells = Cells(
        day=sums["day_number"],
        ranker=sums["ranker"],
        group=sums["bin"],
        scorer=_scorers(sums),
        rank=sums["rank"],
        n_shown=sums["n_shown"],
        looked_at=sums["looked_at"],
        events=sums["n_clicked"],
    )
    return ctr(cells, closed)


def _ndcg(sums: _Columns, closed: Closed) -> Expected:
    return ranking(_answers(sums, sums["ndcg"], sums["ndcg_squares"]), closed)


def _hit_rate(sums: _Columns, closed: Closed) -> Expected:
    return ranking(_answers(sums, sums["hit_rate"], sums["hit_rate"]), closed)


def _answers(sums: _Columns, total: NDArray[Any], squares: NDArray[Any]) -> Answers:
    return Answers(
        day=sums["day_number"],
        ranker=sums["ranker"],
        group=sums["bin"],
        scorer=_scorers(sums),
        n=sums["n"],
        n_followed=sums["n_followed"],
        total=total,
        squares=squares,
    )


def _scorers(sums: _Columns) -> NDArray[Any]:
    """[G] whose each bin is."""
    found: NDArray[Any] = sums["scorer"][np.unique(sums["bin"], return_index=True)[1]]
    return found


_METRICS = (
    _Estimated("ctr@10", CLICK, "shown", _ctr),
    _Estimated("hit_rate@10", PURCHASE, "answers", _hit_rate),
    _Estimated("ndcg@10", PURCHASE, "answers", _ndcg),
)
