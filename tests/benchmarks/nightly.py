"""The night: logged requests to Parquet by day and scenario, a day of them staged, whole nights.

Beside it the floor: plain DuckDB reading the same JSON lines to one zstd Parquet file, without
places, quarantine or days. Each run is a process of its own, so that its peak of memory is its own.
Whole nights (`whole_nights`) have half the requests, and ten in a row a twentieth.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from flows.settings import Settings
from tests.benchmarks import whole_nights
from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.benchmarks.logged_requests import N_CANDIDATES, log_requests

BENCH = "nightly"
SYSTEMS = ("shopkeeper", FLOOR)
UNITS = {"pull": "s", "stage": "s", "peak_memory": "MB"}


def main() -> None:
    """Writes the logs where they are not there yet, and measures both, interleaved."""
    arguments = _arguments()
    data = Settings().home.resolve() / "bench" / "data"
    logs = _logs(data, arguments.requests)
    size = sum(path.stat().st_size for path in logs.glob("*.jsonl"))
    runs: dict[str, list[dict[str, float]]] = {system: [] for system in SYSTEMS}
    for n in range(arguments.runs):
        for system in SYSTEMS:
            say(f"run {n + 1} of {arguments.runs}: {system}")
            with TemporaryDirectory(dir=logs.parent) as home:
                runs[system].append(_run(system, logs, Path(home), arguments.requests))
    settings = {
        "requests": arguments.requests,
        "candidates": N_CANDIDATES,
        "gigabytes": round(size / 1e9, 2),
    }
    for system, taken in runs.items():
        for metric in taken[0]:
            value = median(run[metric] for run in taken)
            show(Figure(BENCH, system, metric, value, UNITS[metric], len(taken), settings))
    for figure in whole_nights.figures(data, arguments.requests // 2, 10, arguments.runs):
        show(figure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def _logs(data: Path, n: int) -> Path:
    folder = data / f"logged-{n}"
    if not folder.exists():
        say(f"writes {n:,} requests to {folder}")
        unfinished = data / f"logged-{n}.unfinished"
        log_requests(unfinished, n)
        unfinished.rename(folder)
    return folder


def _run(system: str, logs: Path, home: Path, n: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.nightly_runs", system, logs, home, n]
    done = subprocess.run([*map(str, command)], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
