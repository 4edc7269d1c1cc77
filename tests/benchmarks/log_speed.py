"""What logging costs: microseconds of processor and of waiting a line, and lines a second.

One process with one event loop, as a service has; so many coroutines log an answer after another.
Beside it the floor: the same bytes, encoded before, written by one thread that waits for nobody.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Literal

import orjson

from bentos.serving.jsonl import JsonLinesWriter
from bentos.serving.record import PredictionRecord
from bentos.serving.segments import Keeping, Segments
from tests.benchmarks.figures import FLOOR, Figure, show
from tests.benchmarks.logged_answers import answer

BENCH = "log_speed"
RUNS = 5
SYNCS: tuple[Literal["os", "disk"], ...] = ("os", "disk")
CANDIDATES = 50, 100
AT_ONCE = 1, 8, 64


def main() -> None:
    """Measures every setting, the runs of all of them interleaved."""
    arguments = _arguments()
    runs: dict[tuple[str, Any, int, int], list[tuple[float, float]]] = {}
    for _ in range(RUNS):
        for sync, size, at_once in product(SYNCS, CANDIDATES, AT_ONCE):
            n = arguments.lines if sync == "os" else min(arguments.lines, 100 * at_once)
            for system, write in (("shopkeeper", _logged), (FLOOR, _written)):
                with TemporaryDirectory(dir=arguments.folder) as folder:
                    took = write(Path(folder), Keeping(sync), answer(size), n, at_once)
                key = (system, sync, size, at_once)
                runs.setdefault(key, []).append((took[0] / n, took[1] / n))
    for (system, sync, size, at_once), taken in runs.items():
        settings = {"sync": sync, "candidates": size, "at_once": at_once}
        wall, processor = (median(column) for column in zip(*taken, strict=True))
        for metric, value, unit in (
            ("lines/s", 1 / wall, "lines/s"),
            ("wall", wall * 1e6, "us"),
            ("processor", processor * 1e6, "us"),
        ):
            show(Figure(BENCH, system, metric, value, unit, RUNS, settings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--folder", type=Path, help="on the disk that the log is to lie on")
    return parser.parse_args()


def _logged(
    folder: Path, keeping: Keeping, record: PredictionRecord, n: int, at_once: int
) -> tuple[float, float]:
    writer = JsonLinesWriter(folder, keeping)

    async def client() -> None:
        for _ in range(n // at_once):
            await writer.append_soon([record])

    async def serve() -> None:
        await asyncio.gather(*(client() for _ in range(at_once)))

    took = _timed(lambda: asyncio.run(serve()))
    writer.close()
    return took


def _written(
    folder: Path, keeping: Keeping, record: PredictionRecord, n: int, at_once: int
) -> tuple[float, float]:
    segments = Segments(folder, keeping)
    data = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) * at_once

    def write() -> None:
        for _ in range(n // at_once):
            segments.write(data)

    took = _timed(write)
    segments.close()
    return took


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds that went by, and that the processor worked."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


if __name__ == "__main__":
    main()
