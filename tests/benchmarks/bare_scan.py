"""The floor of comparing two files: DuckDB reads every column of both and adds it up."""

from pathlib import Path

import duckdb

from tests.benchmarks.peers.drifting import COLUMNS, MODEL, NOW, THEN, run

_SUMS = ", ".join(f"sum({column})" for column in COLUMNS)  # a maximum is known without a scan


def scan(data: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Finds nothing."""
    for name in (NOW, THEN):
        path = str(data / name)
        duckdb.execute(f"select {_SUMS}, max({MODEL}) from read_parquet($1)", [path]).fetchall()
    return {}


if __name__ == "__main__":
    run(__doc__, lambda data: data, scan)
