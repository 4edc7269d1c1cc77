"""Reading offline: pairs and texts a second, beside what else reads the same weights.

Pairs are the queries of Chorus with 50 real titles each, at most 64 tokens together, texts those of
its products. Each system is a process of its own that chooses its batch size and warms up; then
they take turns, and figures are medians of the rounds, tokenising included. Beside the speed of
reading pairs stands how far the scores are from fp32's: the mean of Spearman's rank correlations,
one a query, and what ndcg@10 differs by. Which precision is faster is the processor's to say, so
peers read in both; for bf16, which it lacks, ONNX Runtime reads in int8.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any, get_args

import numpy as np
from scipy.stats import spearmanr

from bentos.search.judged import ndcg
from bentos.search.reranker import Floats, Reranker
from flows.settings import Settings
from tests.benchmarks.chorus import JudgedTitles, add_data, chorus_catalogue, chorus_requests
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.offline_peers import OFFLINE_PEERS, Scoring, command_of, scoring
from tests.benchmarks.peers.reading import Job, Precision
from tests.benchmarks.reading_folders import Folders, export
from tests.benchmarks.reading_home import reading_home
from tests.benchmarks.serving import SHOPKEEPER

BENCH = "offline"
_ROUNDS = 5
_TEXTS = 2_000  # of the products', from all over the catalogue
_OURS = [sys.executable, "-m", "tests.benchmarks.shopkeeper_reading"]

Requests = Sequence[JudgedTitles]


@dataclass(frozen=True)
class System:
    """What reads, and how it is started."""

    name: str
    command: Sequence[str]
    precision: Precision
    folders: Folders

    @property
    def settings(self) -> dict[str, str]:
        """Ours chooses for itself."""
        if self.name == SHOPKEEPER:
            return {"precision": "chosen"}
        int8 = self.name == "onnxruntime" and self.precision == "bf16"  # which it lacks
        return {"precision": "int8" if int8 else self.precision}


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    add_data(parser)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--texts", type=int, default=_TEXTS, help="of the catalogue's")
    parser.add_argument("--peer", action="append", choices=OFFLINE_PEERS)
    parser.add_argument("--peers-home", type=Path, help="where their environments are installed")
    arguments = parser.parse_args()
    home = Settings().home.resolve() / "bench" / "serving"
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    chorus = arguments.data.resolve() / "chorus"
    requests = chorus_requests(chorus)
    model = reading_home(home, chorus, requests)
    systems = _systems(
        model, home, arguments.peers_home or home / "peers", arguments.peer or OFFLINE_PEERS
    )
    catalogue = chorus_catalogue(chorus)["text"].to_pylist()
    texts = catalogue[:: max(len(catalogue) // arguments.texts, 1)][: arguments.texts]
    for figure in chain(
        _of_pairs(systems, requests, Reranker.load(model), home, arguments.rounds),
        _of_texts(systems, texts, home, arguments.rounds),
    ):
        show(figure)


def _systems(model: Path, home: Path, peers_home: Path, peers: Sequence[str]) -> list[System]:
    folders = export(model, home / "folders")
    ours = System(SHOPKEEPER, _OURS, "fp32", Folders(pairs=model, texts=folders.texts))
    return [
        ours,
        *(
            System(peer, command_of(peer, peers_home), precision, folders)
            for peer in peers
            for precision in get_args(Precision)
        ),
    ]


def _of_pairs(
    systems: Sequence[System], requests: Requests, reranker: Reranker, home: Path, rounds: int
) -> Iterator[Figure]:
    pairs = [(asked.query, title) for asked in requests for title in asked.titles]
    exact = np.concatenate([reranker.read(reranker.rows(a.query, a.titles)) for a in requests])
    best = _ndcg(requests, exact)
    for system, found, rate in _measured(systems, "pairs", pairs, home, rounds):
        for metric, value, unit, n in (
            ("rerank_pairs_per_s", rate, "pairs/s", rounds),
            ("rerank_agreement", _agreement(requests, exact, found), "", len(requests)),
            ("ndcg@10_beside_fp32", _ndcg(requests, found) - best, "", len(requests)),
        ):
            yield Figure(BENCH, system.name, metric, value, unit, n, system.settings)


def _of_texts(
    systems: Sequence[System], texts: Sequence[str], home: Path, rounds: int
) -> Iterator[Figure]:
    for system, _, rate in _measured(systems, "texts", texts, home, rounds):
        settings = {**system.settings, "texts": len(texts)}
        yield Figure(BENCH, system.name, "embed_texts_per_s", rate, "texts/s", rounds, settings)


def _measured(
    systems: Sequence[System], job: Job, items: Sequence[Any], home: Path, rounds: int
) -> Iterator[tuple[System, Floats, float]]:
    """What each system found, and how many items it read a second."""
    with ExitStack() as processes:
        ready: list[tuple[System, Scoring, list[float]]] = []
        for system in systems:
            say(f"warms {system.name} {system.settings['precision']} for {job}")
            model = system.folders.pairs if job == "pairs" else system.folders.texts
            folder = home / "offline" / f"{system.name}-{system.precision}-{job}"
            started = scoring(system.command, job, model, system.precision, items, folder)
            ready.append((system, processes.enter_context(started), []))
        for number in range(rounds):
            say(f"{job}: round {number + 1} of {rounds}")
            for _, process, seconds in ready:
                seconds.append(process.round())
    for system, process, seconds in ready:
        yield system, process.found, len(items) / median(seconds)


def _agreement(requests: Requests, exact: Floats, found: Floats) -> float:
    """The mean of Spearman's rank correlations, one a query."""
    parts = zip(_by_request(requests, exact), _by_request(requests, found), strict=True)
    return float(np.mean([spearmanr(one, other).statistic for one, other in parts]))


def _ndcg(requests: Requests, scores: Floats) -> float:
    parts = zip(requests, _by_request(requests, scores), strict=True)
    return float(np.nanmean([ndcg(asked.gains, own) for asked, own in parts]))


def _by_request(requests: Requests, scores: Floats) -> list[Floats]:
    ends = np.cumsum([len(asked.titles) for asked in requests])
    return np.split(scores, ends[:-1])


if __name__ == "__main__":
    main()
