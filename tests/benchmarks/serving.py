"""The serving core under load, beside what one would serve the same weights with otherwise.

Every system serves a fine-tuned reranker (pairs of at most 64 tokens) and MiniLM as a sentence
encoder, over HTTP, on this machine's cores, with no deadline. Requests are the queries of Chorus
with 50 real titles each. All services are up at once; they are asked in turns, and figures are
medians of the rounds. The score of each title is held against fp32.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from types import MappingProxyType
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from bentos.search.reranker import Reranker
from flows.settings import Settings
from tests.benchmarks import bare
from tests.benchmarks.chorus import JudgedTitles, add_data, chorus_requests
from tests.benchmarks.dialects import OURS, PEERS, Dialect, Post
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.http_peers import QUIET, http_peer_names, serving
from tests.benchmarks.load import Answered, Target, closed_loop, per_second
from tests.benchmarks.processes import NO_CACHES, Running, free_port, running
from tests.benchmarks.reading_folders import export
from tests.benchmarks.reading_home import reading_home

BENCH = "serving"
SHOPKEEPER = "shopkeeper"
SEARCH = "bentos.search.service:Search"
_ROUNDS = 5
_SECONDS = 4.0  # that a system is asked, a round and kind of request
_WARM_SECONDS = 8.0
_UNITS = {"rps": "requests/s", "ms": "ms", "mb": "MB"}

Requests = Sequence[JudgedTitles]
Exact = Callable[[int], NDArray[np.float32]]  # the scores of a request's titles in fp32


@dataclass(frozen=True)
class System:
    """A service under measurement."""

    name: str
    dialect: Dialect
    running: Running
    settings: Mapping[str, str]

    def reranking(self, requests: Requests) -> Target:
        """Asks for 50 scores at a time."""
        return self._target([self.dialect.rerank(a.query, a.titles) for a in requests])

    def embedding(self, requests: Requests) -> Target:
        """Asks for the vector of one query at a time."""
        return self._target([self.dialect.embed([a.query]) for a in requests])

    def _target(self, posts: Sequence[Post]) -> Target:
        port = urlsplit(self.running.url).port
        assert port is not None
        return Target(port, posts[0].path, [post.body for post in posts], keep_bodies=True)


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    add_data(parser)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--peer", action="append", choices=http_peer_names())
    parser.add_argument("--peers-home", type=Path, help="where their environments are installed")
    arguments = parser.parse_args()
    home = Settings().home.resolve() / "bench" / BENCH
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    chorus = arguments.data.resolve() / "chorus"
    requests = chorus_requests(chorus)
    model = reading_home(home, chorus, requests)
    peers = arguments.peer or http_peer_names()
    with ExitStack() as services:
        systems = [services.enter_context(served(home))]
        folders = export(model, home / "folders")
        for peer in peers:
            for precision in ("bf16", "fp32"):
                place = arguments.peers_home or home / "peers"
                service = services.enter_context(serving(peer, folders, precision, place))
                systems.append(System(peer, PEERS[peer], service, {"precision": precision}))
        for figure in _figures(systems, requests, Reranker.load(model), arguments.rounds):
            show(figure)
    for figure in bare.figures(arguments.rounds):
        show(figure)


@contextmanager
def served(
    home: Path, service: str = SEARCH, variables: Mapping[str, str] = MappingProxyType({})
) -> Iterator[System]:
    """Our service over what `reading_home` left in a home."""
    port = free_port()
    bentoml = str(Path(sys.executable).parent / "bentoml")
    command = [bentoml, "serve", service, "--host", "127.0.0.1"]
    environment = {
        **variables,
        "SHOPKEEPER_HOME": str(home),
        "SHOPKEEPER_DEADLINE_MS": "off",
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    said = home / "logs" / f"{SHOPKEEPER}-{port}.log"
    command += ["--port", str(port)]
    with running(command, QUIET | NO_CACHES | environment, port, OURS.ready, said) as process:
        yield System(SHOPKEEPER, OURS, process, {"precision": "chosen"})


def _figures(
    systems: Sequence[System], requests: Requests, reranker: Reranker, rounds: int
) -> Iterator[Figure]:
    for system in systems:
        say(f"warms {system.name} {system.settings['precision']}")
        closed_loop(system.reranking(requests), 8, _WARM_SECONDS)
        closed_loop(system.embedding(requests), 32, _WARM_SECONDS / 2)
    exact = cache(partial(_exact, requests, reranker))
    measured: dict[tuple[int, str], list[float]] = {}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for place, system in enumerate(systems):
            for metric, value in _round(system, requests, exact).items():
                measured.setdefault((place, metric), []).append(value)
    for place, system in enumerate(systems):
        measured[place, "rss_mb"] = [system.running.pss_mb()]
    for (place, metric), values in sorted(measured.items()):
        unit = _UNITS.get(metric.split("_c")[0].rsplit("_", 1)[-1], "")
        system = systems[place]
        yield Figure(BENCH, system.name, metric, median(values), unit, len(values), system.settings)


def _round(system: System, requests: Requests, exact: Exact) -> dict[str, float]:
    crowd = _asked(system.reranking(requests), 8)
    alone = _asked(system.reranking(requests), 1)
    texts = _asked(system.embedding(requests), 32)
    return {
        "rerank50_rps_c8": per_second(crowd),
        "rerank50_p50_ms_c8": _percentile(crowd, 50),
        "rerank50_p99_ms_c8": _percentile(crowd, 99),
        "rerank50_p50_ms_c1": _percentile(alone, 50),
        "embed1_rps_c32": per_second(texts),
        "embed1_p99_ms_c32": _percentile(texts, 99),
        "rerank50_agreement": _agreement(system, crowd, exact),
    }


def _asked(target: Target, clients: int) -> list[Answered]:
    answers = closed_loop(target, clients, _SECONDS)
    for answer in answers:
        assert answer.status == 200, f"an answer had the status {answer.status}: {answer.body!r}"
    return answers


def _percentile(answers: Sequence[Answered], share: float) -> float:
    return float(np.percentile([answer.latency * 1000 for answer in answers], share))


def _exact(requests: Requests, reranker: Reranker, asked: int) -> NDArray[np.float32]:
    request = requests[asked]
    return reranker.read(reranker.rows(request.query, request.titles))


def _agreement(system: System, answers: Sequence[Answered], exact: Exact) -> float:
    """The mean of Spearman's rank correlations with fp32, a request each."""
    correlations = []
    for answer in {answer.asked: answer for answer in answers}.values():
        assert answer.body is not None
        scores = system.dialect.scores(answer.body)
        correlations.append(spearmanr(exact(answer.asked), scores).statistic)
    return float(np.mean(correlations))


if __name__ == "__main__":
    main()
