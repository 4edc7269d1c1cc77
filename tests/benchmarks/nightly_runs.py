"""One run of the nightly benchmark; prints what it took as a JSON object."""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from tests.benchmarks.figures import FLOOR
from tests.benchmarks.logged_requests import DAY
from warehouse.connection import open_warehouse
from warehouse.pull import pull
from warehouse.served import stage_day

_OWN = {"source", "batch", "row_number"}  # where a line came from


def shopkeeper(logs: Path, home: Path, n: int) -> dict[str, float]:
    """Pulls, then stages the day."""
    with open_warehouse(home / "warehouse.duckdb") as connection:
        took = _timed(lambda: pull(connection, "served", logs, "recommend"))
        peak = _peak_mb()
        (rows,) = connection.execute("select sum(n_rows) from raw_files").fetchone() or (0,)
        staging = _timed(lambda: stage_day(connection, "recommend", DAY))
    if rows != n:
        raise SystemExit(f"{rows} of {n} requests were pulled")
    return {"pull": took, "stage": staging, "peak_memory": peak}


def floor(logs: Path, home: Path, n: int) -> dict[str, float]:
    """Reads the lines to Parquet."""
    with open_warehouse(home / "warehouse.duckdb") as warehouse:
        declared = warehouse.execute("select column_name, column_type from (describe raw_served)")
        columns = {name: kind for name, kind in declared.fetchall() if name not in _OWN}
    with duckdb.connect(str(home / "floor.duckdb")) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set memory_limit = '900MB'")
        took = _timed(lambda: connection.execute(_copy(logs, home, columns)))
    return {"pull": took, "peak_memory": _peak_mb()}


def _copy(logs: Path, home: Path, columns: Mapping[str, str]) -> str:
    typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return (
        f"copy (from read_ndjson('{logs}/*.jsonl', columns = {{{typed}}})) "
        f"to '{home}/floor.parquet' (format parquet, compression zstd)"
    )


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    system, logs, home, n = sys.argv[1:]
    run = floor if system == FLOOR else shopkeeper
    sys.stdout.write(json.dumps(run(Path(logs), Path(home), int(n))))
