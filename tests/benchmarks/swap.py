"""A model swapped under load: what shoppers notice, and what it takes in memory.

Four clients ask our service to rerank 50 titles, without a deadline. While they do, the rollout
record names another model of the same kind, which is loaded and warmed beside the one that serves;
later the first again, while memory is watched. Latencies are held against those of the same load
without a swap just before: an answer may take twice their 99th percentile.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from statistics import median

import httpx
import numpy as np
import orjson
from safetensors.torch import load_file, save_file

from bentos.serving.rollout import read_rollout, write_rollout
from bentos.serving.store import WEIGHTS, new_model_folder, save_model
from flows.settings import Settings
from tests.benchmarks.chorus import add_data, chorus_requests
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.load import Answered, Target, closed_loop
from tests.benchmarks.reading_home import SCENARIO, reading_home
from tests.benchmarks.serving import SHOPKEEPER, System, served

BENCH = "swap"
_CLIENTS = 4
_SECONDS = 20.0  # of load, with a swap and without
_SETTLED_SECONDS = 3.0
_LONGEST_SWAP = 120.0


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    add_data(parser)
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="of each load")
    arguments = parser.parse_args()
    home = Settings().home.resolve() / "bench" / "serving"
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    chorus = arguments.data.resolve() / "chorus"
    requests = chorus_requests(chorus)
    model = reading_home(home, chorus, requests)
    first, second = read_rollout(home / "rollouts", SCENARIO).champion, _another(model)
    try:
        with served(home) as system:
            target = system.reranking(requests)
            for figure in _figures(system, target, home, (first, second), arguments.seconds):
                show(figure)
    finally:
        _name(home, first)


def _figures(
    system: System, target: Target, home: Path, tags: Sequence[str], seconds: float
) -> Iterator[Figure]:
    first, second = tags
    say("warms it, and asks without a swap")
    closed_loop(target, _CLIENTS, seconds / 2)
    steady = _milliseconds(closed_loop(target, _CLIENTS, seconds))
    before = system.running.pss_mb()
    say("swaps under load")
    answers, took = _under_load(system, target, seconds, lambda: _name(home, second), second)
    swapped = _milliseconds(answers)
    models = [orjson.loads(answer.body or b"{}").get("model") for answer in answers]
    say("swaps back, watching memory")
    watched: list[float] = []
    _under_load(system, target, seconds, lambda: _name(home, first), first, watched)
    time.sleep(_SETTLED_SECONDS)
    limit = 2 * float(np.percentile(steady, 99))
    for metric, value, unit, n in (
        ("other_than_200", sum(a.status != 200 for a in answers), "answers", len(answers)),
        ("of_another_model", len(set(models) - set(tags)), "models", len(answers)),
        ("steady_p50_ms_c4", median(steady), "ms", len(steady)),
        ("steady_p99_ms_c4", limit / 2, "ms", len(steady)),
        ("swap_p50_ms_c4", median(swapped), "ms", len(swapped)),
        ("swap_slowest_ms_c4", max(swapped), "ms", len(swapped)),
        ("slower_than_twice_p99", sum(ms > limit for ms in swapped), "answers", len(swapped)),
        ("swap_seconds", took, "s", 1),
        ("before_mb", before, "MB", 1),
        ("most_mb", max(watched), "MB", len(watched)),
        ("after_mb", system.running.pss_mb(), "MB", 1),
    ):
        yield Figure(BENCH, SHOPKEEPER, metric, float(value), unit, n)


def _under_load(
    system: System,
    target: Target,
    seconds: float,
    swap: Callable[[], None],
    wanted: str,
    watched: list[float] | None = None,
) -> tuple[list[Answered], float]:
    """The answers of a load in which the models are swapped, and how long that took."""
    with ThreadPoolExecutor(1) as clients:
        load: Future[list[Answered]] = clients.submit(closed_loop, target, _CLIENTS, seconds)
        time.sleep(seconds / 4)
        began = time.monotonic()
        swap()
        while not _serves(system, wanted):
            if time.monotonic() - began > _LONGEST_SWAP:
                raise TimeoutError(f"{wanted} was not taken up; see the service's log")
            if watched is not None:
                watched.append(system.running.pss_mb())
            time.sleep(0.1)
        took = time.monotonic() - began
        return load.result(), took


def _serves(system: System, tag: str) -> bool:
    said = httpx.get(f"{system.running.url}/metrics").text.splitlines()
    return any(
        line.startswith("shopkeeper_serving{") and tag in line and line.endswith(" 1.0")
        for line in said
    )


def _another(model: Path) -> str:
    """The model with the smallest change, which makes it another one: its tag."""
    with new_model_folder() as folder:
        for path in model.rglob("*"):
            place = folder / path.relative_to(model)
            place.mkdir(exist_ok=True) if path.is_dir() else place.write_bytes(path.read_bytes())
        weights = load_file(folder / WEIGHTS)
        weights["head.bias"] = weights["head.bias"] + 1e-3
        save_file(weights, folder / WEIGHTS)
        return save_model(SCENARIO, date(2024, 1, 2), folder, {})


def _name(home: Path, champion: str) -> None:
    """Has the record name another champion."""
    record = read_rollout(home / "rollouts", SCENARIO)
    change = {"champion": champion, "version": record.version + 1}
    write_rollout(home / "rollouts", record.model_copy(update=change))


def _milliseconds(answers: Sequence[Answered]) -> list[float]:
    return [answer.latency * 1000 for answer in answers]


if __name__ == "__main__":
    main()
