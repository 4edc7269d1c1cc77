"""Rankings against what turned out to be true: runs, segments, metrics and their intervals.

The same statements measure an offline evaluation and a served log; only where the run and the
judgments come from differs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from warehouse.connection import Connection
from warehouse.intervals import Values, bootstrap_intervals
from warehouse.statements import run

RUN_SCHEMA = pa.schema(
    {"query_id": pa.string(), "product_id": pa.string(), "score": pa.float64()}
)
RANKING_METRICS = ("ndcg@10", "recall@10", "recall@20", "mrr", "hit_rate@10")
COVERAGE = "catalogue_coverage@10"
HALF_LIVES_DAYS = (20, 30, 45, 60, 90, 120, 150, 180)


@dataclass(frozen=True)
class Measured:
    """A metric of a ranker on a segment: mean over ``n`` queries, with a 95% bootstrap interval."""

    ranker: str
    segment: str
    metric: str
    value: float
    standard_error: float
    n: int
    low: float
    high: float


def judge(connection: Connection, scenario: str, cut: datetime, days: int) -> None:
    """Declares what is true of the ``days`` after ``cut`` and which segments there are."""
    run(connection, f"marts/judgments_{scenario}", cut=cut, days=days)
    run(connection, f"marts/segments_{scenario}", cut=cut)
    run(connection, "metrics/empty_run")


def judged_queries(connection: Connection) -> pa.Table:
    """The queries that ``judge`` found, one column ``query_id``, in their order."""
    return run(connection, "metrics/queries").to_arrow_table()


def add_run(connection: Connection, ranker: str, ranking: pa.Table) -> None:
    """Adds a ranking (columns of ``RUN_SCHEMA``) under the name of its ranker."""
    connection.register("ranking", ranking)
    run(connection, "metrics/add_run", ranker=ranker)
    connection.unregister("ranking")


def add_baselines(
    connection: Connection, cut: datetime, half_lives_days: Sequence[int]
) -> list[str]:
    """Adds the run of each baseline and returns their names."""
    run(connection, "baselines/purchases_before", cut=cut)
    run(connection, "baselines/popular_candidates")
    run(connection, "baselines/personal_candidates")
    run(connection, "baselines/popularity")
    run(connection, "baselines/personal_frequency")
    names = [f"decayed_frequency_{days}d" for days in half_lives_days]
    for days, name in zip(half_lives_days, names, strict=True):
        run(
            connection, "baselines/decayed_frequency", cut=cut, half_life_days=days, ranker=name
        )
    return ["popularity", "personal_frequency", *names]


def measure(connection: Connection) -> list[Measured]:
    """Every metric of every ranker in the run, by segment."""
    for step in ("memberships", "judged_run", "judged_queries", "per_query"):
        run(connection, f"metrics/{step}")
    intervals = _intervals(connection)
    measured = [
        Measured(ranker, segment, metric, value, error, n, *intervals[segment, metric, ranker])
        for ranker, segment, metric, value, error, n in run(
            connection, "metrics/summary"
        ).fetchall()
    ]
    return measured + [
        Measured(ranker, "all", COVERAGE, value, 0.0, n, value, value)
        for ranker, value, n in run(connection, "metrics/catalogue_coverage").fetchall()
    ]


def per_query(connection: Connection) -> dict[tuple[str, str, str], Values]:
    """The values behind each mean, by (segment, metric, ranker), queries in one and the same order."""
    table = run(connection, "metrics/ordered_per_query").to_arrow_table()
    values = table["value"].to_numpy()
    keys = table.select(["segment", "metric", "ranker"])
    starts = _starts(keys)
    names = keys.take(pa.array(starts)).to_pylist()
    return {
        (name["segment"], name["metric"], name["ranker"]): part
        for name, part in zip(names, np.split(values, starts[1:]), strict=True)
    }


def _starts(keys: pa.Table) -> NDArray[np.int64]:
    """Where each run of equal rows begins."""
    codes = [keys[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in keys.column_names]
    changed = np.any([np.diff(code) != 0 for code in codes], axis=0)
    return np.concatenate([[0], np.flatnonzero(changed) + 1])


def _intervals(connection: Connection) -> dict[tuple[str, str, str], tuple[float, float]]:
    by_size: dict[int, list[tuple[str, str, str]]] = {}
    values = per_query(connection)
    for key, vector in values.items():
        by_size.setdefault(len(vector), []).append(key)
    return {
        key: (float(low), float(high))
        for keys in by_size.values()
        for key, (low, high) in zip(
            keys, bootstrap_intervals(np.stack([values[key] for key in keys])), strict=True
        )
    }
