"""A burst: from a fifth of what the service can do to four times as much, and back.

Requests are the queries of Chorus with 50 real titles each; they arrive by chance (Poisson),
whatever became of those before, each with a deadline of 250 ms. Capacity is what eight clients
without a deadline get. Of each phase: how many answers were in time, how many were fully read (as
a share of capacity, or of what was asked where that is less), and how good the rankings still were.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import orjson
from numpy.typing import NDArray

from flows.settings import Settings
from tests.benchmarks.chorus import JudgedTitles, add_data, chorus_requests
from tests.benchmarks.dialects import OURS
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.load import Answered, Phase, closed_loop, open_loop, per_second
from tests.benchmarks.reading_home import reading_home
from tests.benchmarks.serving import SHOPKEEPER, System, served

BENCH = "burst"
DEADLINE_MS = 250
LATE_MS = 20  # that an answer may be late by
LOADS = (0.2, 0.5, 0.8, 1.0, 1.5, 2.0, 4.0, 2.0, 1.0, 0.5, 0.2)  # of capacity
_PHASE_SECONDS = 8.0
_CUT = 10


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    add_data(parser)
    parser.add_argument("--seconds", type=float, default=_PHASE_SECONDS, help="of a phase")
    arguments = parser.parse_args()
    home = Settings().home.resolve() / "bench" / "serving"
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    chorus = arguments.data.resolve() / "chorus"
    requests = chorus_requests(chorus)
    reading_home(home, chorus, requests)
    with served(home) as system:
        for figure in _figures(system, requests, arguments.seconds):
            show(figure)


def _figures(system: System, requests: Sequence[JudgedTitles], seconds: float) -> Iterator[Figure]:
    target = system.reranking(requests)
    closed_loop(target, 8, seconds)  # warms it
    capacity = per_second(closed_loop(target, 8, 2 * seconds))
    yield Figure(BENCH, SHOPKEEPER, "capacity", capacity, "requests/s", 1)
    hurried = replace(target, headers={"X-Deadline-Ms": str(DEADLINE_MS)})
    say(f"capacity {capacity:.1f} requests a second; {len(LOADS)} phases of {seconds:.0f} s")
    schedule = [Phase(load * capacity, seconds) for load in LOADS]
    answers = open_loop(hurried, schedule, seed=1)
    statuses = {answer.status for answer in answers}
    yield Figure(
        BENCH, SHOPKEEPER, "other_than_200", len(statuses - {200}), "statuses", len(answers)
    )
    best = np.mean([_ndcg(asked, np.arange(50)[::-1]) for asked in requests])
    yield Figure(BENCH, SHOPKEEPER, "ndcg@10 of the order they come in", float(best), "", 90)
    for place, load in enumerate(LOADS):
        own = [a for a in answers if int(a.start // seconds) == place]
        yield from _phase(own, requests, load, capacity, seconds, {"phase": place, "load": load})


def _phase(
    answers: Sequence[Answered],
    requests: Sequence[JudgedTitles],
    load: float,
    capacity: float,
    seconds: float,
    settings: dict[str, float],
) -> Iterator[Figure]:
    in_time = [answer.latency * 1000 <= DEADLINE_MS + LATE_MS for answer in answers]
    whole = [not orjson.loads(answer.body or b"{}").get("degraded", True) for answer in answers]
    ndcg = [
        _ndcg(requests[answer.asked], OURS.scores(answer.body))
        for answer in answers
        if answer.body and answer.status == 200
    ]
    wanted = min(len(answers) / seconds, capacity)
    n = len(answers)
    for metric, value, unit in (
        ("in_time", float(np.mean(in_time)), "share"),
        ("p99_ms", float(np.percentile([a.latency * 1000 for a in answers], 99)), "ms"),
        ("whole_of_capacity", sum(whole) / seconds / wanted, "share"),
        ("degraded", 1 - float(np.mean(whole)), "share"),
        ("ndcg@10", float(np.mean(ndcg)), ""),
    ):
        yield Figure(BENCH, SHOPKEEPER, metric, value, unit, n, settings)


def _ndcg(asked: JudgedTitles, scores: NDArray[np.floating]) -> float:
    """Linear in gain; 1 where no title has any."""
    discounts = 1 / np.log2(np.arange(2, _CUT + 2))
    best = np.sort(asked.gains)[::-1][:_CUT] @ discounts
    found = asked.gains[np.argsort(-scores, kind="stable")][:_CUT] @ discounts
    return float(found / best) if best > 0 else 1.0


if __name__ == "__main__":
    main()
