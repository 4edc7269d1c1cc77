"""A burst: from a fifth of what our service can do to four times as much, and back.

Requests are the queries of Chorus with 50 real titles each, in BM25's order; they arrive by chance
(Poisson), whatever became of those before, each with 250 ms. Capacity is what eight clients without
a deadline get of ours. Peers serve the same weights and get the same arrivals, each in the
precision in which a single client is answered fastest; one that can be told the deadline is told,
and who asks them gives up when the time is over. The reranker was fine-tuned on these very queries:
its rankings say what is lost under load, not how good they are.

Of each phase: how many answers were in time; how many requests had no whole ranking in time
(degraded, late or refused); how good the rankings were, where one that is late or refused counts as
the order that the titles came in, the floor; and how many were whole, as a share of capacity, or of
what was asked where that is less. Chance alone keeps that share low where few requests can wait: so
there is, too, the share of what a reader of that capacity would have read whole of the same
arrivals that knew what each takes.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import get_args

import numpy as np
import orjson

from bentos.search.judged import ndcg
from bentos.search.reranker import Reranker
from flows.settings import Settings
from tests.benchmarks.chorus import JudgedTitles, add_data, chorus_requests
from tests.benchmarks.dialects import PEERS
from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.benchmarks.http_peers import http_peer_names, serving
from tests.benchmarks.load import Answered, Phase, closed_loop, open_loop, per_second
from tests.benchmarks.peers.reading import Precision
from tests.benchmarks.reading_folders import Folders, export
from tests.benchmarks.reading_home import reading_home
from tests.benchmarks.serving import SHOPKEEPER, System, served

BENCH = "burst"
DEADLINE_MS = 250
LATE_MS = 20  # that an answer may be late by
LOADS = (0.2, 0.5, 0.8, 1.0, 1.5, 2.0, 4.0, 2.0, 1.0, 0.5, 0.2)  # of capacity
_PATIENCE = (DEADLINE_MS + LATE_MS) / 1000
_AFTER_BURST = 8  # the first phase for which capacity is enough again
_PHASE_SECONDS = 8.0
_CLIENTS = 8
_SEED = 1


@dataclass(frozen=True)
class Load:
    """What is asked, and how much of it at a time."""

    requests: Sequence[JudgedTitles]
    tokens: Sequence[int]  # of each request
    capacity: float  # requests a second
    seconds: float  # of a phase

    @property
    def schedule(self) -> list[Phase]:
        """The phases, one after another."""
        return [Phase(load * self.capacity, self.seconds) for load in LOADS]


@dataclass(frozen=True)
class Outcome:
    """What became of a request."""

    answer: Answered
    in_time: bool
    whole: bool  # and every title was read
    possible: bool  # and who knows what each request takes could have done so
    ndcg: float  # NaN where no title has a gain
    floor: float


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    add_data(parser)
    parser.add_argument("--seconds", type=float, default=_PHASE_SECONDS, help="of a phase")
    parser.add_argument("--peer", action="append", choices=http_peer_names())
    parser.add_argument("--peers-home", type=Path, help="where their environments are installed")
    arguments = parser.parse_args()
    home = Settings().home.resolve() / "bench" / "serving"
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    chorus = arguments.data.resolve() / "chorus"
    requests = chorus_requests(chorus)
    model = reading_home(home, chorus, requests)
    with served(home) as ours:
        capacity = _per_second(ours, requests, arguments.seconds, _CLIENTS)
        show(Figure(BENCH, SHOPKEEPER, "capacity", capacity, "requests/s", _CLIENTS))
        load = Load(requests, _tokens(model, requests), capacity, arguments.seconds)
        outcomes = _outcomes(ours, load, patience=60.0)
    for figure in (*_figures(ours, outcomes, load), *_floor(outcomes, load)):
        show(figure)
    folders = export(model, home / "folders")
    for peer in arguments.peer or http_peer_names():
        place = arguments.peers_home or home / "peers"
        for figure in _peer(peer, folders, place, load):
            show(figure)


def _peer(peer: str, folders: Folders, home: Path, load: Load) -> Iterator[Figure]:
    with ExitStack() as services:
        systems: dict[float, System] = {}
        for precision in get_args(Precision):
            told = {"PEER_MAX_LATENCY_MS": str(DEADLINE_MS)}  # who can make use of it
            service = services.enter_context(serving(peer, folders, precision, home, told))
            system = System(peer, PEERS[peer], service, {"precision": precision})
            systems[_per_second(system, load.requests, load.seconds, clients=1)] = system
        alone, fastest = max(systems.items(), key=lambda found: found[0])
        outcomes = _outcomes(fastest, load, _PATIENCE)
    yield Figure(BENCH, peer, "one_client_rps", alone, "requests/s", 1, fastest.settings)
    yield from _figures(fastest, outcomes, load)


def _per_second(
    system: System, requests: Sequence[JudgedTitles], seconds: float, clients: int
) -> float:
    """Rankings that so many clients without a deadline get."""
    target = system.reranking(requests)
    closed_loop(target, clients, seconds)  # warms it
    return per_second(closed_loop(target, clients, 2 * seconds))


def _tokens(model: Path, requests: Sequence[JudgedTitles]) -> list[int]:
    reranker = Reranker.load(model)
    return [
        sum(len(ids) for ids, _ in reranker.rows(asked.query, asked.titles)) for asked in requests
    ]


def _outcomes(system: System, load: Load, patience: float) -> list[Outcome]:
    """What becomes of the load's requests, in the order they come."""
    say(f"{system.name}: {len(LOADS)} phases of {load.seconds:.0f} s")
    target = system.reranking(load.requests)
    hurried = replace(target, headers={"X-Deadline-Ms": str(DEADLINE_MS)}, patience=patience)
    answers = open_loop(hurried, load.schedule, _SEED)
    answers.sort(key=lambda answer: answer.start)
    possible = _possible(answers, load)
    return [
        _outcome(system, answer, load.requests[answer.asked], could)
        for answer, could in zip(answers, possible, strict=True)
    ]


