"""Where a request's time goes: each stage's milliseconds, and what its matrix products must take.

The search service, which a client asks one request at a time without a deadline and with nothing
kept: to rerank 50 titles of Chorus, for the vector of one query, and to search. One service is as
it serves, another is watched (`profiled_service`); they are asked in turns, and the times of the
first say what watching costs. Where several threads are at work for a request they share its time:
its stages add up to what it took. The floor is the request's products alone, with nothing between
them, in the fastest way that there is here: what this machine's arithmetic leaves of a request.
"""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import httpx
import orjson

from flows.settings import Settings
from tests.benchmarks.chorus import JudgedTitles, add_data, chorus_requests
from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.benchmarks.load import Answered, Target, closed_loop
from tests.benchmarks.products_alone import peak_gflops, seconds_alone
from tests.benchmarks.reading_home import reading_home
from tests.benchmarks.serving import SHOPKEEPER, System, served
from tests.benchmarks.stages import CLIENT, PRODUCTS, Served, Span, by_stage, requests_in

BENCH = "profile"
_ROUNDS = 5
_SECONDS = 4.0  # that each service is asked, a round and kind of request
_PROFILED = "tests.benchmarks.profiled_service:Profiled"
_FLOOR_STAGE = "floor: products alone"
_ALONE = {"SHOPKEEPER_WORKERS": "1", "SHOPKEEPER_DEVICE": "cpu"}  # one that answers for all it did


@dataclass
class Kind:
    """What was measured of one kind of request."""

    usual: list[float] = field(default_factory=list)  # milliseconds, of the service as it serves
    watched: list[float] = field(default_factory=list)
    stages: list[Mapping[str, float]] = field(default_factory=list)  # milliseconds, of a request
    gflops: list[float] = field(default_factory=list)  # a second, of each request's products
    floor_ms: list[float] = field(default_factory=list)
    floor_gflops: list[float] = field(default_factory=list)  # a second
    peak_gflops: list[float] = field(default_factory=list)  # a second, of one large product
    dtype: str = ""

    def add(self, watched: Sequence[Answered], requests: Sequence[Served]) -> None:
        """Takes the requests of a round, with what their client saw."""
        for answer, request in zip(watched, requests, strict=True):
            ms = answer.latency * 1000
            stages = {**by_stage(request), CLIENT: ms - request.ms}
            self.watched.append(ms)
            self.stages.append(stages)
            self.gflops.append(request.flops / sum(stages[name] for name in PRODUCTS) / 1e6)
        middle = sorted(requests, key=lambda request: request.flops)[len(requests) // 2]
        seconds = seconds_alone(middle.chains)
        self.floor_ms.append(seconds * 1000)
        self.floor_gflops.append(middle.flops / seconds / 1e9)
        self.dtype = middle.chains[0][0].dtype
        self.peak_gflops.append(peak_gflops(self.dtype))


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
    for figure in _figures(_measured(home, requests, arguments.rounds, arguments.seconds)):
        show(figure)


def _measured(
    home: Path, requests: Sequence[JudgedTitles], rounds: int, seconds: float
) -> Mapping[str, Kind]:
    with (
        served(home, variables=_ALONE) as usual,
        served(home, _PROFILED, _ALONE) as watched,
    ):
        kinds = {name: Kind() for name in _targets(usual, requests)}
        for number in range(rounds + 1):
            say(f"round {number} of {rounds}" if number else "warms them")
            for name, kind in kinds.items():
                for_usual, for_watched = (_targets(s, requests)[name] for s in (usual, watched))
                plain = _asked(for_usual, seconds)
                answers, spans = _asked(for_watched, seconds), _spans(watched)
                if number:
                    kind.usual += [answer.latency * 1000 for answer in plain]
                    kind.add(answers, requests_in(spans))
    return kinds


def _targets(system: System, requests: Sequence[JudgedTitles]) -> Mapping[str, Target]:
    """Every kind of request."""
    embedding = system.embedding(requests)
    searches = [orjson.dumps({"query": asked.query}) for asked in requests]
    return {
        "rerank50": system.reranking(requests),
        "embed1": embedding,
        "search": replace(embedding, path="/search", bodies=searches),
    }


def _asked(target: Target, seconds: float) -> list[Answered]:
    answers = closed_loop(target, 1, seconds)
    for answer in answers:
        assert answer.status == 200, f"an answer had the status {answer.status}: {answer.body!r}"
    return answers


def _spans(watched: System) -> list[Span]:
    said = httpx.post(f"{watched.running.url}/spans", timeout=60).raise_for_status()
    return [Span(*row) for row in orjson.loads(said.content)]


def _figures(kinds: Mapping[str, Kind]) -> Iterator[Figure]:
    for name, kind in kinds.items():
        n, rounds = len(kind.stages), len(kind.floor_ms)
        precision = {"request": name, "precision": kind.dtype}
        for stage in dict.fromkeys(stage for stages in kind.stages for stage in stages):
            ms = median(stages.get(stage, 0.0) for stages in kind.stages)
            metric = f"{name}_{stage.replace(' ', '_')}"
            yield Figure(BENCH, SHOPKEEPER, metric, ms, "ms", n, {**precision, "stage": stage})
        reached, possible = median(kind.gflops), median(kind.floor_gflops)
        for system, metric, value, unit, measured in (
            (SHOPKEEPER, "total", median(kind.usual), "ms", len(kind.usual)),
            (SHOPKEEPER, "watched", median(kind.watched), "ms", n),
            (SHOPKEEPER, "gflops", reached, "GFLOP/s", n),
            (SHOPKEEPER, "share_of_floor_gflops", reached / possible, "share", n),
            (FLOOR, "gflops", possible, "GFLOP/s", rounds),
            (FLOOR, "peak_gflops", median(kind.peak_gflops), "GFLOP/s", rounds),
        ):
            yield Figure(BENCH, system, f"{name}_{metric}", value, unit, measured, precision)
        alone = {**precision, "stage": _FLOOR_STAGE}
        ms = median(kind.floor_ms)
        yield Figure(BENCH, FLOOR, f"{name}_products", ms, "ms", rounds, alone)


if __name__ == "__main__":
    main()
