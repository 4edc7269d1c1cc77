"""What a request costs where scoring costs nothing: our service, and a plain endpoint of BentoML's.

Ours validates, counts and logs as it does for a shop; only the scorer is a constant. Both run by
`bentoml serve`, each in processes of its own, and take turns; figures are medians of the rounds.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

import httpx
import orjson

from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.load import Target, closed_loop, per_second
from tests.conftest import free_port

BENCH = "bare"
SYSTEMS = {"shopkeeper": "Bare", "bentoml": "Plain"}
ROUNDS = 5
_SECONDS = 2.0  # that each system is asked, a round and number of clients
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
        targets = {name: services.enter_context(_served(SYSTEMS[name])) for name in SYSTEMS}
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
def _served(service: str) -> Iterator[Target]:
    """A service of ``bare_services`` by `bentoml serve`, in a home of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="shopkeeper-bare-") as folder:
        environment = {
            **os.environ,
            "SHOPKEEPER_HOME": folder,
            "BENTOML_HOME": f"{folder}/bentoml",
            "BENTOML_DO_NOT_TRACK": "True",
            "PYTHONPATH": str(_ROOT),
        }
        module = "tests.benchmarks.bare_services"
        _run([sys.executable, "-m", module], environment)
        bentoml = str(Path(sys.executable).parent / "bentoml")
        place = ["--host", "127.0.0.1", "--port", str(port)]
        command = [bentoml, "serve", f"{module}:{service}", *place]
        with _started(command, environment, Path(folder) / "service.log"):
            _wait_for(f"http://127.0.0.1:{port}/readyz")
            yield Target(port, "/recommend", [_BODY], {"X-Deadline-Ms": "off"})


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    Path(environment["BENTOML_HOME"]).mkdir(exist_ok=True)
    subprocess.run(command, env=environment, stdout=sys.stderr, check=True)


@contextmanager
def _started(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command, env=environment, cwd=_ROOT, stdout=said, stderr=said, start_new_session=True
        ) as process,
    ):
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _wait_for(url: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {seconds:.0f} s")


if __name__ == "__main__":
    main()
