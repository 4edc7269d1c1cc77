"""What a request costs where scoring costs nothing: our service, and a plain endpoint of BentoML's.

Ours validates, counts and logs as it does for a shop; only the scorer is a constant. Both run by
`bentoml serve`, each in processes of its own, and take turns; figures are medians of the rounds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

import orjson

from flows.settings import Settings
from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.load import Target, closed_loop, per_second
from tests.benchmarks.processes import free_port, running

BENCH = "bare"
ROUNDS = 5
_SECONDS = 2.0  # that each system is asked, a round and number of clients
_MODULE = "tests.benchmarks.bare_service"
_ROOT = Path(__file__).parents[2]
_BODY = orjson.dumps({"user_id": "household-1", "limit": 50})
_UNITS = {"bare_rps_c8": "requests/s", "bare_p50_ms_c1": "ms", "bare_p99_ms_c1": "ms"}


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{BENCH}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=_SECONDS)
    arguments = parser.parse_args()
    for figure in figures(arguments.rounds, arguments.seconds):
        show(figure)


def figures(rounds: int = ROUNDS, seconds: float = _SECONDS) -> Iterator[Figure]:
    """Medians of so many rounds, in which the systems take turns."""
    measured: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as services:
        targets = {name: services.enter_context(serve()) for name, serve in SYSTEMS.items()}
        for target in targets.values():
            closed_loop(target, clients=8, seconds=seconds)  # warms it
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for system, target in targets.items():
                for metric, value in _round(target, seconds).items():
                    measured.setdefault((system, metric), []).append(value)
    for (system, metric), values in measured.items():
        yield Figure(BENCH, system, metric, median(values), _UNITS[metric], len(values))


def _round(target: Target, seconds: float) -> dict[str, float]:
    crowd = closed_loop(target, clients=8, seconds=seconds)
    alone = closed_loop(target, clients=1, seconds=seconds)
    for answer in (*crowd, *alone):
        assert answer.status == 200, f"an answer had the status {answer.status}"
    latencies = quantiles([answer.latency * 1000 for answer in alone], n=100)
    return {
        "bare_rps_c8": per_second(crowd),
        "bare_p50_ms_c1": latencies[49],
        "bare_p99_ms_c1": latencies[98],
    }


@contextmanager
def _ours() -> Iterator[Target]:
    """Our service, in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="shopkeeper-bare-") as folder:
        home = {"SHOPKEEPER_HOME": folder, "BENTOML_HOME": f"{folder}/bentoml"}
        Path(home["BENTOML_HOME"]).mkdir()
        path = {"PYTHONPATH": str(_ROOT)}
        command = [sys.executable, "-m", _MODULE]
        subprocess.run(command, env={**os.environ, **home, **path}, stdout=sys.stderr, check=True)
        with _served(Path(sys.executable), f"{_MODULE}:Bare", {**home, **path}) as target:
            yield target


@contextmanager
def _peers() -> Iterator[Target]:
    """The plain endpoint, where there is BentoML and what that brings."""
    python = environment("bentoml_bare", Settings().home / "bench")
    with tempfile.TemporaryDirectory(prefix="shopkeeper-bare-") as folder:
        home = {"BENTOML_HOME": folder, "PYTHONPATH": str(PEERS / "bentoml_bare")}
        with _served(python, "service:Plain", home) as target:
            yield target


@contextmanager
def _served(python: Path, service: str, variables: Mapping[str, str]) -> Iterator[Target]:
    """A service by `bentoml serve`, once it is ready."""
    port = free_port()
    place = ["--host", "127.0.0.1", "--port", str(port)]
    command = [str(python.parent / "bentoml"), "serve", service, *place]
    said = Path(variables["BENTOML_HOME"]) / "service.log"
    quiet = {**variables, "BENTOML_DO_NOT_TRACK": "True"}
    with running(command, quiet, port, "/readyz", said):
        yield Target(port, "/recommend", [_BODY], {"X-Deadline-Ms": "off"})


SYSTEMS = {"shopkeeper": _ours, "bentoml": _peers}

if __name__ == "__main__":
    main()
