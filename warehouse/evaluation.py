"""Rankings against what turned out to be true: runs, segments, metrics and their intervals.

The same statements measure an offline evaluation and a served log; only where the run and the
judgments come from differs. An offline evaluation takes what it needs out of the warehouse and
works in memory, so that nobody waits for the warehouse while a model trains or ranks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from warehouse.connection import Connection, open_memory
from warehouse.errors import ScoresNotFinite
from warehouse.intervals import Values, bootstrap_intervals, standard_error
from warehouse.statements import run

COVERAGE = "catalogue_coverage@10"
TUNING_METRIC = "ndcg@10"
HALF_LIVES_DAYS = (20, 30, 45, 60, 90, 120, 150, 180)

_STEPS = (
    "cut_segments",
    "memberships",
    "pools",
    "found",
    "scores_above",
    "counted_ranks",
    "per_query",
)

_NAMING = {"ranker", "segment", "query_id"}  # columns of per_query; the others are metrics

Key = tuple[str, str, str]  # segment, metric, ranker


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


class Evaluation:
    """What is true of the days after a cut, and the rankers that are held against it."""

    def __init__(
        self,
        warehouse: Connection,
        scenario: str,
        cut: date,
        days: int,
        mart: Literal["judgments", "all_judgments"] = "judgments",
    ) -> None:
        """Takes judgments, segments and the purchases before ``cut`` out of the warehouse.

        In ``all_judgments`` are those, too, that a scenario's models learn from.
        """
        self.cut = cut
        self._spill = TemporaryDirectory(prefix="evaluation-")
        self._memory = open_memory(Path(self._spill.name))
        run(warehouse, f"marts/{mart}_{scenario}", cut=cut, days=days)
        run(warehouse, f"marts/segments_{scenario}", cut=cut)
        run(warehouse, "baselines/purchases_before", cut=cut)
        run(warehouse, "served/catalogue")
        for name in ("judgments", "segments", "purchases_before", "catalogue"):
            self._keep(name, warehouse.table(name).to_arrow_table())
        self.forget_runs()

    def forget_runs(self) -> None:
        """Begins anew: nobody has ranked anything."""
        run(self._memory, "metrics/empty_run")

    def close(self) -> None:
        """Frees the memory, and the disk that it spilled to."""
        self._memory.close()
        self._spill.cleanup()

    @property
    def queries(self) -> list[str]:
        """The queries with a judgment, in order."""
        return [query for (query,) in run(self._memory, "metrics/queries").fetchall()]

    @property
    def judgments(self) -> pa.Table:
        """What is true (query_id, product_id, gain), in order of query and product."""
        return self._memory.table("judgments").to_arrow_table()

    @property
    def product_segments(self) -> dict[str, pa.Array]:
        """The products of each segment of products."""
        table = run(self._memory, "metrics/product_segments").to_arrow_table()
        return {row["segment"]: pa.array(row["products"], pa.string()) for row in table.to_pylist()}

    def add_run(self, ranker: str, ranking: pa.Table) -> None:
        """Adds a ranking (query_id, product_id, score) under its ranker's name, replacing it.

        Raises:
            ScoresNotFinite: a score is NaN, infinite, or missing.
        """
        _require_finite(ranker, ranking)
        self._memory.register("ranking", ranking)
        run(self._memory, "metrics/forget_run", ranker=ranker)
        run(self._memory, "metrics/add_run", ranker=ranker)
        self._memory.unregister("ranking")

    def add_baselines(self, half_lives_days: Sequence[int], places: int = 200) -> list[str]:
        """Adds the run of each baseline and returns their names.

        Each ranks what the user bought and the ``places`` most popular products of each segment.
        """
        run(self._memory, "baselines/popular_candidates", places=places)
        run(self._memory, "baselines/personal_candidates")
        run(self._memory, "baselines/popularity")
        run(self._memory, "baselines/personal_frequency")
        for days in half_lives_days:
            run(
                self._memory,
                "baselines/decayed_frequency",
                cut=self.cut,
                half_life_days=days,
                ranker=decayed(days),
            )
        return ["popularity", "personal_frequency", *map(decayed, half_lives_days)]

    def only_whole(self) -> None:
        """Drops the segments: enough to tune by, and much less to compute."""
        run(self._memory, "metrics/only_whole")

    def measure(self) -> list[Measured]:
        """Every metric of every ranker, by segment."""
        run(self._memory, "metrics/asked_of_all")
        return measure(self._memory)

    def measure_retrieval(self) -> list[Measured]:
        """How much of what is relevant each ranker finds in the whole catalogue."""
        run(self._memory, "metrics/asked_of_all")
        run(self._memory, "metrics/retrieval_per_query")
        return _summary(self._memory)

    def per_query(self) -> dict[Key, Values]:
        """The values behind each mean, queries in one and the same order."""
        return _per_query(self._memory)

    def _keep(self, name: str, table: pa.Table) -> None:
        self._memory.register("taken", table)
        self._memory.table("taken").create(name)
        self._memory.unregister("taken")


def _require_finite(ranker: str, ranking: pa.Table) -> None:
    wrong = ranking.filter(pc.invert(pc.is_finite(ranking["score"]).fill_null(False)))
    if wrong.num_rows:
        (first,) = wrong.slice(0, 1).to_pylist()
        raise ScoresNotFinite(ranker, wrong.num_rows, ranking.num_rows, first)


def decayed(half_life_days: int) -> str:
    """The name of the recency-decayed baseline."""
    return f"decayed_frequency_{half_life_days}d"


def best_half_life(warehouse: Connection, scenario: str, cut: date, days: int) -> int:
    """The half-life in days of the decayed baseline that is best on the ``days`` after ``cut``."""
    evaluation = Evaluation(warehouse, scenario, cut, days)
    evaluation.only_whole()
    evaluation.add_baselines(HALF_LIVES_DAYS, places=20)
    value = {m.ranker: m.value for m in evaluation.measure() if m.metric == TUNING_METRIC}
    evaluation.close()
    return max(HALF_LIVES_DAYS, key=lambda half_life: value[decayed(half_life)])


def measure(connection: Connection) -> list[Measured]:
    """Measures the tables ``run``, ``judgments``, ``segments`` and ``asked`` of a connection."""
    measure_queries(connection)
    return _summary(connection) + [
        Measured(ranker, "all", COVERAGE, value, 0.0, n, value, value)
        for ranker, value, n in run(connection, "metrics/catalogue_coverage").fetchall()
    ]


def measure_queries(connection: Connection) -> None:
    """Measures each query by itself: ``per_query``, from the same tables."""
    for step in _STEPS:
        run(connection, f"metrics/{step}")


def mean_of_seeds(
    per_query: Mapping[Key, Values], rankers: Mapping[str, Sequence[str]]
) -> dict[Key, Values]:
    """Of each of the ``rankers`` the mean of its runs, query by query.

    A query that five seeds ranked is one query still: an interval over queries comes after.
    """
    return {
        (segment, metric, ranker): np.mean(
            [per_query[segment, metric, name] for name in names], axis=0
        )
        for ranker, names in rankers.items()
        for segment, metric in dict.fromkeys((segment, metric) for segment, metric, _ in per_query)
    }


def summarised(per_query: Mapping[Key, Values]) -> list[Measured]:
    """The mean of each over its queries, as `measure` gives it."""
    intervals = _intervals(per_query)
    return [
        Measured(
            ranker,
            segment,
            metric,
            float(values.mean()),
            standard_error(values),
            len(values),
            *intervals[segment, metric, ranker],
        )
        for (segment, metric, ranker), values in per_query.items()
    ]


def _summary(connection: Connection) -> list[Measured]:
    intervals = _intervals(_per_query(connection))
    return [
        Measured(ranker, segment, metric, value, error, n, *intervals[segment, metric, ranker])
        for ranker, segment, metric, value, error, n in run(
            connection, "metrics/summary"
        ).fetchall()
    ]


def _per_query(connection: Connection) -> dict[Key, Values]:
    table = run(connection, "metrics/ordered_per_query").to_arrow_table()
    if table.num_rows == 0:
        return {}
    keys = table.select(["segment", "ranker"])
    starts = _starts(keys)
    names = keys.take(pa.array(starts)).to_pylist()
    return {
        (name["segment"], metric, name["ranker"]): values
        for metric in sorted(set(table.column_names) - _NAMING)
        for name, values in zip(names, np.split(table[metric].to_numpy(), starts[1:]), strict=True)
    }


def _starts(keys: pa.Table) -> NDArray[np.int64]:
    """Where each run of equal rows begins."""
    codes = [column.combine_chunks().dictionary_encode().indices.to_numpy() for column in keys]
    changed = np.any([np.diff(code) != 0 for code in codes], axis=0)
    return np.concatenate([[0], np.flatnonzero(changed) + 1])


def _intervals(values: Mapping[Key, Values]) -> dict[Key, tuple[float, float]]:
    by_size: dict[int, list[Key]] = {}
    for key, vector in values.items():
        by_size.setdefault(len(vector), []).append(key)
    return {
        key: (float(low), float(high))
        for keys in by_size.values()
        for key, (low, high) in zip(
            keys, bootstrap_intervals(np.stack([values[key] for key in keys])), strict=True
        )
    }
