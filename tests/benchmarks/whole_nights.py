"""Whole nights of the product: `shopkeeper nightly` over the logs of a simulated world.

A night is timed from its command to its end, the start of Python and of a Prefect server for it
included; so many answers and candidates are its day's. The home knows Complete Journey, has an
online state and an index, as after any night before. Its logs are read at two o'clock, when the
schedule does: what happened at midnight's last second is written by then.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile

from tests.benchmarks.figures import Figure, say
from tests.simulation.shop import complete_journey
from tests.simulation.simulated import Simulated
from tests.simulation.world import World
from tests.simulation.writing import WorldWriter

_FIRST = date(2018, 1, 8)  # after the last purchase of Complete Journey
_FIRST_DAY = 1.0645  # its requests, robots' among them, to those of people on the mean day
_READ_AFTER = timedelta(hours=2)
_PORTS = {"SHOPKEEPER_PREFECT_PORT": "4272", "SHOPKEEPER_SERVICE_PORT": "3272"}


@dataclass(frozen=True)
class Night:
    """What a night took."""

    seconds: float
    peak_mb: float
    requests: int = 0  # that were logged on its day


def figures(data: Path, requests: int, in_a_row: int, runs: int) -> Iterator[Figure]:
    """A night of so many ``requests``, and about a tenth of them on each of the nights in a row."""
    home = _home(data)
    alone = [_nights(home, requests, 1)[0] for _ in _counted("a night", runs)]
    settings = {"requests": alone[0].requests, "candidates": World().pool}
    yield _figure("night", [night.seconds for night in alone], "s", settings)
    yield _figure("night_peak_memory", [night.peak_mb for night in alone], "MB", settings)
    rows = [_nights(home, requests // 10, in_a_row) for _ in _counted("nights in a row", runs)]
    for nth, nights in enumerate(zip(*rows, strict=True), start=1):
        took = [night.seconds for night in nights]
        settings |= {"night": nth, "requests": nights[0].requests}
        yield _figure("night_in_a_row", took, "s", settings)


def _figure(metric: str, values: Sequence[float], unit: str, settings: dict[str, int]) -> Figure:
    return Figure("nightly", "shopkeeper", metric, median(values), unit, len(values), settings)


def _counted(what: str, runs: int) -> Iterator[int]:
    for n in range(runs):
        say(f"{what}: run {n + 1} of {runs}")
        yield n


def _home(data: Path) -> Path:
    """A home that has ingested Complete Journey and been through a night without traffic."""
    home = data / "nights-home"
    if not home.exists():
        say("ingests Complete Journey")
        unfinished = data / "nights-home.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _shopkeeper(unfinished, unfinished, "ingest")
        _shopkeeper(unfinished, unfinished, "nightly", "--day", f"{_FIRST - timedelta(days=1)}")
        unfinished.rename(home)
    return home


def _nights(home: Path, requests: int, n: int) -> list[Night]:
    """So many nights, each after its day was logged."""
    a_day = round(requests / _FIRST_DAY)
    world = World(start=_FIRST, days=n, requests_a_day=a_day, shoppers=a_day // 10)
    nights = []
    with TemporaryDirectory(dir=home.parent) as folder:
        copy, logs, truth = (Path(folder, name) for name in ("home", "logs", "truth"))
        shutil.copytree(home, copy)
        writer = WorldWriter(
            Simulated(world, complete_journey()), logs, truth, read_after=_READ_AFTER
        )
        for day in world.all_days:
            logged = writer.write_day(day)
            night = _shopkeeper(copy, logs, "nightly", "--day", f"{day}")
            nights.append(replace(night, requests=logged))
    return nights


def _shopkeeper(home: Path, logs: Path, *command: str) -> Night:
    settings = _PORTS | {"SHOPKEEPER_HOME": str(home), "SHOPKEEPER_LOGS_FROM": str(logs)}
    with TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *command],
            env=os.environ | settings,
            stdout=said,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        if status:
            said.seek(0)
            raise SystemExit(f"shopkeeper {' '.join(command)} failed: {said.read().decode()}")
    return Night(took, usage.ru_maxrss * 1024 / 1e6)