def _outcome(system: System, answer: Answered, asked: JudgedTitles, possible: bool) -> Outcome:
    in_time = answer.status == 200 and answer.latency <= _PATIENCE
    floor = ndcg(asked.gains, np.arange(len(asked.titles), 0, -1.0))
    if not in_time or answer.body is None:
        return Outcome(answer, False, False, possible, floor, floor)
    said = orjson.loads(answer.body)
    whole = not (isinstance(said, dict) and said.get("degraded"))  # peers know no such thing
    found = ndcg(asked.gains, system.dialect.scores(answer.body))
    return Outcome(answer, True, whole, possible, found, floor)


def _possible(answers: Sequence[Answered], load: Load) -> list[bool]:
    """Whether each would be read whole in time, by a reader who lets in whom it can."""
    free, found = 0.0, []
    mean = float(np.mean(load.tokens))
    for answer in answers:
        takes = load.tokens[answer.asked] / mean / load.capacity
        ends = max(free, answer.start) + takes
        found.append(ends <= answer.start + DEADLINE_MS / 1000)
        if found[-1]:
            free = ends
    return found


def _figures(system: System, outcomes: Sequence[Outcome], load: Load) -> Iterator[Figure]:
    name, settings = system.name, dict(system.settings)
    refused = sum(outcome.answer.status != 200 for outcome in outcomes)
    yield Figure(BENCH, name, "other_than_200", refused, "answers", len(outcomes), settings)
    recovered = _recovered(outcomes, load.seconds)
    yield Figure(BENCH, name, "recovered_s", recovered, "s", 1, settings)
    for place, own in _phases(outcomes, load.seconds):
        wanted = min(len(own), load.capacity * load.seconds)
        whole, possible = (sum(getattr(o, kind) for o in own) for kind in ("whole", "possible"))
        for metric, value, unit in (
            ("in_time", np.mean([outcome.in_time for outcome in own]), "share"),
            ("p99_ms", np.percentile([o.answer.latency * 1000 for o in own], 99), "ms"),
            ("whole_of_capacity", whole / wanted, "share"),
            ("whole_of_possible", whole / max(possible, 1), "share"),
            ("degraded", 1 - whole / len(own), "share"),
            ("ndcg@10", np.nanmean([outcome.ndcg for outcome in own]), ""),
        ):
            phase = {**settings, "phase": place, "load": LOADS[place]}
            yield Figure(BENCH, name, metric, float(value), unit, len(own), phase)


def _floor(outcomes: Sequence[Outcome], load: Load) -> Iterator[Figure]:
    """The order that the titles of each phase come in."""
    for place, own in _phases(outcomes, load.seconds):
        value = float(np.nanmean([outcome.floor for outcome in own]))
        settings = {"phase": place, "load": LOADS[place]}
        yield Figure(BENCH, FLOOR, "ndcg@10", value, "", len(own), settings)


def _phases(outcomes: Sequence[Outcome], seconds: float) -> Iterator[tuple[int, Sequence[Outcome]]]:
    """What came in each phase, where anything did."""
    for place in range(len(LOADS)):
        own = [o for o in outcomes if int(o.answer.start // seconds) == place]
        if own:
            yield place, own


def _recovered(outcomes: Sequence[Outcome], seconds: float) -> float:
    """Seconds after the burst until one in which all that came was answered in time."""
    burst_ends = _AFTER_BURST * seconds
    for second in count():
        late = [
            outcome
            for outcome in outcomes
            if second <= outcome.answer.start - burst_ends < second + 1 and not outcome.in_time
        ]
        if not late:
            return float(second)
    raise AssertionError("nothing comes when the last phase is over")


if __name__ == "__main__":
    main()
