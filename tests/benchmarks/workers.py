"""How to spread a service over a CPU: workers, readers in each, and torch's threads in a reader.

The search service reranks Chorus's titles and embeds its queries, with no deadline, as one worker
with a reader a core, as a worker a core with a reader each, and as one worker with one reader that
torch gives every core. All are up at once and asked in turns; figures are medians of the rounds.
`interpreter` is the share of a batch's time that passes between products, in Python: readers of
one process take turns at it.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import bentoml
import torch

from bentos.encoders.backends import computed
from bentos.encoders.choice import EXACT
from bentos.encoders.packed import Packed, PackedBert
from bentos.encoders.weights import CONFIG, WEIGHTS, BertWeights, minilm_folder
from bentos.search.service import Search
from bentos.serving.http import SERVED
from flows.settings import Settings
from tests.benchmarks.chorus import JudgedTitles, add_data, chorus_requests
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.load import Answered, closed_loop, per_second
from tests.benchmarks.reading_home import reading_home
from tests.benchmarks.serving import SEARCH, SHOPKEEPER, System, served

BENCH = "workers"
_CORES = os.cpu_count() or 1
_ROUNDS = 5
_SECONDS = 4.0  # that each way is asked, a round and kind of request
_UNITS = {"pss_mb": "MB", "interpreter": "share"}
_ONE_READER = f"tests.benchmarks.{BENCH}:OneReader"
_WAYS: Mapping[str, tuple[str, dict[str, str]]] = {
    f"1 worker x {_CORES} readers": (SEARCH, {"SHOPKEEPER_WORKERS": "1"}),
    f"{_CORES} workers x 1 reader": (SEARCH, {"SHOPKEEPER_WORKERS": f"{_CORES}"}),
    f"1 reader x {_CORES} threads": (_ONE_READER, {"SHOPKEEPER_READERS": "1"}),
}


@bentoml.service(name="one_reader", **SERVED)
class OneReader(Search.inner):  # type: ignore[misc, name-defined]  # bentoml's decorator has no types
    """The service, whose reader computes each product on all cores."""

    def __init__(self) -> None:
        super().__init__()
        torch.set_num_threads(_CORES)


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    add_data(parser)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--seconds", type=float, default=_SECONDS)
    arguments = parser.parse_args()
    home = Settings().home.resolve() / "bench" / "serving"
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    chorus = arguments.data.resolve() / "chorus"
    requests = chorus_requests(chorus)
    reading_home(home, chorus, requests)
    for figure in _figures(home, requests, arguments.rounds, arguments.seconds):
        show(figure)


def _figures(
    home: Path, requests: Sequence[JudgedTitles], rounds: int, seconds: float
) -> Iterator[Figure]:
    measured: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as services:
        systems = {
            way: services.enter_context(served(home, service, settings))
            for way, (service, settings) in _WAYS.items()
        }
        for system in systems.values():
            _round(system, requests, seconds)  # warms it
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for way, system in systems.items():
                for metric, value in _round(system, requests, seconds).items():
                    measured.setdefault((way, metric), []).append(value)
        for way, system in systems.items():
            measured[way, "pss_mb"] = [system.running.pss_mb()]
    measured["1 reader", "interpreter"] = [_interpreter() for _ in range(rounds)]
    for (way, metric), values in measured.items():
        unit = _UNITS.get(metric, "requests/s")
        yield Figure(BENCH, SHOPKEEPER, metric, median(values), unit, len(values), {"way": way})


def _round(system: System, requests: Sequence[JudgedTitles], seconds: float) -> dict[str, float]:
    return {
        "rerank50_rps_c8": per_second(_good(closed_loop(system.reranking(requests), 8, seconds))),
        "embed1_rps_c32": per_second(_good(closed_loop(system.embedding(requests), 32, seconds))),
    }


def _good(answers: list[Answered]) -> list[Answered]:
    for answer in answers:
        assert answer.status == 200, f"an answer had the status {answer.status}: {answer.body!r}"
    return answers


def _interpreter() -> float:
    """What a batch of nearly nothing takes, of what one of twenty pairs does."""
    torch.set_num_threads(1)
    folder = minilm_folder()
    bert = computed(BertWeights.load(folder / WEIGHTS, folder / CONFIG), EXACT)
    return _seconds(bert, [1] * 20) / _seconds(bert, list(range(30, 50)))


def _seconds(bert: PackedBert, lengths: Sequence[int]) -> float:
    """Of this thread's own time: others may be at work here, too."""
    packed = Packed.of([([1] * length, length) for length in lengths])
    took = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        bert.states(packed)
        took.append(time.thread_time() - began)
    return min(took)


if __name__ == "__main__":
    main()
